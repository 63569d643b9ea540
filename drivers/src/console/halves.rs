//! What the two halves of the driver say to each other, and how the process half gets the other.

use marketplace::{Message, Source};

use crate::console::messages::{ConsoleFailure, ConsoleStream};

/// Makes the outer halves. Each may be made again and again: what one has not given, the next one
/// gives.
pub(super) trait Devices: Send + Sync + 'static {
    /// A source of [`ConsoleInput`](crate::console::ConsoleInput)s, which ends with the input.
    fn input(&self) -> Source;
    /// A source of [`FromWriter`] that takes [`ConsoleOutput`](crate::console::ConsoleOutput)s.
    fn output(&self) -> Source;
}

/// What the writer says.
#[derive(Message, Clone, Debug, PartialEq)]
#[message(label = "ConsoleFromWriter")]
pub(super) enum FromWriter {
    /// So many of what it was given is done with: written and flushed, or not to be written.
    Done(u64),
    /// Nothing more can be written there.
    Failed(ConsoleStream, ConsoleFailure),
}
