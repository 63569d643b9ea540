//! What the two halves of the driver say to each other, and how the process half gets a socket
//! half.

use bytes::Bytes;
use marketplace::{Message, Source, Value};

use crate::udp::messages::{UdpAddress, UdpProblem};

/// Makes socket halves. The process half knows no more of sockets, so that tests can script them.
pub(super) trait Sockets: Send + Sync + 'static {
    /// A source of [`FromSocket`] that takes [`ToSocket`]: a socket that others find.
    fn listener(&self, port: u16) -> Source;
    /// The same: a socket that can reach anybody.
    fn handle(&self) -> Source;
}

/// What a socket half says.
#[derive(Message, Clone, Debug, PartialEq)]
#[message(label = "UdpFromSocket")]
pub(super) enum FromSocket {
    /// First: it is bound, here, until the source ends.
    Bound { local: UdpAddress, closed: Source },
    /// A datagram: where it comes from (a [`UdpAddress`]), and its bytes. The process half looks at
    /// neither.
    Came(Value, Value),
    /// What was to go there did not.
    Unsent(UdpAddress, UdpProblem),
}

/// What a socket half is told: to send this there.
#[derive(Message, Clone, Debug, PartialEq)]
#[message(label = "UdpToSocket")]
pub(super) struct ToSocket(pub(super) UdpAddress, pub(super) Bytes);
