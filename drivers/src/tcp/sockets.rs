//! The socket half: sources that read, write, accept and connect. The host polls them in its own
//! task; nothing here blocks it.

mod connect;
mod listen;
mod little;
mod packets;
mod patience;
mod places;
mod race;
mod reader;
mod socket;
#[cfg(test)]
mod tests;
mod writer;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use marketplace::{Source, Text};
use tokio::net::TcpStream;

use crate::tcp::halves::Sockets;
use crate::tcp::sockets::connect::Connecting;
use crate::tcp::sockets::listen::Listening;
use crate::tcp::sockets::places::Place;
use crate::tcp::sockets::socket::Socket;

/// Real sockets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    /// The address at which listeners listen.
    pub(super) bind: IpAddr,
    /// How long an accepted connection waits for somebody to take it.
    pub(super) take_up: Duration,
    /// How many bytes of a connection may wait to be written.
    pub(super) write_limit: usize,
    /// How many written bytes are acknowledged at once: a quarter of the limit, if nothing else is
    /// said.
    pub(super) acknowledge_every: Option<u64>,
    /// How many bytes a line may have.
    pub(super) line_limit: usize,
    /// How many connections a listener may have.
    pub(super) max_connections: usize,
    /// How long a peer may keep a connection waiting.
    pub(super) idle: Duration,
    /// How long connecting may take.
    pub(super) connect_within: Duration,
}

impl Sockets for Options {
    fn listen(&self, port: u16) -> Source {
        Source::stream(Listening::new(SocketAddr::new(self.bind, port), *self))
    }

    fn connect(&self, host: &Text, port: u16) -> Source {
        Source::outer(Connecting::new(host, port, *self))
    }
}

/// A connection that a peer made to us.
fn accepted(stream: TcpStream, place: Place, options: &Options) -> Source {
    Source::outer(Socket::new(stream, options, Some(options.take_up)).at(place))
}
