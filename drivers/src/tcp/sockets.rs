//! The socket half: sources that read, write, accept and connect. The host polls them in its own task; nothing here blocks it.

mod connect;
mod gate;
mod listen;
mod reader;
mod writer;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use marketplace::{Source, Text};
use tokio::net::TcpStream;

use crate::tcp::halves::Sockets;
use crate::tcp::sockets::connect::Connecting;
use crate::tcp::sockets::gate::Gate;
use crate::tcp::sockets::listen::Listening;
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
}

impl Sockets for Options {
    fn listen(&self, port: u16) -> Source {
        Source::stream(Listening::new(SocketAddr::new(self.bind, port), *self))
    }

    fn connect(&self, host: &Text, port: u16) -> Source {
        let gate = Arc::new(Gate::new(self.write_limit));
        Source::duplex(Connecting::new(host, port, gate.clone()), Writer::waiting(gate))
    }
}

/// A connection that somebody made to us.
fn accepted(socket: TcpStream, options: Options) -> Source {
    let gate = Arc::new(Gate::new(options.write_limit));
    let (read, write) = prepared(socket).into_split();
    Source::duplex(Reader::new(read, gate.clone()).within(options.take_up), Writer::new(write, gate))
}

/// What is written goes out at once. (A socket that is broken already says so when it is used.)
fn prepared(socket: TcpStream) -> TcpStream {
    let _ = socket.set_nodelay(true);
    socket
}
