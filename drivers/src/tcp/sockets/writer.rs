//! The direction out.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use marketplace::{Failure, Reason};
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;

use crate::tcp::halves::{OVERRUN, symbol};
use crate::tcp::sockets::packets::Packets;
use crate::tcp::sockets::socket::CONGESTED;

/// So many packets, and bytes, may be held back until the lines that came together are answered.
pub(super) const HELD: usize = 32;
const HELD_BYTES: usize = 16 * 1024;

/// Writes the packets of processes. The bytes that wait are bounded: a process that writes on
/// regardless loses the connection.
pub(super) struct Writer {
    queue: Packets,
    /// How many bytes wait to be written, and how many may.
    waiting: usize,
    limit: usize,
    /// How many were written since the last acknowledgement, and how many are acknowledged at once.
    written: u64,
    acknowledged: u64,
    /// Bytes were written, or began to wait for the peer, since the last question.
    progress: bool,
    /// Bytes that could have been written were held back for the answer to the next line.
    held: bool,
    /// No more packets come after those in the queue.
    last: bool,
    /// Everything is written, and the direction shut down.
    shut: bool,
    /// The connection is lost: the packets in the queue are not sent.
    lost: bool,
}

impl Writer {
    /// A writer in which so many bytes may wait, and so many are acknowledged at once: a quarter of
    /// the limit, if `None`.
    pub(super) fn new(limit: usize, acknowledged: Option<u64>) -> Self {
        Self {
            queue: Packets::default(),
            waiting: 0,
            limit,
            written: 0,
            acknowledged: acknowledged.unwrap_or(limit as u64 / 4).max(1),
            progress: false,
            held: false,
            last: false,
            shut: false,
            lost: false,
        }
    }

    /// How many bytes wait to be written.
    pub(super) const fn waiting(&self) -> usize {
        self.waiting
    }

    pub(super) const fn is_shut(&self) -> bool {
        self.shut
    }

    pub(super) const fn is_lost(&self) -> bool {
        self.lost
    }

    /// Whether bytes that could have been written were held back.
    pub(super) const fn holds_back(&self) -> bool {
        self.held
    }

    /// Whether bytes were written, or began to wait for the peer, since the last call.
    pub(super) const fn take_progress(&mut self) -> bool {
        std::mem::replace(&mut self.progress, false)
    }

    /// How many bytes were written that are to be acknowledged now.
    pub(super) fn acknowledge(&mut self) -> Option<u64> {
        (self.written >= self.acknowledged).then(|| std::mem::take(&mut self.written))
    }

    /// Notes that no more packets come. The packets that wait are still written.
    pub(super) const fn finish(&mut self) {
        self.last = true;
    }

    /// Adds bytes to be written.
    pub(super) fn push(
        &mut self,
        bytes: Bytes,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
    ) -> Result<(), Failure> {
        if self.last || self.lost || bytes.is_empty() {
            return Ok(());
        }
        self.add_waiting(bytes.len());
        self.queue.push(bytes);
        if self.waiting <= self.limit {
            return Ok(());
        }
        // Bytes that the kernel takes at once do not count as waiting.
        if let Poll::Ready(written) = self.poll_write(stream, cx) {
            written?;
        }
        if self.waiting <= self.limit {
            return Ok(());
        }
        self.lose(stream);
        Err(Failure(Reason::Value(symbol(&OVERRUN))))
    }

    /// Counts so many more bytes that wait to be written.
    pub(super) const fn add_waiting(&mut self, bytes: usize) {
        // If nothing waited before, the time in which the peer keeps the connection waiting begins
        // now.
        self.progress |= self.waiting == 0;
        self.waiting += bytes;
    }

    /// Counts so many bytes as written.
    pub(super) fn wrote(&mut self, bytes: usize, cx: &Context<'_>) {
        let was_congested = self.waiting > CONGESTED;
        self.waiting -= bytes;
        self.written += bytes as u64;
        self.progress = true;
        let eased = was_congested && self.waiting <= CONGESTED;
        if eased || self.written >= self.acknowledged {
            // There may be something to read again, or to tell.
            cx.waker().wake_by_ref();
        }
    }

    /// Gives up. The peer misses some bytes, so it must see a reset and not an end.
    fn lose(&mut self, stream: &TcpStream) {
        self.lost = true;
        self.queue.clear();
        // A socket that is broken already needs no reset.
        let _ = stream.set_zero_linger();
    }

    /// Writes the bytes that wait, unless a line is to be heard at once, whose answer can go with
    /// them.
    #[inline]
    pub(super) fn poll_flush(
        &mut self,
        more: bool,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        // Most flushes come before an item, when nothing waits: 30 instructions less.
        if self.queue.is_empty() && !self.last {
            self.held = false;
            return Poll::Ready(Ok(()));
        }
        let few = self.queue.len() < HELD && self.waiting < HELD_BYTES;
        self.held = more && few && !self.queue.is_empty() && !self.last;
        if self.held { Poll::Ready(Ok(())) } else { self.poll_write(stream, cx) }
    }

    /// No line is to be heard now: writes the bytes that were held back for its answer, if there
    /// are any.
    pub(super) fn poll_held(&mut self, stream: &mut TcpStream, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let held = std::mem::replace(&mut self.held, false);
        if held { self.poll_write(stream, cx) } else { Poll::Ready(Ok(())) }
    }

    pub(super) fn poll_write(
        &mut self,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        if self.lost || self.shut {
            return Poll::Ready(Ok(()));
        }
        let mut stream = Pin::new(stream);
        while !self.queue.is_empty() {
            let written = if let Some(only) = self.queue.only() {
                ready!(stream.as_mut().poll_write(cx, only))?
            } else {
                let mut slices = [IoSlice::new(&[]); HELD];
                let full = self.queue.fill(&mut slices);
                ready!(stream.as_mut().poll_write_vectored(cx, &slices[..full]))?
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.wrote(written, cx);
            self.queue.take(written);
        }
        if self.last {
            ready!(stream.poll_shutdown(cx))?;
            self.shut = true;
            // The direction may have ended.
            cx.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }
}
