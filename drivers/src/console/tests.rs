//! The process half with scripted devices, and the outer half with devices of the test's. Real ones
//! are in `tests/console`.

mod lines;
mod streams;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Failure, Source};

use crate::console::driver;
use crate::console::halves::{Devices, FromWriter};
use crate::console::{ConsoleFailure, ConsoleInput, ConsoleOutput, ConsoleStream};
use crate::script::{Leave, NEVER, leave, leaves};

/// Gives out prepared sources.
#[derive(Clone, Default)]
struct Script {
    inputs: Arc<Mutex<VecDeque<Source>>>,
    outputs: Arc<Mutex<VecDeque<Source>>>,
}

impl Devices for Script {
    fn input(&self) -> Source {
        self.inputs.lock().unwrap().pop_front().expect("an input is prepared")
    }
    fn output(&self) -> Source {
        self.outputs.lock().unwrap().pop_front().expect("an output is prepared")
    }
}

const SOON: Duration = Duration::from_secs(1);

fn script(inputs: impl IntoIterator<Item = Source>, outputs: impl IntoIterator<Item = Source>) -> Script {
    Script {
        inputs: Arc::new(Mutex::new(inputs.into_iter().collect())),
        outputs: Arc::new(Mutex::new(outputs.into_iter().collect())),
    }
}

/// An input of these lines, that ends with this reason.
fn input(lines: &[&str], end: Reason) -> Source {
    Sim::timeline(
        lines.iter().map(|line| (Duration::ZERO, ConsoleInput((*line).into()))).collect::<Vec<_>>(),
        end,
    )
}

/// An input that has no line for now.
fn quiet() -> Source {
    Sim::timeline([(NEVER, ConsoleInput("never".into()))], Reason::Normal)
}

/// A writer that gives these items, each a second after it was turned on.
fn writer(says: impl IntoIterator<Item = FromWriter>) -> Source {
    let says = says.into_iter().map(|says| (SOON, says));
    Sim::timeline(says.chain([(NEVER, FromWriter::Done(0))]), Reason::Normal)
}

#[derive(Message, Clone, Debug, PartialEq)]
enum Log {
    Line(u8, Text),
    Ended(u8, Reason),
    Writer(ConsoleStream, bool, Reason),
}

fn reader(name: u8) -> Transition<()> {
    transition_no_state!(
        subscriber!(
            ConsoleInput(_),
            on_message!(ConsoleInput(line) => send_message!(Log::Line(name, line))),
            match_reason!(why: Reason => on_absence!(send_message!(Log::Ended(name, why)))),
        ),
        leaves(name),
    )
}

/// Sees whether anybody writes to a stream.
fn speaker(stream: ConsoleStream) -> Transition<()> {
    transition_no_state!(publisher!(
        ConsoleOutput(stream, _),
        on_presence!(send_message!(Log::Writer(stream, true, Reason::Normal))),
        match_reason!(why: Reason => on_absence!(send_message!(Log::Writer(stream, false, why)))),
    ))
}

fn sim(script: &Script) -> Sim {
    let driver = driver::spawn(Arc::new(script.clone()));
    let mut sim = Sim::new(move |_| transition_no_state!(driver));
    sim.run();
    sim
}

fn join(sim: &mut Sim, boot: impl FnOnce() -> Transition<()> + Send + 'static) {
    sim.spawn(spawn!(boot()));
    sim.run();
}

fn line(name: u8, text: &str) -> Log {
    Log::Line(name, text.into())
}

#[test]
fn nothing_is_read_before_anybody_listens() {
    let source = quiet();
    let mut sim = sim(&script([source.clone()], []));
    assert!(!sim.is_on(&source));
    join(&mut sim, || reader(1));
    assert!(sim.is_on(&source));
}

#[test]
fn all_hear_each_line_and_then_the_end() {
    let mut sim = sim(&script([input(&["one", "two"], Reason::Normal)], []));
    sim.spawn(spawn!(reader(1)));
    join(&mut sim, || reader(2));
    let ended = |name| Log::Ended(name, Reason::Normal);
    let heard = sim.messages_of::<Log>();
    assert_eq!(heard, [line(1, "one"), line(2, "one"), line(1, "two"), line(2, "two"), ended(1), ended(2)]);
}

#[test]
fn who_comes_after_the_end_is_refused() {
    let mut sim = sim(&script([input(&[], Reason::Normal)], []));
    join(&mut sim, || reader(1));
    leave(&mut sim, 1);
    join(&mut sim, || reader(2));
    let eof = Log::Ended(2, Reason::Refused(Symbol::new("eof").into()));
    assert_eq!(sim.messages_of::<Log>(), [Log::Ended(1, Reason::Normal), eof]);
}

#[test]
fn a_failure_is_told() {
    let why = Failure::value(&ConsoleFailure { kind: "Other".into(), text: "broken".into() }).0;
    let mut sim = sim(&script([input(&["one"], why.clone())], []));
    join(&mut sim, || reader(1));
    assert_eq!(sim.messages_of::<Log>(), [line(1, "one"), Log::Ended(1, why)]);
}

#[test]
fn when_nobody_listens_any_more_nothing_is_read_until_somebody_does() {
    let (first, second) = (quiet(), input(&["later"], Reason::Normal));
    let mut sim = sim(&script([first.clone(), second], []));
    sim.spawn(spawn!(reader(1)));
    join(&mut sim, || reader(2));
    leave(&mut sim, 1);
    assert!(sim.is_on(&first));
    // One reader goes and another comes at once: the input does not end.
    sim.send(&Leave(2));
    join(&mut sim, || reader(3));
    assert!(!sim.is_on(&first));
    assert_eq!(sim.messages_of::<Log>(), [line(3, "later"), Log::Ended(3, Reason::Normal)]);
}

#[test]
fn what_is_said_is_written_in_order_and_the_writer_rests_when_it_is_done() {
    let (first, second) = (writer([FromWriter::Done(1), FromWriter::Done(2)]), writer([FromWriter::Done(1)]));
    let mut sim = sim(&script([], [first.clone(), second.clone()]));
    let said = [ConsoleOutput::line("one"), ConsoleOutput::error("two"), ConsoleOutput::line("three")];
    for said in &said {
        sim.send(said);
    }
    sim.run();
    assert_eq!(sim.feedback(&first), said.map(|said| said.to_value()));
    assert!(sim.is_on(&first));
    sim.advance(SOON);
    assert!(!sim.is_on(&first), "{}", sim.trace());
    sim.send(&ConsoleOutput::line("four"));
    sim.run();
    assert_eq!(sim.feedback(&second), [ConsoleOutput::line("four").to_value()]);
    sim.advance(SOON);
    assert!(!sim.is_on(&second));
}

#[test]
fn a_stream_that_fails_is_told_and_the_other_goes_on() {
    let why = ConsoleFailure { kind: "BrokenPipe".into(), text: "nobody reads".into() };
    let source = writer([FromWriter::Failed(ConsoleStream::Out, why.clone()), FromWriter::Done(1)]);
    let next = writer([]);
    let mut sim = sim(&script([], [source, next.clone()]));
    join(&mut sim, || speaker(ConsoleStream::Out));
    join(&mut sim, || speaker(ConsoleStream::Err));
    sim.send(&ConsoleOutput::line("one"));
    sim.run();
    sim.advance(SOON);
    let there = |stream| Log::Writer(stream, true, Reason::Normal);
    let gone = Log::Writer(ConsoleStream::Out, false, Reason::value(&why));
    assert_eq!(sim.messages_of::<Log>(), [there(ConsoleStream::Out), there(ConsoleStream::Err), gone]);
    sim.send(&ConsoleOutput::line("lost"));
    sim.send(&ConsoleOutput::error("heard"));
    sim.run();
    assert_eq!(sim.feedback(&next), [ConsoleOutput::error("heard").to_value()]);
}
