//! How objects go: when nobody has them any more, or with their process.

use crate::conversation::duct::Duct;
use crate::conversation::promise::answer::{AnswerTo, Decider};
use crate::conversation::promise::broken::Broken;
use crate::conversation::promise::falling::{self, Carried, DrainPlace, Fallen, Fell};
use crate::conversation::promise::line::Line;
use crate::conversation::promise::when::When;
use crate::conversation::promise::{Draining, ObjectPlace, PromiseState, There};
use crate::data::contained;
use crate::data::numbers::{self, ActionId};
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::network::owner::ProcessSlot;
use crate::process::action::Act;
use crate::process::{Context, Process};
use crate::record::trace::Heard;
use crate::vm::Vm;

impl Vm {
    /// Deals with what fell in this step, by number, in rounds, until nothing falls. A thing
    /// that is made meanwhile, and falls, is dealt with in a step of its own.
    #[cold]
    #[inline(never)]
    pub(crate) fn deal_with_fallen(&mut self, context: &mut Context) {
        let id = context.action.0;
        let since = numbers::counter();
        loop {
            contained::forget_fallen();
            let round = falling::take_fallen();
            if round.is_empty() {
                context.undelivered.1.clear();
                return;
            }
            for fallen in round {
                // A last turn, or one who waited, may go on so for ever: that is no longer this
                // step's.
                match fallen.is_since(since) {
                    true => self.queue_own(Act::Fall(Box::new(Carried::new(fallen))), id, context),
                    false => self.fell(fallen, id, context),
                }
            }
        }
    }

    /// Something fell.
    pub(crate) fn fell(&mut self, fallen: Fallen, id: ActionId, context: &mut Context) {
        let Some(fallen) = fallen.of_tower(&self.processes.site) else { return };
        let Fallen { id: number, fell, reason } = fallen;
        match fell {
            Fell::Object(place) => match self.way_in(place.site.vm()) {
                Some([]) => self.release(number, &place, id, context),
                Some(inner) => {
                    self.within(inner, context, |vm, context| vm.release(number, &place, id, context));
                }
                None => {
                    let fallen = Fallen { id: number, fell: Fell::Object(place), reason };
                    self.carry(Act::Fall(Box::new(Carried::new(fallen))), id, context);
                }
            },
            Fell::Undecided(promise, let_go) => {
                let why = reason.map_or_else(|| Broken::from(let_go).into(), |reason| Broken::gone(&reason));
                if promise.is_object() {
                    self.object_is_gone(&promise, why, id, context);
                } else {
                    self.give_answer(AnswerTo::Promise(Decider::of(promise)), Err(why), id, context);
                }
            }
            Fell::Foreign(promise) => {
                let answer = AnswerTo::Promise(Decider::of(promise));
                self.give_answer(answer, Err(Broken::Foreign.into()), id, context);
            }
            Fell::Over(When::Process(waiter)) => match self.way_in(waiter.site.vm()) {
                Some([]) => self.call_off(&waiter, context),
                Some(inner) => {
                    self.within(inner, context, |vm, context| vm.call_off(&waiter, context));
                }
                None => {
                    let fell = Fell::Over(When::Process(waiter));
                    let fallen = Fallen { id: number, fell, reason };
                    self.carry(Act::Fall(Box::new(Carried::new(fallen))), id, context);
                }
            },
            Fell::Over(_) => {}
            Fell::Ended(when, reason) => self.tell_waiter(when, Err(Broken::gone(&reason)), id, context),
            Fell::Unheard(reason, failing) => context.unheard_promise(number, &reason, failing),
            Fell::News(when, result) => self.tell_waiter(when, result, id, context),
            Fell::Place(promise) => self.queue_own(Act::Drain(DrainPlace::new(promise)), id, context),
        }
    }

    /// Nobody has this object any more: it takes its last turn, if it wants one, and goes.
    fn release(
        &mut self,
        number: crate::data::reference::ReferenceId,
        place: &ObjectPlace,
        id: ActionId,
        context: &mut Context,
    ) {
        let Some(slot) = self.processes.find(place.pid) else { return };
        let Some(entry) = self.processes.get_mut(slot).filter(|entry| !entry.deaf) else { return };
        let target = place.target;
        let me = Reference::gone_again(number, Broken::Gone(Reason::Normal).into());
        if entry.body.heeds_release(target) {
            let heard = || (Heard::Released(me.shown()), Duct::EMPTY);
            self.processes.turn(slot, id.into(), context, heard, |body, lane, context| {
                body.release_object(target, &me, lane, context)
            });
        } else {
            let mut result = Ok(());
            self.processes.visit(slot, id.into(), |body, _| {
                result = body.drop_object(target);
            });
            if let Err(reason) = result {
                self.processes.fail_between_turns(slot, *reason, id.into(), context);
            }
        }
        self.collect(slot, place.pid, context);
    }

    /// The objects of a process that has failed: what is sent to them from now on breaks. Gives the
    /// answers to what has waited for them.
    pub(in crate::vm) fn end_objects_soon(references: &[Reference], reason: &Reason) -> Vec<AnswerTo> {
        let mut owed = Vec::new();
        for object in references {
            let Some(mut state) = object.state() else { continue };
            let (watchers, waiting) = match &mut *state {
                PromiseState::There(There { watchers, .. }) => {
                    (watchers.take().map_or_else(Vec::new, |list| *list), Line::default())
                }
                PromiseState::Draining(draining) => {
                    let Draining { whens, waiting, .. } = &mut **draining;
                    (std::mem::take(whens).into_vec(), std::mem::take(waiting))
                }
                _ => continue,
            };
            *state = PromiseState::Ending(reason.clone(), watchers);
            drop(state);
            for mut sending in waiting {
                owed.push(sending.owed.take().into_answer());
            }
        }
        owed
    }

    /// The process ends: its objects are gone, in the order in which they were made, and whoever
    /// waits for that hears it.
    pub(in crate::vm) fn end_objects(
        &mut self,
        slot: ProcessSlot,
        reason: &Reason,
        id: ActionId,
        context: &mut Context,
    ) {
        let Some(entry) = self.processes.get_mut(slot) else { return };
        let owed = entry.take_owed();
        let references = entry.take_objects();
        for object in references {
            self.object_is_gone(&object, Broken::gone(reason), id, context);
        }
        for answer in owed {
            self.give_answer(answer, Err(Broken::gone(reason)), id, context);
        }
    }

    /// The object is gone for this reason: whoever waits for that hears it, and what waits for the
    /// object is answered with it.
    fn object_is_gone(&mut self, object: &Reference, why: Reason, id: ActionId, context: &mut Context) {
        let old = {
            let Some(mut state) = object.state() else { return };
            if let PromiseState::Broken { .. } | PromiseState::Settled(_) = &*state {
                return;
            }
            std::mem::replace(
                &mut *state,
                PromiseState::Broken { reason: why.clone(), unheard: None, failing: None },
            )
        };
        let (watchers, waiting) = match old {
            PromiseState::There(There { watchers, .. }) => {
                (watchers.map_or_else(Vec::new, |list| *list), Line::default())
            }
            PromiseState::Ending(_, watchers) => (watchers, Line::default()),
            PromiseState::Open(open) => (open.whens.into_vec(), open.waiting),
            PromiseState::Draining(draining) => (draining.whens.into_vec(), draining.waiting),
            PromiseState::Settled(_) | PromiseState::Broken { .. } | PromiseState::Waived => return,
        };
        for when in watchers {
            self.tell_waiter(when, Err(why.clone()), id, context);
        }
        for sending in waiting {
            self.break_unheard(sending, why.clone(), id, context);
        }
    }

    /// Whether this VM, which has nothing else to do, is kept: somebody has an object in it, or one
    /// of its processes waits for something.
    pub(crate) fn is_kept(&mut self) -> bool {
        self.processes.entries_mut().any(|entry| entry.awaited > 0 || entry.has_objects())
    }
}

impl Process<Vm> {
    /// The objects of all processes of the VM, and of the VMs in it, the outer first.
    pub(in crate::vm) fn objects_inside(&mut self) -> Vec<Reference> {
        let mut objects = Vec::new();
        let mut level: Vec<_> = self.state_mut().into_iter().collect();
        while !level.is_empty() {
            let mut inner = Vec::new();
            for vm in level {
                let mut entries: Vec<_> = vm.processes.entries_mut().collect();
                entries.sort_by_key(|entry| entry.pid);
                for entry in entries {
                    objects.extend(entry.take_own_objects());
                    let vm = entry.body.as_any().downcast_mut::<Self>();
                    inner.extend(vm.and_then(Self::state_mut));
                }
            }
            level = inner;
        }
        objects
    }
}
