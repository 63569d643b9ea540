//! The bounds and times of a gateway.

use std::time::Duration;

/// The bounds and times of a gateway.
///
/// `message_bytes`, `announcements` and `queued_bytes` are to be equal on all machines: what one
/// may say and another must not hear ends the link between them, again and again. The lease of one
/// is to be at most twice that of another, which else takes it for silent.
///
/// ```
/// use std::time::Duration;
/// use marketplace_cluster::Settings;
///
/// let settings = Settings { lease: Duration::from_secs(2), ..Settings::default() };
/// assert_eq!(settings.message_bytes, 1 << 20);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a machine may be silent: then its endpoints are absent. By default 5 s. A machine
    /// that has nothing to say says that four times in a lease. It is from 10 ms to a day.
    pub lease: Duration,
    /// How long the program waits for the picture of a machine that says nothing. By default 1 s.
    /// It is at most a day.
    pub patience: Duration,
    /// How large a message may be, as it is written, in bytes. By default 1 MiB. A larger one stays
    /// on its machine. One of more than 2 MiB may have to wait for a quarter of the lease.
    /// It is at most 1 GiB.
    pub message_bytes: usize,
    /// How many endpoints of a machine are announced. By default 10,000. More of them stay on their
    /// machine, and so do those whose topics would take more than half of `queued_bytes`.
    pub announcements: usize,
    /// How many messages, announcements and the like may wait for a machine. By default 64 Ki. With
    /// more, the link is down for a while.
    pub queued: usize,
    /// How many bytes may wait for a machine. By default 16 MiB.
    pub queued_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(5),
            patience: Duration::from_secs(1),
            message_bytes: 1 << 20,
            announcements: 10_000,
            queued: 64 << 10,
            queued_bytes: 16 << 20,
        }
    }
}

impl Settings {
    /// How often a machine says at least something.
    pub(crate) fn quarter(&self) -> Duration {
        self.lease / 4
    }
}
