//! The endpoints of other machines, as they stand here.
//!
//! Of the stand-ins with one side and topic, one hears messages for all: its *ear*. So a message
//! costs a turn for each topic that it matches, however many endpoints there are.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::once;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use marketplace::prelude::*;
use marketplace::{Event, IntoActionTree, Outcome, Turn, View};

use crate::gateway::Gateway;
use crate::gateway::pending::Said;
use crate::policy::Parts;

/// An endpoint of another machine.
pub(super) struct Announced {
    pub(super) role: Role,
    /// The parts of its topic that are shared here, by the number of the shared topic.
    parts: Parts,
    /// How many bytes the frame had by which it was announced.
    pub(super) bytes: usize,
}

/// A stand-in: the machine, the number of the endpoint there, and that of the shared topic.
type StandIn = (Text, u64, u64);

/// The side and the topic of stand-ins.
type Place = (Orientation, Topic);

/// Which stand-ins there are for a side and topic.
#[derive(Default)]
pub(super) struct Ears(HashMap<Place, Ear>);

enum Ear {
    /// One stand-in, as most often: it hears messages.
    One(StandIn),
    Many(Box<Many>),
}

#[derive(Default)]
struct Many {
    /// The one that hears messages.
    hearer: Option<StandIn>,
    all: BTreeSet<StandIn>,
    /// How many each machine has.
    machines: BTreeMap<Text, usize>,
}

impl Many {
    fn add(&mut self, stand_in: StandIn) {
        *self.machines.entry(stand_in.0.clone()).or_default() += 1;
        self.all.insert(stand_in);
    }
}

impl Ears {
    /// Adds a stand-in. Says whether it is the one that hears.
    fn add(&mut self, place: Place, stand_in: StandIn) -> bool {
        let ear = match self.0.entry(place) {
            Entry::Occupied(ear) => ear.into_mut(),
            Entry::Vacant(ear) => {
                ear.insert(Ear::One(stand_in));
                return true;
            }
        };
        if let Ear::One(one) = ear {
            let mut many = Many { hearer: Some(one.clone()), ..Many::default() };
            many.add(one.clone());
            *ear = Ear::Many(Box::new(many));
        }
        let Ear::Many(many) = ear else { return false };
        many.add(stand_in.clone());
        let hears = many.hearer.is_none();
        many.hearer.get_or_insert(stand_in);
        hears
    }

    fn remove(&mut self, place: &Place, stand_in: &StandIn) {
        let is_empty = match self.0.get_mut(place) {
            None => return,
            Some(Ear::One(one)) => one == stand_in,
            Some(Ear::Many(many)) => {
                if let Some(count) = many.machines.get_mut(&stand_in.0) {
                    *count -= 1;
                    if *count == 0 {
                        many.machines.remove(&stand_in.0);
                    }
                }
                many.all.remove(stand_in);
                many.hearer.take_if(|hearer| hearer == stand_in);
                many.all.is_empty()
            }
        };
        if is_empty {
            self.0.remove(place);
        }
    }

    /// Lets another stand-in hear, where the one that did has gone.
    fn heir(&mut self, place: &Place) -> Option<StandIn> {
        let Some(Ear::Many(many)) = self.0.get_mut(place) else { return None };
        if many.hearer.is_some() {
            return None;
        }
        many.hearer = many.all.first().cloned();
        many.hearer.clone()
    }
}

impl Gateway {
    /// An endpoint of another machine comes.
    pub(super) fn announce(&mut self, vm: &Text, id: u64, role: Role, bytes: usize) -> ActionTree<Self> {
        let parts = self.policy.cut(&role.topic);
        let mut actions = ActionTree::new();
        for (part, topic) in &parts {
            let place = (role.orientation, topic.clone());
            let hears = self.ears.add(place.clone(), (vm.clone(), id, *part));
            stand_in((vm, id, *part), place, role.interest, hears).append_to(&mut actions);
        }
        if let Some(peer) = self.peers.get_mut(vm) {
            peer.announced.insert(id, Announced { role, parts, bytes });
        }
        actions
    }

    /// An endpoint of another machine changes its role: so do its stand-ins, each at once.
    pub(super) fn change(&mut self, vm: &Text, id: u64, role: Role, bytes: usize) -> ActionTree<Self> {
        let old = self.peers.get_mut(vm).and_then(|peer| peer.announced.remove(&id));
        let Some(Announced { role: old_role, parts: old, bytes: old_bytes }) = old else {
            return ActionTree::new();
        };
        let parts = self.policy.cut(&role.topic);
        let mut actions = ActionTree::new();
        let mut left = Vec::new();
        for (part, topic) in &old {
            let place = (old_role.orientation, topic.clone());
            self.ears.remove(&place, &(vm.clone(), id, *part));
            left.push(place);
        }
        let mut added = Vec::new();
        for (part, topic) in &parts {
            let place = (role.orientation, topic.clone());
            let hears = self.ears.add(place.clone(), (vm.clone(), id, *part));
            added.push(stand_in((vm, id, *part), place, role.interest, hears));
        }
        self.inherit(&left).append_to(&mut actions);
        added.into_iter().for_each(|stand_in| stand_in.append_to(&mut actions));
        for (part, _) in old.iter().filter(|(part, _)| !parts.iter().any(|(other, _)| part == other)) {
            delete_endpoint(name((vm, id, *part))).because(Reason::Changed).append_to(&mut actions);
        }
        if let Some(peer) = self.peers.get_mut(vm) {
            peer.bytes -= old_bytes;
            peer.arities.remove(&old_role.topic);
            if let Some((label, arity)) = crate::wire::label_of(&role.topic) {
                peer.arities.add(&label, arity);
            }
            peer.announced.insert(id, Announced { role, parts, bytes });
        }
        actions
    }

    /// These endpoints of another machine go.
    pub(super) fn withdraw_all(&mut self, vm: &Text, ids: &[u64], reason: &Reason) -> ActionTree<Self> {
        let (mut left, mut deleted) = (Vec::new(), Vec::new());
        for &id in ids {
            let Some(peer) = self.peers.get_mut(vm) else { break };
            let Some(Announced { role, parts, bytes }) = peer.announced.remove(&id) else { continue };
            peer.bytes -= bytes;
            peer.arities.remove(&role.topic);
            for (part, topic) in parts {
                let place = (role.orientation, topic);
                self.ears.remove(&place, &(vm.clone(), id, part));
                left.push(place);
                deleted.push(delete_endpoint(name((vm, id, part))).because(reason.clone()));
            }
        }
        let mut actions = self.inherit(&left);
        deleted.into_iter().for_each(|delete| delete.append_to(&mut actions));
        actions
    }

    /// Lets others hear at these places, if those that did are gone.
    fn inherit(&mut self, left: &[Place]) -> ActionTree<Self> {
        let mut actions = ActionTree::new();
        for place in left {
            let Some((vm, id, part)) = self.ears.heir(place) else { continue };
            let announced = self.peers.get(&vm).and_then(|peer| peer.announced.get(&id));
            if let Some(Announced { role, .. }) = announced {
                stand_in((&vm, id, part), place.clone(), role.interest, true).append_to(&mut actions);
            }
        }
        actions
    }

    /// A stand-in hears something.
    fn hear_here(vm: &Text, place: &Place, event: &Event<'_>, turn: &mut Turn<'_, Self>) -> Outcome<Self> {
        let cause = turn.cause();
        let gateway = turn.state_mut();
        if let Some(body) = event.body() {
            let Some(ear) = gateway.ears.0.get(place) else { return turn.act(()) };
            let said = Said::Message(event.orientation(), body.clone());
            match ear {
                Ear::One((vm, ..)) => gateway.pending.say_to(cause, said, once(vm.clone())),
                Ear::Many(many) => gateway.pending.say_to(cause, said, many.machines.keys().cloned()),
            }
        } else if event.is_refusal() {
            gateway.pending.refuse_to(cause, &event.conversation().to_topic(), vm);
        } else {
            return turn.act(());
        }
        let actions = gateway.flush_later();
        turn.act(actions)
    }
}

/// The action that adds a stand-in, or changes it.
fn stand_in(
    (vm, id, part): (&Text, u64, u64),
    place: Place,
    interest: InterestType,
    hears: bool,
) -> AddEndpoint<Gateway> {
    let role = Role::new(place.0, place.1.clone(), interest);
    let machine = vm.clone();
    let endpoint =
        AddEndpoint::new(role, move |event, turn| Gateway::hear_here(&machine, &place, event, turn))
            .heeding(false, false, false);
    let endpoint = if hears { endpoint } else { endpoint.without_messages() };
    name_endpoint(name((vm, id, part)), endpoint)
}

/// The machine, and the number there, of an endpoint whose stand-in has this name.
pub(crate) fn machine_of(name: &Value) -> Option<(Text, u64)> {
    let View::Sequence([vm, id, _]) = name.view() else { return None };
    Some((Text::from_value(vm)?, u64::from_value(id)?))
}

/// The name of a stand-in.
fn name((vm, id, part): (&Text, u64, u64)) -> Value {
    Value::sequence([vm.clone().into(), id.to_value(), part.to_value()])
}
