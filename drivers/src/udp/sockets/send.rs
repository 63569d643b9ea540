//! The direction out.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::net::UdpSocket;

use crate::udp::messages::{UdpAddress, UdpProblem};
use crate::udp::sockets::bind::{canonical, native};
use crate::udp::sockets::unsent::Unsent;

/// Each datagram counts so much beside its bytes, an empty one, too: so the number of datagrams is
/// bounded.
const OVERHEAD: usize = 256;

/// Sends datagrams at once, or as soon as the kernel takes them.
pub(super) struct Sender {
    queue: VecDeque<(SocketAddr, Bytes)>,
    /// How much the queue counts, in bytes.
    waiting: usize,
    limit: usize,
}

impl Sender {
    pub(super) const fn new(limit: usize) -> Self {
        Self { queue: VecDeque::new(), waiting: 0, limit }
    }

    /// # Errors
    /// Sends a datagram, or queues it. Gives the problem, if it will not be sent.
    pub(super) fn send(
        &mut self,
        socket: &UdpSocket,
        to: &UdpAddress,
        bytes: Bytes,
    ) -> Result<(), UdpProblem> {
        let address = match to.to_socket_addr() {
            Some(Ok(address)) => native(address, is_ipv6(socket)),
            _ => return Err(UdpProblem::new("NotNumeric", format_args!("{to} is no numeric address"))),
        };
        if self.queue.is_empty() {
            match socket.try_send_to(&bytes, address) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                sent => return outcome(to, sent),
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

    pub(super) fn poll_send(
        &mut self,
        socket: &UdpSocket,
        unsent: &mut Unsent,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        while let Some((address, bytes)) = self.queue.front() {
            let sent = ready!(socket.poll_send_to(cx, bytes, *address));
            let to = canonical(*address).into();
            if let Err(why) = outcome(&to, sent) {
                unsent.note(to, why, cx);
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

fn outcome(to: &UdpAddress, sent: io::Result<usize>) -> Result<(), UdpProblem> {
    sent.map(drop).map_err(|error| UdpProblem::to(format_args!("send to {to}"), &error))
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    /// Until the test waits, tokio does not know that the socket can send: so every datagram
    /// queues.
    #[tokio::test]
    async fn what_the_kernel_does_not_take_waits_in_order_and_what_overflows_is_told() {
        let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let to = UdpAddress::from(peer.local_addr().unwrap());
        let mut sender = Sender::new(3 * (2 + OVERHEAD));
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let socket = UdpSocket::from_std(socket).unwrap();
        let sent = ["d1", "d2", "d3", "d4", ""].map(|text| sender.send(&socket, &to, text.into()));
        let untold: Vec<_> = sent.into_iter().filter_map(Result::err).map(|why| why.kind).collect();
        assert_eq!(untold, ["Overflow".into(), "Overflow".into()]);
        poll_fn(|cx| sender.poll_send(&socket, &mut Unsent::default(), cx)).await;
        assert_eq!(sender.waiting, 0);
        for text in ["d1", "d2", "d3"] {
            let mut bytes = [0; 2];
            peer.recv_from(&mut bytes).await.unwrap();
            assert_eq!(bytes, text.as_bytes());
        }
    }
}
