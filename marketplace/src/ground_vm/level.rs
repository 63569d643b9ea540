//! The level outside the ground VM, which has sources only.

mod hearing;
mod listener;
pub(super) mod sources;

use std::collections::VecDeque;

use crate::conversation::duct::{LetGo, letting_go};
use crate::conversation::event::Event;
use crate::conversation::part::Part;
use crate::conversation::promise::falling::Mark;
use crate::conversation::role::{Orientation, Role};
use crate::conversation::topic::Topic;
use crate::data::fresh::Fresh;
use crate::data::hash::Map;
use crate::data::reason::Reason;
use crate::data::slots::Slots;
use crate::data::symbol::Symbol;
use crate::data::value::Value;
use crate::ground_vm::Output;
use crate::ground_vm::level::listener::{Listener, Rest, host_absence, host_presence};
use crate::ground_vm::level::sources::{ActiveSource, Demand};
use crate::ground_vm::source::{Source, ground_topic};
use crate::network::endpoint::{Endpoint, EndpointSlot};
use crate::network::index::{Index, IndexEntry, Order};
use crate::process::Context;
use crate::process::action::{Deletion, EndpointSpec, Handler};
use crate::vm::Vm;

/// The endpoints that the ground VM has out here, and the sources that are on. The host's end of
/// each source is a publisher.
pub(super) struct Level {
    endpoints: Slots<Listener, Endpoint>,
    names: Map<Value, EndpointSlot>,
    index: Index,
    /// That of the endpoint that was created last.
    last_order: Order,
    sources: Slots<ActiveSource>,
    /// How many listeners are not plain. A plain listener is a participant that names one source
    /// and nothing else.
    selective: usize,
}

type Outputs = VecDeque<Output>;

impl Level {
    pub(super) fn new() -> Self {
        Self {
            endpoints: Slots::new(),
            names: Map::default(),
            index: Index::new(),
            last_order: Order::ZERO,
            sources: Slots::new(),
            selective: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether the limit allows this endpoint, too.
    pub(super) fn has_room_for(&self, spec: &EndpointSpec, limit: usize) -> bool {
        self.endpoints.len() < limit || spec.name.as_ref().is_some_and(|name| self.names.contains_key(name))
    }

    /// Whether there can be such an endpoint out here: a listener to ground events, of one source
    /// or of all.
    pub(super) fn knows(role: &Role) -> bool {
        let Some(source) = Part::topic(&role.topic).field(0) else { return false };
        role.orientation == Orientation::Subscriber
            && role.topic.meets(&ground_topic(None))
            && (source.to_value().is_none() || source.decode::<Source>().is_some())
    }

    pub(super) fn add(
        &mut self,
        spec: EndpointSpec,
        handler: Handler<Vm>,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) {
        let EndpointSpec { name, role, once, counted, heeds, .. } = spec;
        let heeds_shutdown = heeds.shutdown();
        let name = name.unwrap_or_else(|| Fresh::new().into());
        if let Some(&slot) = self.names.get(&name) {
            let Some(listener) = self.endpoints.get_mut(slot) else {
                unreachable!("a name is forgotten with its listener")
            };
            (listener.handler, listener.once, listener.counted) = (handler, once, counted);
            listener.heeds_shutdown = heeds_shutdown;
            return self.change(slot, role, vm, context, outputs);
        }
        self.last_order = self.last_order.next();
        let order = self.last_order;
        let listener = {
            let rest = Box::new(Rest { order, role, name: name.clone() });
            Listener { handler, once, counted, heeds_shutdown, rest }
        };
        let demanded = listener.demands();
        self.selective += usize::from(!listener.is_plain());
        let topic = listener.rest.role.topic.clone();
        let slot = self.endpoints.insert(listener);
        self.names.insert(name, slot);
        self.index.add(&topic, IndexEntry { order, slot });
        let demand = demanded.map(|source| self.demand(&source, slot, vm, context, outputs));
        if demand != Some(Demand::TurnedOn) {
            self.introduce(slot, vm, context);
        }
        if demand == Some(Demand::Spent) {
            self.tell_spent(slot, vm, context);
        }
    }

    /// A listener gets another role, in one atomic change: it is told of each source that it hears
    /// from now on, or hears no more.
    fn change(
        &mut self,
        slot: EndpointSlot,
        role: Role,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) {
        let topics = self.topics();
        let Some(listener) = self.endpoints.get_mut(slot) else { unreachable!("the listener changes") };
        let (before, was_plain) = (listener.demands(), listener.is_plain());
        let old = std::mem::replace(&mut listener.rest.role, role);
        self.selective += usize::from(!listener.is_plain());
        self.selective -= usize::from(!was_plain);
        let (listener, now) = (&*listener, listener.demands());
        self.index.remove(&old.topic, listener.rest.order);
        self.index.add(&listener.rest.role.topic, IndexEntry { order: listener.rest.order, slot });
        for topic in &topics {
            let (before, now) = (old.topic.intersect(topic), listener.rest.role.topic.intersect(topic));
            if before == now {
                continue;
            }
            if now.is_some() {
                listener.hear(&host_presence(topic, &listener.rest.role.topic), vm, context);
            }
            if before.is_some() {
                listener.hear(&host_absence(topic, &old.topic, &Reason::Changed), vm, context);
            }
        }
        if before == now {
            return;
        }
        let demand = now.map(|source| self.demand(&source, slot, vm, context, outputs));
        if demand == Some(Demand::Spent) {
            self.tell_spent(slot, vm, context);
        }
        self.release(before, slot, vm, context, outputs);
    }

    /// Tells a listener that it has named a source that gives nothing any more.
    fn tell_spent(&self, slot: EndpointSlot, vm: &mut Option<Vm>, context: &mut Context) {
        let Some(listener) = self.endpoints.get(slot) else { unreachable!("the listener has just named it") };
        let reason = Reason::Refused(Value::from(&Symbol::new("spent")));
        let topic = ground_topic(listener.demands().as_ref());
        listener.hear(&Event::refusal(Part::both(&listener.rest.role.topic, &topic), &reason), vm, context);
    }

    /// Shows a new listener the sources that are on.
    fn introduce(&self, slot: EndpointSlot, vm: &mut Option<Vm>, context: &mut Context) {
        let Some(listener) = self.endpoints.get(slot) else { unreachable!("the listener is new") };
        let mut shown = false;
        for topic in self.peers(&listener.rest.role.topic) {
            shown = true;
            listener.hear(&host_presence(&topic, &listener.rest.role.topic), vm, context);
        }
        if !shown {
            let event = Event::vacancy(Orientation::Publisher, Part::topic(&listener.rest.role.topic));
            listener.hear(&event, vm, context);
        }
    }

    fn listeners(&mut self, topic: &Topic) -> Vec<IndexEntry> {
        let mut found = Vec::new();
        self.index.meeting(topic, &mut found);
        found
    }

    fn remove(&mut self, slot: EndpointSlot) -> Listener {
        let Some(listener) = self.endpoints.remove(slot) else { unreachable!("a listener is removed once") };
        self.index.remove(&listener.rest.role.topic, listener.rest.order);
        self.selective -= usize::from(!listener.is_plain());
        listener
    }

    /// Gives the ducts of which the handler lets go, if its process has ended.
    pub(super) fn delete(
        &mut self,
        delete: &Deletion,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) -> Option<Vec<LetGo>> {
        let slot = self.names.remove(&delete.name)?;
        let listener = self.remove(slot);
        for topic in self.peers(&listener.rest.role.topic) {
            listener.hear(&host_absence(&topic, &listener.rest.role.topic, &delete.reason), vm, context);
        }
        self.release(listener.demands(), slot, vm, context, outputs);
        if !delete.ended {
            return None;
        }
        let mark = Mark::set();
        let ((), let_go) = letting_go(|| drop(listener));
        mark.blame(&delete.reason);
        let_go
    }
}
