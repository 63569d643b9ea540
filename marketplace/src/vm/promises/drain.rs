//! Delivers what has waited.

use crate::conversation::pid::Pid;
use crate::conversation::promise::falling::DrainPlace;
use crate::conversation::promise::sending::Sending;
use crate::conversation::promise::{Draining, ObjectPlace, Open, PromiseState, There};
use crate::data::few::Few;
use crate::data::numbers::ActionId;
use crate::data::reference::Reference;
use crate::data::value::Value;
use crate::network::owner::ProcessSlot;
use crate::process::action::Act;
use crate::process::objects::Arriving;
use crate::process::{Context, KeptSlot};
use crate::vm::Vm;
use crate::vm::promises::own;

impl Vm {
    /// Delivers one message that has waited at the promise. Its place stays at the front until none
    /// is left; then those are told who asked meanwhile.
    pub(in crate::vm) fn drain(&mut self, promise: Reference, id: ActionId, context: &mut Context) {
        self.drains = false;
        let (object, place) = {
            let Some(state) = promise.state() else { return };
            match &*state {
                PromiseState::Draining(draining) => match &draining.to {
                    Ok(object) => (Some(object.clone()), None),
                    Err(place) => (None, Some(place.clone())),
                },
                PromiseState::Open(Open { forward: Some(here), .. }) => {
                    let here = (**here).clone();
                    drop(state);
                    return self.forward(promise, here, id, context);
                }
                _ => return,
            }
        };
        let place = place.or_else(|| {
            let object = object.as_ref()?;
            self.own_place(object.forwards_to().as_ref().unwrap_or(object))
        });
        if let Some(place) = &place
            && !matches!(self.way_in(place.site.vm()), Some([]))
        {
            return self.queue_at(place, Act::Drain(DrainPlace::new(promise)), id, context);
        }
        let next = match promise.state().as_deref_mut() {
            Some(PromiseState::Draining(draining)) => draining.waiting.next(),
            _ => None,
        };
        if let Some(mut sending) = next {
            if let Some(object) = object {
                sending.go_on_to(object);
            }
            let spot = place.filter(|_| sending.to().is_object()).map(|place| place.spot());
            self.deliver_waited(sending, context, |vm, sending, context| match spot {
                Some(spot) => vm.deliver_to(spot, sending, id, context),
                // The object has gone meanwhile, or is not there yet; or the promise follows one
                // that is decided elsewhere.
                None => vm.bring(sending, id, context),
            });
        }
        let is_empty = match promise.state().as_deref() {
            Some(PromiseState::Draining(draining)) => draining.waiting.is_empty(),
            _ => return,
        };
        if !is_empty {
            let pending = own(Act::Drain(DrainPlace::new(promise)), id, context);
            self.drains = true;
            return self.processes.queue.put_back(pending);
        }
        self.has_drained(&promise, id, context);
    }

    /// Delivers one message that has waited at the promise while its place was carried to the
    /// object here. Each of them has a place of its own.
    fn forward(&mut self, promise: Reference, here: Reference, id: ActionId, context: &mut Context) {
        if self.is_out(&here) {
            return self.carry(Act::Drain(DrainPlace::new(promise)), id, context);
        }
        let next = match promise.state().as_deref_mut() {
            Some(PromiseState::Open(open)) => open.waiting.next(),
            _ => None,
        };
        if let Some(mut sending) = next {
            sending.go_on_to(here);
            self.deliver_waited(sending, context, |vm, sending, context| vm.bring(sending, id, context));
        }
    }

    /// Delivers a message that has waited alone.
    // Out of the step loop: a message between two processes pays for its length.
    #[inline(never)]
    pub(in crate::vm) fn deliver_alone(
        &mut self,
        sending: Box<Sending>,
        id: ActionId,
        context: &mut Context,
    ) {
        self.deliver_waited(sending, context, |vm, sending, context| {
            match sending.to().near(&vm.processes.site) {
                Some(near) => vm.deliver_near(near, sending, id, context),
                None => vm.bring(sending, id, context),
            }
        });
    }

    /// Delivers a message that has waited, in the name of the turn that sent it.
    #[inline]
    fn deliver_waited(
        &mut self,
        mut sending: Box<Sending>,
        context: &mut Context,
        deliver: impl FnOnce(&mut Self, Box<Sending>, &mut Context),
    ) {
        let sent = sending.go_on();
        if !context.recorder.is_on() {
            return deliver(self, sending, context);
        }
        let (action, depth) = (context.action, context.recorder.depth);
        let origin = context.recorder.origin();
        if let Some(turn) = sent.and_then(|sent| context.recorder.take_up(sent)) {
            context.action.1 = turn;
        }
        deliver(self, sending, context);
        (context.action, context.recorder.depth) = (action, depth);
        context.recorder.comes_from(origin);
    }

    fn has_drained(&mut self, promise: &Reference, id: ActionId, context: &mut Context) {
        let (whens, told) = {
            let Some(mut state) = promise.state() else { return };
            let PromiseState::Draining(draining) = &mut *state else { return };
            let whens = std::mem::replace(&mut draining.whens, Few::None);
            match std::mem::replace(&mut draining.to, Ok(promise.clone())) {
                Ok(object) => {
                    *state = PromiseState::Settled(object.clone().into());
                    (whens, Value::from(object))
                }
                Err(place) => {
                    *state = PromiseState::There(There::new(place, whens));
                    return;
                }
            }
        };
        match told.as_reference() {
            Some(object) if object.is_object() => {
                whens.each(|when| self.tell_waiter(when, Ok(told.clone()), id, context));
            }
            // The promise follows one that is not settled.
            _ => whens.each(|when| self.wait_for(told.clone(), when, id, context)),
        }
    }

    /// An object of clauses is there now.
    pub(in crate::vm) fn make_object(
        &mut self,
        slot: ProcessSlot,
        pid: Pid,
        arriving: Arriving,
        kept: KeptSlot,
        id: ActionId,
        context: &mut Context,
    ) {
        let Some((entry, site)) = self.processes.entry_and_site(slot) else { return };
        if entry.deaf {
            return;
        }
        entry.has_to_do_with_objects = true;
        let target = entry.body.note_object(kept, arriving.reference());
        let place = ObjectPlace { site: site.clone(), pid, process: slot, target };
        self.arrive(arriving, place, id, context);
    }

    /// An object is there now, in this VM. The messages that have waited for it are delivered.
    pub(in crate::vm) fn arrive(
        &mut self,
        arriving: Arriving,
        place: ObjectPlace,
        id: ActionId,
        context: &mut Context,
    ) {
        let object = arriving.arrives();
        object.is_of_tower(self.processes.site.tower_id());
        let drains = {
            let Some(mut state) = object.state() else { return };
            let PromiseState::Open(open) = &mut *state else { return };
            let (whens, waiting) =
                (std::mem::replace(&mut open.whens, Few::None), std::mem::take(&mut open.waiting));
            let drains = !waiting.is_empty();
            *state = match drains {
                true => PromiseState::Draining(Box::new(Draining { to: Err(place), waiting, whens })),
                false => PromiseState::There(There::new(place, whens)),
            };
            drains
        };
        if drains {
            self.queue_own(Act::Drain(DrainPlace::new(object)), id, context);
        }
    }
}
