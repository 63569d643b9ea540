//! Brings messages to objects.

use std::mem;

use crate::conversation::duct::Duct;
use crate::conversation::promise::answer::AnswerTo;
use crate::conversation::promise::broken::Broken;
use crate::conversation::promise::falling::{DrainPlace, Mark};
use crate::conversation::promise::near::Near;
use crate::conversation::promise::owed::{Answering, Owed};
use crate::conversation::promise::sending::Sending;
use crate::conversation::promise::way::Way;
use crate::conversation::promise::{ObjectPlace, Spot, Target};
use crate::data::numbers::ActionId;
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::value::Value;
use crate::network::owner::ProcessSlot;
use crate::process::action::Act;
use crate::process::{Context, KeptSlot};
use crate::record::trace::Heard;
use crate::vm::Vm;
use crate::vm::processes::Processes;
use crate::vm::promises::settle::not_callable;

impl Vm {
    /// Performs a send.
    // Out of the step loop: a message between two processes pays for its length.
    #[inline(never)]
    pub(in crate::vm) fn send(&mut self, mut sending: Box<Sending>, id: ActionId, context: &mut Context) {
        sending.owed.keep_if_wanted();
        // Most messages are sent in the VM of their object: they are delivered without a look at
        // where that is in the tower.
        match sending.to().near(&self.processes.site) {
            Some(near) => self.deliver_near(near, sending, id, context),
            None => self.bring(sending, id, context),
        }
    }

    /// Looks for an object, if it is there, in this VM, and notes where it is.
    fn look_for(&self, object: &Reference) -> Option<Near> {
        let Spot { pid, target: Target::Object(slot), .. } = object.spot_at(&self.processes.site)? else {
            return None;
        };
        let near = Near { process: self.processes.find(pid)?, object: slot };
        object.note_near(&self.processes.site, near);
        Some(near)
    }

    /// Brings a message to its object, or to the promise at which it waits.
    #[cold]
    #[inline(never)]
    pub(super) fn bring(&mut self, mut sending: Box<Sending>, id: ActionId, context: &mut Context) {
        let tower = self.processes.site.tower_id();
        let why = loop {
            // Most of these messages wait at a promise.
            let to = sending.to().clone();
            let Processes { queue, site, .. } = &mut self.processes;
            match to.wait_if_open(sending, site, |sending| queue.charge(sending, id)) {
                Ok(()) if context.recorder.is_on() => {
                    return context.recorder.set_aside(id, context.action.1);
                }
                Ok(()) => return,
                Err(back) => sending = back,
            }
            match to.way(tower) {
                Way::There(place) => return self.bring_to(&place, sending, id, context),
                Way::Waits => match self.let_wait(&to, sending, id, context) {
                    Ok(()) => return,
                    Err(back) => {
                        sending = back;
                        break Broken::TooMany.into();
                    }
                },
                Way::Follows(next) => sending.go_on_to(to.pass_on_to(next)),
                Way::Forwards(here) if self.is_out(&here) => {
                    // Its place is carried. The promise may be settled before that comes there: so
                    // the message waits, and nothing that is sent later overtakes it.
                    match self.let_wait(&to, sending, id, context) {
                        Ok(()) => return self.carry(Act::Drain(DrainPlace::new(to)), id, context),
                        Err(back) => {
                            sending = back;
                            break Broken::TooMany.into();
                        }
                    }
                }
                Way::Forwards(here) => sending.go_on_to(here),
                Way::Broken(reason) => break reason,
                Way::Data(data) => break not_callable(&sending, &data),
            }
        };
        self.break_unheard(sending, why, id, context);
    }

    /// Lets a message wait at this promise. Gives it back if too many wait.
    fn let_wait(
        &mut self,
        at: &Reference,
        mut sending: Box<Sending>,
        id: ActionId,
        context: &mut Context,
    ) -> Result<(), Box<Sending>> {
        self.processes.queue.charge(&mut sending, id);
        at.wait(sending, &self.processes.site)?;
        if context.recorder.is_on() {
            context.recorder.set_aside(id, context.action.1);
        }
        Ok(())
    }

    /// Whether this object is there, further out.
    pub(super) fn is_out(&self, object: &Reference) -> bool {
        self.own_place(object).is_some_and(|place| self.way_in(place.site.vm()).is_none())
    }

    /// Where this object is, if it is there, in this tower. The places of another one mean nothing
    /// here.
    pub(super) fn own_place(&self, object: &Reference) -> Option<ObjectPlace> {
        object.place().filter(|place| place.site.is_of_tower(&self.processes.site))
    }

    /// No object hears the message: its answer breaks for this reason.
    #[cold]
    pub(super) fn break_unheard(
        &mut self,
        mut sending: Box<Sending>,
        why: Reason,
        id: ActionId,
        context: &mut Context,
    ) {
        let answer = sending.take_answer_unheard();
        context.note_undelivered(sending.parts(), &why);
        let mark = Mark::set();
        drop(sending);
        mark.blame(&why);
        self.give_later(answer, Err(why), id, context);
    }

    /// Gives an answer that no turn has asked for. The process that has passed a message may ask
    /// for the endpoints that hear it behind that message, in the same turn: so it hears the answer
    /// behind that turn.
    pub(super) fn give_later(
        &mut self,
        answer: AnswerTo,
        result: Result<Value, Reason>,
        id: ActionId,
        context: &mut Context,
    ) {
        match answer {
            answer @ AnswerTo::Duct(_) => {
                self.queue_own(Act::Answer(Answering::boxed(answer, result)), id, context);
            }
            answer => self.give_answer(answer, result, id, context),
        }
    }

    /// Brings a message to the object at this place.
    #[inline]
    fn bring_to(&mut self, place: &ObjectPlace, sending: Box<Sending>, id: ActionId, context: &mut Context) {
        match self.way_in(place.site.vm()) {
            Some([]) => self.deliver_to(place.spot(), sending, id, context),
            Some(inner) => {
                let mut sending = Some(sending);
                self.within(inner, context, |vm, context| {
                    if let Some(sending) = sending.take() {
                        vm.deliver_to(place.spot(), sending, id, context);
                    }
                });
                if let Some(sending) = sending {
                    // The VM has stopped.
                    self.break_unheard(sending, Broken::Gone(Reason::Normal).into(), id, context);
                }
            }
            None => self.carry(Act::Send(sending), id, context),
        }
    }

    /// Lets an object that is there hear the message. Its process has it still when the turn is
    /// over, and so stays.
    #[inline(always)]
    pub(super) fn deliver_near(
        &mut self,
        Near { process: slot, object }: Near,
        mut sending: Box<Sending>,
        id: ActionId,
        context: &mut Context,
    ) {
        let mut owed = sending.owed.take();
        let heard = || (Heard::Sent(sending.to().shown(), sending.body().seen()), Duct::EMPTY);
        let called = self.processes.turn(slot, id.into(), context, heard, |body, lane, _| {
            body.hear_as_object(object, &sending, &mut owed, lane)
        });
        self.has_heard(slot, called, sending, owed);
    }

    /// The message has been heard, unless the process has failed, or had before.
    #[inline(always)]
    fn has_heard(
        &mut self,
        slot: ProcessSlot,
        called: Option<Result<(), ()>>,
        mut sending: Box<Sending>,
        owed: Owed,
    ) {
        match called {
            // Nothing is there that would have to be dropped.
            Some(Ok(())) => mem::forget(mem::replace(&mut sending.owed, owed)),
            // It has failed, or ends: what waited for its object breaks with the reason of that.
            Some(Err(())) | None => self.owe(slot, owed.into_answer()),
        }
        sending.retire();
    }

    /// Lets an object of this VM hear the message, though that may be about to come.
    pub(super) fn deliver_to(
        &mut self,
        Spot { pid, process, target }: Spot,
        mut sending: Box<Sending>,
        id: ActionId,
        context: &mut Context,
    ) {
        let near = sending.to().near(&self.processes.site).or_else(|| self.look_for(sending.to()));
        let known = near.map(|near| near.process);
        let there = |slot: &ProcessSlot| self.processes.get(*slot).is_some_and(|entry| entry.pid == pid);
        let slot = known.or_else(|| Some(process).filter(there)).or_else(|| self.processes.find(pid));
        let Some(slot) = slot else {
            return self.break_unheard(sending, Broken::Gone(Reason::Normal).into(), id, context);
        };
        match target {
            Target::Object(object) => {
                self.deliver_near(Near { process: slot, object }, sending, id, context);
            }
            Target::Clauses(kept) => {
                let mut owed = sending.owed.take();
                let called = self.deliver_to_clauses(slot, kept, &sending, &mut owed, id, context);
                self.has_heard(slot, called, sending, owed);
                self.collect(slot, pid, context);
            }
        }
    }

    /// Lets an object hear the message that is made of clauses.
    #[inline(never)]
    fn deliver_to_clauses(
        &mut self,
        slot: ProcessSlot,
        kept: KeptSlot,
        sending: &Sending,
        owed: &mut Owed,
        id: ActionId,
        context: &mut Context,
    ) -> Option<Result<(), ()>> {
        let duct = owed.answer_mut().as_duct(&self.processes.site, id);
        let heard = || (Heard::Sent(sending.to().shown(), sending.body().seen()), duct.seen());
        self.processes.turn(slot, id.into(), context, heard, |body, lane, context| {
            body.hear_as_clauses(kept, sending, &duct, owed, lane, context)
        })
    }

    /// The process that was to answer has failed: the answer breaks when it ends.
    fn owe(&mut self, slot: ProcessSlot, answer: AnswerTo) {
        if answer.is_nobody() {
            return;
        }
        if let Some(entry) = self.processes.get_mut(slot) {
            entry.owe(answer);
        }
    }
}
