//! The messages between the timer driver and its users.

use std::time::Duration;

use marketplace::{Message, Value};

/// A timer, and the message when it has expired: a process that subscribes to this with a label and
/// a [`When`] has set one.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::timer::{TimerExpired, When};
///
/// let patience = |label: &Fresh| -> AddEndpoint<()> {
///     let label = label.to_value();
///     once(subscriber!(
///         TimerExpired { label, when: When::After(500), now: _ },
///         on_message!(TimerExpired { now, .. } => send_message!(now)),
///     ))
/// };
/// # let _ = let_fresh!(label => patience(&label));
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(driver = crate::timer::DRIVER)]
pub struct TimerExpired {
    /// Any value that tells this timer from others. A [`Fresh`](marketplace::Fresh) name is shared
    /// with nobody. Where labels are words, they are symbols, as the names of endpoints are: a text
    /// is another label.
    pub label: Value,
    /// When it was to expire.
    pub when: When,
    /// The present time, in whole milliseconds since the driver started.
    pub now: u64,
}

/// When a timer expires.
///
/// ```
/// use std::time::Duration;
/// use marketplace_drivers::timer::When;
///
/// assert_eq!(When::after(Duration::from_micros(1500)), When::After(2));
/// assert_eq!(When::after(Duration::MAX), When::After(u64::MAX));
/// ```
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[message(label = "TimerWhen")]
pub enum When {
    /// So many milliseconds after it was set. A time that is too far away to be counted never
    /// comes.
    After(u64),
    /// When the clock of the driver shows so many milliseconds. A time that is past comes at once.
    At(u64),
    /// Again and again, first when so much time has passed after it was set.
    Every {
        /// The period, in nanoseconds. A period of 0 is refused.
        nanos: u64,
    },
}

impl When {
    /// So long after it was set, in whole milliseconds, rounded up.
    ///
    /// ```
    /// use std::time::Duration;
    /// use marketplace_drivers::timer::When;
    /// assert_eq!(When::after(Duration::from_secs(1)), When::After(1000));
    /// ```
    #[must_use]
    pub fn after(duration: Duration) -> Self {
        Self::After(ms(duration))
    }

    /// When the clock of the driver shows this, in whole milliseconds, rounded up.
    ///
    /// ```
    /// use std::time::Duration;
    /// use marketplace_drivers::timer::When;
    /// assert_eq!(When::at(Duration::from_secs(1)), When::At(1000));
    /// ```
    #[must_use]
    pub fn at(time: Duration) -> Self {
        Self::At(ms(time))
    }

    /// Again and again, with this period.
    ///
    /// ```
    /// use std::time::Duration;
    /// use marketplace_drivers::timer::When;
    /// assert_eq!(When::every(Duration::from_secs(1) / 60), When::Every { nanos: 16_666_666 });
    /// ```
    #[must_use]
    pub fn every(period: Duration) -> Self {
        Self::Every { nanos: u64::try_from(period.as_nanos()).unwrap_or(u64::MAX) }
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}
