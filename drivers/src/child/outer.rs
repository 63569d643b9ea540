//! The outer half: starts a child, reads it, writes to it, and sees it end. The host polls it in its own task.

mod group;
mod input;
mod output;
mod process;

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use marketplace::ground::{Sink, Stream};
use marketplace::{Failure, Message, Reason, Source, Symbol, Value};

use crate::child::halves::{Children, FromChild, OVERRUN, ToChild, Wants};
use crate::child::messages::{ChildFailure, ChildPacket, ChildStream, Command};
use crate::child::outer::input::Input;
use crate::child::outer::output::Output;
use crate::child::outer::process::Process;

/// Real children.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    /// How many bytes for a child may wait to be written.
    pub(super) write_limit: usize,
    /// How long a child may take to end when it is asked to, and its pipes when it has.
    pub(super) grace: Duration,
}

impl Children for Options {
    fn start(&self, command: &Command) -> Source {
        let run = Run {
            command: command.clone(),
            options: *self,
            wants: Wants::default(),
            changed: false,
            input: Input::new(self.write_limit),
            running: None,
        };
        let run = Arc::new(Mutex::new(run));
        Source::duplex(Hearing(run.clone()), Telling(run))
    }
}

/// One run of a child, from before it starts until it has ended.
struct Run {
    command: Command,
    options: Options,
    wants: Wants,
    /// Who is there has changed since the stream was polled.
    changed: bool,
    input: Input,
    running: Option<Running>,
}

struct Running {
    process: Process,
    stdout: Output,
    stderr: Output,
    /// The stream that has its turn: the other has spoken last.
    turn: ChildStream,
}

impl Run {
    /// It starts when it is first asked for anything. By then whoever came together with the one who named it first is known.
    fn start(&mut self) -> Result<FromChild, Failure> {
        let (process, pipes) = Process::start(&self.command, self.wants)
            .map_err(|error| Failure::value(&ChildFailure::to_start(&self.command, &error)))?;
        let hears = self.wants.stdin;
        self.input.open(pipes.stdin);
        self.running = Some(Running {
            process,
            stdout: Output::new(pipes.stdout),
            stderr: Output::new(pipes.stderr),
            turn: ChildStream::Stdout,
        });
        Ok(FromChild::Started { hears })
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<FromChild, Failure>>> {
        let Some(running) = &mut self.running else {
            return Poll::Ready(Some(self.start()));
        };
        if let Some(bytes) = self.input.acknowledge() {
            return Poll::Ready(Some(Ok(FromChild::Written(bytes))));
        }
        if self.input.take_closed() {
            return Poll::Ready(Some(Ok(FromChild::Closed)));
        }
        // What it has said is told first, however long ago it ended.
        let ended = running.process.poll_ended(cx, self.options.grace);
        if let Poll::Ready(Ok(ended)) = &ended
            && ended.is_overdue
        {
            running.stdout.bound();
            running.stderr.bound();
        }
        if let Poll::Ready(said) = running.poll_said(cx, self.wants) {
            return Poll::Ready(Some(said));
        }
        let ended = ready!(ended)?;
        if !ended.is_overdue && running.waits(self.wants) {
            return Poll::Pending;
        }
        Poll::Ready(ended.exit.map(|exit| Err(Failure::value(&exit))))
    }

    fn take(&mut self, told: ToChild) -> Result<(), Failure> {
        match told {
            ToChild::Wanted(wants) => {
                self.wants = wants;
                self.changed = true;
                if self.running.is_some() && !wants.stdin {
                    self.input.finish();
                }
            }
            ToChild::Say(ChildPacket::Eof) => self.input.finish(),
            ToChild::Say(ChildPacket::Data(bytes)) => {
                if !self.input.push(bytes)? {
                    // Something is missing: it must not take that for an end.
                    self.running.iter_mut().for_each(|running| running.process.kill());
                    return Err(Failure(Reason::Value(Symbol::from_label(&OVERRUN).into())));
                }
            }
        }
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let written = self.input.poll_write(cx);
        if std::mem::take(&mut self.changed) || self.input.has_news() {
            cx.waker().wake_by_ref();
        }
        written.map_err(Failure::from)
    }

    /// Nobody wants it any more, or it has ended. What it still says is read, so that it can end in order, and dropped.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(running) = &mut self.running else { return Poll::Ready(()) };
        self.input.abandon();
        running.stdout.ignore(cx);
        running.stderr.ignore(cx);
        running.process.poll_end(cx, self.options.grace)
    }
}

impl Running {
    /// The next thing that it has said and that somebody wants to hear, from either stream in turn.
    fn poll_said(&mut self, cx: &mut Context<'_>, wants: Wants) -> Poll<Result<FromChild, Failure>> {
        for _ in 0..2 {
            let stream = self.turn;
            let (output, wanted, other) = match stream {
                ChildStream::Stdout => (&mut self.stdout, wants.stdout, ChildStream::Stderr),
                ChildStream::Stderr => (&mut self.stderr, wants.stderr, ChildStream::Stdout),
            };
            self.turn = other;
            if wanted && let Poll::Ready(packet) = output.poll_packet(cx) {
                return Poll::Ready(Ok(FromChild::Said(stream, packet?)));
            }
        }
        Poll::Pending
    }

    /// Whether somebody waits for the end of a stream.
    fn waits(&self, wants: Wants) -> bool {
        (wants.stdout && !self.stdout.is_done()) || (wants.stderr && !self.stderr.is_done())
    }
}

fn lock(run: &Mutex<Run>) -> MutexGuard<'_, Run> {
    run.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What comes from the child.
struct Hearing(Arc<Mutex<Run>>);

impl Stream for Hearing {
    type Item = Result<FromChild, Failure>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        lock(&self.0).poll_item(cx)
    }
}

/// What goes to it. It never says that it is not ready: what waits is bounded by its bytes.
struct Telling(Arc<Mutex<Run>>);

impl Sink<Value> for Telling {
    type Error = Failure;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, told: Value) -> Result<(), Failure> {
        ToChild::from_value(&told).map_or(Ok(()), |told| lock(&self.0).take(told))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        lock(&self.0).poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        lock(&self.0).poll_end(cx).map(Ok)
    }
}
