//! The messages between the two halves of the driver, and the trait that makes an outer half.

use marketplace::{Label, Message, Source};

use crate::child::messages::{ChildPacket, ChildStream, Command};

/// Makes outer halves. The process half knows no more of the operating system, so that tests can
/// script it.
pub(super) trait Children: Send + Sync + 'static {
    /// A source of [`FromChild`] that takes [`ToChild`]. It ends normally, or with a
    /// [`ChildExit`](crate::child::ChildExit), when the child has; with a
    /// [`ChildFailure`](crate::child::ChildFailure) when it cannot start; and ends the child when
    /// it is turned off.
    fn start(&self, command: &Command) -> Source;
}

/// The messages of the outer half.
#[derive(Message, Clone, Debug, PartialEq)]
#[message(label = "FromChild")]
pub(super) enum FromChild {
    /// First: it runs, and hears what it is told, or does not.
    Started { hears: bool },
    /// The child has said this.
    Said(ChildStream, ChildPacket),
    /// The kernel has taken so many more bytes.
    Written(u64),
    /// The child has closed its standard input, and hears nothing more.
    Closed,
}

/// The messages to the outer half.
#[derive(Message, Clone, Debug, PartialEq)]
#[message(label = "ToChild")]
pub(super) enum ToChild {
    /// The set of streams with participants has changed.
    Wanted(Wants),
    /// This packet is for the child.
    Say(ChildPacket),
}

/// The streams of a child in which participants take part. A stream that is wanted when the child
/// starts is a pipe.
#[derive(Message, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wants {
    pub(super) stdin: bool,
    pub(super) stdout: bool,
    pub(super) stderr: bool,
}

/// The reason with which a child ended for which more waited to be written than may.
pub(super) static OVERRUN: Label = Label::new("overrun");
/// The reason with which the driver does not hear input any more, while the child still runs.
pub(super) static CLOSED: Label = Label::new("closed");
