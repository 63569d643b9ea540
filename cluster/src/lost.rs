//! Why the endpoints of another machine are absent.

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
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[message(error)]
#[non_exhaustive]
pub enum Lost {
    /// Nothing has come from it for the lease, or its engine says that there is no way.
    #[error("the machine cannot be reached")]
    Unreachable,
    /// Something on the way was lost: the link begins anew, with a new picture.
    #[error("the link was reset")]
    LinkReset,
    /// It did not keep up: the link is down for a while.
    #[error("the machine does not keep up")]
    Overrun,
    /// Its program ended and was started again.
    #[error("the machine was started again")]
    Restart,
    /// Another machine with its name stays.
    #[error("another machine has its name")]
    NameTaken,
}
