//! The client: its connection, who it is, and what it is told.

use std::fmt;

use marketplace::prelude::*;
use marketplace_drivers::tcp::{TcpAddress, TcpChannel, TcpPacket};

use super::User;

pub(crate) const SERVER: &str = "irc.example";

#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) them: TcpAddress,
    pub(crate) us: TcpAddress,
    pub(crate) me: User,
}

impl Client {
    pub(crate) fn new(them: TcpAddress, us: TcpAddress) -> Self {
        let host = match &them {
            TcpAddress::Remote(host, _) => host.clone(),
            other => other.to_string().into(),
        };
        let me = User { id: Fresh::new(), nick: "".into(), name: "".into(), host, real: "".into() };
        Self { them, us, me }
    }

    pub(crate) fn tell<S>(&self, line: impl fmt::Display) -> ActionTree<S> {
        let Self { them, us, .. } = self;
        at_meta_level!(send_message!(TcpChannel(us, them, TcpPacket::from(format!("{line}\r\n")))))
    }

    /// A reply has a number, by which clients know what it says.
    pub(crate) fn reply<S>(&self, number: u16, text: impl fmt::Display) -> ActionTree<S> {
        let nick = if self.me.nick.is_empty() { "*" } else { &*self.me.nick };
        self.tell(format!(":{SERVER} {number:03} {nick} {text}"))
    }
}
