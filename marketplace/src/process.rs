//! A process: its state, its handlers, and the turns it takes.

pub(crate) mod action;
mod booted;
mod context;
pub(crate) mod error;
mod exit;
pub(crate) mod limits;
mod lower;
pub mod protocol;
pub(crate) mod queue;
pub(crate) mod transition;
mod turn;
mod twins;
mod unmet;

use std::any::Any;

use crate::conversation::called::Called;
use crate::conversation::event::Event;
use crate::conversation::pid::Pid;
use crate::data::door;
use crate::data::reason::{Failed, Failure, Reason};
use crate::data::slots::{OneInline, Slot, Slots};
use crate::network::owner::{HandlerSlot, OfHandler};
use crate::process::action::act::quit;
use crate::process::action::{Continuation, Done, Handler, Progress, Resume, TakeSnapshot, Watch};
use crate::process::queue::Lane;
use crate::process::transition::{ActionTree, IntoActionTree};
use crate::record::log::Snapshot;

pub(crate) use self::booted::Booted;
pub(crate) use self::context::Context;
pub use self::exit::{Exit, Fault};
use self::lower::NO_DUCT;
pub use self::turn::Turn;
pub use self::twins::Twins;
pub use self::unmet::Unmet;

/// Whether a clause of a handler applied.
// It is as wide as a reason in a box, so that a `Result` of it comes back in registers. With a
// `bool` a message between two processes takes 15 instructions more.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Clause {
    Skipped,
    Applied,
}

/// A process without the type of its state. No other code forgets that type.
pub(crate) trait ErasedProcess: Send {
    /// Calls a handler. Says whether a clause applied.
    fn hear(
        &mut self,
        handler: HandlerSlot,
        event: &Event<'_>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<Clause, Failed>;
    /// Calls the continuation of a yield, or takes a turn of a nested VM.
    fn resume(
        &mut self,
        kept: KeptSlot,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<Progress, Failed>;
    /// Calls the continuation that waits for a child.
    fn proceed(
        &mut self,
        kept: KeptSlot,
        child: Result<Pid, Reason>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<(), Failed>;
    /// Calls the closure that waits for a deletion: it is kernel code, so this is no turn.
    fn deleted(&mut self, kept: KeptSlot, lane: &mut Lane<'_>, context: &mut Context);
    /// Takes a handler that does not see the state.
    fn adopt(&mut self, watch: Watch) -> HandlerSlot;
    /// Drops a handler, or the continuation of a yield or spawn.
    fn release_handler(&mut self, handler: HandlerSlot) -> Result<(), Failed>;
    fn release_kept(&mut self, kept: KeptSlot) -> Result<(), Failed>;
    /// Drops the state of a process that failed.
    fn release_state(&mut self) -> Result<(), Failed>;
    /// The state as it is now, if the process lets the log keep it.
    fn snapshot(&self) -> Option<Snapshot>;
    /// The code that booted it.
    fn called(&self) -> Called;
    fn as_any(&mut self) -> &mut dyn Any;
}

pub(crate) struct Process<S> {
    /// Empty once the process has failed.
    state: Option<S>,
    handlers: Slots<Handler<S>, OfHandler, OneInline<Handler<S>>>,
    kept: Slots<Kept<S>, OfKept>,
    peek: Option<TakeSnapshot<S>>,
    /// The code that booted it.
    called: Called,
}

/// The key type of slots of kept closures, for code that does not know the state of their process.
pub(crate) enum OfKept {}

/// A kept closure's place in its process.
pub(crate) type KeptSlot = Slot<OfKept>;

/// A closure that is called once, later.
enum Kept<S> {
    Resume(Resume<S>),
    Continuation(Continuation<S>),
    Done(Done<S>),
}

impl<S: Send + 'static> Process<S> {
    /// Calls user code, and leaves its answer to the caller. Handlers are called by
    /// [`ErasedProcess::hear`] and [`Process::hear_with`].
    fn call<T>(
        state: &mut Option<S>,
        context: &mut Context,
        user: impl FnOnce(&mut Turn<'_, S>) -> Result<T, Failure>,
    ) -> Result<T, Failed> {
        door::enter(|| user(&mut Turn::new(state, context)))?.map_err(Failed::from)
    }

    /// A handler that came from elsewhere is called in this process. Says whether a clause applied.
    pub(crate) fn hear_with(
        &mut self,
        handler: &Handler<S>,
        event: &Event<'_>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<Clause, Failed> {
        let answered = door::enter(|| handler(event, &mut Turn::new(&mut self.state, context)))?;
        self.answer(answered, event.duct(), lane)
    }

    /// Calls a closure that waits for a deletion, here or elsewhere, with this process's state.
    pub(crate) fn deleted_with(&mut self, done: Done<S>, lane: &mut Lane<'_>, context: &mut Context) {
        // One that has failed waits for nothing.
        let Some(state) = &mut self.state else { return };
        let place = done(state, context);
        self.queue_place(place, lane);
    }

    pub(crate) const fn state_mut(&mut self) -> Option<&mut S> {
        self.state.as_mut()
    }

    /// A continuation that came from elsewhere is called in this process.
    pub(crate) fn proceed_with(
        &mut self,
        continuation: Continuation<S>,
        child: Result<Pid, Reason>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<(), Failed> {
        let actions = Self::call(&mut self.state, context, |turn| continuation(turn, child))?;
        self.queue(actions, &NO_DUCT, lane)
    }
}

impl<S: Send + 'static> ErasedProcess for Process<S> {
    #[inline]
    fn hear(
        &mut self,
        handler: HandlerSlot,
        event: &Event<'_>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<Clause, Failed> {
        // The door returns a small value: the answer is taken apart inside.
        door::enter(|| {
            let Some(handler) = self.handlers.get(handler) else {
                unreachable!("an endpoint's handler is there as long as the endpoint")
            };
            let answered = handler(event, &mut Turn::new(&mut self.state, context));
            self.answer(answered, event.duct(), lane)
        })?
    }

    fn resume(
        &mut self,
        kept: KeptSlot,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<Progress, Failed> {
        let Some(Kept::Resume(resume)) = self.kept.get_mut(kept) else {
            unreachable!("a queued yield has its continuation")
        };
        let (actions, progress) = Self::call(&mut self.state, context, |turn| resume(turn))?;
        if progress != Progress::VmMore {
            self.release_kept(kept)?;
        }
        self.queue(actions, &NO_DUCT, lane).map(|()| progress)
    }

    fn proceed(
        &mut self,
        kept: KeptSlot,
        child: Result<Pid, Reason>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<(), Failed> {
        match self.kept.remove(kept) {
            Some(Kept::Continuation(continuation)) => self.proceed_with(continuation, child, lane, context),
            _ => unreachable!("a queued spawn has its continuation"),
        }
    }

    fn deleted(&mut self, kept: KeptSlot, lane: &mut Lane<'_>, context: &mut Context) {
        match self.kept.remove(kept) {
            Some(Kept::Done(done)) => self.deleted_with(done, lane, context),
            _ => unreachable!("a queued deletion has what waits for it"),
        }
    }

    fn adopt(&mut self, watch: Watch) -> HandlerSlot {
        self.handlers.insert(Box::new(move |event, _| {
            // Answers go to the process itself.
            if event.reply().is_some() || event.is_duct_absence() {
                return Ok(None);
            }
            Ok(match watch(event) {
                Some(reason) => Some(quit().because(reason).into_action_tree()),
                None => event.is_refusal().then(ActionTree::new),
            })
        }))
    }

    fn release_handler(&mut self, handler: HandlerSlot) -> Result<(), Failed> {
        door::dispose(self.handlers.remove(handler))
    }

    fn release_kept(&mut self, kept: KeptSlot) -> Result<(), Failed> {
        door::dispose(self.kept.remove(kept))
    }

    fn release_state(&mut self) -> Result<(), Failed> {
        door::dispose(self.state.take())
    }

    fn snapshot(&self) -> Option<Snapshot> {
        let (peek, state) = (self.peek?, self.state.as_ref()?);
        // A state that fails to be cloned is not kept: looking on changes nothing.
        door::look_on(|| peek(state)).ok()
    }

    fn called(&self) -> Called {
        self.called
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

impl<S> Drop for Process<S> {
    /// Everything goes through the door by itself, so that several destructors can fail. The
    /// process has ended: they fail nobody.
    fn drop(&mut self) {
        let _ = door::dispose(self.state.take());
        if self.handlers.len() > 0 {
            let _ = door::dispose_each(self.handlers.drain());
        }
        if self.kept.len() > 0 {
            let _ = door::dispose_each(self.kept.drain());
        }
    }
}
