//! The messages of a supervisor.

use marketplace::prelude::*;

/// A child runs: published for it as long as it does.
#[derive(Message, Clone, Debug, PartialEq)]
pub struct Supervised {
    /// The name of its supervisor.
    pub supervisor: Value,
    /// Its name.
    pub child: Text,
    /// How often it was started before.
    pub incarnation: u64,
}

/// The reason of a supervisor that gave up: its [`Reason`] is this value.
#[derive(Message, Clone, Debug, PartialEq)]
pub struct GaveUp {
    /// Its name.
    pub supervisor: Value,
    /// The child that failed too often.
    pub child: Text,
    /// How often it failed.
    pub failures: u64,
    /// Why it failed last.
    pub last: Reason,
}
