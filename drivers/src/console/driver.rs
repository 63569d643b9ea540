//! The driver's process.

use std::sync::Arc;

use marketplace::prelude::*;
use marketplace::{Ground, Source};

use crate::console::halves::{Devices, FromWriter};
use crate::console::messages::{ConsoleFailure, ConsoleInput, ConsoleOutput, ConsoleStream};

/// The names of its endpoints.
const INPUT: &str = "input";
const READER: &str = "reader";
const WRITER: &str = "writer";

struct Console {
    devices: Arc<dyn Devices>,
    /// How many participants want to hear lines.
    readers: usize,
    /// The source of lines, while they do.
    reader: Option<Source>,
    /// The input has ended.
    at_end: bool,
    /// The writer, while it has something to write, and how much.
    writer: Option<Source>,
    unwritten: u64,
}

pub(super) fn spawn<S>(devices: Arc<dyn Devices>) -> Spawn<S> {
    name_process(Symbol::new("console-driver"), spawn!(boot(devices))).only(super::DRIVER.kind)
}

fn boot(devices: Arc<dyn Devices>) -> Transition<Console> {
    transition!(
        Console { devices, readers: 0, reader: None, at_end: false, writer: None, unwritten: 0 },
        observe_subscribers!(
            ConsoleInput(_),
            match_state!(console: Console =>
                on_presence!(console.on_reader()),
                on_absence!(console.on_reader_gone()),
            ),
        ),
        name_endpoint(INPUT, publisher!(ConsoleInput(_))),
        output(ConsoleStream::Out),
        output(ConsoleStream::Err),
    )
}

/// The endpoint that hears text to write.
fn output(stream: ConsoleStream) -> AddEndpoint<Console> {
    name_endpoint(
        stream,
        subscriber!(
            ConsoleOutput(stream, _),
            match_state!(console: Console => on_message!(said: Value => console.write(said))),
            // A process refuses others' messages: no writer has gone.
            on_refusal!(),
        ),
    )
}

impl Console {
    /// The first participant that wants lines turns the reader on.
    fn on_reader(mut self) -> Transition<Self> {
        if self.at_end {
            return transition!(self, refuse(topic!(ConsoleInput(_)), Symbol::new("eof")));
        }
        self.readers += 1;
        if self.reader.is_some() {
            return transition!(self);
        }
        let source = self.devices.input();
        let read = Self::reader(&source);
        self.reader = Some(source);
        transition!(self, read)
    }

    fn on_reader_gone(mut self) -> Transition<Self> {
        self.readers = self.readers.saturating_sub(1);
        let rest = self.readers == 0 && self.reader.take().is_some();
        transition!(self, rest.then(|| at_meta_level!(delete_endpoint(READER))))
    }

    /// The endpoint that hears the lines.
    fn reader(source: &Source) -> ActionTree<Self> {
        at_meta_level!(name_endpoint(
            READER,
            subscriber!(
                Ground::<Value>(source, _),
                on_message!(Ground::<Value>(_, line) => send_message!(line)),
                match_reason!(why: Reason => match_conversation!(Ground::<Value>(ended, _) =>
                    match_state!(console: Self => on_absence!(console.on_end(&ended, why))))),
            ),
        ))
    }

    /// The input has ended, or this source is not wanted any more.
    fn on_end(mut self, ended: &Source, why: Reason) -> Transition<Self> {
        if self.reader.as_ref() != Some(ended) {
            return transition!(self);
        }
        self.reader = None;
        self.at_end = true;
        transition!(self, delete_endpoint(INPUT).because(why), at_meta_level!(delete_endpoint(READER)))
    }

    /// The writer is on while there is something to write: so it does not keep a program from
    /// ending.
    fn write(mut self, said: Value) -> Transition<Self> {
        self.unwritten += 1;
        let (writer, start) = match self.writer.take() {
            Some(writer) => (writer, None),
            None => {
                let writer = self.devices.output();
                (writer.clone(), Some(Self::start(&writer)))
            }
        };
        let write = at_meta_level!(send_feedback!(Ground(writer, said)));
        self.writer = Some(writer);
        transition!(self, start, write)
    }

    fn start(writer: &Source) -> ActionTree<Self> {
        at_meta_level!(name_endpoint(
            WRITER,
            subscriber!(
                Ground::<Value>(writer, _),
                match_state!(console: Self => on_message!(
                    Ground(_, FromWriter::Done(count)) => console.on_done(count),
                    Ground(_, FromWriter::Failed(stream, why)) => console.on_failed(stream, &why),
                )),
                on_absence!(),
            ),
        ))
    }

    fn on_done(mut self, count: u64) -> Transition<Self> {
        self.unwritten = self.unwritten.saturating_sub(count);
        let rest = self.unwritten == 0;
        if rest {
            self.writer = None;
        }
        transition!(self, rest.then(|| at_meta_level!(delete_endpoint(WRITER))))
    }

    fn on_failed(self, stream: ConsoleStream, why: &ConsoleFailure) -> Transition<Self> {
        transition!(self, delete_endpoint(stream).because(why.to_value()))
    }
}
