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
use crate::udp::sockets::bind::{canonical, native};
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
            let to = canonical(*address).into();
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

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    /// Until the test waits, tokio does not know that the socket can send: so everything that is said queues.
    #[tokio::test]
    async fn what_the_kernel_does_not_take_waits_in_order_and_what_overflows_is_told() {
        let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let to = UdpAddress::from(peer.local_addr().unwrap());
        let (shared, _closed) = Shared::new();
        let mut sender = Sender::new(shared.clone(), 3 * (2 + OVERHEAD));
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        assert!(shared.socket.set(UdpSocket::from_std(socket).unwrap()).is_ok());
        for text in ["d1", "d2", "d3", "d4", ""] {
            let said = ToSocket(to.clone(), text.into()).to_value();
            Pin::new(&mut sender).start_send(said).unwrap();
        }
        let untold = poll_fn(|cx| {
            Poll::Ready(
                std::iter::from_fn(|| shared.next_unsent(cx)).map(|(_, why)| why.kind).collect::<Vec<_>>(),
            )
        });
        assert_eq!(untold.await, ["Overflow".into(), "Overflow".into()]);
        poll_fn(|cx| Pin::new(&mut sender).poll_flush(cx)).await.unwrap();
        assert_eq!(sender.waiting, 0);
        for text in ["d1", "d2", "d3"] {
            let mut bytes = [0; 2];
            peer.recv_from(&mut bytes).await.unwrap();
            assert_eq!(bytes, text.as_bytes());
        }
    }

    #[tokio::test]
    async fn so_many_problems_wait_and_no_more() {
        let (shared, _closed) = Shared::new();
        let mut sender = Sender::new(shared.clone(), 0);
        assert!(shared.socket.set(UdpSocket::bind("127.0.0.1:0").await.unwrap()).is_ok());
        for _ in 0..5000 {
            let said = ToSocket(UdpAddress::remote("no number", 1), Bytes::new()).to_value();
            Pin::new(&mut sender).start_send(said).unwrap();
        }
        let told = poll_fn(|cx| Poll::Ready(std::iter::from_fn(|| shared.next_unsent(cx)).count())).await;
        assert_eq!(told, 1024);
    }
}
