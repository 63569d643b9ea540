//! The messages between the two halves of the driver, and the trait that makes the outer half.

use marketplace::{Message, Source};

use crate::console::messages::{ConsoleFailure, ConsoleStream};

/// Makes the outer halves. Each may be made again and again: lines that one has not given, the next
/// one gives.
pub(super) trait Devices: Send + Sync + 'static {
    /// A source of [`ConsoleInput`](crate::console::ConsoleInput)s, which ends with the input.
    fn input(&self) -> Source;
    /// A source of [`FromWriter`] that takes [`ConsoleOutput`](crate::console::ConsoleOutput)s.
    fn output(&self) -> Source;
}

/// The messages of the writer.
#[derive(Message, Clone, Debug, PartialEq)]
#[message(label = "ConsoleFromWriter")]
pub(super) enum FromWriter {
    /// So many of the texts that it was given are done with: written and flushed, or dropped.
    Done(u64),
    /// The stream cannot be written to any more.
    Failed(ConsoleStream, ConsoleFailure),
}
