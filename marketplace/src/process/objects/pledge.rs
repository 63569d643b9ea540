//! The plan of a process for when a promise is settled.

use crate::conversation::promise::answer::AnswerTo;
use crate::data::reason::{Failure, Reason};
use crate::data::value::Value;
use crate::process::Turn;
use crate::process::transition::ActionTree;

/// The plan of a process for when a promise is settled: in one allocation with its closure.
pub(crate) struct Pledge<R: ?Sized> {
    /// The promise, until somebody waits there.
    pub(crate) on: Option<Value>,
    /// It is about the end of an object, and no promise.
    pub(crate) only_broken: bool,
    /// Where its own answer goes.
    pub(crate) answer: AnswerTo,
    pub(crate) run: R,
}

/// Called once.
pub(crate) type Then<S> =
    dyn FnMut(&mut Turn<'_, S>, &Result<Value, Reason>) -> Result<Settled<S>, Failure> + Send;

/// The outcome of a plan: actions, and an answer of its own.
pub(crate) struct Settled<S> {
    pub(crate) actions: ActionTree<S>,
    pub(crate) result: Result<Value, Failure>,
}

impl<S> Settled<S> {
    pub(crate) const fn nothing() -> Self {
        Self::with(ActionTree::new())
    }

    pub(crate) const fn with(actions: ActionTree<S>) -> Self {
        Self { actions, result: Ok(Value::UNIT) }
    }
}
