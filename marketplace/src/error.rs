//! What the kernel itself gives as the reason of a failure.

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
    /// The container of the ground VM is the host: it knows ground events only.
    #[error("the ground VM has no meta level for this action: {action}")]
    NoMetaLevel {
        /// What the process asked for.
        action: String,
    },
}
