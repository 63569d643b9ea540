//! Topics that no template stands for.

use marketplace::{Message, Topic};

use crate::udp::messages::UdpAddress;

/// Datagrams from anybody to a listener.
pub(super) fn to_listeners() -> Topic {
    packet(remote(), wild("UdpAddress.Listener", 1), Topic::any())
}

/// Datagrams from anybody to a handle.
pub(super) fn to_handles() -> Topic {
    packet(remote(), wild("UdpAddress.Handle", 1), Topic::any())
}

/// A topic that meets those who would send from a listener, and matches nothing that they send.
pub(super) fn senders_from_listeners() -> Topic {
    packet(wild("UdpAddress.Listener", 1), remote(), unsaid())
}

/// The same, from a handle.
pub(super) fn senders_from_handles() -> Topic {
    packet(wild("UdpAddress.Handle", 1), remote(), unsaid())
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
    wild("UdpAddress.Remote", 2)
}

/// A record of this label, with nothing known of its fields.
fn wild(label: &str, arity: usize) -> Topic {
    Topic::record(label, (0..arity).map(|_| Topic::any()))
}

/// A record where datagrams have bytes: nobody sends that, and nobody has to hash the bytes to see that they are not it.
fn unsaid() -> Topic {
    wild("Unsaid", 1)
}
