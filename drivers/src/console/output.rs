//! The outer half that writes: a thread, because the reader at the other end of the standard output
//! may not read.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use marketplace::ground::{OuterHalf, thread};
use marketplace::{Failure, Message, Text, Value};

use crate::console::halves::FromWriter;
use crate::console::messages::{ConsoleFailure, ConsoleOutput, ConsoleStream};
use crate::lock::{lock, wait};

/// The standard output, and the standard error stream. Their writes wait.
pub(super) type Streams = [Box<dyn Write + Send>; 2];

/// The console's output. A thread of its own writes it, in the order in which texts were sent. The
/// thread starts with the first text, and ends when this is dropped: at once, unless it is writing,
/// for a write cannot be taken back.
pub(super) struct Output(Arc<Shared>);

/// The state that speakers and the thread share.
struct Shared {
    state: Mutex<State>,
    given: Condvar,
    /// The task that waits to be told.
    teller: AtomicWaker,
    /// The task that waits until all is written.
    flusher: AtomicWaker,
}

struct State {
    /// The thread has them once there is one.
    streams: Option<Streams>,
    queue: VecDeque<ConsoleOutput>,
    /// How many bytes wait to be written, and how many may.
    waiting: usize,
    limit: usize,
    /// The thread is writing.
    busy: bool,
    /// Nobody waits any more for the texts that are left.
    dropped: bool,
    /// The streams that cannot be written to any more.
    failed: [bool; 2],
    /// The news to tell.
    done: u64,
    failures: VecDeque<(ConsoleStream, ConsoleFailure)>,
}

impl Output {
    pub(super) fn new(streams: Streams, limit: usize) -> Arc<Self> {
        let state = State {
            streams: Some(streams),
            queue: VecDeque::new(),
            waiting: 0,
            limit,
            busy: false,
            dropped: false,
            failed: [false; 2],
            done: 0,
            failures: VecDeque::new(),
        };
        Arc::new(Self(Arc::new(Shared {
            state: Mutex::new(state),
            given: Condvar::new(),
            teller: AtomicWaker::new(),
            flusher: AtomicWaker::new(),
        })))
    }

    fn give(&self, said: ConsoleOutput) {
        let Self(shared) = self;
        let mut state = shared.state();
        let ConsoleOutput(stream, text) = &said;
        let waiting = state.waiting + text.len();
        if state.failed[*stream as usize] {
            state.done += 1;
        } else if waiting > state.limit && state.waiting > 0 {
            state.done += 1;
            let text = "too much waits to be written".into();
            state.fail(*stream, ConsoleFailure { kind: "Overrun".into(), text });
        } else {
            state.waiting = waiting;
            state.queue.push_back(said);
        }
        if let Some(streams) = state.streams.take() {
            let (written, failed) = (shared.clone(), shared.clone());
            let started = thread::start(
                "console-output",
                move || {
                    written.write(streams);
                    Ok(())
                },
                move |why| failed.lose(&ConsoleFailure::of_thread(&why)),
            );
            if let Err(error) = started {
                state.lose(&(&error).into());
            }
        }
        drop(state);
        shared.given.notify_one();
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.0.state().dropped = true;
        self.0.given.notify_one();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// The body of the thread.
    fn write(&self, mut streams: Streams) {
        let mut state = self.state();
        loop {
            if state.dropped {
                return;
            }
            let Some(ConsoleOutput(stream, text)) = state.queue.pop_front() else {
                state = wait(&self.given, state);
                continue;
            };
            let skip = state.failed[stream as usize];
            state.busy = true;
            drop(state);
            let written = if skip { Ok(()) } else { write(&mut *streams[stream as usize], &text) };
            state = self.state();
            state.busy = false;
            state.waiting -= text.len();
            state.done += 1;
            if let Err(error) = written {
                state.fail(stream, (&error).into());
            }
            self.teller.wake();
            if state.is_flushed() {
                self.flusher.wake();
            }
        }
    }

    /// The thread has ended, and the streams with it.
    fn lose(&self, why: &ConsoleFailure) {
        self.state().lose(why);
        self.teller.wake();
        self.flusher.wake();
    }

    fn poll_flush(&self, cx: &Context<'_>) -> Poll<()> {
        self.flusher.register(cx.waker());
        if self.state().is_flushed() { Poll::Ready(()) } else { Poll::Pending }
    }
}

fn write(stream: &mut dyn Write, text: &Text) -> std::io::Result<()> {
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

impl State {
    fn fail(&mut self, stream: ConsoleStream, why: ConsoleFailure) {
        if !std::mem::replace(&mut self.failed[stream as usize], true) {
            self.failures.push_back((stream, why));
        }
    }

    /// Gives up on the stream: texts that wait are lost, and the one that was being written.
    fn lose(&mut self, why: &ConsoleFailure) {
        self.fail(ConsoleStream::Out, why.clone());
        self.fail(ConsoleStream::Err, why.clone());
        self.done += self.queue.len() as u64 + u64::from(std::mem::take(&mut self.busy));
        self.queue.clear();
        self.waiting = 0;
    }

    fn is_flushed(&self) -> bool {
        self.queue.is_empty() && !self.busy
    }
}

/// Takes texts, and tells what became of them. The bytes that wait are bounded, and a process that
/// sends more loses the stream.
pub(super) struct Writer(pub(super) Arc<Output>);

impl OuterHalf for Writer {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        let Output(shared) = &*self.0;
        shared.teller.register(cx.waker());
        let mut state = shared.state();
        if let Some((stream, why)) = state.failures.pop_front() {
            return Poll::Ready(Some(Ok(FromWriter::Failed(stream, why).to_value())));
        }
        match std::mem::take(&mut state.done) {
            0 => Poll::Pending,
            done => Poll::Ready(Some(Ok(FromWriter::Done(done).to_value()))),
        }
    }

    fn give(&mut self, said: Value, cx: &mut Context<'_>) -> Result<(), Failure> {
        if let Some(said) = ConsoleOutput::from_value(&said) {
            self.0.give(said);
            // If the text will not be written, that is told.
            cx.waker().wake_by_ref();
        }
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.0.0.poll_flush(cx).map(Ok)
    }
}
