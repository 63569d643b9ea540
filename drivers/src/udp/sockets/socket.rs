//! A socket: both directions, in one task.

use std::task::{Context, Poll, ready};

use marketplace::ground::OuterHalf;
use marketplace::{Failure, Message, Source, Value};
use tokio::net::UdpSocket;

use crate::open::Open;
use crate::udp::halves::{FromSocket, ToSocket};
use crate::udp::messages::UdpProblem;
use crate::udp::sockets::bind::Place;
use crate::udp::sockets::receive::Receiver;
use crate::udp::sockets::send::Sender;
use crate::udp::sockets::unsent::Unsent;

/// Binds at its first poll, tells the address, receives and sends. If a datagram cannot be sent,
/// its sender is told.
pub(super) struct Socket {
    place: Place,
    socket: Option<UdpSocket>,
    /// Told together with the address, once.
    closed: Option<Source>,
    receiver: Receiver,
    sender: Sender,
    unsent: Unsent,
    /// Dropped last.
    _open: Open,
}

impl Socket {
    /// A socket in which datagrams of so many bytes may wait to be sent.
    pub(super) fn new(place: Place, send_limit: usize) -> Self {
        let (open, closed) = Open::new();
        Self {
            place,
            socket: None,
            closed: Some(closed),
            receiver: Receiver::default(),
            sender: Sender::new(send_limit),
            unsent: Unsent::default(),
            _open: open,
        }
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Result<FromSocket, Failure>> {
        let socket = match &mut self.socket {
            Some(socket) => socket,
            none => none.insert(self.place.bind().map_err(|problem| Failure::value(&problem))?),
        };
        if self.closed.is_some() {
            // From now on a datagram is sent at once.
            ready!(socket.poll_send_ready(cx))?;
        }
        if let Some(closed) = self.closed.take() {
            let local = socket.local_addr().map_err(|error| Failure::value(&UdpProblem::from(&error)))?;
            return Poll::Ready(Ok(FromSocket::Bound { local: local.into(), closed }));
        }
        if let Some((to, why)) = self.unsent.next() {
            return Poll::Ready(Ok(FromSocket::Unsent(to, why)));
        }
        self.receiver.poll_next(socket, cx).map_err(Failure::from)
    }
}

impl OuterHalf for Socket {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        self.poll_item(cx).map(|item| Some(item.map(Message::into_value)))
    }

    fn give(&mut self, said: Value, cx: &mut Context<'_>) -> Result<(), Failure> {
        if let Some(ToSocket(to, bytes)) = ToSocket::from_value(&said)
            && let Some(socket) = &self.socket
            && let Err(why) = self.sender.send(socket, &to, bytes)
        {
            self.unsent.note(to, why, cx);
        }
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let Some(socket) = &self.socket else { return Poll::Ready(Ok(())) };
        self.sender.poll_send(socket, &mut self.unsent, cx).map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::net::{Ipv4Addr, SocketAddr};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::task::Wake;

    use bytes::Bytes;

    use super::*;
    use crate::udp::messages::UdpAddress;

    async fn bound() -> Socket {
        let mut socket = Socket::new(Place::Here(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))), 0);
        let first = poll_fn(|cx| socket.poll_item(cx)).await.unwrap();
        assert!(matches!(first, FromSocket::Bound { .. }));
        socket
    }

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    #[tokio::test]
    async fn so_many_problems_wait_and_no_more() {
        let mut socket = bound().await;
        let woken = Arc::new(Woken::default());
        let waker = woken.clone().into();
        let mut cx = Context::from_waker(&waker);
        for _ in 0..5000 {
            let said = ToSocket(UdpAddress::remote("no number", 1), Bytes::new()).to_value();
            socket.give(said, &mut cx).unwrap();
        }
        assert!(woken.0.swap(0, Relaxed) > 0, "there is something to tell");
        assert!(socket.poll_flush(&mut cx).is_ready());
        assert_eq!(woken.0.load(Relaxed), 0, "and a flush that sends nothing changes nothing");
        let told = std::iter::from_fn(|| match socket.poll_item(&mut cx) {
            Poll::Ready(Ok(FromSocket::Unsent(..))) => Some(()),
            _ => None,
        });
        assert_eq!(told.count(), 1024);
    }
}
