//! New endpoints, and endpoints that change.

use crate::action::EndpointSpec;
use crate::endpoint::{Endpoint, Special};
use crate::event::Event;
use crate::hash::Map;
use crate::index::Entry;
use crate::part::Part;
use crate::process::Context;
use crate::processes::Processes;
use crate::reason::Reason;
use crate::role::Role;
use crate::vm::Vm;

impl Vm {
    pub(super) fn add_endpoint(
        &mut self,
        process: u32,
        spec: EndpointSpec,
        handler: u32,
        id: u64,
        context: &mut Context,
    ) {
        let Some(entry) = self.processes.get(process) else {
            return;
        };
        let known = spec.name.as_ref().and_then(|name| entry.names.as_ref()?.endpoints.get(name).copied());
        if let Some(slot) = known {
            return self.change_endpoint(slot, spec, handler, id, context);
        }
        let EndpointSpec { name, role, once, counted, .. } = spec;
        let special = (name.is_some() || once || counted)
            .then(|| Box::new(Special { name, once, counts: counted.then(Map::default) }));
        self.install_endpoint(process, role, handler, special, id, context);
    }

    /// Of what most endpoints are not or have not, it has this.
    fn install_endpoint(
        &mut self,
        process: u32,
        role: Role,
        handler: u32,
        special: Option<Box<Special>>,
        id: u64,
        context: &mut Context,
    ) {
        let peers = self.network.peers(role.orientation, &role.topic);
        let order = self.network.new_order();
        let Some(entry) = self.processes.get_mut(process) else {
            return;
        };
        let name = special.as_ref().and_then(|special| special.name.clone());
        let endpoint = Endpoint::new(order, role, process, handler, special);
        let slot = self.network.insert(endpoint, &mut entry.last_endpoint);
        if let Some(name) = name {
            entry.names.get_or_insert_default().endpoints.insert(name, slot);
        }
        self.network.show_endpoint(slot);
        let shown = self.introduce(slot, &peers, id, context);
        self.network.done(peers);
        if !shown && let Some(new) = self.network.endpoints.get(slot) {
            let event = Event::vacancy(new.role.orientation.opposite(), Part::topic(&new.role.topic));
            self.processes.hear(process, handler, &event, id, context);
        }
    }

    /// Tells each peer of a new endpoint, and it of each peer. Says whether it was shown any.
    fn introduce(&mut self, slot: u32, peers: &[Entry], id: u64, context: &mut Context) -> bool {
        let mut shown = false;
        for peer in peers {
            let Some((new, other)) = self.network.endpoints.get_two_mut(slot, peer.slot) else {
                continue;
            };
            if other.hears(new.role.interest) {
                tell_presence(other, &new.role, &mut self.processes, id, context);
            }
            if new.hears(other.role.interest) {
                shown = true;
                tell_presence(new, &other.role, &mut self.processes, id, context);
            }
        }
        shown
    }

    /// An endpoint gets another handler and, perhaps, another role, in one atomic change.
    fn change_endpoint(
        &mut self,
        slot: u32,
        spec: EndpointSpec,
        handler: u32,
        id: u64,
        context: &mut Context,
    ) {
        let Some(endpoint) = self.network.endpoints.get_mut(slot) else {
            return;
        };
        let (process, order) = (endpoint.process, endpoint.order);
        let old_handler = std::mem::replace(&mut endpoint.handler, handler);
        // It has a name.
        let special = endpoint.special.get_or_insert_default();
        special.once = spec.once;
        let counted = special.counts.is_some();
        if counted && !spec.counted {
            special.counts = None;
        }
        let old = endpoint.role.clone();
        if !counted && spec.counted {
            self.count_anew(slot);
        }
        if old != spec.role {
            self.network.hide(&old, order);
            let mut peers = self.network.peers(old.orientation, &old.topic);
            let new_peers = self.network.peers(spec.role.orientation, &spec.role.topic);
            peers.extend_from_slice(&new_peers);
            peers.sort_unstable_by_key(|peer| peer.order);
            peers.dedup();
            self.network.done(new_peers);
            if let Some(endpoint) = self.network.endpoints.get_mut(slot) {
                endpoint.role = spec.role;
            }
            self.network.show_endpoint(slot);
            for peer in &peers {
                let Some((new, other)) = self.network.endpoints.get_two_mut(slot, peer.slot) else {
                    continue;
                };
                let (before, now) = (told(&other.role, &old), told(&other.role, &new.role));
                tell_change(other, before, now, &mut self.processes, id, context);
                let (before, now) = (told(&old, &other.role), told(&new.role, &other.role));
                tell_change(new, before, now, &mut self.processes, id, context);
            }
            self.network.done(peers);
        }
        self.release_handler(process, old_handler, id, context);
    }

    /// Starts counting for an endpoint that did not until now.
    fn count_anew(&mut self, slot: u32) {
        let Some(endpoint) = self.network.endpoints.get(slot) else {
            return;
        };
        let role = endpoint.role.clone();
        let peers = self.network.peers(role.orientation, &role.topic);
        let mut counts = Map::default();
        for peer in &peers {
            let Some(other) = self.network.endpoints.get(peer.slot) else {
                continue;
            };
            if let Some(peer) = told(&role, &other.role) {
                *counts.entry(peer.topic).or_insert(0) += 1;
            }
        }
        self.network.done(peers);
        if let Some(endpoint) = self.network.endpoints.get_mut(slot) {
            endpoint.special.get_or_insert_default().counts = Some(counts);
        }
    }
}

/// What an endpoint in the role `ear` is told of a peer in the role `peer`: nothing, unless they meet and the one hears the other.
fn told(ear: &Role, peer: &Role) -> Option<Role> {
    let hears = ear.orientation != peer.orientation && ear.interest.hears(peer.interest);
    let topic = hears.then(|| ear.topic.intersect(&peer.topic))??;
    Some(Role::new(peer.orientation, topic, peer.interest))
}

fn tell_presence(ear: &mut Endpoint, peer: &Role, processes: &mut Processes, id: u64, context: &mut Context) {
    let first = ear.count_peer(&peer.topic, true);
    let shared = Part::both(&ear.role.topic, &peer.topic);
    let event = Event::presence(peer.orientation, peer.interest, shared);
    let event = if first { event.at_edge() } else { event };
    processes.hear(ear.process, ear.handler, &event, id, context);
}

/// A peer that was told as `before` is now told as `now`: first the new presence, then the old one's absence.
fn tell_change(
    ear: &mut Endpoint,
    before: Option<Role>,
    now: Option<Role>,
    processes: &mut Processes,
    id: u64,
    context: &mut Context,
) {
    if before == now {
        return;
    }
    if let Some(now) = now {
        let first = ear.count(now.topic.clone(), true);
        let event = Event::presence(now.orientation, now.interest, Part::topic(&now.topic));
        let event = if first { event.at_edge() } else { event };
        processes.hear(ear.process, ear.handler, &event, id, context);
    }
    if let Some(before) = before {
        let last = ear.count(before.topic.clone(), false);
        let event =
            Event::absence(before.orientation, before.interest, Part::topic(&before.topic), &Reason::Changed);
        let event = if last { event.at_edge() } else { event };
        processes.hear(ear.process, ear.handler, &event, id, context);
    }
}
