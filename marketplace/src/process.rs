//! A process: its state, its handlers, and the turns it takes.

pub(crate) mod action;
mod booted;
mod context;
mod erased;
pub(crate) mod error;
mod exit;
mod keeping;
pub(crate) mod limits;
mod lower;
mod misnamed;
mod missed;
mod never_met;
pub(crate) mod objects;
pub mod protocol;
pub(crate) mod queue;
mod stuck;
pub(crate) mod transition;
mod turn;
mod twins;
mod unheard;
mod unmet;

use std::any::Any;
use std::mem;

use crate::conversation::called::Called;
use crate::conversation::duct::Duct;
use crate::conversation::event::Event;
use crate::conversation::pid::Pid;
pub(crate) use crate::conversation::promise::OfKept;
use crate::conversation::promise::owed::Owed;
use crate::conversation::promise::sending::Sending;
use crate::conversation::promise::{OfObject, Target};
use crate::data::door;
use crate::data::reason::{Failed, Failure, Reason};
use crate::data::reference::{Reference, WeakReference};
use crate::data::slots::{FirstNear, Slot, Slots};
use crate::data::value::Value;
use crate::network::owner::{HandlerSlot, OfHandler};
use crate::process::action::act::quit;
use crate::process::action::{Continuation, Done, Handler, Progress, Resume, TakeSnapshot, Watch};
use crate::process::objects::{Objects, OfClauses, Onward, Pledge, Then};
use crate::process::queue::Lane;
use crate::process::transition::{ActionTree, IntoActionTree};
use crate::record::log::Snapshot;
use crate::vm::Vm;

pub(crate) use self::booted::{Booted, Rest};
pub(crate) use self::context::Context;
pub(crate) use self::erased::{Clause, ErasedProcess};
pub use self::exit::{Exit, Fault};
pub(crate) use self::keeping::Keeps;
use self::lower::NO_DUCT;
pub use self::misnamed::{Misnamed, WhyMisnamed};
pub use self::missed::{Level, Missed, WhyMissed};
#[cfg(debug_assertions)]
pub(crate) use self::missed::{Telling, short};
pub use self::never_met::NeverMet;
pub use self::stuck::{Stuck, StuckOn};
pub use self::turn::Turn;
pub use self::twins::Twins;
pub use self::unheard::UnheardError;
pub use self::unmet::Unmet;

pub(crate) struct Process<S> {
    /// Empty once the process has failed.
    state: Option<S>,
    handlers: FirstNear<Handler<S>, OfHandler>,
    kept: Slots<Kept<S>, OfKept>,
    /// How it lets others see its state, if it does.
    peeks: Option<Box<Peeks<S>>>,
    /// The code that booted it.
    called: Called,
}

/// How a process lets others see its state: when the log keeps it, and when somebody looks now.
struct Peeks<S> {
    kept: Option<TakeSnapshot<S>>,
    now: Option<TakeSnapshot<S>>,
}

impl<S> Default for Peeks<S> {
    fn default() -> Self {
        Self { kept: None, now: None }
    }
}

/// A kept closure's place in its process.
pub(crate) type KeptSlot = Slot<OfKept>;

/// Something that a process keeps: most often a closure that is called once, later.
enum Kept<S> {
    Resume(Resume<S>),
    Continuation(Continuation<S>),
    Done(Done<S>),
    Pledge(Box<Pledge<Then<S>>>),
    Onward(Box<dyn Onward>),
    Object(Box<OfClauses<S>>),
    /// A value that is only held.
    Held(#[expect(dead_code, reason = "it is dropped with the process")] Box<dyn Send>),
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

    /// This process, whose state is a VM.
    fn as_vm(&mut self) -> &mut Process<Vm> {
        match self.as_any().downcast_mut() {
            Some(vm) => vm,
            None => unreachable!("only a VM has turns of this kind"),
        }
    }

    /// Calls a closure that waits for a deletion, here or elsewhere, with this process's state.
    pub(crate) fn deleted_with(&mut self, done: Done<S>, lane: &mut Lane<'_>, context: &mut Context) {
        // One that has failed waits for nothing.
        let Some(state) = &mut self.state else { return };
        let place = done(state, context);
        self.queue_place(place, lane);
    }

    pub(crate) const fn state(&self) -> Option<&S> {
        self.state.as_ref()
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
        match progress {
            Progress::Done => {
                self.release_kept(kept)?;
                self.queue(actions, &NO_DUCT, lane)?;
            }
            Progress::VmMore => {}
            Progress::VmDone => {
                self.release_kept(kept)?;
                self.as_vm().hand_on(None, lane)?;
            }
            Progress::VmAgain => self.as_vm().hand_on(Some(kept), lane)?,
        }
        Ok(progress)
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

    #[inline]
    fn hear_as_object(
        &mut self,
        slot: Slot<OfObject>,
        sending: &Sending,
        owed: &mut Owed,
        lane: &mut Lane<'_>,
    ) -> Result<(), Failed> {
        match self.as_any().downcast_mut::<Process<Objects>>() {
            Some(process) => process.let_hear(slot, sending, owed, lane),
            None => unreachable!("an object is in a process of objects"),
        }
    }

    fn hear_as_clauses(
        &mut self,
        kept: KeptSlot,
        sending: &Sending,
        duct: &Duct,
        owed: &mut Owed,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<(), Failed> {
        self.let_clauses_hear(kept, sending, duct, owed, lane, context)
    }

    fn hear_settled(
        &mut self,
        kept: KeptSlot,
        result: &Result<Value, Reason>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<(), Failed> {
        match self.kept.remove(kept) {
            Some(Kept::Onward(pledge)) => match self.as_any().downcast_mut::<Process<Objects>>() {
                Some(process) => pledge.go_on(process, lane, context, result),
                None => unreachable!("an object is in a process of objects"),
            },
            Some(Kept::Pledge(pledge)) => self.let_go_on(pledge, lane, context, result),
            _ => unreachable!("who waits for a promise is there as long as its process"),
        }
    }

    fn awaited(&mut self, kept: KeptSlot) -> Option<(Value, bool)> {
        let plan = match self.kept.get_mut(kept) {
            Some(Kept::Pledge(pledge)) => &mut pledge.plan,
            Some(Kept::Onward(pledge)) => pledge.plan_mut(),
            _ => return None,
        };
        plan.on.take().map(|on| (on, plan.only_broken))
    }

    fn awaits(&self, kept: KeptSlot) -> Option<Value> {
        match self.kept.get(kept) {
            Some(Kept::Pledge(pledge)) => pledge.plan.on.wanted(),
            Some(Kept::Onward(pledge)) => pledge.plan().on.wanted(),
            _ => None,
        }
    }

    fn look_at_kept(&self, see: &mut dyn FnMut(Keeps<'_>)) {
        self.show_kept(see);
    }

    fn note_object(&mut self, kept: KeptSlot, reference: &Reference) -> Target {
        if let Some(Kept::Object(object)) = self.kept.get_mut(kept) {
            object.reference = Some(reference.downgrade());
        }
        Target::Clauses(kept)
    }

    fn release_object(
        &mut self,
        target: Target,
        me: &Reference,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<(), Failed> {
        match target {
            Target::Object(slot) => match self.as_any().downcast_mut::<Process<Objects>>() {
                Some(process) => process.release(slot, me, lane),
                None => unreachable!("an object is in a process of objects"),
            },
            Target::Clauses(kept) => self.release_clauses(kept, lane, context),
        }
    }

    fn drop_object(&mut self, target: Target) -> Result<(), Failed> {
        match target {
            Target::Object(slot) => {
                let process = self.as_any().downcast_mut::<Process<Objects>>();
                let object = process.and_then(Process::state_mut).and_then(|objects| objects.remove(slot));
                door::dispose(object)
            }
            Target::Clauses(kept) => self.release_kept(kept),
        }
    }

    fn heeds_release(&mut self, target: Target) -> bool {
        match target {
            Target::Object(slot) => {
                let process = self.as_any().downcast_mut::<Process<Objects>>();
                process.and_then(Process::state_mut).is_some_and(|objects| objects.heeds_release(slot))
            }
            Target::Clauses(kept) => {
                matches!(self.kept.get(kept), Some(Kept::Object(object)) if object.heeds_release)
            }
        }
    }

    #[inline]
    fn has_objects(&mut self) -> bool {
        let made_of_clauses = self.kept.len() > 0
            && self
                .kept
                .iter()
                .any(|kept| matches!(kept, Kept::Object(object) if object.reference.is_some()));
        made_of_clauses
            || self
                .as_any()
                .downcast_mut::<Process<Objects>>()
                .is_some_and(|process| process.state.as_ref().is_some_and(|objects| !objects.is_empty()))
    }

    fn objects(&mut self) -> Vec<WeakReference> {
        let made_of_clauses = self.kept.iter().filter_map(|kept| match kept {
            Kept::Object(object) => object.reference.clone(),
            _ => None,
        });
        let mut objects: Vec<_> = made_of_clauses.collect();
        if let Some(process) = self.as_any().downcast_mut::<Process<Objects>>()
            && let Some(state) = &process.state
        {
            objects.extend(state.references());
        }
        objects
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

    fn hold(&mut self, value: Box<dyn Send>) {
        self.kept.insert(Kept::Held(value));
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
        let (peek, state) = (self.peeks.as_ref()?.kept?, self.state.as_ref()?);
        // A state that fails to be cloned is not kept: looking on changes nothing.
        door::look_on(|| peek(state)).ok()
    }

    fn snapshot_now(&self) -> Option<Snapshot> {
        let (peeks, state) = (self.peeks.as_ref()?, self.state.as_ref()?);
        let peek = peeks.now.or(peeks.kept)?;
        door::look_on(|| peek(state)).ok()
    }

    fn called(&self) -> Called {
        self.called
    }

    fn retire(mut self: Box<Self>) {
        self.empty();
        booted::keep::<S>(self);
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn as_any_ref(&self) -> &dyn Any {
        self
    }
}

impl<S> Process<S> {
    /// Drops what is in it. Everything goes through the door by itself, so that several destructors
    /// can fail. The process has ended: they fail nobody.
    fn empty(&mut self) {
        if mem::needs_drop::<S>() {
            let _ = door::dispose(self.state.take());
        }
        self.handlers.take_each(|handler| {
            let _ = door::dispose(handler);
        });
        if self.kept.has_room() {
            let _ = door::dispose_each(self.kept.drain());
        }
    }
}

impl<S> Drop for Process<S> {
    fn drop(&mut self) {
        self.empty();
    }
}
