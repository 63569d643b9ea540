//! TCP.

mod connection;
mod driver;
mod halves;
mod listener;
mod messages;
mod sockets;
mod topics;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use marketplace::{ActionTree, IntoActionTree, IntoPreActions, PreAction, Spawn};

pub use crate::tcp::messages::{
    TcpAddress, TcpChannel, TcpFailure, TcpFeedback, TcpListening, TcpPacket, TcpSignal,
};
use crate::tcp::sockets::Options;

/// The TCP driver: an action, to be performed once in a VM.
#[must_use = "an action does nothing unless it is returned"]
pub const fn driver() -> TcpDriver {
    TcpDriver(Options {
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        take_up: Duration::from_secs(10),
        write_limit: 1024 * 1024,
    })
}

/// The TCP driver, before it starts.
#[derive(Clone, Copy, Debug)]
#[must_use = "an action does nothing unless it is returned"]
pub struct TcpDriver(Options);

impl TcpDriver {
    /// Where listeners listen: 127.0.0.1 unless this says otherwise, because opening a port to the world is the user's decision.
    pub fn bind(mut self, address: impl Into<IpAddr>) -> Self {
        self.0.bind = address.into();
        self
    }

    /// How long an accepted connection waits for somebody to take part: 10 s unless this says otherwise.
    pub const fn take_up(mut self, patience: Duration) -> Self {
        self.0.take_up = patience;
        self
    }

    /// How many bytes of one connection may wait to be written: 1 MiB unless this says otherwise.
    pub const fn write_limit(mut self, bytes: usize) -> Self {
        self.0.write_limit = bytes;
        self
    }

    /// The action itself, where its type matters.
    pub fn spawn<S>(self) -> Spawn<S> {
        driver::spawn(Arc::new(self.0))
    }
}

impl<S> IntoActionTree<S> for TcpDriver {
    fn append_to(self, actions: &mut ActionTree<S>) {
        self.spawn().append_to(actions);
    }
}

impl<S> IntoPreActions<S> for TcpDriver {
    fn each(self, each: &mut dyn FnMut(PreAction<S>)) {
        self.spawn().each(each);
    }
}
