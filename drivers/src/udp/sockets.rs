//! The socket half: sources that receive and send. The host polls them in its own task; nothing
//! here blocks it.

mod bind;
mod receive;
mod send;
mod socket;
mod unsent;

use std::net::{IpAddr, SocketAddr};

use marketplace::Source;

use crate::udp::halves::Sockets;
use crate::udp::sockets::bind::Place;
use crate::udp::sockets::socket::Socket;

/// Real sockets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    /// The address at which listeners are bound.
    pub(super) bind: IpAddr,
    /// How many bytes of a socket may wait to be sent.
    pub(super) send_limit: usize,
}

impl Options {
    fn socket(&self, place: Place) -> Source {
        Source::outer(Socket::new(place, self.send_limit))
    }
}

impl Sockets for Options {
    fn listener(&self, port: u16) -> Source {
        self.socket(Place::Here(SocketAddr::new(self.bind, port)))
    }

    fn handle(&self) -> Source {
        self.socket(Place::Anywhere)
    }
}
