//! Why the endpoints of another machine are absent.

use std::fmt;

use marketplace::Message;

/// Why the endpoints of another machine are absent, if their processes did not say it: the reason
/// of their absences, for `match_reason!`.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_cluster::Lost;
///
/// let watcher: Spawn<()> = spawn!(transition_no_state!(subscriber!(
///     ("news", _),
///     match_reason!(lost: Lost => on_absence!(send_message!(("gone", lost.to_string())))),
///     on_absence!(quit()),
/// )));
/// ```
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lost {
    /// Nothing has come from it for the lease, or its engine says that there is no way.
    Unreachable,
    /// Something on the way was lost: the link begins anew, with a new picture.
    LinkReset,
    /// It did not keep up: the link is down for a while.
    Overrun,
    /// Its program ended and was started again.
    Restart,
    /// Another machine with its name stays.
    NameTaken,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "the machine cannot be reached",
            Self::LinkReset => "the link was reset",
            Self::Overrun => "the machine does not keep up",
            Self::Restart => "the machine was started again",
            Self::NameTaken => "another machine has its name",
        })
    }
}
