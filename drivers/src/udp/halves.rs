//! The messages between the two halves of the driver, and the trait that makes a socket half.

use bytes::Bytes;
use marketplace::{Message, Source, Value};

use crate::udp::messages::{UdpAddress, UdpProblem};

/// Makes socket halves. The process half knows no more of sockets, so that tests can script them.
pub(super) trait Sockets: Send + Sync + 'static {
    /// A source of [`FromSocket`] that takes [`ToSocket`]: a socket that others find.
    fn listener(&self, port: u16) -> Source;
    /// A source of [`FromSocket`] that takes [`ToSocket`]: a socket that can reach anybody.
    fn handle(&self) -> Source;
}

/// The messages of a socket half.
#[derive(Message, Clone, Debug, PartialEq)]
#[message(label = "UdpFromSocket")]
pub(super) enum FromSocket {
    /// First: it is bound, here, until the source ends.
    Bound { local: UdpAddress, closed: Source },
    /// A datagram: where it comes from (a [`UdpAddress`]), and its bytes. The process half looks at
    /// neither.
    Came(Value, Value),
    /// A datagram for this address was not sent.
    Unsent(UdpAddress, UdpProblem),
}

/// The messages to a socket half: send this there.
#[derive(Message, Clone, Debug, PartialEq)]
#[message(label = "UdpToSocket")]
pub(super) struct ToSocket(pub(super) UdpAddress, pub(super) Bytes);
