//! The direction in.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use marketplace::{Message, Value};
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;

use crate::udp::halves::FromSocket;
use crate::udp::messages::UdpAddress;
use crate::udp::sockets::bind::canonical;

/// More than any datagram has.
const MOST: usize = 64 * 1024;

/// Receives datagrams.
#[derive(Default)]
pub(super) struct Receiver {
    /// Every datagram is read into this and copied out of it. So a datagram that a process keeps
    /// holds no more memory than it needs.
    buffer: Vec<u8>,
    /// The sender of the last datagram, which is most often the sender of the next.
    last: Option<(SocketAddr, Value)>,
}

impl Receiver {
    pub(super) fn poll_next(
        &mut self,
        socket: &UdpSocket,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<FromSocket>> {
        let Self { buffer, last } = self;
        buffer.resize(MOST, 0);
        let (from, len) = ready!(poll_receive(socket, buffer, cx))?;
        let from = match last {
            Some((address, name)) if *address == from => name.clone(),
            _ => last.insert((from, UdpAddress::from(canonical(from)).to_value())).1.clone(),
        };
        Poll::Ready(Ok(FromSocket::Came(from, Bytes::copy_from_slice(&buffer[..len]).to_value())))
    }
}

fn poll_receive(
    socket: &UdpSocket,
    buffer: &mut [u8],
    cx: &mut Context<'_>,
) -> Poll<io::Result<(SocketAddr, usize)>> {
    loop {
        let mut read = ReadBuf::new(buffer);
        match ready!(socket.poll_recv_from(cx, &mut read)) {
            Ok(from) => return Poll::Ready(Ok((from, read.filled().len()))),
            Err(error) if is_about_another(&error) => {
                tracing::debug!(%error, "a datagram did not arrive");
            }
            Err(error) => return Poll::Ready(Err(error)),
        }
    }
}

/// Whether the error is the network's news that an earlier datagram did not arrive: that says
/// nothing about receiving.
fn is_about_another(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    /// A connected socket hears more of these errors than ours do.
    #[tokio::test]
    async fn an_error_about_what_was_sent_is_not_the_end() {
        let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let there = peer.local_addr().unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.connect(there).await.unwrap();
        // A socket that is connected to itself takes nothing from others.
        peer.connect(there).await.unwrap();
        socket.send(b"anybody?").await.unwrap();
        peer.connect(socket.local_addr().unwrap()).await.unwrap();
        peer.send(b"yes").await.unwrap();
        let mut buffer = [0; 16];
        let (from, len) = poll_fn(|cx| poll_receive(&socket, &mut buffer, cx)).await.unwrap();
        assert_eq!((from, &buffer[..len]), (there, &b"yes"[..]));
    }
}
