//! The direction out.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use marketplace::ground::Sink;
use marketplace::{Message, Value};
use tokio::net::UdpSocket;

use crate::udp::halves::ToSocket;
use crate::udp::messages::{UdpAddress, UdpProblem};
use crate::udp::sockets::bind::native;
use crate::udp::sockets::shared::Shared;

/// What an empty datagram counts, as any other does beside its bytes: so their number is bounded too.
const OVERHEAD: usize = 256;

/// Sends datagrams at once, or as soon as the kernel takes them. It never fails: what cannot be sent is told to who said it.
pub(super) struct Sender {
    shared: Arc<Shared>,
    queue: VecDeque<(SocketAddr, Bytes)>,
    /// What the queue counts, in bytes.
    waiting: usize,
    limit: usize,
}

impl Sender {
    pub(super) const fn new(shared: Arc<Shared>, limit: usize) -> Self {
        Self { shared, queue: VecDeque::new(), waiting: 0, limit }
    }

    fn send(&mut self, to: &UdpAddress, bytes: Bytes) -> Result<(), UdpProblem> {
        let Some(socket) = self.shared.socket.get() else { return Ok(()) };
        let address = match to.to_socket_addr() {
            Some(Ok(address)) => native(address, is_ipv6(socket)),
            _ => return Err(UdpProblem::new("NotNumeric", format_args!("{to} is no numeric address"))),
        };
        if self.queue.is_empty() {
            match socket.try_send_to(&bytes, address) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                sent => return told(to, sent),
            }
        }
        let cost = bytes.len() + OVERHEAD;
        if self.waiting + cost > self.limit {
            return Err(UdpProblem::new("Overflow", format_args!("too much waits to be sent before {to}")));
        }
        self.waiting += cost;
        self.queue.push_back((address, bytes));
        Ok(())
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(socket) = self.shared.socket.get() else { return Poll::Ready(()) };
        while let Some((address, bytes)) = self.queue.front() {
            let sent = ready!(socket.poll_send_to(cx, bytes, *address));
            let to = crate::udp::sockets::bind::canonical(*address).into();
            if let Err(why) = told(&to, sent) {
                self.shared.not_sent(to, why);
            }
            self.waiting -= bytes.len() + OVERHEAD;
            self.queue.pop_front();
        }
        Poll::Ready(())
    }
}

fn is_ipv6(socket: &UdpSocket) -> bool {
    socket.local_addr().is_ok_and(|local| local.is_ipv6())
}

fn told(to: &UdpAddress, sent: io::Result<usize>) -> Result<(), UdpProblem> {
    sent.map(drop).map_err(|error| UdpProblem::to(format_args!("send to {to}"), &error))
}

impl Sink<Value> for Sender {
    type Error = Infallible;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, said: Value) -> Result<(), Infallible> {
        if let Some(ToSocket(to, bytes)) = ToSocket::from_value(&said)
            && let Err(why) = self.send(&to, bytes)
        {
            self.shared.not_sent(to, why);
        }
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.poll_send(cx).map(Ok)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.poll_send(cx).map(Ok)
    }
}
