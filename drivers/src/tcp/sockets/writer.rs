//! The direction out.

use std::array;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::{Buf, Bytes};
use marketplace::ground::Sink;
use marketplace::{Failure, Message, Reason, Value};
use tokio::io::AsyncWrite;
use tokio::net::tcp::OwnedWriteHalf;

use crate::tcp::halves::{OVERRUN, ToSocket, symbol};
use crate::tcp::messages::TcpPacket;
use crate::tcp::sockets::gate::{Gate, HELD};

/// Takes packets and what else the process half says. It never says that it is not ready: what waits is bounded by its bytes, and who
/// writes on regardless loses the connection.
pub(super) struct Writer {
    /// Empty before the connection stands.
    half: Option<OwnedWriteHalf>,
    gate: Arc<Gate>,
    queue: VecDeque<Bytes>,
    /// Nothing follows what is in the queue.
    last: bool,
    /// The connection is lost: what is in the queue stays unsaid.
    lost: bool,
}

impl Writer {
    pub(super) fn new(half: OwnedWriteHalf, gate: Arc<Gate>) -> Self {
        Self { half: Some(half), ..Self::waiting(gate) }
    }

    /// The writer of a connection that does not stand yet.
    pub(super) fn waiting(gate: Arc<Gate>) -> Self {
        Self { half: None, gate, queue: VecDeque::new(), last: false, lost: false }
    }

    fn push(&mut self, bytes: Bytes) -> Result<(), Failure> {
        if self.last || self.lost || bytes.is_empty() {
            return Ok(());
        }
        let fits = self.gate.wait(bytes.len());
        self.queue.push_back(bytes);
        if fits {
            return Ok(());
        }
        // What the kernel takes does not wait. (The flush that follows waits for the socket.)
        if let Poll::Ready(written) = self.poll_write(&mut Context::from_waker(Waker::noop())) {
            written?;
        }
        if self.gate.wait(0) {
            return Ok(());
        }
        self.lose();
        Err(Failure(Reason::Value(symbol(&OVERRUN))))
    }

    /// Gives up. The peer, who misses something, must not take this for an end.
    fn lose(&mut self) {
        self.lost = true;
        self.queue.clear();
        if let Some(half) = &self.half {
            // A socket that is broken already needs no more of this.
            let _ = half.as_ref().set_zero_linger();
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let nothing_to_do = self.queue.is_empty() && !self.last;
        if nothing_to_do || self.lost || self.gate.is_shut() {
            return Poll::Ready(Ok(()));
        }
        if self.half.is_none() {
            self.half = self.gate.connected();
        }
        let Some(half) = &mut self.half else {
            return Poll::Ready(Ok(()));
        };
        let mut half = Pin::new(half);
        while let Some(first) = self.queue.front() {
            let written = if self.queue.len() == 1 {
                ready!(half.as_mut().poll_write(cx, first))?
            } else {
                let mut packets = self.queue.iter();
                let slices: [_; HELD] =
                    array::from_fn(|_| IoSlice::new(packets.next().map_or(&[], |packet| packet)));
                ready!(half.as_mut().poll_write_vectored(cx, &slices[..self.queue.len().min(HELD)]))?
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.gate.wrote(written);
            take(&mut self.queue, written);
        }
        if self.last {
            ready!(half.poll_shutdown(cx))?;
            self.gate.shut();
        }
        Poll::Ready(Ok(()))
    }

    /// Throws away what has come and nobody reads: closing over it would reset the connection, and what was written might not arrive.
    fn ignore_rest(&self) {
        let mut rest = [0; 4096];
        if let Some(half) = &self.half {
            for _ in 0..64 {
                match half.as_ref().try_read(&mut rest) {
                    Ok(1..) => {}
                    Ok(0) | Err(_) => break,
                }
            }
        }
    }
}

/// Takes so many bytes off the front.
fn take(queue: &mut VecDeque<Bytes>, mut bytes: usize) {
    while let Some(first) = queue.front_mut() {
        if bytes < first.len() {
            return first.advance(bytes);
        }
        bytes -= first.len();
        queue.pop_front();
    }
}

impl Sink<Value> for Writer {
    type Error = Failure;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, said: Value) -> Result<(), Failure> {
        if let Some(packet) = TcpPacket::from_value(&said) {
            match packet {
                TcpPacket::Data(bytes) => return self.push(bytes),
                TcpPacket::Eof => self.last = true,
            }
        } else if let Some(told) = ToSocket::from_value(&said) {
            match told {
                ToSocket::Read => self.gate.want(true),
                ToSocket::Rest => self.gate.want(false),
                ToSocket::Credit(more) => self.gate.extend(more),
                ToSocket::Mode(mode) => self.gate.switch(mode),
            }
        }
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        if !self.queue.is_empty() && !self.last && self.gate.hold(self.queue.len()) {
            return Poll::Ready(Ok(()));
        }
        self.poll_write(cx).map_err(Failure::from)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.last = true;
        ready!(self.poll_write(cx))?;
        if !self.lost {
            self.ignore_rest();
        }
        Poll::Ready(Ok(()))
    }
}
