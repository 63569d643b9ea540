//! A listener.

use std::net::SocketAddr;
use std::task::{Context, Poll};

use marketplace::ground::OuterHalf;
use marketplace::{Failure, Message, Reason, Source, Value};
use tokio::net::TcpStream;

use crate::netlayer::FromListener;
use crate::transport::tcp;

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
    Source::outer(Listening { how, listener: None })
}

struct Listening<L> {
    how: L,
    listener: Option<tcp::Listener>,
}

impl<L: Listener> Listening<L> {
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Result<FromListener, Failure>> {
        let Some(listener) = &mut self.listener else {
            return Poll::Ready(self.listen().map_err(|why| Failure(Reason::from(why))));
        };
        listener
            .poll_accept(cx)
            .map(|(stream, peer)| Ok(FromListener::Accepted { line: self.how.line(stream, peer) }))
    }

    fn listen(&mut self) -> Result<FromListener, String> {
        let mut failed = "there is no address to listen at".to_string();
        for address in self.how.addresses()? {
            match tcp::Listener::bind(address) {
                Ok(listener) => {
                    let hints = self.how.listens(listener.local());
                    self.listener = Some(listener);
                    return Ok(FromListener::Listening { hints });
                }
                Err(error) => failed = format!("cannot listen on {address}: {error}"),
            }
        }
        Err(failed)
    }
}

impl<L: Listener> OuterHalf for Listening<L> {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        self.poll_item(cx).map(|item| Some(item.map(Message::into_value)))
    }
}
