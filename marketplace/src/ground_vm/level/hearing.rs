//! Items and feedback out here, and the endpoints that hear them.

use std::cmp::Reverse;

use crate::conversation::event::Event;
use crate::conversation::part::Part;
use crate::conversation::role::Orientation;
use crate::conversation::topic::Topic;
use crate::data::reason::Reason;
use crate::data::slots::Slot;
use crate::data::value::Value;
use crate::ground_vm::level::sources::ActiveSource;
use crate::ground_vm::level::{Level, Outputs};
use crate::network::endpoint::EndpointSlot;
use crate::process::Context;
use crate::vm::Vm;

impl Level {
    /// An item of the source that is on here. Most sources have one listener, which is told without
    /// a search.
    pub(in crate::ground_vm) fn hear_item(
        &mut self,
        on: Slot<ActiveSource>,
        body: &Value,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) {
        match self.sources.get(on).and_then(ActiveSource::only) {
            Some(listener) if self.selective == 0 => {
                self.let_hear(listener, &Event::message(Orientation::Publisher, body), vm, context, outputs);
            }
            _ => self.hear_message(body, vm, context, outputs),
        }
    }

    pub(in crate::ground_vm) fn hear_message(
        &mut self,
        body: &Value,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) {
        let event = Event::message(Orientation::Publisher, body);
        let mut receivers = Vec::new();
        self.index.matching(body).append_to(&mut receivers);
        for receiver in receivers {
            self.let_hear(receiver.slot, &event, vm, context, outputs);
        }
    }

    /// A listener hears a message. If the listener is for one message only, the message takes it.
    fn let_hear(
        &mut self,
        slot: EndpointSlot,
        event: &Event<'_>,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) {
        match self.endpoints.get(slot) {
            Some(listener) if !listener.once => return listener.hear(event, vm, context),
            _ => {}
        }
        let listener = self.remove(slot);
        self.names.remove(&listener.rest.name);
        listener.hear(event, vm, context);
        self.release(listener.demands(), slot, vm, context, outputs);
    }

    /// The listeners that want to know hear that the program is about to end, the youngest first.
    pub(in crate::ground_vm) fn hear_shutdown(&self, vm: &mut Option<Vm>, context: &mut Context) {
        let mut listeners: Vec<_> =
            self.names.values().filter_map(|&slot| self.endpoints.get(slot)).collect();
        listeners.sort_unstable_by_key(|listener| Reverse(listener.rest.order));
        for listener in listeners.into_iter().filter(|listener| listener.heeds_shutdown) {
            listener.hear(&Event::shutdown(), vm, context);
        }
    }

    pub(in crate::ground_vm) fn hear_refusal(
        &mut self,
        topic: &Topic,
        why: Value,
        vm: &mut Option<Vm>,
        context: &mut Context,
    ) {
        let reason = Reason::Refused(why);
        for ear in self.listeners(topic) {
            let Some(listener) = self.endpoints.get(ear.slot) else {
                unreachable!("what the index finds is in the table")
            };
            listener.hear(
                &Event::refusal(Part::both(&listener.rest.role.topic, topic), &reason),
                vm,
                context,
            );
        }
    }
}
