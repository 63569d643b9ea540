//! Calls the objects of a process.

use std::any::TypeId;

use crate::conversation::duct::{Duct, note_asked};
use crate::conversation::event::Event;
use crate::conversation::promise::OfObject;
use crate::conversation::promise::answer::Failing;
use crate::conversation::promise::broken::Broken;
use crate::conversation::promise::owed::{Answering, Owed};
use crate::conversation::promise::sending::{Sending, verb_of};
use crate::data::door;
use crate::data::few::Few;
use crate::data::reason::{Failed, Failure, Reason};
use crate::data::reference::Reference;
use crate::data::slots::Slot;
use crate::data::symbol::Symbol;
use crate::data::value::{Value, View};
use crate::process::action::act::{Act, Action, Ask};
use crate::process::objects::answers::shown;
use crate::process::objects::core::call;
use crate::process::objects::object::{ErasedObject, Heard};
use crate::process::objects::table::Objects;
use crate::process::objects::{On, Onward, Pledge, Settled, Then};
use crate::process::queue::{Lane, Work};
use crate::process::transition::ActionTree;
use crate::process::{Clause, Context, Kept, KeptSlot, NO_DUCT, Process, Turn};

impl Process<Objects> {
    /// Lets one of the objects take a message.
    #[inline]
    pub(in crate::process) fn let_hear(
        &mut self,
        slot: Slot<OfObject>,
        sending: &Sending,
        owed: &mut Owed,
        lane: &mut Lane<'_>,
    ) -> Result<(), Failed> {
        self.in_turn(lane, |process, lane| {
            call(
                process,
                lane,
                slot,
                owed,
                || sending.verb(),
                |object, core| object.hear(core, sending.to(), slot, sending.parts()),
            )
        })
    }

    /// An object takes its last turn, if it wants one, and is dropped.
    pub(in crate::process) fn release(
        &mut self,
        slot: Slot<OfObject>,
        me: &Reference,
        lane: &mut Lane<'_>,
    ) -> Result<(), Failed> {
        self.in_turn(lane, |process, lane| {
            call(
                process,
                lane,
                slot,
                &mut Owed::default(),
                || verb_of(&[]),
                |object, core| {
                    object.released(core, me, slot);
                    Ok(Value::UNIT)
                },
            )
        })?;
        let object = self.state.as_mut().and_then(|objects| objects.remove(slot));
        door::dispose(object)
    }

    /// Lets the process wait for a promise: at once, if its turn has made that, or else when that
    /// comes to the front of the queue.
    // A round takes 240 instructions less so: most wait for the answer to what they have just sent.
    // And 35 less in line: there is one caller.
    #[inline(always)]
    pub(super) fn wait_for(
        &mut self,
        on: Value,
        mut pledge: Box<dyn Onward>,
        lane: &mut Lane<'_>,
    ) -> Result<(), Failed> {
        let kept = self.kept.next();
        let plan = pledge.plan_mut();
        if let View::Reference(promise) = on.view()
            && !plan.only_broken
            && self.state.as_ref().is_some_and(|objects| objects.wait(promise, kept, lane))
        {
            lane.note_wait(&on);
            plan.on = On::At(promise.id());
            self.kept.insert(Kept::Onward(pledge));
            return Ok(());
        }
        plan.on = On::Wanted(on);
        let kept = self.kept.insert(Kept::Onward(pledge));
        lane.push_within(Work::When(kept.into()), 0)
    }

    /// Notes what failed where the error goes.
    #[cold]
    #[inline(never)]
    pub(super) fn note_failing(&self, owed: &mut Owed, slot: Slot<OfObject>, verb: impl FnOnce() -> Symbol) {
        owed.keep_if_wanted();
        let object = self.state().and_then(|objects| objects.look_at(slot)).map(ErasedObject::name);
        owed.note_failing(|| Failing { object, verb: verb() });
    }

    /// The object is not there.
    #[cold]
    #[inline(never)]
    pub(super) fn answer_gone(&mut self, owed: &mut Owed, lane: &mut Lane<'_>) -> Result<(), Failed> {
        self.answer_alone(Err(Failure(Broken::Gone(Reason::Normal).into())), owed, lane, |_, _| {})
    }
}

impl<S: Send + 'static> Process<S> {
    /// Calls user code that queues itself what it asks for: if the turn fails, that is taken back.
    /// The door returns a small value.
    #[inline]
    pub(super) fn in_turn(
        &mut self,
        lane: &mut Lane<'_>,
        turn: impl FnOnce(&mut Self, &mut Lane<'_>) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        let end = lane.queue.end();
        let result = door::enter(|| turn(self, lane)).and_then(|result| result);
        if result.is_err() {
            // The first failure is the reason.
            let _ = lane.drop_since(end);
        }
        result
    }

    /// Calls the closure of a promise that is settled. Its own answer goes to its own promise.
    pub(in crate::process) fn let_go_on(
        &mut self,
        mut pledge: Box<Pledge<Then<S>>>,
        lane: &mut Lane<'_>,
        context: &mut Context,
        got: &Result<Value, Reason>,
    ) -> Result<(), Failed> {
        let mut owed = pledge.plan.owed.take();
        let mut pledge = Some(pledge);
        let told = self.in_turn(lane, |process, lane| {
            let Some(running) = &mut pledge else { unreachable!("it is called once") };
            let mut turn = Turn::new(&mut process.state, context);
            let Settled { actions, result } = (running.run)(&mut turn, got)?;
            process.answer_behind(actions, result, &mut owed, lane)?;
            drop(pledge.take());
            Ok(())
        });
        if told.is_err() {
            // The things that the closure holds go through the door by themselves, if they have not
            // gone yet.
            let _ = door::dispose(pledge);
            context.owes(owed.into_answer());
        } else {
            owed.retire();
        }
        told
    }

    /// Queues the answer of a method or a continuation that has queued what it asks for. `fails`
    /// says what failed, if it is an error.
    #[inline]
    pub(super) fn answer_alone(
        &mut self,
        result: Heard,
        owed: &mut Owed,
        lane: &mut Lane<'_>,
        fails: impl FnOnce(&Self, &mut Owed),
    ) -> Result<(), Failed> {
        let is_wanted = owed.keep_if_wanted();
        let result = match result {
            Ok(_) if !is_wanted => return Ok(()),
            Ok(value) => Ok(value),
            Err(Failure(reason)) => {
                fails(self, owed);
                Err(reason)
            }
        };
        // A process of objects has been noted from its start.
        if TypeId::of::<S>() != TypeId::of::<Objects>() {
            note_asked();
        }
        lane.push_answer(owed, result)
    }

    /// Queues what a method or a continuation asks for and has not queued, and behind that the
    /// answer, but before a quit of the process itself.
    pub(in crate::process) fn answer_behind(
        &mut self,
        actions: ActionTree<S>,
        result: Heard,
        owed: &mut Owed,
        lane: &mut Lane<'_>,
    ) -> Result<(), Failed> {
        let ActionTree(actions) = actions;
        if let Few::None = actions {
            return self.answer_alone(result, owed, lane, |_, _| {});
        }
        let mut actions = actions.into_vec();
        if owed.keep_if_wanted() || result.is_err() {
            // If the actions cross a limit, the process owes the answer until it ends.
            let lent = owed.answer_mut().lent();
            let answering = Answering::boxed(lent, result.map_err(|Failure(reason)| reason));
            let quits = |Action(ask): &Action<S>| matches!(ask, Ask::Act(Act::Quit(None, _)));
            let at = actions.iter().position(quits).unwrap_or(actions.len());
            actions.insert(at, Action(Ask::Act(Act::Answer(answering))));
        }
        self.queue(ActionTree(Few::More(actions)), &NO_DUCT, lane)
    }

    /// Lets clauses hear a message to the object that is made of them.
    pub(in crate::process) fn let_clauses_hear(
        &mut self,
        kept: KeptSlot,
        sending: &Sending,
        duct: &Duct,
        owed: &mut Owed,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<(), Failed> {
        let Some(Kept::Object(object)) = self.kept.get(kept) else {
            unreachable!("an object is there as long as somebody has it")
        };
        let body = sending.body();
        let event = Event::passed(&body, duct);
        let answered = door::enter(|| (object.handler)(&event, &mut Turn::new(&mut self.state, context)))?;
        if self.answer(answered, duct, lane)? == Clause::Skipped {
            let why = Broken::NoClause { verb: sending.verb(), found: shown(&sending.body()) }.into();
            owed.note_failing(|| Failing { object: None, verb: sending.verb() });
            lane.push(Work::Act(Act::Answer(owed.give(Err(why)))));
        }
        Ok(())
    }

    /// An object that is made of clauses takes its last turn, and is dropped.
    pub(in crate::process) fn release_clauses(
        &mut self,
        kept: KeptSlot,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<(), Failed> {
        let Some(Kept::Object(object)) = self.kept.remove(kept) else {
            unreachable!("an object is released once")
        };
        let event = Event::release();
        let answered = door::enter(|| (object.handler)(&event, &mut Turn::new(&mut self.state, context)))?;
        self.answer(answered, &NO_DUCT, lane)?;
        door::dispose(object)
    }
}
