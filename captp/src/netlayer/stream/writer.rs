//! The direction out.

use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use marketplace::{Failure, Symbol};
use tokio::io::AsyncWrite;
use tokio::time::{Sleep, sleep};

/// More than this should not wait. It is over when half of it waits.
pub(super) const CONGESTED: usize = 16 * 1024 * 1024;
/// More than this may not wait.
pub(super) const LIMIT: usize = 64 * 1024 * 1024;
/// How long the peer may take nothing of what waits.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The most pieces that one write takes.
const PIECES: usize = 64;

/// Writes what is said, as many pieces at once as wait: each write costs both sides more than the
/// bytes of a small message.
#[derive(Default)]
pub(super) struct Writer {
    queue: VecDeque<Bytes>,
    /// The bytes that wait.
    waiting: usize,
    /// The time until which the peer has to take some. It runs since the peer took something last.
    stuck: Option<Pin<Box<Sleep>>>,
    /// Nothing more is said.
    closing: bool,
    /// Everything is written, and the direction has ended.
    shut: bool,
}

/// The reason with which a connection ends that has more to write than may wait.
fn overrun() -> Failure {
    Failure::value(&Symbol::new("overrun"))
}

impl Writer {
    /// # Errors
    /// If more waits than may.
    pub(super) fn push(&mut self, bytes: Bytes) -> Result<(), Failure> {
        if self.closing || bytes.is_empty() {
            return Ok(());
        }
        self.waiting += bytes.len();
        self.queue.push_back(bytes);
        if self.waiting > LIMIT { Err(overrun()) } else { Ok(()) }
    }

    pub(super) const fn close(&mut self) {
        self.closing = true;
    }

    pub(super) const fn is_closing(&self) -> bool {
        self.closing
    }

    pub(super) const fn is_shut(&self) -> bool {
        self.shut
    }

    /// Whether too much waits; `was` says whether it did before.
    pub(super) const fn is_congested(&self, was: bool) -> bool {
        self.waiting > if was { CONGESTED / 2 } else { CONGESTED }
    }

    /// Writes what waits.
    pub(super) fn poll(
        &mut self,
        stream: &mut (impl AsyncWrite + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Failure>> {
        let polled = self.poll_all(stream, cx);
        if polled.is_pending() {
            let stuck = self.stuck.get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
            if stuck.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Err(overrun()));
            }
        }
        polled
    }

    fn poll_all(
        &mut self,
        stream: &mut (impl AsyncWrite + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Failure>> {
        if self.shut {
            return Poll::Ready(Ok(()));
        }
        let mut stream = Pin::new(stream);
        while !self.queue.is_empty() {
            let mut pieces = [IoSlice::new(&[]); PIECES];
            let many = self.queue.len().min(PIECES);
            for (piece, bytes) in pieces.iter_mut().zip(&self.queue) {
                *piece = IoSlice::new(bytes);
            }
            let written = ready!(stream.as_mut().poll_write_vectored(cx, &pieces[..many]))?;
            if written == 0 {
                return Poll::Ready(Err(io::Error::from(io::ErrorKind::WriteZero).into()));
            }
            self.stuck = None;
            self.took(written);
        }
        ready!(stream.as_mut().poll_flush(cx))?;
        if self.closing {
            ready!(stream.poll_shutdown(cx))?;
            self.shut = true;
        }
        self.stuck = None;
        Poll::Ready(Ok(()))
    }

    /// The peer took so many bytes of what waits.
    fn took(&mut self, mut written: usize) {
        self.waiting -= written;
        while let Some(first) = self.queue.front_mut().filter(|_| written > 0) {
            let taken = first.len().min(written);
            first.advance(taken);
            written -= taken;
            if first.is_empty() {
                self.queue.pop_front();
            }
        }
    }
}
