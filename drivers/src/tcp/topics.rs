//! Topics that no template stands for.

use marketplace::{Message, Topic, TopicView, topic};

use crate::tcp::messages::{TcpAddress, TcpChannel, TcpListening};

/// `TcpChannel(source, destination, packet)`, under the same label: it is compared by address then.
pub(super) fn channel(source: Topic, destination: Topic, packet: Topic) -> Topic {
    match topic!(TcpChannel(_, _, _)).view() {
        TopicView::Record(label, _) => Topic::record(label.clone(), [source, destination, packet]),
        _ => unreachable!("a message with fields is a record"),
    }
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
