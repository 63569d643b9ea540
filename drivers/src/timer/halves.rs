//! The messages between the two halves of the driver, and the trait that makes a clock half.

use marketplace::{Message, Source};

/// The driver and the relay both serve the timers of a VM, so a VM has one of them.
pub(super) const TIMERS: &str = "timer driver or relay";

/// Makes clock halves. All clock halves of one driver count from the same moment.
pub(super) trait Clock: Send + Sync + 'static {
    /// A source of [`Time`] that takes [`Ask`].
    fn source(&self) -> Source;
}

/// The request to the clock half: to tell the time, once, as soon as it is `at`. It takes the place
/// of an earlier request.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
#[message(label = "TimerAsk")]
pub(super) struct Ask {
    /// In nanoseconds since the driver started.
    pub(super) at: u64,
    /// How many timers had been set by then.
    pub(super) set: u64,
}

/// The answer of the clock half.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
#[message(label = "TimerTime")]
pub(super) struct Time {
    /// In nanoseconds since the driver started.
    pub(super) now: u64,
    /// How many timers had been set when the clock was asked: `now` is no earlier than when those
    /// were set, and may be earlier for later ones.
    pub(super) set: u64,
}
