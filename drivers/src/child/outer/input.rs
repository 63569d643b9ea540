//! The input of a child.

use std::collections::VecDeque;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::AsyncWrite;
use tokio::process::ChildStdin;

/// The child's standard input, and the bytes that wait to be written there.
pub(super) struct Input {
    pipe: Option<ChildStdin>,
    queue: VecDeque<Bytes>,
    /// How many bytes wait, and how many may.
    waiting: usize,
    limit: usize,
    /// How many were written since the last acknowledgement.
    written: u64,
    /// No more packets come after those in the queue.
    last: bool,
    /// The child has closed its input, and that was not told yet.
    closed: bool,
}

impl Input {
    pub(super) const fn new(limit: usize) -> Self {
        Self { pipe: None, queue: VecDeque::new(), waiting: 0, limit, written: 0, last: false, closed: false }
    }

    pub(super) fn open(&mut self, pipe: Option<ChildStdin>) {
        self.pipe = pipe;
    }

    /// Adds bytes to the queue. Says whether the limit allows them.
    pub(super) fn push(&mut self, bytes: Bytes, cx: &mut Context<'_>) -> io::Result<bool> {
        if self.last || self.pipe.is_none() || bytes.is_empty() {
            return Ok(true);
        }
        self.waiting += bytes.len();
        self.queue.push_back(bytes);
        if self.waiting <= self.limit {
            return Ok(true);
        }
        // Bytes that the kernel takes at once do not count as waiting.
        let write = tokio::task::unconstrained(std::future::poll_fn(|cx| self.poll_write(cx)));
        if let Poll::Ready(written) = pin!(write).poll(cx) {
            written?;
        }
        Ok(self.waiting <= self.limit)
    }

    /// Notes that no more packets come. The packets that wait are still written.
    pub(super) const fn finish(&mut self) {
        self.last = true;
    }

    /// Drops the packets that wait.
    pub(super) fn abandon(&mut self) {
        self.pipe = None;
        self.queue.clear();
        self.waiting = 0;
    }

    /// Writes the bytes that wait. The waker is called when there is something to tell.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let (Some(pipe), Some(first)) = (&mut self.pipe, self.queue.front_mut()) {
            match ready!(Pin::new(pipe).poll_write(cx, first)) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(written) => {
                    first.advance(written);
                    if first.is_empty() {
                        self.queue.pop_front();
                    }
                    self.waiting -= written;
                    self.written += written as u64;
                    if self.is_due() {
                        cx.waker().wake_by_ref();
                    }
                }
                // It may well have closed its input on purpose, and goes on.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                    self.abandon();
                    self.closed = true;
                    cx.waker().wake_by_ref();
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

    const fn is_due(&self) -> bool {
        self.written > 0 && self.written >= self.limit as u64 / 4
    }

    /// How many bytes were written that are to be acknowledged now.
    pub(super) fn acknowledge(&mut self) -> Option<u64> {
        self.is_due().then(|| std::mem::take(&mut self.written))
    }

    /// Whether the child has closed its input: true once.
    pub(super) const fn take_closed(&mut self) -> bool {
        std::mem::replace(&mut self.closed, false)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Stdio;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::task::Wake;
    use std::time::Duration;

    use tokio::process::Command;
    use tokio::task::yield_now;
    use tokio::time::timeout;

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    /// While a vat is paused it asks for no items, and flushes its sources all the same.
    #[tokio::test]
    async fn that_there_is_something_to_tell_wakes_the_task_and_a_flush_that_writes_nothing_does_not() {
        let mut cat = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("there is a `cat`");
        let mut input = Input::new(8);
        input.open(cat.stdin.take());
        let woken = Arc::new(Woken::default());
        let waker = woken.clone().into();
        let mut cx = Context::from_waker(&waker);
        assert!(input.push("four".into(), &mut cx).unwrap());
        let writes = async {
            while input.poll_write(&mut cx).is_pending() {
                yield_now().await;
            }
        };
        timeout(Duration::from_secs(60), writes).await.expect("a pipe takes four bytes");
        let before = woken.0.swap(0, Relaxed);
        assert!(before > 0);
        assert!(input.poll_write(&mut cx).is_ready());
        assert_eq!(woken.0.load(Relaxed), 0);
        assert_eq!(input.acknowledge(), Some(4));
    }
}
