//! A connection to another machine, after both have said who they are.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use tokio::time::Instant;

use crate::links::input::{End, Input};
use crate::links::meeting::{Line, Met, Vm};
use crate::links::words::{LONGEST, Word, put};

/// Nothing more is taken when so many bytes wait to be written.
const FULL: usize = 256 << 10;

/// How many beats are heard in a row before it is another connection's turn.
const BEATS: usize = 32;

/// A connection to another machine.
pub(super) struct Connection {
    pub(super) vm: Vm,
    pub(super) at: SocketAddr,
    pub(super) phase: Phase,
    line: Box<dyn Line>,
    input: Input,
    out: BytesMut,
    /// Somebody waits for room.
    pub(super) full: bool,
    /// Writing has failed: what still comes is read, and nothing more is said.
    mute: bool,
    pub(super) since: Instant,
    /// When something was heard last, was said last, and was taken last by the system.
    pub(super) heard: Instant,
    pub(super) said: Instant,
    moved: Instant,
}

/// Whether packets go on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// They do.
    Stands,
    /// They do when the other side says so.
    Asks,
    /// They do when we say so: there is another connection, which may have broken.
    Waits,
    /// All is said: what still comes is thrown away until the other side ends, too.
    Closes,
}

impl Connection {
    pub(super) fn new(met: Met, phase: Phase) -> Self {
        let Met { vm, line, input, at } = met;
        let now = Instant::now();
        Self {
            vm,
            at,
            phase,
            line,
            input,
            out: BytesMut::new(),
            full: false,
            mute: false,
            since: now,
            heard: now,
            said: now,
            moved: now,
        }
    }

    /// The next packet. The other side's welcome is none: it changes the phase.
    pub(super) fn poll_packet(&mut self, limit: usize, cx: &mut Context<'_>) -> Poll<Result<Bytes, End>> {
        for _ in 0..BEATS {
            let limit = if self.phase == Phase::Asks { LONGEST } else { limit };
            let frame = ready!(self.input.poll_frame(&mut *self.line, limit, cx))?;
            let Some(frame) = frame else {
                return Poll::Ready(Err(End::Gone("it has ended the connection".to_string())));
            };
            self.heard = Instant::now();
            match self.phase {
                // An empty frame says that somebody is there.
                Phase::Stands if !frame.is_empty() => return Poll::Ready(Ok(frame)),
                Phase::Stands | Phase::Closes => {}
                Phase::Waits => return bad("it speaks before it is welcome"),
                Phase::Asks => match Word::read(&frame).map_err(|refused| End::Bad(refused.why))? {
                    Word::Welcome => {
                        self.phase = Phase::Stands;
                        return Poll::Ready(Ok(Bytes::new()));
                    }
                    Word::Refusal(why) => return Poll::Ready(Err(End::Gone(format!("it refuses: {why}")))),
                    Word::Hello(_) => return bad("it says twice who it is"),
                },
            }
        }
        // One that says nothing else does not use up the time of the others.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Takes a packet, if there is room.
    pub(super) fn enqueue(&mut self, packet: &[u8], now: Instant) -> bool {
        self.full = self.out.len() >= FULL;
        if !self.full {
            self.put(packet, now);
        }
        !self.full
    }

    /// Says that it is there.
    pub(super) fn beat(&mut self, now: Instant) {
        if self.out.is_empty() {
            self.put(&[], now);
        }
    }

    pub(super) fn say(&mut self, word: &Word) {
        word.write(&mut self.out);
    }

    fn put(&mut self, bytes: &[u8], now: Instant) {
        if self.mute {
            return;
        }
        if self.out.is_empty() {
            self.moved = now;
        }
        self.said = now;
        put(&mut self.out, bytes);
    }

    /// Since when what waits to be written has not become less.
    pub(super) fn stuck_since(&self) -> Option<Instant> {
        (!self.out.is_empty()).then_some(self.moved)
    }

    /// Writes what waits. Says whether there is room again, of which somebody has to be told.
    pub(super) fn flush(&mut self, cx: &mut Context<'_>) -> bool {
        if self.poll_flush(cx).is_err() {
            // Reading says why, after all that came before.
            self.mute = true;
            self.out.clear();
        }
        let has_room = self.full && self.out.len() < FULL / 2;
        self.full &= !has_room;
        has_room
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> std::io::Result<()> {
        while !self.out.is_empty() {
            let Poll::Ready(written) = Pin::new(&mut *self.line).poll_write(cx, &self.out)? else {
                return Ok(());
            };
            if written == 0 {
                return Err(std::io::ErrorKind::WriteZero.into());
            }
            self.out.advance(written);
            self.moved = Instant::now();
        }
        let _ = Pin::new(&mut *self.line).poll_flush(cx)?;
        Ok(())
    }

    /// Writes what waits and ends; ready when the other side has ended, too. A connection that is
    /// closed over unread bytes is reset, and what was written last might not arrive.
    pub(super) fn poll_close(&mut self, limit: usize, cx: &mut Context<'_>) -> Poll<()> {
        if self.phase != Phase::Closes {
            self.flush(cx);
            if !self.out.is_empty() {
                // If the other side has gone, nobody will take it.
                return self.poll_gone(limit, cx);
            }
            if !self.mute {
                let _ = ready!(Pin::new(&mut *self.line).poll_shutdown(cx));
            }
            self.phase = Phase::Closes;
        }
        self.poll_gone(limit, cx)
    }

    fn poll_gone(&mut self, limit: usize, cx: &mut Context<'_>) -> Poll<()> {
        while ready!(self.input.poll_frame(&mut *self.line, limit, cx)).is_ok_and(|frame| frame.is_some()) {}
        Poll::Ready(())
    }
}

fn bad<T>(why: &str) -> Poll<Result<T, End>> {
    Poll::Ready(Err(End::Bad(why.to_string())))
}
