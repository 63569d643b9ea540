//! The socket half: sources that read, write, accept and connect. The host polls them in its own task; nothing here blocks it.

mod connect;
mod gate;
mod listen;
mod patience;
mod places;
mod race;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use marketplace::{Source, Text};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;

use crate::lines::Lines;
use crate::tcp::halves::Sockets;
use crate::tcp::sockets::connect::Connecting;
use crate::tcp::sockets::gate::Gate;
use crate::tcp::sockets::listen::Listening;
use crate::tcp::sockets::patience::Patience;
use crate::tcp::sockets::places::Place;
use crate::tcp::sockets::reader::Reader;
use crate::tcp::sockets::writer::Writer;

/// Real sockets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    /// Where listeners listen.
    pub(super) bind: IpAddr,
    /// How long an accepted connection waits for somebody to take it.
    pub(super) take_up: Duration,
    /// How many bytes of a connection may wait to be written.
    pub(super) write_limit: usize,
    /// How many written bytes are acknowledged at once: a quarter of the limit, if nothing else is said.
    pub(super) acknowledge_every: Option<u64>,
    /// How many bytes a line may have.
    pub(super) line_limit: usize,
    /// How many connections a listener may have.
    pub(super) max_connections: usize,
    /// How long a peer may keep us waiting.
    pub(super) idle: Duration,
    /// How long connecting may take.
    pub(super) connect_within: Duration,
}

impl Options {
    fn gate(&self) -> Arc<Gate> {
        let every = self.acknowledge_every.unwrap_or(self.write_limit as u64 / 4);
        Arc::new(Gate::new(self.write_limit, every.max(1)))
    }

    fn reader(&self, half: OwnedReadHalf, gate: Arc<Gate>, take_up: Option<Duration>) -> Reader {
        Reader::new(half, gate, Lines::new(self.line_limit), Patience::new(take_up, self.idle))
    }
}

impl Sockets for Options {
    fn listen(&self, port: u16) -> Source {
        Source::stream(Listening::new(SocketAddr::new(self.bind, port), *self))
    }

    fn connect(&self, host: &Text, port: u16) -> Source {
        let gate = self.gate();
        Source::duplex(Connecting::new(host, port, gate.clone(), *self), Writer::waiting(gate))
    }
}

/// A connection that somebody made to us.
fn accepted(socket: TcpStream, place: Place, options: Options) -> Source {
    let gate = options.gate();
    let (read, write) = prepared(socket).into_split();
    let reader = options.reader(read, gate.clone(), Some(options.take_up)).at(place);
    Source::duplex(reader, Writer::new(write, gate))
}

/// What is written goes out at once. (A socket that is broken already says so when it is used.)
fn prepared(socket: TcpStream) -> TcpStream {
    let _ = socket.set_nodelay(true);
    socket
}
