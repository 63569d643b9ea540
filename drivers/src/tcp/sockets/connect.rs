//! Outgoing connections, before they stand.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use marketplace::ground::OuterHalf;
use marketplace::{Failure, Message, Text, Value};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::time::timeout;

use crate::tcp::halves::FromSocket;
use crate::tcp::messages::TcpFailure;
use crate::tcp::sockets::Options;
use crate::tcp::sockets::race::race;
use crate::tcp::sockets::socket::Socket;

/// Connects, tells so, and is a connection from then on.
pub(super) enum Connecting {
    Connecting(Pin<Box<dyn Future<Output = Result<TcpStream, TcpFailure>> + Send>>, Options),
    Connected(Socket),
}

impl Connecting {
    pub(super) fn new(host: &Text, port: u16, options: Options) -> Self {
        let connecting = connect(host.clone(), port);
        let in_time = in_time(options.connect_within, (host.clone(), port), connecting);
        Self::Connecting(Box::pin(in_time), options)
    }
}

/// It is given no feedback before it stands: the process half hears first that it does.
impl OuterHalf for Connecting {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        match self {
            Self::Connected(socket) => socket.poll_next(cx),
            Self::Connecting(connecting, options) => match ready!(connecting.as_mut().poll(cx)) {
                Err(failure) => Poll::Ready(Some(Err(Failure::value(&failure)))),
                Ok(stream) => {
                    *self = Self::Connected(Socket::new(stream, options, None));
                    Poll::Ready(Some(Ok(FromSocket::Connected.to_value())))
                }
            },
        }
    }

    fn is_waiting(&self) -> bool {
        match self {
            Self::Connected(socket) => socket.is_waiting(),
            Self::Connecting(..) => false,
        }
    }

    fn give(&mut self, said: Value, cx: &mut Context<'_>) -> Result<(), Failure> {
        match self {
            Self::Connected(socket) => socket.give(said, cx),
            Self::Connecting(..) => Ok(()),
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        match self {
            Self::Connected(socket) => socket.poll_flush(cx),
            Self::Connecting(..) => Poll::Ready(Ok(())),
        }
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        match self {
            Self::Connected(socket) => socket.poll_close(cx),
            Self::Connecting(..) => Poll::Ready(Ok(())),
        }
    }
}

/// Connects to whichever address of the host answers first.
async fn connect(host: Text, port: u16) -> Result<TcpStream, TcpFailure> {
    let unresolved = |error: &dyn std::fmt::Display| TcpFailure {
        kind: "Unresolved".into(),
        text: format!("{host}: {error}").into(),
    };
    let addresses = lookup_host((host.as_str(), port)).await.map_err(|error| unresolved(&error))?;
    let raced = race(addresses, |address| connect_from(socket_for(address), address)).await;
    raced.map_err(|error| match error {
        None => unresolved(&"no address"),
        Some(error) => TcpFailure::to(format_args!("connect to {host}:{port}"), &error),
    })
}

/// Gives up when the time is over, whichever part takes so long.
async fn in_time<T>(
    within: Duration,
    (host, port): (Text, u16),
    connecting: impl Future<Output = Result<T, TcpFailure>>,
) -> Result<T, TcpFailure> {
    timeout(within, connecting).await.unwrap_or_else(|_| {
        let late = io::Error::new(io::ErrorKind::TimedOut, format!("nothing answered within {within:?}"));
        Err(TcpFailure::to(format_args!("connect to {host}:{port}"), &late))
    })
}

fn socket_for(address: SocketAddr) -> io::Result<TcpSocket> {
    if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }
}

/// Connects this socket, but not to itself. The kernel may choose as its port the one to which it
/// connects, at which nobody listens, and TCP lets two ends that connect to each other do without a
/// listener.
async fn connect_from(socket: io::Result<TcpSocket>, to: SocketAddr) -> io::Result<TcpStream> {
    let stream = socket?.connect(to).await?;
    if stream.local_addr()? == stream.peer_addr()? {
        // Without this the port would stay in use for a minute.
        stream.set_zero_linger()?;
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::net::TcpListener;
    use tokio::time::Instant;

    use super::*;

    /// The socket has the port to which it connects: the kernel's own choice, once in 28,000 times.
    async fn meets_itself(local: &str) {
        let socket = || {
            let local: SocketAddr = local.parse().unwrap();
            let socket = socket_for(local)?;
            socket.bind(local)?;
            Ok::<_, io::Error>((socket.local_addr()?, socket))
        };
        let Ok((address, itself)) = socket() else { return };
        let error = connect_from(Ok(itself), address).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        TcpListener::bind(address).await.expect("the port is free at once");
    }

    #[tokio::test]
    async fn nobody_is_connected_to_itself() {
        meets_itself("127.0.0.1:0").await;
        // There may be no IPv6 here.
        meets_itself("[::1]:0").await;
    }

    #[tokio::test]
    async fn a_host_that_refuses_at_its_first_address_is_reached_at_the_second() {
        // Bound, so that nobody else is there, but not listening.
        let refuses = TcpSocket::new_v4().unwrap();
        refuses.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listens = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = listens.local_addr().unwrap();
        let addresses = [refuses.local_addr().unwrap(), there];
        let raced = race(addresses, |address| connect_from(socket_for(address), address)).await;
        assert_eq!(raced.unwrap().peer_addr().unwrap(), there);
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_never_answers_is_given_up_in_time() {
        let began = Instant::now();
        let within = Duration::from_secs(30);
        let failure = in_time::<()>(within, ("example.org".into(), 80), pending()).await.unwrap_err();
        assert_eq!(began.elapsed(), within);
        assert_eq!(failure.kind.as_str(), "TimedOut");
        assert_eq!(failure.text.as_str(), "cannot connect to example.org:80: nothing answered within 30s");
    }
}
