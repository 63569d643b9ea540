//! Errors of the kernel itself.

use crate::conversation::duct::MAX_HOPS;
use crate::conversation::pid::MAX_LEVELS;

/// A process asked for something that its VM cannot do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VmError {
    /// The process's turn would have put more actions into the queue than it may hold.
    #[error("queue full: {limit} actions are waiting already")]
    QueueFull {
        /// How many the queue holds.
        limit: usize,
    },
    /// The values that the process's turn would have put into the queue take more bytes than may
    /// wait there.
    #[error("queue too large: at most {limit} bytes may wait")]
    QueueTooLarge {
        /// How many bytes may wait.
        limit: usize,
    },
    /// The process asked for one process more than there may be.
    #[error("too many processes: {limit} are there already")]
    TooManyProcesses {
        /// How many there may be.
        limit: usize,
    },
    /// The process asked for one endpoint more than there may be.
    #[error("too many endpoints: {limit} are there already")]
    TooManyEndpoints {
        /// How many there may be.
        limit: usize,
    },
    /// A VM would have been nested deeper than VMs may be.
    #[error("VMs nest at most {MAX_LEVELS} deep")]
    TooDeep,
    /// A process gave an answer on a duct that leads nowhere.
    #[error("nobody waits for an answer: the duct is empty")]
    EmptyDuct,
    /// A process passed something on a duct that has as many hops as a duct may have.
    #[error("a duct has at most {MAX_HOPS} hops")]
    DuctTooLong,
    /// A process of a kind of which a VM has [one at most](crate::Spawn::only) is the second there.
    #[error("this VM has its {kind} already: spawn it once (a nested VM may have its own)")]
    AlreadyThere {
        /// Of which kind.
        kind: &'static str,
    },
    /// The container of the ground VM is the host: it knows ground events only.
    #[error("the ground VM has no meta level for this action: {action}")]
    NoMetaLevel {
        /// The action for which the process asked.
        action: String,
    },
}
