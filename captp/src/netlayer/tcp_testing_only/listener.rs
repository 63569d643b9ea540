//! The listener.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use marketplace::ground::OuterHalf;
use marketplace::{Failure, IntoReason, Message, Source, Text, Value};
use tokio::net::{TcpListener, TcpSocket};
use tokio::time::{Sleep, sleep};

use crate::netlayer::{FromListener, stream};

/// How many connections the kernel holds ready.
const BACKLOG: u32 = 128;

/// How long accepting pauses after an error, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// A source that listens at this port of this machine; at 0, one that is free.
pub(super) fn source(port: u16) -> Source {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    Source::outer(Listening { address, listener: None, paused: None })
}

struct Listening {
    address: SocketAddr,
    listener: Option<TcpListener>,
    paused: Option<Pin<Box<Sleep>>>,
}

impl Listening {
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Result<FromListener, Failure>> {
        let Some(listener) = &self.listener else {
            return Poll::Ready(self.listen().map_err(|error| {
                let why = Text::from(format!("cannot listen on {}: {error}", self.address));
                Failure(why.into_reason())
            }));
        };
        loop {
            if let Some(paused) = &mut self.paused {
                ready!(paused.as_mut().poll(cx));
                self.paused = None;
            }
            match ready!(listener.poll_accept(cx)) {
                Ok((stream, _)) => {
                    // Without it, answers would only be late.
                    let _ = stream.set_nodelay(true);
                    return Poll::Ready(Ok(FromListener::Accepted { line: stream::connected(stream) }));
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

    fn listen(&mut self) -> io::Result<FromListener> {
        let socket = TcpSocket::new_v4()?;
        // Connections of an earlier listener that linger do not hold up this one.
        socket.set_reuseaddr(true)?;
        socket.bind(self.address)?;
        let listener = socket.listen(BACKLOG)?;
        let local = listener.local_addr()?;
        tracing::warn!(%local, "tcp-testing-only listens: no peer proves who it is, it is for tests");
        self.listener = Some(listener);
        let hints = [("host", local.ip().to_string()), ("port", local.port().to_string())];
        Ok(FromListener::Listening { hints: hints.map(|(name, hint)| (name.to_string(), hint)).into() })
    }
}

impl OuterHalf for Listening {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        self.poll_item(cx).map(|item| Some(item.map(Message::into_value)))
    }
}
