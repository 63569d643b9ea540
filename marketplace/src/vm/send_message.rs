//! Sends messages and feedback.

use crate::conversation::event::Event;
use crate::conversation::role::Orientation;
use crate::data::numbers::ActionId;
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::network::endpoint::{EndpointSlot, Receivers};
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
        match self.network.receivers(body, sender) {
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
    }

    #[inline]
    fn tell_message(&mut self, slot: EndpointSlot, event: &Event<'_>, id: ActionId, context: &mut Context) {
        match self.network.endpoints.get(slot) {
            Some(endpoint) if !endpoint.is_once() => {
                self.processes.hear(endpoint.owner.process, endpoint.owner.handler, event, id, context);
            }
            _ => self.spend(slot, event, id, context),
        }
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
        self.processes.hear(endpoint.owner.process, endpoint.owner.handler, event, id, context);
        self.tell_absence(&mut endpoint, &Reason::Normal, false, id, context);
        self.release_endpoint(endpoint, id, context);
        self.processes.collect(process, context);
    }
}
