//! Sends messages and feedback.

use crate::conversation::event::Event;
use crate::conversation::promise::falling::Mark;
use crate::conversation::role::Orientation;
use crate::data::numbers::ActionId;
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::network::endpoint::{EndpointSlot, Receivers};
use crate::network::owner::ProcessSlot;
use crate::process::Context;
use crate::vm::Vm;

impl Vm {
    /// Every endpoint of the other orientation whose topic matches hears the message, in creation
    /// order.
    #[inline(never)]
    pub(super) fn send_message(
        &mut self,
        body: &Value,
        sender: Orientation,
        id: ActionId,
        context: &mut Context,
    ) {
        let event = Event::message(sender, body);
        let receivers = self.network.receivers(body, sender);
        #[cfg(debug_assertions)]
        self.look_for_missed(body, sender, !receivers.is_empty(), context);
        match receivers {
            Receivers::One(receiver) => self.tell_message(receiver.slot, &event, id, context),
            Receivers::Two(receivers) => {
                for receiver in receivers {
                    self.tell_message(receiver.slot, &event, id, context);
                }
            }
            Receivers::Many(receivers) => {
                if receivers.is_empty() {
                    self.unheard(body, context);
                }
                for receiver in &receivers {
                    self.tell_message(receiver.slot, &event, id, context);
                }
                self.network.recycle(receivers);
            }
        }
        #[cfg(debug_assertions)]
        self.look_for_untaken(body, sender, context);
    }

    #[inline]
    pub(super) fn tell_message(
        &mut self,
        slot: EndpointSlot,
        event: &Event<'_>,
        id: ActionId,
        context: &mut Context,
    ) {
        #[cfg(debug_assertions)]
        let hearer = self.hearer(slot, context);
        match self.network.endpoints.get(slot) {
            Some(endpoint) if endpoint.simply_hears() => {
                self.processes.notify(endpoint.owner.process, endpoint.owner.handler, event, id, context);
            }
            _ => self.tell_special(slot, event, id, context),
        }
        #[cfg(debug_assertions)]
        self.note_clause(hearer, context);
    }

    /// The message is for an endpoint that is for one message, or apart from its own process.
    // Not in line: a delivery takes 10 instructions more otherwise.
    #[inline(never)]
    fn tell_special(&mut self, slot: EndpointSlot, event: &Event<'_>, id: ActionId, context: &mut Context) {
        let Some(endpoint) = self.network.endpoints.get(slot) else {
            unreachable!("no endpoint comes or goes while a message is told")
        };
        let owner = endpoint.owner;
        if endpoint.is_apart() && self.is_acting(owner.process) {
            return;
        }
        match endpoint.is_once() {
            true => self.spend(slot, event, id, context),
            false => self.processes.notify(owner.process, owner.handler, event, id, context),
        }
    }

    /// Whether the action that is performed is this process's.
    pub(super) fn is_acting(&self, process: ProcessSlot) -> bool {
        self.processes.queue.popped().is_some_and(|(_, slot, _)| slot == process)
    }

    /// A message takes an endpoint that is for one message only.
    pub(super) fn spend(
        &mut self,
        slot: EndpointSlot,
        event: &Event<'_>,
        id: ActionId,
        context: &mut Context,
    ) {
        let mut endpoint = self.take_endpoint(slot);
        let process = endpoint.owner.process;
        self.processes.notify(endpoint.owner.process, endpoint.owner.handler, event, id, context);
        self.tell_absence(&mut endpoint, &Reason::Normal, false, id, context);
        let mark = Mark::set();
        self.release_endpoint(endpoint, id, context);
        if self.processes.get(process).is_some_and(|entry| entry.deaf) {
            mark.blame_as_rest();
        }
        self.processes.collect(process, context);
    }
}
