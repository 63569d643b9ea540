//! The messages between the console driver and its users.

use std::io;

use marketplace::{Message, Reason, Symbol, Text};

use crate::failure;

/// A line of the standard input, without its terminator: a line feed, or a carriage return and a
/// line feed.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::console::ConsoleInput;
///
/// let reader: AddEndpoint<()> =
///     subscriber!(ConsoleInput(_), on_message!(ConsoleInput(line) => send_message!(line)), on_absence!(quit()));
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(driver = crate::console::DRIVER)]
pub struct ConsoleInput(pub Text);

/// A text to be written, as it is.
///
/// ```
/// use marketplace_drivers::console::{ConsoleOutput, ConsoleStream};
/// assert_eq!(ConsoleOutput::line("done"), ConsoleOutput(ConsoleStream::Out, "done\n".into()));
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(driver = crate::console::DRIVER)]
pub struct ConsoleOutput(
    /// The stream.
    pub ConsoleStream,
    /// The text.
    pub Text,
);

impl ConsoleOutput {
    /// A line for the standard output.
    #[must_use]
    pub fn line(text: &str) -> Self {
        Self(ConsoleStream::Out, format!("{text}\n").into())
    }

    /// A line for the standard error stream.
    #[must_use]
    pub fn error(text: &str) -> Self {
        Self(ConsoleStream::Err, format!("{text}\n").into())
    }
}

/// The stream to which a text is written.
///
/// ```
/// use marketplace_drivers::console::ConsoleStream;
/// assert!(ConsoleStream::Out < ConsoleStream::Err);
/// ```
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConsoleStream {
    /// The standard output.
    Out,
    /// The standard error stream.
    Err,
}

/// Why a stream of the console ended before its time.
///
/// ```
/// use marketplace_drivers::console::ConsoleFailure;
/// let failure = ConsoleFailure::from(&std::io::Error::from(std::io::ErrorKind::BrokenPipe));
/// assert_eq!(failure.kind.as_str(), "BrokenPipe");
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct ConsoleFailure {
    /// The kind of failure: the name of an [`io::ErrorKind`], or `LineTooLong`, `Overrun` or
    /// `ThreadEnded`.
    pub kind: Symbol,
    /// The failure as a text, for people.
    pub text: Text,
}

impl ConsoleFailure {
    /// The thread of a device has ended: the device panicked.
    pub(super) fn of_thread(why: &Reason) -> Self {
        Self { kind: "ThreadEnded".into(), text: format!("its thread has ended: {why}").into() }
    }
}

impl From<&io::Error> for ConsoleFailure {
    fn from(error: &io::Error) -> Self {
        let (kind, text) = failure::kind_and_text(error);
        Self { kind, text }
    }
}
