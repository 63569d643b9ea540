//! A listener.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use marketplace::ground::OuterHalf;
use marketplace::{Failure, IntoReason, Message, Source, Text, Value};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{Sleep, sleep};

use crate::netlayer::FromListener;
use crate::netlayer::tcp::settings;

/// How many connections the kernel holds ready.
const BACKLOG: u32 = 128;

/// How long accepting pauses after an error, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// How a netlayer listens.
pub(in crate::netlayer) trait Listener: Send + 'static {
    /// The addresses of which the first that can be had is listened at, or why there is none.
    fn addresses(&self) -> Result<Vec<SocketAddr>, String>;
    /// It listens there: gives the hints how to reach it.
    fn listens(&self, local: SocketAddr) -> Vec<(String, String)>;
    /// A peer has connected, from there: gives the source of its connection.
    fn line(&self, stream: TcpStream, peer: SocketAddr) -> Source;
}

/// A source that listens.
pub(in crate::netlayer) fn source(how: impl Listener) -> Source {
    Source::outer(Listening { how, listener: None, paused: None })
}

struct Listening<L> {
    how: L,
    listener: Option<TcpListener>,
    paused: Option<Pin<Box<Sleep>>>,
}

impl<L: Listener> Listening<L> {
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Result<FromListener, Failure>> {
        let Some(listener) = &self.listener else {
            return Poll::Ready(self.listen().map_err(|why| Failure(Text::from(why).into_reason())));
        };
        loop {
            if let Some(paused) = &mut self.paused {
                ready!(paused.as_mut().poll(cx));
                self.paused = None;
            }
            match ready!(listener.poll_accept(cx)) {
                Ok((stream, peer)) => {
                    settings::set(&stream);
                    return Poll::Ready(Ok(FromListener::Accepted { line: self.how.line(stream, peer) }));
                }
                // The peer was gone before it was accepted.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!(%error, pause = ?PAUSE, "accepting pauses");
                    self.paused = Some(Box::pin(sleep(PAUSE)));
                }
            }
        }
    }

    fn listen(&mut self) -> Result<FromListener, String> {
        let mut failed = "there is no address to listen at".to_string();
        for address in self.how.addresses()? {
            match listen(address) {
                Ok((listener, local)) => {
                    self.listener = Some(listener);
                    return Ok(FromListener::Listening { hints: self.how.listens(local) });
                }
                Err(error) => failed = format!("cannot listen on {address}: {error}"),
            }
        }
        Err(failed)
    }
}

fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Connections of an earlier listener that linger do not hold up this one.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    let local = listener.local_addr()?;
    Ok((listener, local))
}

impl<L: Listener> OuterHalf for Listening<L> {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        self.poll_item(cx).map(|item| Some(item.map(Message::into_value)))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::future::poll_fn;
    use std::net::Ipv4Addr;
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    /// Tells where it listens, and whether its connections are looked after.
    struct Probe(Sender<SocketAddr>, Sender<bool>);

    impl Listener for Probe {
        fn addresses(&self) -> Result<Vec<SocketAddr>, String> {
            Ok(vec![(Ipv4Addr::LOCALHOST, 0).into()])
        }

        fn listens(&self, local: SocketAddr) -> Vec<(String, String)> {
            self.0.send(local).unwrap();
            Vec::new()
        }

        fn line(&self, stream: TcpStream, _: SocketAddr) -> Source {
            self.1.send(settings::are_set(&stream)).unwrap();
            Source::outer(Listening {
                how: Self(self.0.clone(), self.1.clone()),
                listener: None,
                paused: None,
            })
        }
    }

    #[tokio::test]
    async fn k8_a_machine_that_vanishes_is_noticed_by_who_only_listens() {
        let ((at, where_it_is), (looks, are_set)) = (channel(), channel());
        let mut listening = Listening { how: Probe(at, looks), listener: None, paused: None };
        assert!(poll_fn(|cx| listening.poll_item(cx)).await.is_ok());
        let _dialled = TcpStream::connect(where_it_is.recv().unwrap()).await.unwrap();
        assert!(poll_fn(|cx| listening.poll_item(cx)).await.is_ok());
        assert_eq!(are_set.recv(), Ok(true));
    }
}
