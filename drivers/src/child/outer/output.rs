//! The output of a child.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::child::messages::ChildPacket;

/// How much is read at once: little at first, more from a child that has more to say.
const LEAST: usize = 4 * 1024;
const MOST: usize = 64 * 1024;

/// More than this never lies in a pipe.
const PIPE: usize = 1024 * 1024;

/// One of its streams.
pub(super) struct Output {
    /// `None` at its end, and from the beginning if nobody wanted the stream then.
    pipe: Option<Pin<Box<dyn AsyncRead + Send>>>,
    /// The bytes that are read lie here, and packets are pieces of it.
    buffer: BytesMut,
    at_once: usize,
    /// How many bytes more are read, once only those that lie in the pipe are wanted.
    bound: Option<usize>,
    /// Its end was told.
    told: bool,
}

impl Output {
    pub(super) fn new(pipe: Option<impl AsyncRead + Send + 'static>) -> Self {
        let pipe = pipe.map(|pipe| Box::pin(pipe) as Pin<Box<dyn AsyncRead + Send>>);
        Self { pipe, buffer: BytesMut::new(), at_once: LEAST, bound: None, told: false }
    }

    pub(super) const fn is_done(&self) -> bool {
        self.told
    }

    /// From now on only the bytes that lie in the pipe are read, whoever still writes there.
    pub(super) fn bound(&mut self) {
        self.bound.get_or_insert(PIPE);
    }

    pub(super) fn poll_packet(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<ChildPacket>> {
        if self.told || self.bound == Some(0) {
            return Poll::Pending;
        }
        let len = ready!(self.poll_read(cx))?;
        if len == 0 {
            self.told = true;
            return Poll::Ready(Ok(ChildPacket::Eof));
        }
        if let Some(bound) = &mut self.bound {
            *bound = bound.saturating_sub(len);
        }
        Poll::Ready(Ok(self.buffer.split().freeze().into()))
    }

    /// Reads and drops the bytes that are there.
    pub(super) fn ignore(&mut self, cx: &mut Context<'_>) {
        while let Poll::Ready(Ok(1..)) = self.poll_read(cx) {
            self.buffer.clear();
        }
    }

    /// Reads some bytes into the buffer; 0, if no more will come.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Some(pipe) = &mut self.pipe else { return Poll::Ready(Ok(0)) };
        if self.buffer.capacity() < self.at_once / 4 {
            self.buffer.reserve(self.at_once);
        }
        let room = self.buffer.capacity();
        let read = pipe.read_buf(&mut self.buffer);
        let len = if self.bound.is_some() {
            // Here `Pending` means that the pipe is empty, and not that other tasks should have a
            // turn.
            ready!(pin!(tokio::task::unconstrained(read)).poll(cx))?
        } else {
            ready!(pin!(read).poll(cx))?
        };
        if len == room {
            self.at_once = (self.at_once * 2).min(MOST);
        }
        if len == 0 {
            self.pipe = None;
        }
        Poll::Ready(Ok(len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says one byte at a time, for ever, and wants other tasks to have their turns.
    struct Endless;

    impl AsyncRead for Endless {
        fn poll_read(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buffer: &mut tokio::io::ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            ready!(tokio::task::coop::poll_proceed(cx)).made_progress();
            buffer.put_slice(b"y");
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn all_that_can_lie_in_a_pipe_is_read_in_one_go_and_no_more() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut output = Output::new(Some(Endless));
        output.bound();
        let read = runtime.block_on(std::future::poll_fn(|cx| {
            let packets = std::iter::from_fn(|| match output.poll_packet(cx) {
                Poll::Ready(packet) => Some(packet.unwrap()),
                Poll::Pending => None,
            });
            Poll::Ready(packets.count())
        }));
        assert_eq!(read, PIPE);
        assert!(!output.is_done());
    }
}
