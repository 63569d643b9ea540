//! What goes to a child.

use std::collections::VecDeque;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

use bytes::{Buf, Bytes};
use tokio::io::AsyncWrite;
use tokio::process::ChildStdin;

/// Its standard input, and what waits to be written there.
pub(super) struct Input {
    pipe: Option<ChildStdin>,
    queue: VecDeque<Bytes>,
    /// How many bytes wait, and how many may.
    waiting: usize,
    limit: usize,
    /// How many were written since the last acknowledgement.
    written: u64,
    /// Nothing follows what is in the queue.
    last: bool,
    /// The child hears nothing more, and that was not told.
    closed: bool,
}

impl Input {
    pub(super) const fn new(limit: usize) -> Self {
        Self { pipe: None, queue: VecDeque::new(), waiting: 0, limit, written: 0, last: false, closed: false }
    }

    pub(super) fn open(&mut self, pipe: Option<ChildStdin>) {
        self.pipe = pipe;
    }

    /// Says whether it may wait.
    pub(super) fn push(&mut self, bytes: Bytes) -> io::Result<bool> {
        if self.last || self.pipe.is_none() || bytes.is_empty() {
            return Ok(true);
        }
        self.waiting += bytes.len();
        self.queue.push_back(bytes);
        if self.waiting <= self.limit {
            return Ok(true);
        }
        // What the kernel takes does not wait. (The flush that follows waits for the pipe.)
        let write = tokio::task::unconstrained(std::future::poll_fn(|cx| self.poll_write(cx)));
        if let Poll::Ready(written) = pin!(write).poll(&mut Context::from_waker(Waker::noop())) {
            written?;
        }
        Ok(self.waiting <= self.limit)
    }

    /// Nothing more is said. What waits is still written.
    pub(super) const fn finish(&mut self) {
        self.last = true;
    }

    /// Nothing more is written.
    pub(super) fn abandon(&mut self) {
        self.pipe = None;
        self.queue.clear();
        self.waiting = 0;
    }

    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(pipe) = &mut self.pipe else { return Poll::Ready(Ok(())) };
        while let Some(first) = self.queue.front_mut() {
            match ready!(Pin::new(&mut *pipe).poll_write(cx, first)) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(written) => {
                    self.waiting -= written;
                    self.written += written as u64;
                    first.advance(written);
                    if first.is_empty() {
                        self.queue.pop_front();
                    }
                }
                // It may well have closed its input on purpose, and goes on.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                    self.abandon();
                    self.closed = true;
                    return Poll::Ready(Ok(()));
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        if self.last {
            self.pipe = None;
        }
        Poll::Ready(Ok(()))
    }

    /// Whether there is something to tell.
    pub(super) const fn has_news(&self) -> bool {
        self.closed || self.is_due()
    }

    const fn is_due(&self) -> bool {
        self.written > 0 && self.written >= self.limit as u64 / 4
    }

    /// How many bytes were written that are to be acknowledged now.
    pub(super) fn acknowledge(&mut self) -> Option<u64> {
        self.is_due().then(|| std::mem::take(&mut self.written))
    }

    /// Whether the child has closed it: said once.
    pub(super) const fn take_closed(&mut self) -> bool {
        std::mem::replace(&mut self.closed, false)
    }
}
