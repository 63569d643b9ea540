//! The plan of a process for when a promise is settled.

use crate::conversation::promise::OfObject;
use crate::conversation::promise::owed::Owed;
use crate::data::reason::{Failed, Failure, Reason};
use crate::data::reference::ReferenceId;
use crate::data::slots::Slot;
use crate::data::value::{Value, View};
use crate::process::objects::table::Objects;
use crate::process::queue::Lane;
use crate::process::transition::ActionTree;
use crate::process::{Context, Process, Turn};

/// The plan of a process for when a promise is settled: in one allocation with its closure.
pub(crate) struct Pledge<R: ?Sized> {
    pub(crate) plan: Plan,
    pub(crate) run: R,
}

/// The part of a pledge that must be known while the process waits.
pub(crate) struct Plan {
    pub(crate) on: On,
    /// It is about the end of an object, and no promise.
    pub(crate) only_broken: bool,
    /// The object that it keeps, which is called then.
    pub(crate) keeps: Slot<OfObject>,
    /// Its own answer.
    pub(crate) owed: Owed,
}

/// The thing for which a process waits.
pub(crate) enum On {
    /// A promise, or an object, at which it does not wait yet.
    Wanted(Value),
    /// It waits at this one. If that follows another one by now, it waits there.
    At(ReferenceId),
    /// A value that is no reference.
    Data,
}

impl On {
    /// Takes the thing, at which the process waits from now on.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<Value> {
        let Self::Wanted(on) = self else { return None };
        let at = Self::at(on);
        match std::mem::replace(self, at) {
            Self::Wanted(on) => Some(on),
            Self::At(_) | Self::Data => unreachable!("it was seen to be wanted"),
        }
    }

    /// It waits there.
    #[inline]
    pub(crate) fn at(on: &Value) -> Self {
        match on.view() {
            View::Reference(reference) => Self::At(reference.id()),
            _ => Self::Data,
        }
    }

    /// The thing at which it does not wait yet, to be looked at.
    pub(crate) fn wanted(&self) -> Option<Value> {
        match self {
            Self::Wanted(on) => Some(on.seen()),
            Self::At(_) | Self::Data => None,
        }
    }
}

/// It is no larger than the value.
const _: () = assert!(size_of::<On>() == size_of::<Value>());

/// Called once.
pub(crate) type Then<S> =
    dyn FnMut(&mut Turn<'_, S>, &Result<Value, Reason>) -> Result<Settled<S>, Failure> + Send;

/// The pledge of an object in a process of objects: it queues itself what the object asks for, and
/// the answer.
pub(crate) trait Onward: Send {
    fn plan(&self) -> &Plan;
    fn plan_mut(&mut self) -> &mut Plan;
    /// Calls the object.
    fn go_on(
        self: Box<Self>,
        process: &mut Process<Objects>,
        lane: &mut Lane<'_>,
        context: &mut Context,
        got: &Result<Value, Reason>,
    ) -> Result<(), Failed>;
}

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
