//! What the two halves of the driver say to each other, and how the process half gets a clock half.

use marketplace::{Message, Source};

/// Both see to the timers of a VM: of the driver and the relay it has one.
pub(super) const TIMERS: &str = "timer driver or relay";

/// Makes clock halves. All of one driver count from the same moment.
pub(super) trait Clock: Send + Sync + 'static {
    /// A source of [`Time`] that takes [`Ask`].
    fn source(&self) -> Source;
}

/// What the clock half is told: to say the time, once, as soon as it is `at`. It takes the place of
/// what was asked before.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
#[message(label = "TimerAsk")]
pub(super) struct Ask {
    /// In nanoseconds since the driver started.
    pub(super) at: u64,
    /// How many timers had been set by then.
    pub(super) set: u64,
}

/// What the clock half says.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
#[message(label = "TimerTime")]
pub(super) struct Time {
    /// In nanoseconds since the driver started.
    pub(super) now: u64,
    /// How many timers had been set when it was asked: for them, not for later ones, this is no
    /// earlier than when they were set.
    pub(super) set: u64,
}
