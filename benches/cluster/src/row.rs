//! The rows of the table.

use std::time::Duration;

use bytes::Bytes;

/// A thing that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    RoundTrip,
    Rate(usize),
    Presence,
    Announced,
    Joiner,
    Killed,
}

impl Row {
    pub(crate) const ALL: [Self; 7] = [
        Self::RoundTrip,
        Self::Rate(64),
        Self::Rate(1024),
        Self::Presence,
        Self::Announced,
        Self::Joiner,
        Self::Killed,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::RoundTrip => "round-trip",
            Self::Rate(64) => "rate-64",
            Self::Rate(_) => "rate-1k",
            Self::Presence => "presence",
            Self::Announced => "announced",
            Self::Joiner => "joiner",
            Self::Killed => "killed",
        }
    }
}

/// How many messages are sent, and how many may be under way.
pub(crate) const MESSAGES: u64 = 100_000;
pub(crate) const WINDOW: u64 = 4_000;
/// How often one round trip follows another.
pub(crate) const TRIPS: u64 = 5_000;
/// How many endpoints there are.
pub(crate) const ENDPOINTS: u64 = 10_000;

/// A message of so many bytes.
pub(crate) fn bytes(size: usize) -> Bytes {
    vec![b'x'; size].into()
}

/// The times that an operation took.
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The time that so many of them did not exceed.
    pub(crate) fn part(&self, part: f64) -> Duration {
        self.0[((self.0.len() - 1) as f64 * part).round() as usize]
    }
}
