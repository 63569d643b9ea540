//! The direction in.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use marketplace::ground::Stream;
use marketplace::{Failure, Message, Reason, Value};
use tokio::io::AsyncReadExt;
use tokio::net::tcp::OwnedReadHalf;
use tokio::time::{Sleep, sleep};

use crate::tcp::halves::{FromSocket, UNTAKEN, symbol};
use crate::tcp::messages::TcpPacket;
use crate::tcp::sockets::gate::Gate;

/// How much is read at once: little at first, more from a peer that has more to say.
const LEAST: usize = 4 * 1024;
const MOST: usize = 64 * 1024;

/// Packets, and acknowledgements of what the writer wrote. Ends when both directions have.
pub(super) struct Reader {
    half: OwnedReadHalf,
    gate: Arc<Gate>,
    /// What is read lies here, and packets are pieces of it: nothing is copied.
    buffer: BytesMut,
    at_once: usize,
    at_end: bool,
    patience: Option<Patience>,
}

/// How long the connection waits for somebody to take it: from the first time that it is polled.
enum Patience {
    For(Duration),
    Until(Pin<Box<Sleep>>),
}

impl Reader {
    pub(super) fn new(half: OwnedReadHalf, gate: Arc<Gate>) -> Self {
        Self { half, gate, buffer: BytesMut::new(), at_once: LEAST, at_end: false, patience: None }
    }

    /// The same, but it ends if nobody takes the connection in this time.
    pub(super) fn within(mut self, patience: Duration) -> Self {
        self.patience = Some(Patience::For(patience));
        self
    }

    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.gate.is_taken() {
            self.patience = None;
        }
        if let Some(Patience::For(patience)) = self.patience {
            self.patience = Some(Patience::Until(Box::pin(sleep(patience))));
        }
        match &mut self.patience {
            Some(Patience::Until(sleep)) => sleep.as_mut().poll(cx),
            _ => Poll::Pending,
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        if self.buffer.capacity() < self.at_once / 4 {
            // Nothing is kept for a connection that says nothing.
            ready!(self.half.as_ref().poll_read_ready(cx))?;
            self.buffer.reserve(self.at_once);
        }
        let room = self.buffer.capacity();
        let read = ready!(pin!(self.half.read_buf(&mut self.buffer)).poll(cx))?;
        if read == room {
            self.at_once = (self.at_once * 2).min(MOST);
        }
        Poll::Ready(Ok(self.buffer.split().freeze()))
    }
}

impl Stream for Reader {
    type Item = Result<Value, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.poll_item(cx);
        if next.is_pending() {
            self.gate.register(cx);
        }
        next
    }
}

impl Reader {
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        if let Some(bytes) = self.gate.acknowledge() {
            return Poll::Ready(Some(Ok(FromSocket::Written(bytes).to_value())));
        }
        if self.at_end {
            return if self.gate.is_shut() { Poll::Ready(None) } else { Poll::Pending };
        }
        if !self.gate.may_read() {
            ready!(self.poll_patience(cx));
            return Poll::Ready(Some(Err(Failure(Reason::Value(symbol(&UNTAKEN))))));
        }
        let read = ready!(self.poll_read(cx));
        Poll::Ready(Some(read.map_err(Failure::from).map(|bytes| {
            self.at_end = bytes.is_empty();
            if self.at_end { TcpPacket::Eof } else { TcpPacket::Data(bytes) }.to_value()
        })))
    }
}
