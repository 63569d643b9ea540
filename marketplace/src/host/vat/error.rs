//! Why a vat did not do something.

use crate::data::reason::{Reason, SharedError};

/// Why a vat did not do something.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VatError {
    /// It has not been started, was halted, or has ended.
    #[error("the vat is not running")]
    NotRunning,
    /// The turn failed. The vat lives on.
    #[error("the turn failed: {reason}")]
    Failed {
        /// The turn's number, by which the log knows it.
        turn: u64,
        /// Why.
        reason: Reason,
    },
    /// The object that was asked gave no answer.
    #[error("there is no answer: {reason}")]
    Broken {
        /// Why.
        reason: Reason,
    },
    /// A turn does not wait for a vat: for its own vat it would wait for ever, and another vat may
    /// be waiting for this one.
    #[error("a turn does not wait for a vat: make a source of the future, and the answer comes as an event")]
    InsideVat,
    /// The calling thread turns the vat over: it would wait for itself. So it is with each thread
    /// that runs tasks of a runtime, if the vat is a task there, too; also in `block_in_place`,
    /// which cannot be told from them. In `spawn_blocking` one may wait.
    #[error("this thread turns the vat over, so it cannot wait for it: a task awaits, as by `call_async`")]
    SameThread,
    /// So many envelopes wait already that there is no room, and the caller must not wait.
    #[error("too much waits to be done by the vat")]
    Full,
    /// The vat could not be started.
    #[error("the vat cannot start: {0}")]
    Host(SharedError),
}
