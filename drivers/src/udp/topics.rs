//! Topics that no template stands for.

use marketplace::{Message, Topic, topic};

use crate::udp::messages::UdpAddress;

/// Datagrams from anybody to a listener.
pub(super) fn to_listeners() -> Topic {
    packet(remote(), topic!(UdpAddress::Listener(_)), Topic::any())
}

/// Datagrams from anybody to a handle.
pub(super) fn to_handles() -> Topic {
    packet(remote(), topic!(UdpAddress::Handle(_)), Topic::any())
}

/// Datagrams from a listener to anybody.
pub(super) fn from_listeners() -> Topic {
    packet(topic!(UdpAddress::Listener(_)), remote(), Topic::any())
}

/// Datagrams from a handle to anybody.
pub(super) fn from_handles() -> Topic {
    packet(topic!(UdpAddress::Handle(_)), remote(), Topic::any())
}

/// What the driver says of a socket: that it is bound, and what comes.
pub(super) fn all_of(socket: &UdpAddress) -> [Topic; 2] {
    let socket = || socket.to_value().into();
    [Topic::record("UdpBound", [socket(), Topic::any()]), packet(remote(), socket(), Topic::any())]
}

fn packet(from: Topic, to: Topic, bytes: Topic) -> Topic {
    Topic::record("UdpPacket", [from, to, bytes])
}

fn remote() -> Topic {
    topic!(UdpAddress::Remote(_, _))
}
