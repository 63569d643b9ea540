//! What the two halves of the driver say to each other, and how the process half gets the other.

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

/// What the outer half says.
#[derive(Message, Clone, Debug, PartialEq)]
#[message(label = "FromChild")]
pub(super) enum FromChild {
    /// First: it runs, and hears what it is told, or does not.
    Started { hears: bool },
    /// It has said this.
    Said(ChildStream, ChildPacket),
    /// The kernel has taken so many more bytes.
    Written(u64),
    /// It has closed its standard input, and hears nothing more.
    Closed,
}

/// What the outer half is told.
#[derive(Message, Clone, Debug, PartialEq)]
#[message(label = "ToChild")]
pub(super) enum ToChild {
    /// Who is there has changed.
    Wanted(Wants),
    /// This is for the child.
    Say(ChildPacket),
}

/// Which streams of a child participants take part in. What is wanted when it starts is a pipe.
#[derive(Message, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wants {
    pub(super) stdin: bool,
    pub(super) stdout: bool,
    pub(super) stderr: bool,
}

/// Why a child ended that was told more than may wait to be written.
pub(super) static OVERRUN: Label = Label::new("overrun");
/// Why nobody hears what is said to a child that still runs.
pub(super) static CLOSED: Label = Label::new("closed");
