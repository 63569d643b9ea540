//! Topics that no template stands for.

use marketplace::{Message, Topic};

use crate::tcp::messages::TcpAddress;

/// `TcpChannel(source, destination, packet)`.
pub(super) fn channel(source: Topic, destination: Topic, packet: Topic) -> Topic {
    Topic::record("TcpChannel", [source, destination, packet])
}

/// Everything said from this address, or from any, to that one.
pub(super) fn conversation(source: Option<&TcpAddress>, destination: &TcpAddress) -> Topic {
    let source = source.map_or(Topic::any(), |source| source.to_value().into());
    channel(source, destination.to_value().into(), Topic::any())
}

/// `TcpListening { listener, local: _ }`.
pub(super) fn listening(listener: &TcpAddress) -> Topic {
    Topic::record("TcpListening", [listener.to_value().into(), Topic::any()])
}

/// A record of this label, with nothing known of its fields.
pub(super) fn wild(label: &str, arity: usize) -> Topic {
    Topic::record(label, (0..arity).map(|_| Topic::any()))
}

/// Data that nobody sends: an endpoint for it meets those who would say anything, and hears nothing of what they say.
///
/// It is a record where data are bytes, and not some value: a packet's label tells that it is none, and nobody has to hash the packet.
pub(super) fn unsaid() -> Topic {
    Topic::record("TcpPacket.Data", [wild("Unsaid", 1)])
}
