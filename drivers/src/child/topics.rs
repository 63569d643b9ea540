//! Topics that no template stands for.

use marketplace::{Message, Topic};

use crate::child::messages::ChildStream;

/// `ChildOutput(command, _, _)`.
pub(super) fn output(command: Topic) -> Topic {
    Topic::record("ChildOutput", [command, Topic::any(), Topic::any()])
}

/// `ChildInput(command, _)`.
pub(super) fn input(command: Topic) -> Topic {
    Topic::record("ChildInput", [command, Topic::any()])
}

/// `ChildOutput(command, stream, _)`.
pub(super) fn stream(command: Topic, stream: ChildStream) -> Topic {
    Topic::record("ChildOutput", [command, stream.to_value().into(), Topic::any()])
}
