//! Settles promises, and tells those who wait.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use crate::conversation::duct::{Back, Duct};
use crate::conversation::promise::answer::{AnswerTo, Decider, ErrorTo, Failing};
use crate::conversation::promise::broken::Broken;
use crate::conversation::promise::falling::{DrainPlace, Fallen, Mark};
use crate::conversation::promise::owed::Answering;
use crate::conversation::promise::sending::Sending;
use crate::conversation::promise::way::{Outcome, Way};
use crate::conversation::promise::when::{News, When};
use crate::conversation::promise::{Draining, Open, PromiseState};
use crate::data::door;
use crate::data::few::Few;
use crate::data::numbers::ActionId;
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::text::Text;
use crate::data::value::Value;
use crate::process::Context;
use crate::process::action::{Act, Given, Giving};
use crate::process::queue::HOST;
use crate::vm::Vm;

/// Answers that are still to be given, in order. Promises that depend on each other are settled in
/// a loop, however long the chain is.
type Agenda = VecDeque<(AnswerTo, Result<Value, Reason>)>;

impl Vm {
    /// Performs an answer.
    #[inline(never)]
    pub(in crate::vm) fn answer(
        &mut self,
        mut answering: Box<Answering>,
        id: ActionId,
        context: &mut Context,
    ) {
        // Most answers are for one process of this VM, which waits for the promise.
        if let Some(waiter) = answering.take_waiter(&self.processes.site) {
            self.call_here(&waiter, &answering.result, id, context);
            return answering.retire();
        }
        // In a pipeline, one message waits for an answer that is an object.
        if let Some(sending) = answering.take_message(&self.processes.site) {
            self.queue_own(Act::Deliver(sending), id, context);
            return answering.retire();
        }
        let (answer, result) = answering.open();
        self.give_answer(answer, result, id, context);
    }

    /// Gives an answer, to whomever it goes.
    pub(in crate::vm) fn give_answer(
        &mut self,
        answer: AnswerTo,
        result: Result<Value, Reason>,
        id: ActionId,
        context: &mut Context,
    ) {
        // Most answers are data for one process of this VM, which waits for the promise.
        let (answer, result) = match (answer, result) {
            (AnswerTo::Promise(decider), Ok(value)) if !value.has_references() => {
                match self.fulfil(decider, value, id, context) {
                    Ok(()) => return,
                    Err((decider, value)) => (AnswerTo::Promise(decider), Ok(value)),
                }
            }
            other => other,
        };
        let mut agenda = Agenda::new();
        self.settle_one(answer, result, &mut agenda, id, context);
        while let Some((answer, result)) = agenda.pop_front() {
            match answer {
                AnswerTo::Duct(_) => self.give_later(answer, result, id, context),
                answer => self.settle_one(answer, result, &mut agenda, id, context),
            }
        }
    }

    /// Settles a promise with data, if nothing waits there but one process of this VM at most.
    #[inline]
    fn fulfil(
        &mut self,
        decider: Decider,
        value: Value,
        id: ActionId,
        context: &mut Context,
    ) -> Result<(), (Decider, Value)> {
        let promise = decider.promise();
        let waiter = {
            let Some(mut state) = promise.state() else { return Err((decider, value)) };
            match &mut *state {
                // The lock is open before such an object is dropped.
                PromiseState::Open(Open { whens, waiting, forward: None, .. })
                    if waiting.is_empty() && promise.is_of_tower(self.processes.site.tower_id()) =>
                {
                    let waiter = match &*whens {
                        Few::None => None,
                        Few::One(When::Process(waiter))
                            if Arc::ptr_eq(&waiter.site, &self.processes.site) =>
                        {
                            Some(waiter.clone())
                        }
                        _ => {
                            drop(state);
                            return Err((decider, value));
                        }
                    };
                    *state = PromiseState::Settled(value.clone());
                    waiter
                }
                _ => {
                    drop(state);
                    return Err((decider, value));
                }
            }
        };
        if context.recorder.is_on() {
            context.recorder.settles(promise, Ok(&value));
        }
        drop(decider.settles());
        if let Some(waiter) = waiter {
            self.call_when(&waiter, &Ok(value), id, context);
        }
        Ok(())
    }

    /// The process that asked for this action, which is being performed, unless that is the host.
    #[cold]
    fn path_of_answer(&self, id: ActionId) -> Option<String> {
        let (_, slot, _) = self.processes.queue.popped().filter(|(action, ..)| *action == id)?;
        (slot != HOST).then(|| self.processes.path_to(slot))
    }

    fn settle_one(
        &mut self,
        answer: AnswerTo,
        result: Result<Value, Reason>,
        agenda: &mut Agenda,
        id: ActionId,
        context: &mut Context,
    ) {
        match answer {
            AnswerTo::Nobody | AnswerTo::Spare(_) => {
                if let Err(reason) = result {
                    context.unheard_error(&reason, None, || self.path_of_answer(id));
                }
            }
            AnswerTo::Failing(failing) => match (*failing, result) {
                ((failing, ErrorTo::Nobody), Err(reason)) => {
                    context.unheard_error(&reason, Some(failing), || self.path_of_answer(id));
                }
                ((failing, to), result) => {
                    let failing = Some(Box::new(failing));
                    self.settle_by(to.into(), result, failing, agenda, id, context);
                }
            },
            AnswerTo::Duct(duct) => self.give_on(duct, result, id, context),
            answer => self.settle_by(answer, result, None, agenda, id, context),
        }
    }

    /// Settles the promise to which this answer goes, if it is not settled yet.
    fn settle_by(
        &mut self,
        answer: AnswerTo,
        result: Result<Value, Reason>,
        failing: Option<Box<Failing>>,
        agenda: &mut Agenda,
        id: ActionId,
        context: &mut Context,
    ) {
        if let Some(decider) = answer.decider() {
            self.settle_promise(decider.settles(), result, failing, agenda, id, context);
        }
    }

    fn settle_promise(
        &mut self,
        promise: Reference,
        result: Result<Value, Reason>,
        failing: Option<Box<Failing>>,
        agenda: &mut Agenda,
        id: ActionId,
        context: &mut Context,
    ) {
        let tower = self.processes.site.tower_id();
        if !promise.is_of_tower(tower) {
            return Fallen::foreign(promise);
        }
        let outcome = match Reference::outcome(result, tower) {
            Outcome::Follow(other) if other.leads_to(&promise) => Outcome::Broken(Broken::Cycle.into()),
            outcome => outcome,
        };
        let open = {
            let Some(mut state) = promise.state() else { return };
            let PromiseState::Open(open) = &mut *state else {
                // It was settled before.
                return;
            };
            mem::take(open)
        };
        if context.recorder.is_on() {
            match &outcome {
                Outcome::Data(value) => context.recorder.settles(&promise, Ok(value)),
                Outcome::Broken(reason) => context.recorder.settles(&promise, Err(reason)),
                Outcome::Object(object) => {
                    context.recorder.settles(&promise, Ok(&object.shown().into()));
                }
                Outcome::Follow(_) => {}
            }
        }
        match outcome {
            Outcome::Data(value) => {
                set(&promise, PromiseState::Settled(value.clone()));
                self.tell_each(open.whens, &Ok(value.clone()), agenda, id, context);
                for sending in open.waiting {
                    break_with(sending, agenda, |sending| not_callable(sending, &value));
                }
            }
            Outcome::Broken(reason) => {
                let unheard = open.is_empty().then(|| self.processes.site.clone());
                set(&promise, PromiseState::Broken { reason: reason.clone(), unheard, failing });
                self.tell_each(open.whens, &Err(reason.clone()), agenda, id, context);
                for sending in open.waiting {
                    context.note_undelivered(sending.parts(), &reason);
                    break_with(sending, agenda, |_| reason.clone());
                }
            }
            Outcome::Object(object) => self.settle_with_object(&promise, object, open, agenda, id, context),
            Outcome::Follow(other) => self.follow(&promise, &other, open, agenda, id, context),
        }
    }

    /// The promise follows another one, which is not settled: all that waits at it waits there.
    fn follow(
        &mut self,
        promise: &Reference,
        other: &Reference,
        Open { whens, waiting, .. }: Open,
        agenda: &mut Agenda,
        id: ActionId,
        context: &mut Context,
    ) {
        let here = if waiting.is_empty() { None } else { other.forwards_to() };
        // An object hears what is sent to the other promise: what has waited here is heard first,
        // so it gets a place in the queue of that object's VM.
        if let Some(place) = here.as_ref().and_then(|here| self.own_place(here)) {
            let draining = Draining { to: Ok(other.clone()), waiting, whens };
            set(promise, PromiseState::Draining(Box::new(draining)));
            return self.queue_at(&place, Act::Drain(DrainPlace::new(promise.clone())), id, context);
        }
        set(promise, PromiseState::Settled(other.clone().into()));
        let (waiting, whens) = match here {
            None if !waiting.is_empty() || !matches!(whens, Few::None) => {
                other.inherit(waiting, whens, &self.processes.site)
            }
            _ => (waiting, whens),
        };
        // If the object is not there yet, they wait at it, or at the promise that hears for the
        // other one.
        let at = here.as_ref().unwrap_or(other);
        for mut sending in waiting {
            if here.is_some() {
                sending.go_on_to(at.clone());
            }
            self.wait_later(at, sending, agenda);
        }
        whens.each(|when| self.wait_for(other.clone().into(), when, id, context));
    }

    /// The messages that waited at the promise get a place in the queue of the object's VM before
    /// anybody is told: so nobody who is told overtakes it.
    fn settle_with_object(
        &mut self,
        promise: &Reference,
        object: Reference,
        open: Open,
        agenda: &mut Agenda,
        id: ActionId,
        context: &mut Context,
    ) {
        let Open { whens, waiting, .. } = open;
        let told = Ok(Value::from(object.clone()));
        let is_foreign = !object.is_of_tower(self.processes.site.tower_id());
        let place = if waiting.is_empty() { None } else { object.place() };
        match place {
            _ if waiting.is_empty() => set(promise, PromiseState::Settled(object.into())),
            _ if is_foreign => {
                set(promise, PromiseState::Settled(object.into()));
                for sending in waiting {
                    break_with(sending, agenda, |_| Broken::Foreign.into());
                }
            }
            Some(place) => {
                let draining = Draining { to: Ok(object), waiting, whens: Few::None };
                set(promise, PromiseState::Draining(Box::new(draining)));
                self.queue_at(&place, Act::Drain(DrainPlace::new(promise.clone())), id, context);
            }
            // The object is not there yet, or is gone.
            None => {
                set(promise, PromiseState::Settled(object.clone().into()));
                for mut sending in waiting {
                    sending.go_on_to(object.clone());
                    self.wait_later(&object, sending, agenda);
                }
            }
        }
        self.tell_each(whens, &told, agenda, id, context);
    }

    /// Lets a message wait at an object that is not there yet, or at a promise; if nothing hears it
    /// there, the answer breaks.
    fn wait_later(&mut self, at: &Reference, sending: Box<Sending>, agenda: &mut Agenda) {
        let tower = self.processes.site.tower_id();
        let waits = match at.is_of_tower(tower) {
            true => at.wait(sending, &self.processes.site),
            false => Err(sending),
        };
        if let Err(sending) = waits {
            let way = at.way(tower);
            break_with(sending, agenda, |sending| match way {
                Way::Broken(reason) => reason,
                Way::Data(data) => not_callable(sending, &data),
                _ => Broken::TooMany.into(),
            });
        }
    }

    /// Tells those who waited, in the order in which they asked.
    pub(super) fn tell_each(
        &mut self,
        whens: Few<When>,
        result: &Result<Value, Reason>,
        agenda: &mut Agenda,
        id: ActionId,
        context: &mut Context,
    ) {
        whens.each(|when| self.tell_one(when, result.clone(), agenda, id, context));
    }

    fn tell_one(
        &mut self,
        when: When,
        result: Result<Value, Reason>,
        agenda: &mut Agenda,
        id: ActionId,
        context: &mut Context,
    ) {
        match when {
            When::Process(ref waiter) => match self.way_in(waiter.site.vm()) {
                Some([]) => self.call_when(waiter, &result, id, context),
                Some(inner) => {
                    self.within(inner, context, |vm, context| vm.call_when(waiter, &result, id, context));
                }
                None => self.carry(Act::News(Box::new(News::new(when, result))), id, context),
            },
            When::Gathering(gathering, at) => {
                agenda.extend(
                    gathering
                        .settle(at, result)
                        .map(|(decider, result)| (AnswerTo::Promise(decider), result)),
                );
            }
            When::Duct(duct) => self.give_on(duct, result, id, context),
            When::Host(ear) if self.processes.path.is_empty() => {
                if context.recorder.is_on() {
                    context.recorder.told_host(context.action, context.stamp, result.as_ref());
                }
                // The host's closure is no part of a turn, and fails no process.
                let _ = door::enter(|| ear.hear(result));
            }
            When::Host(_) => self.carry(Act::News(Box::new(News::new(when, result))), id, context),
        }
    }

    /// Tells one who waits, outside of the settling of a promise.
    pub(in crate::vm) fn tell_waiter(
        &mut self,
        when: When,
        result: Result<Value, Reason>,
        id: ActionId,
        context: &mut Context,
    ) {
        let mut agenda = Agenda::new();
        self.tell_one(when, result, &mut agenda, id, context);
        for (answer, result) in agenda {
            self.give_answer(answer, result, id, context);
        }
    }

    /// Gives an answer on a duct: a promise when it is settled.
    fn give_on(&mut self, duct: Duct, result: Result<Value, Reason>, id: ActionId, context: &mut Context) {
        let tower = self.processes.site.tower_id();
        let what = match Reference::outcome(result, tower) {
            Outcome::Data(value) => Given::Reply(value),
            Outcome::Object(object) => Given::Reply(object.into()),
            Outcome::Broken(reason) if duct.tell_nothing() => Given::Nothing(reason),
            Outcome::Broken(_) => return,
            Outcome::Follow(promise) => return self.wait_for(promise.into(), When::Duct(duct), id, context),
        };
        let mut giving = Giving { duct, what, giver: None };
        if let Given::Reply(_) = giving.what {
            giving.duct.answered();
            giving.giver = Some(Back::Process {
                vm: self.processes.path.clone(),
                pid: crate::conversation::pid::Pid::BOOT,
            });
        }
        self.route(giving, id, context);
    }
}

fn set(promise: &Reference, state: PromiseState) {
    let old = promise.state().map(|mut old| mem::replace(&mut *old, state));
    // The lock is open.
    drop(old);
}

fn break_with(mut sending: Box<Sending>, agenda: &mut Agenda, why: impl FnOnce(&Sending) -> Reason) {
    let reason = why(&sending);
    agenda.push_back((sending.take_answer_unheard(), Err(reason.clone())));
    let mark = Mark::set();
    drop(sending);
    mark.blame(&reason);
}

/// The promise to which this was sent gave data.
pub(super) fn not_callable(sending: &Sending, data: &Value) -> Reason {
    Broken::NotCallable { verb: sending.verb(), found: Text::from(data.seen().to_string()) }.into()
}
