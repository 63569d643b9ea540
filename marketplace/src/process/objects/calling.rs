//! Calls the objects of a process.

use std::any::{Any, TypeId};
use std::mem;

use crate::conversation::duct::{Duct, note_asked};
use crate::conversation::event::Event;
use crate::conversation::promise::OfObject;
use crate::conversation::promise::answer::{AnswerTo, Answering};
use crate::conversation::promise::broken::Broken;
use crate::conversation::promise::sending::Sending;
use crate::data::door;
use crate::data::few::Few;
use crate::data::reason::{Failed, Failure, Reason};
use crate::data::reference::Reference;
use crate::data::slots::Slot;
use crate::data::value::Value;
use crate::process::action::act::{Act, Action, Ask};
use crate::process::objects::answers::shown;
use crate::process::objects::cx;
use crate::process::objects::table::Objects;
use crate::process::objects::{On, Pledge, Then};
use crate::process::queue::{Lane, Work};
use crate::process::transition::ActionTree;
use crate::process::{Clause, Context, Kept, KeptSlot, NO_DUCT, Process, Turn};

impl Process<Objects> {
    /// Lets one of the objects take a message.
    #[inline]
    pub(in crate::process) fn hear_as_object(
        &mut self,
        slot: Slot<OfObject>,
        sending: &Sending,
        answer: &mut AnswerTo,
        lane: &mut Lane<'_>,
    ) -> Result<(), Failed> {
        // The door returns a small value: what the method asks for is queued inside.
        door::enter(|| {
            let (actions, result) = cx::call(&mut self.state, slot, |object, core| {
                object.hear(core, &sending.to, slot, sending.parts())
            })
            .unwrap_or_else(gone);
            self.answer_sent(actions, result, mem::take(answer), lane)
        })?
    }

    /// An object takes its last turn, if it wants one, and is dropped.
    pub(in crate::process) fn release(
        &mut self,
        slot: Slot<OfObject>,
        me: &Reference,
        lane: &mut Lane<'_>,
    ) -> Result<(), Failed> {
        let state = &mut self.state;
        let called = door::enter(|| {
            cx::call(state, slot, |object, core| {
                object.released(core, me, slot);
                Ok(())
            })
        })?;
        if let Some((actions, _)) = called {
            self.queue(actions, &NO_DUCT, lane)?;
        }
        let object = self.state.as_mut().and_then(|objects| objects.remove(slot));
        door::dispose(object)
    }
}

/// The object is not there.
#[cold]
fn gone() -> (ActionTree<Objects>, Result<Value, Failure>) {
    (ActionTree::new(), Err(Failure(Broken::Gone(Reason::Normal).into())))
}

impl<S: Send + 'static> Process<S> {
    /// Queues what a method or a continuation asked for, and behind that its answer, but before a
    /// quit of the process itself.
    #[inline]
    pub(in crate::process) fn answer_sent(
        &mut self,
        actions: ActionTree<S>,
        result: Result<Value, Failure>,
        mut answer: AnswerTo,
        lane: &mut Lane<'_>,
    ) -> Result<(), Failed> {
        let is_wanted = answer.is_wanted();
        // Most methods send one message and answer nobody, or answer and send nothing.
        let actions = match actions {
            ActionTree(Few::None) if !is_wanted && result.is_ok() => {
                answer.let_go();
                return Ok(());
            }
            ActionTree(Few::One(Action(Ask::Act(Act::Send(sending))))) if !is_wanted && result.is_ok() => {
                match lane.push_send(sending) {
                    Ok(()) => {
                        Self::note_asked();
                        answer.let_go();
                        return Ok(());
                    }
                    Err(sending) => ActionTree::one(Action(Ask::Act(Act::Send(sending)))),
                }
            }
            ActionTree(Few::None) if is_wanted => {
                let answering = Answering { answer, result: result.map_err(|Failure(reason)| reason) };
                return match lane.push_answer_at_once(answering) {
                    Ok(()) => {
                        Self::note_asked();
                        Ok(())
                    }
                    Err(Answering { answer, result }) => {
                        self.answer_with_all(ActionTree::new(), result.map_err(Failure), true, answer, lane)
                    }
                };
            }
            actions => actions,
        };
        self.answer_with_all(actions, result, is_wanted, answer, lane)
    }

    /// The same, if the answer is wanted or not, and whatever there is to be queued.
    #[inline(never)]
    fn answer_with_all(
        &mut self,
        actions: ActionTree<S>,
        result: Result<Value, Failure>,
        is_wanted: bool,
        answer: AnswerTo,
        lane: &mut Lane<'_>,
    ) -> Result<(), Failed> {
        let answering = match (is_wanted, result) {
            (true, result) => Some(Answering { answer, result: result.map_err(|Failure(reason)| reason) }),
            (false, Err(Failure(reason))) => {
                Some(Answering { answer: AnswerTo::Nobody, result: Err(reason) })
            }
            (false, Ok(_)) => None,
        };
        if Self::are_sends(&actions) {
            return self.queue_sends(actions, answering, lane);
        }
        let answering = answering.map(|answering| Action(Ask::Act(Act::Answer(Box::new(answering)))));
        let actions = match (answering, actions) {
            (None, actions) => actions,
            (Some(answering), ActionTree(Few::None)) => ActionTree::one(answering),
            (Some(answering), ActionTree(actions)) => {
                let mut actions = actions.into_vec();
                let quits = |Action(ask): &Action<S>| matches!(ask, Ask::Act(Act::Quit(None, _)));
                let at = actions.iter().position(quits).unwrap_or(actions.len());
                actions.insert(at, answering);
                ActionTree(Few::More(actions))
            }
        };
        match actions {
            ActionTree(Few::None) => Ok(()),
            actions => self.queue(actions, &NO_DUCT, lane),
        }
    }

    /// Notes that the process has asked for something on which a promise depends. One of objects
    /// has been noted from its start.
    #[inline]
    fn note_asked() {
        if TypeId::of::<S>() != TypeId::of::<Objects>() {
            note_asked();
        }
    }

    /// Whether these are sends and waiting for promises alone, as most that methods ask for.
    #[inline]
    fn are_sends(actions: &ActionTree<S>) -> bool {
        let is_send = |Action(ask): &Action<S>| matches!(ask, Ask::Act(Act::Send(_)) | Ask::When(_));
        actions.0.as_slice().iter().all(is_send)
    }

    /// Queues sends, and behind them the answer.
    // The plain way is `queue`: a round of a send, its answer and a `when` takes 250 instructions
    // more so, of 5,000.
    #[inline]
    fn queue_sends(
        &mut self,
        actions: ActionTree<S>,
        answering: Option<Answering>,
        lane: &mut Lane<'_>,
    ) -> Result<(), Failed> {
        let len = actions.0.len() + usize::from(answering.is_some());
        if len == 0 {
            return Ok(());
        }
        if let Err(full) = lane.places_for(len) {
            door::dispose((actions, answering))?;
            return Err(full);
        }
        Self::note_asked();
        let (end, room) = (lane.queue.end(), lane.queue.room);
        match actions.0 {
            Few::None => {}
            Few::One(action) => self.queue_send(action, lane),
            Few::More(list) => self.queue_list(list, lane),
        }
        if let Some(answering) = answering {
            lane.push_answer(answering);
        }
        if lane.is_too_much(room) { Err(lane.take_back(end)) } else { Ok(()) }
    }

    #[inline(never)]
    fn queue_list(&mut self, mut sends: Vec<Action<S>>, lane: &mut Lane<'_>) {
        sends.drain(..).for_each(|action| self.queue_send(action, lane));
        cx::keep_list(sends);
    }

    // In line: a send without answer takes 40 instructions more otherwise.
    #[inline(always)]
    fn queue_send(&mut self, Action(ask): Action<S>, lane: &mut Lane<'_>) {
        match ask {
            Ask::Act(Act::Send(sending)) => {
                let bytes = sending.bytes;
                lane.push_sized(Work::Act(Act::Send(sending)), bytes);
            }
            Ask::When(pledge) => self.queue_pledge(pledge, lane),
            _ => unreachable!("these are sends"),
        }
    }

    /// Lets the process wait for a promise: at once, if its turn has made that, or else when that
    /// comes to the front of the queue.
    // A round takes 240 instructions less so: most wait for the answer to what they have just sent.
    fn queue_pledge(&mut self, mut pledge: Box<Pledge<Then<S>>>, lane: &mut Lane<'_>) {
        let on = if pledge.only_broken { None } else { pledge.on.take() };
        let kept = self.kept.insert(Kept::Pledge(pledge));
        let objects = (&self.state as &dyn Any).downcast_ref::<Option<Objects>>();
        match (on, objects) {
            (Some(on), Some(Some(objects))) if objects.wait(&on, kept, lane) => lane.note_wait(&on),
            (on, _) => {
                if let Some(on) = on
                    && let Some(Kept::Pledge(pledge)) = self.kept.get_mut(kept)
                {
                    pledge.on = On::Wanted(on);
                }
                lane.push_sized(Work::When(kept.into()), 0);
            }
        }
    }

    /// Lets clauses hear a message to the object that is made of them.
    pub(in crate::process) fn hear_as_clauses(
        &mut self,
        kept: KeptSlot,
        sending: &Sending,
        duct: &Duct,
        answer: &mut AnswerTo,
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
            lane.push_answer(Answering { answer: mem::take(answer), result: Err(why) });
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
