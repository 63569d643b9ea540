//! Moves a handler's answer into the queue. The parts that have the type of the process's state,
//! such as closures, stay in the process.

use std::mem;

use crate::conversation::duct::{Duct, note_asked};
use crate::conversation::pid::Pid;
use crate::data::door;
use crate::data::few::Few;
use crate::data::reason::Failed;
use crate::data::slots::SlotWord;
use crate::network::owner::OfHandler;
use crate::process::action::{
    Act, Action, Answered, Ask, Continuation, Done, EndpointSpec, Handler, Held, Onto, Rehold, Relayed,
    Resume, Stored, Typed,
};
use crate::process::objects::{Clauses, OfClauses};
use crate::process::queue::{Lane, Work};
use crate::process::transition::ActionTree;
use crate::process::{Clause, Kept, KeptSlot, OfKept, Process};
use crate::vm::Vm;
use crate::vm::nested::lift;

/// The duct of the event to which actions answer.
#[derive(Clone, Copy)]
struct AnswersOn<'d> {
    duct: &'d Duct,
    /// The duct, if no action gives an answer on it.
    unanswered: &'d Duct,
}

impl<'d> AnswersOn<'d> {
    fn new<S>(duct: &'d Duct, actions: &[Action<S>]) -> Self {
        let gives = |Action(asked): &Action<S>| match asked {
            Ask::Act(Act::Give(giving)) => giving.duct.identity() == duct.identity(),
            _ => false,
        };
        let unanswered = if duct.is_empty() || actions.iter().any(gives) { &NO_DUCT } else { duct };
        Self { duct, unanswered }
    }

    /// Notes the duct in an action that is about the event at hand.
    fn note_in<S>(self, act: &mut Act<Typed<S>>) {
        if self.duct.is_empty() {
            return;
        }
        if let Act::Quit(None, ending) = act
            && !self.unanswered.is_empty()
        {
            ending.get_or_insert_default().instead = Some(self.unanswered.clone());
        } else if let Act::Pass(passing) = act.innermost_mut()
            && let Onto::Event = passing.onto
        {
            passing.onto = Onto::Duct(self.duct.clone());
        }
    }
}

/// The duct of a turn to which no event led.
pub(super) static NO_DUCT: Duct = Duct::EMPTY;

/// A transition's yields: they are queued behind its other actions, wherever in it they stand.
type Yields<S> = Few<Resume<S>>;

impl<S> ActionTree<S> {
    /// Drops the actions, each by itself. That is part of the turn, which fails if one of them
    /// fails.
    #[cold]
    pub(super) fn lose(self) -> Result<(), Failed> {
        let lose_one = |Action(asked): Action<S>| match asked {
            Ask::Act(Act::Spawn(spec, parent)) => {
                door::enter(|| drop(spec)).and(door::enter(|| drop(parent)))
            }
            other => door::enter(|| drop(other)),
        };
        self.0.into_vec().into_iter().map(lose_one).fold(Ok(()), Result::and)
    }
}

impl<S: Send + 'static> Process<S> {
    /// Queues what a handler answered. Says whether a clause applied.
    // In line in `hear`: a delivery of fan-out takes 2 % more otherwise.
    #[inline(always)]
    pub(super) fn answer(
        &mut self,
        answered: Answered<S>,
        duct: &Duct,
        lane: &mut Lane<'_>,
    ) -> Result<Clause, Failed> {
        // Asked first, and not among the others, since these are taken apart: a delivery takes 10
        // instructions less.
        if let Ok(Some(ActionTree(Few::None))) = &answered {
            return Ok(Clause::Applied);
        }
        match answered {
            // Most handlers answer with one message: it goes the shortest way.
            Ok(Some(ActionTree(Few::One(Action(Ask::Act(Act::Message(body))))))) => {
                match lane.push_message(body) {
                    Ok(()) => Ok(Clause::Applied),
                    Err(body) => self
                        .queue(ActionTree::one(Action(Ask::Act(Act::Message(body)))), duct, lane)
                        .map(|()| Clause::Applied),
                }
            }
            Ok(Some(actions)) => self.queue(actions, duct, lane).map(|()| Clause::Applied),
            Ok(None) => Ok(Clause::Skipped),
            Err(reason) => Err(reason),
        }
    }

    /// `duct`: that of the event to which these actions answer.
    #[inline(never)]
    pub(super) fn queue(
        &mut self,
        actions: ActionTree<S>,
        duct: &Duct,
        lane: &mut Lane<'_>,
    ) -> Result<(), Failed> {
        let actions = match actions.0 {
            // One action that is about no duct goes a shorter way: a process that quits takes 50
            // instructions less.
            Few::One(Action(Ask::Act(act))) if duct.is_empty() && lane.queue.has_place(act.bytes()) => {
                let bytes = act.bytes();
                if act.decides() {
                    note_asked();
                }
                let act = self.lower(act, lane.pid);
                lane.push_sized(Work::Act(act), bytes);
                return Ok(());
            }
            actions => ActionTree(actions),
        };
        if let Err(full) = lane.places_for(actions.len()) {
            return actions.lose().and(Err(full));
        }
        let (end, room) = (lane.queue.end(), lane.queue.room);
        let on = AnswersOn::new(duct, actions.0.as_slice());
        let mut yields = Yields::None;
        actions.0.each(|Action(asked)| {
            if let Some(resume) = self.queue_one(asked, on, lane) {
                yields.push(resume);
            }
        });
        yields.each(|resume| lane.push(self.keep_resume(resume)));
        if lane.is_too_much(room) { Err(lane.take_back(end)) } else { Ok(()) }
    }

    /// Queues the place of a VM, if it has asked for one. That counts for no limit: without it the
    /// VM would never go on, and it has one at most.
    pub(crate) fn queue_place(&mut self, place: ActionTree<S>, lane: &mut Lane<'_>) {
        place.0.each(|Action(asked)| match asked {
            Ask::Yield(resume) => lane.push(self.keep_resume(resume)),
            _ => unreachable!("a VM's place is a yield"),
        });
    }

    /// Queues an action; a yield comes back, since it is queued last.
    #[inline]
    fn queue_one(&mut self, asked: Ask<S>, on: AnswersOn<'_>, lane: &mut Lane<'_>) -> Option<Resume<S>> {
        match asked {
            Ask::Act(mut act) => {
                on.note_in(&mut act);
                if act.decides() {
                    note_asked();
                }
                let act = self.lower(act, lane.pid);
                lane.push(Work::Act(act));
            }
            Ask::Yield(resume) => return Some(resume),
            Ask::Peekable(peek) => self.peeks.get_or_insert_default().kept = Some(peek),
            Ask::PeekableNow(peek) => self.peeks.get_or_insert_default().now = Some(peek),
            Ask::When(pledge) => {
                let kept = self.keep(Kept::Pledge(pledge));
                lane.push(Work::When(kept));
            }
            Ask::Onward(pledge) => {
                let kept = self.keep(Kept::Onward(pledge));
                lane.push(Work::When(kept));
            }
            Ask::Object(clauses) => {
                let work = self.keep_object(*clauses);
                lane.push(work);
            }
        }
        None
    }

    /// Queues the first actions of a process.
    #[inline]
    pub(super) fn first(&mut self, actions: ActionTree<S>, pid: Pid) -> Few<Work> {
        match actions.0 {
            // Most processes begin with one action: it goes the shortest way.
            Few::One(Action(Ask::Act(act))) => {
                if act.decides() {
                    note_asked();
                }
                Few::One(Work::Act(self.lower(act, pid)))
            }
            actions => self.first_few(actions, pid),
        }
    }

    #[inline(never)]
    fn first_few(&mut self, first: Few<Action<S>>, pid: Pid) -> Few<Work> {
        let is_endpoint = |Action(asked): &&Action<S>| matches!(asked, Ask::Act(Act::Add(..)));
        self.handlers.reserve(first.as_slice().iter().filter(is_endpoint).count());
        let mut yields = Yields::None;
        let mut actions = first.filter_map(|Action(asked)| match asked {
            Ask::Act(act) => {
                if act.decides() {
                    note_asked();
                }
                Some(Work::Act(self.lower(act, pid)))
            }
            Ask::Yield(resume) => {
                yields.push(resume);
                None
            }
            Ask::Peekable(peek) => {
                self.peeks.get_or_insert_default().kept = Some(peek);
                None
            }
            Ask::PeekableNow(peek) => {
                self.peeks.get_or_insert_default().now = Some(peek);
                None
            }
            Ask::When(pledge) => Some(Work::When(self.keep(Kept::Pledge(pledge)))),
            Ask::Onward(_) => unreachable!("no object asks for anything as its process boots"),
            Ask::Object(clauses) => Some(self.keep_object(*clauses)),
        });
        yields.each(|resume| actions.push(self.keep_resume(resume)));
        actions
    }

    fn keep_resume(&mut self, resume: Resume<S>) -> Work {
        Work::Resume(self.keep(Kept::Resume(resume)), None)
    }

    fn keep_object(&mut self, clauses: Clauses<S>) -> Work {
        let Clauses { arriving, handler, heeds_release } = clauses;
        let object = Box::new(OfClauses { handler, heeds_release, reference: None });
        Work::Object(Box::new(arriving), self.keep(Kept::Object(object)))
    }

    fn keep(&mut self, kept: Kept<S>) -> SlotWord<OfKept> {
        self.kept.insert(kept).into()
    }

    /// Keeps the closures in the process.
    #[inline]
    fn lower(&mut self, act: Act<Typed<S>>, pid: Pid) -> Act<Stored> {
        act.rehold(&mut Lower { process: self, pid })
    }
}

impl Process<Vm> {
    /// Queues the actions that wait in the outbox of the VM, which has had a turn; and its place,
    /// kept there, if it asks for another.
    // Not as actions that the turn answers with: each would be boxed, and most turns need a list.
    // A level that a message goes out takes 680 instructions less.
    pub(super) fn hand_on(&mut self, place: Option<KeptSlot>, lane: &mut Lane<'_>) -> Result<(), Failed> {
        let Some(vm) = &mut self.state else { unreachable!("a VM that has had a turn is there") };
        let mut outbox = mem::take(&mut vm.outbox);
        if let Err(full) = lane.places_for(outbox.len() + usize::from(place.is_some())) {
            // These drops are part of the turn, which fails if one of them fails.
            let drop_one = |relayed: Relayed<Vm>| {
                door::enter(|| {
                    relayed.lose();
                    drop(relayed);
                })
            };
            outbox.into_iter().map(drop_one).fold(Ok(()), Result::and)?;
            return Err(full);
        }
        let (end, room) = (lane.queue.end(), lane.queue.room);
        while let Some(Relayed { id, cause, act, .. }) = outbox.pop_front() {
            let act = self.lower(act, lane.pid);
            lane.push_numbered(id, cause.into(), Work::Act(act));
        }
        if let Some(place) = place {
            lane.push(Work::Resume(place.into(), None));
        }
        if let Some(vm) = &mut self.state {
            vm.outbox = outbox;
        }
        if lane.is_too_much(room) { Err(lane.take_back(end)) } else { Ok(()) }
    }
}

impl Held for Stored {
    type Handler = SlotWord<OfHandler>;
    type Done = SlotWord<OfKept>;
    type Continuation = SlotWord<OfKept>;
    // It goes out as an action of the VM, which is a process of the VM around.
    type Outside = Typed<Vm>;
}

/// Stores closures in the acting process, which has this PID.
struct Lower<'p, S> {
    process: &'p mut Process<S>,
    pid: Pid,
}

impl<S: Send + 'static> Rehold<Typed<S>> for Lower<'_, S> {
    type To = Stored;

    #[inline]
    fn handler(&mut self, _: &mut EndpointSpec, handler: Handler<S>) -> SlotWord<OfHandler> {
        self.process.handlers.insert(handler).into()
    }

    fn done(&mut self, done: Option<Done<S>>) -> Option<SlotWord<OfKept>> {
        done.map(|done| self.process.keep(Kept::Done(done)))
    }

    fn continuation(&mut self, parent: Box<Continuation<S>>) -> SlotWord<OfKept> {
        self.process.keep(Kept::Continuation(*parent))
    }

    fn outside(&mut self, act: Act<Typed<S>>) -> Act<Typed<Vm>> {
        lift(act, self.pid)
    }
}
