//! Topics that no template stands for.

use marketplace::{Message, Topic, TopicView, topic};

use crate::tcp::messages::{TcpAddress, TcpChannel, TcpListening, TcpPacket};

/// `TcpChannel(source, destination, packet)`.
pub(super) fn channel(source: Topic, destination: Topic, packet: Topic) -> Topic {
    like(&topic!(TcpChannel(_, _, _)), [source, destination, packet])
}

/// Everything said from this address, or from any, to that one.
pub(super) fn conversation(source: Option<&TcpAddress>, destination: &TcpAddress) -> Topic {
    let source = source.map_or(Topic::any(), |source| source.to_value().into());
    channel(source, destination.to_value().into(), Topic::any())
}

/// `TcpListening { listener, local: _ }`.
pub(super) fn listening(listener: &TcpAddress) -> Topic {
    topic!(TcpListening { listener: listener, local: _ })
}

/// Data that nobody sends: an endpoint for it meets those who would say anything, and hears nothing of what they say.
///
/// It is a record where data are bytes, and not some value: a packet's label tells that it is none, and nobody has to hash the packet.
pub(super) fn unsaid() -> Topic {
    like(&topic!(TcpPacket::Data(_)), [Topic::record("Unsaid", [Topic::any()])])
}

/// A record with the same label as that one, which is compared by address then.
fn like<const N: usize>(record: &Topic, fields: [Topic; N]) -> Topic {
    match record.view() {
        TopicView::Record(label, _) => Topic::record(label.clone(), fields),
        _ => unreachable!("a message with fields is a record"),
    }
}
