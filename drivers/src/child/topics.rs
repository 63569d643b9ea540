//! Topics that no template stands for.

use marketplace::{Message, Topic};

use crate::child::messages::ChildStream;

/// `ChildOutput(command, _, _)`.
pub(super) fn output(command: Topic) -> Topic {
    Topic::record("ChildOutput", [command, Topic::any(), Topic::any()])
}

/// What nobody says to the child: an endpoint for it meets those who would say anything, and hears nothing of what they say.
pub(super) fn unsaid(command: Topic) -> Topic {
    let nothing = Topic::record("Unsaid", [Topic::any()]);
    Topic::record("ChildInput", [command, Topic::record("ChildPacket.Data", [nothing])])
}

/// `ChildOutput(command, stream, _)`.
pub(super) fn stream(command: Topic, stream: ChildStream) -> Topic {
    Topic::record("ChildOutput", [command, stream.to_value().into(), Topic::any()])
}
