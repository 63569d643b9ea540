//! The outer half: starts a child, reads it, writes to it, and sees it end. The host polls it in
//! its own task.

mod group;
mod input;
mod output;
mod process;

use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use marketplace::ground::OuterHalf;
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
    /// How long a child may take to end when it is asked to, and its pipes to close when it has.
    pub(super) grace: Duration,
}

impl Children for Options {
    fn start(&self, command: &Command) -> Source {
        Source::outer(Run {
            command: command.clone(),
            options: *self,
            wants: Wants::default(),
            input: Input::new(self.write_limit),
            running: None,
        })
    }
}

/// One run of a child, from before it starts until it has ended.
struct Run {
    command: Command,
    options: Options,
    wants: Wants,
    input: Input,
    running: Option<Running>,
}

struct Running {
    process: Process,
    stdout: Output,
    stderr: Output,
    /// The stream that has its turn: the other one has given the last packet.
    turn: ChildStream,
}

impl Run {
    /// The child starts when it is first asked for an item. By then the participants that came
    /// together with the first one are known.
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
        // Output comes before the news of the end, however long ago the child ended.
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

    /// Takes bytes that are to be written to the child.
    fn say(&mut self, bytes: Bytes, cx: &mut Context<'_>) -> Result<(), Failure> {
        if self.input.push(bytes, cx)? {
            return Ok(());
        }
        // Bytes are missing: the child must not take that for the end of its input.
        self.running.iter_mut().for_each(|running| running.process.kill());
        Err(Failure(Reason::Value(Symbol::from_label(&OVERRUN).into())))
    }

    /// Ends it, as nobody wants it any more, or it has ended. Its output is read and dropped, so
    /// that it can end in order.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(running) = &mut self.running else { return Poll::Ready(()) };
        self.input.abandon();
        running.stdout.ignore(cx);
        running.stderr.ignore(cx);
        running.process.poll_end(cx, self.options.grace)
    }
}

impl Running {
    /// The next packet that somebody wants to hear, from either stream in turn.
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

/// The feedback is taken at once: the bytes that wait for the child are bounded.
impl OuterHalf for Run {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        self.poll_item(cx).map(|item| item.map(|item| item.map(Message::into_value)))
    }

    fn give(&mut self, said: Value, cx: &mut Context<'_>) -> Result<(), Failure> {
        match ToChild::from_value(&said) {
            Some(ToChild::Wanted(wants)) => {
                self.wants = wants;
                if self.running.is_some() && !wants.stdin {
                    self.input.finish();
                }
                // There may be more to tell, or nothing more to wait for.
                cx.waker().wake_by_ref();
                Ok(())
            }
            Some(ToChild::Say(ChildPacket::Eof)) => {
                self.input.finish();
                Ok(())
            }
            Some(ToChild::Say(ChildPacket::Data(bytes))) => self.say(bytes, cx),
            None => Ok(()),
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.input.poll_write(cx).map_err(Failure::from)
    }

    /// Input that was sent to it is written first.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        ready!(self.poll_flush(cx))?;
        self.poll_end(cx).map(Ok)
    }
}
