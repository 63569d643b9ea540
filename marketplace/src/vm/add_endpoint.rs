//! Adds endpoints, and changes them.

use std::mem;

use crate::conversation::event::Event;
use crate::conversation::part::Part;
use crate::conversation::promise::falling::Mark;
use crate::conversation::role::Role;
use crate::conversation::topic::Topic;
use crate::data::door;
use crate::data::hash::Map;
use crate::data::numbers::ActionId;
use crate::data::reason::Reason;
use crate::network::endpoint::{Change, Endpoint, EndpointSlot, Special, Takes};
use crate::network::owner::{HandlerSlot, Owner};
use crate::process::Context;
use crate::process::action::EndpointSpec;
use crate::process::error::VmError;
use crate::vm::Vm;
use crate::vm::ledger::letting_go;
use crate::vm::processes::Processes;

impl Vm {
    pub(super) fn add_endpoint(
        &mut self,
        owner: Owner,
        spec: Box<EndpointSpec>,
        id: ActionId,
        context: &mut Context,
    ) {
        #[cfg(debug_assertions)]
        {
            self.look_for_twins(owner.process, &spec.role.topic, context);
            self.look_who_listens(owner.process, &spec, context);
            self.look_for_same_name(owner.process, spec.name.as_ref(), context);
        }
        let Some(entry) = self.processes.get(owner.process) else {
            unreachable!("actions of processes that have gone are dropped")
        };
        let known = spec.name.as_ref().and_then(|name| entry.names.as_ref()?.endpoints.get(name));
        match known {
            Some(slot) => self.change_endpoint(slot, *spec, owner.handler, id, context),
            None => match self.room_for_endpoints(1) {
                Ok(()) => self.install_endpoint(owner, spec, id, context),
                Err(error) => self.refuse_endpoint(owner, spec, error, id, context),
            },
        }
    }

    /// Whether the limit allows so many more endpoints.
    pub(super) const fn room_for_endpoints(&self, more: usize) -> Result<(), VmError> {
        let limit = self.processes.limits().endpoints;
        if self.network.endpoints.len() + more <= limit {
            Ok(())
        } else {
            Err(VmError::TooManyEndpoints { limit })
        }
    }

    /// The process fails. The endpoint is dropped first: if that panics, the panic is the reason.
    #[cold]
    fn refuse_endpoint(
        &mut self,
        owner: Owner,
        spec: Box<EndpointSpec>,
        error: VmError,
        id: ActionId,
        context: &mut Context,
    ) {
        let mark = Mark::set();
        let (reason, let_go) = letting_go(|| {
            let panic = door::dispose(spec).err();
            if let Some(panic) = &panic {
                self.processes.fail_between_turns(owner.process, (**panic).clone(), id.into(), context);
            }
            self.release_handler(owner, id, context);
            panic.map_or_else(|| Reason::error(error), |panic| *panic)
        });
        mark.blame(&reason);
        if let Some(entry) = self.processes.get_mut(owner.process) {
            entry.lose_all(let_go);
        }
        self.processes.fail_between_turns(owner.process, reason, id.into(), context);
    }

    fn install_endpoint(
        &mut self,
        owner: Owner,
        mut spec: Box<EndpointSpec>,
        id: ActionId,
        context: &mut Context,
    ) {
        let EndpointSpec { name, role, once, counted, messages, heeds, callee, .. } = &mut *spec;
        let (name, once, counted) = (name.take(), *once, *counted);
        let takes = Takes { messages: *messages || once, heeds: *heeds, callee: *callee };
        let role = Role { topic: mem::replace(&mut role.topic, Topic::any()), ..*role };
        spec.retire();
        let order = self.network.new_order();
        let Some(entry) = self.processes.get_mut(owner.process) else {
            unreachable!("actions of processes that have gone are dropped")
        };
        let apart = entry.apart;
        let special = (name.is_some() || once || apart || counted).then(|| {
            Box::new(Special { name: name.clone(), once, apart, counts: counted.then(Map::default) })
        });
        let endpoint = Endpoint::new(order, role, takes, owner, special);
        let slot = self.network.insert(endpoint, &mut entry.last_endpoint);
        if let Some(name) = name {
            entry.names.get_or_insert_default().endpoints.insert(name, slot);
        }
        let shown = self.network.show_endpoint(slot) && self.introduce(slot, id, context);
        if !shown
            && let Some(new) = self.network.endpoints.get(slot)
            && !self.processes.passes_by(owner.process, new.takes.heeds.vacancy(), context)
        {
            let event = Event::vacancy(new.orientation.opposite(), Part::topic(&new.topic));
            self.processes.notify(owner.process, owner.handler, &event, id, context);
        }
    }

    /// Tells each peer of a new endpoint, and the endpoint of each peer. Says whether the endpoint
    /// was shown any.
    #[inline(never)]
    fn introduce(&mut self, slot: EndpointSlot, id: ActionId, context: &mut Context) -> bool {
        let peers = self.network.peers_of(slot);
        let mut shown = false;
        for peer in &peers {
            let Some((new, other)) = self.network.endpoints.get_two_mut(slot, peer.slot) else {
                unreachable!("no endpoint comes or goes while peers are told")
            };
            if other.sees(new.interest) {
                tell_presence(other, new, &mut self.processes, id, context);
            }
            if new.sees(other.interest) {
                shown = true;
                tell_presence(new, other, &mut self.processes, id, context);
            }
        }
        self.network.recycle(peers);
        shown
    }

    /// An endpoint gets another handler and, perhaps, another role, in one atomic change.
    fn change_endpoint(
        &mut self,
        slot: EndpointSlot,
        spec: EndpointSpec,
        handler: HandlerSlot,
        id: ActionId,
        context: &mut Context,
    ) {
        let Some(endpoint) = self.network.endpoints.get_mut(slot) else {
            unreachable!("a name is forgotten with its endpoint")
        };
        let (old_owner, order) = (endpoint.owner, endpoint.order);
        endpoint.owner.handler = handler;
        endpoint.takes.heeds = endpoint.takes.heeds.changed_to(spec.heeds);
        endpoint.takes.callee = spec.callee;
        // The endpoint has a name, so it has this box.
        let special = endpoint.special.get_or_insert_default();
        special.once = spec.once;
        let counted = special.counts.is_some();
        if counted && !spec.counted {
            special.counts = None;
        }
        let old = endpoint.role();
        // A message must find an endpoint that is for one message, even if no clause is about
        // messages.
        let messages = spec.messages || spec.once;
        let heard_messages = mem::replace(&mut endpoint.takes.messages, messages);
        if !counted && spec.counted {
            self.count_anew(slot);
        }
        if old == spec.role && heard_messages != messages {
            self.network.hide(old.orientation, &old.topic, heard_messages, order);
            self.network.show_endpoint(slot);
        }
        if old != spec.role {
            self.network.hide(old.orientation, &old.topic, heard_messages, order);
            let mut peers = self.network.peers(old.orientation, &old.topic);
            let new_peers = self.network.peers(spec.role.orientation, &spec.role.topic);
            peers.extend_from_slice(&new_peers);
            peers.sort_unstable_by_key(|peer| peer.order);
            peers.dedup();
            self.network.recycle(new_peers);
            let Some(endpoint) = self.network.endpoints.get_mut(slot) else {
                unreachable!("the endpoint was found above")
            };
            let apart_from = endpoint.is_apart().then_some(endpoint.owner.process);
            let Role { orientation, topic, interest } = spec.role;
            (endpoint.orientation, endpoint.topic, endpoint.interest) = (orientation, topic, interest);
            self.network.show_endpoint(slot);
            if let Some(process) = apart_from {
                self.network.leave_out(process, &mut peers);
            }
            for peer in &peers {
                let Some((new, other)) = self.network.endpoints.get_two_mut(slot, peer.slot) else {
                    unreachable!("no endpoint comes or goes while peers are told")
                };
                let (other_role, new_role) = (other.role(), new.role());
                let (before, now) = (role_heard(&other_role, &old), role_heard(&other_role, &new_role));
                tell_change(other, before, now, &mut self.processes, id, context);
                let (before, now) = (role_heard(&old, &other_role), role_heard(&new_role, &other_role));
                tell_change(new, before, now, &mut self.processes, id, context);
            }
            self.network.recycle(peers);
        }
        self.release_handler(old_owner, id, context);
    }

    /// Starts counting for an endpoint that did not until now.
    fn count_anew(&mut self, slot: EndpointSlot) {
        let Some(endpoint) = self.network.endpoints.get(slot) else {
            unreachable!("the endpoint is there: it changes")
        };
        let role = endpoint.role();
        let apart_from = endpoint.is_apart().then_some(endpoint.owner.process);
        let mut peers = self.network.peers(role.orientation, &role.topic);
        if let Some(process) = apart_from {
            self.network.leave_out(process, &mut peers);
        }
        let mut counts = Map::default();
        for peer in &peers {
            let Some(other) = self.network.endpoints.get(peer.slot) else {
                unreachable!("what the index finds is in the table")
            };
            if let Some(peer) = role_heard(&role, &other.role()) {
                *counts.entry(peer.topic).or_insert(0) += 1;
            }
        }
        self.network.recycle(peers);
        let Some(endpoint) = self.network.endpoints.get_mut(slot) else {
            unreachable!("the endpoint was found above")
        };
        endpoint.special.get_or_insert_default().counts = Some(counts);
    }
}

/// The role in which an endpoint `ear` hears of a peer `peer`: none, unless they meet and the one
/// hears the other.
pub(super) fn role_heard(ear: &Role, peer: &Role) -> Option<Role> {
    let hears = ear.orientation != peer.orientation && ear.interest.hears(peer.interest);
    let topic = hears.then(|| ear.topic.intersect(&peer.topic))??;
    Some(Role::new(peer.orientation, topic, peer.interest))
}

// In line: a notification takes 20 instructions more otherwise.
#[inline(always)]
fn tell_presence(
    ear: &mut Endpoint,
    peer: &Endpoint,
    processes: &mut Processes,
    id: ActionId,
    context: &mut Context,
) {
    #[cfg(debug_assertions)]
    ear.takes.heeds.meet();
    let first = ear.count_peer(&peer.topic, Change::Comes);
    if processes.passes_by(ear.owner.process, ear.takes.heeds.presence(), context) {
        return;
    }
    let shared = Part::both(&ear.topic, &peer.topic);
    let mut event = Event::presence(peer.orientation, peer.interest, shared);
    event.set_edge(first);
    processes.notify(ear.owner.process, ear.owner.handler, &event, id, context);
}

/// A peer that was told as `before` is now told as `now`: first the new presence, then the old
/// one's absence.
fn tell_change(
    ear: &mut Endpoint,
    before: Option<Role>,
    now: Option<Role>,
    processes: &mut Processes,
    id: ActionId,
    context: &mut Context,
) {
    if before == now {
        return;
    }
    if let Some(now) = now {
        #[cfg(debug_assertions)]
        ear.takes.heeds.meet();
        let first = ear.count(now.topic.clone(), Change::Comes);
        let mut event = Event::presence(now.orientation, now.interest, Part::topic(&now.topic));
        event.set_edge(first);
        processes.notify(ear.owner.process, ear.owner.handler, &event, id, context);
    }
    if let Some(before) = before {
        let last = ear.count(before.topic.clone(), Change::Goes);
        let mut event =
            Event::absence(before.orientation, before.interest, Part::topic(&before.topic), &Reason::Changed);
        event.set_edge(last);
        processes.notify(ear.owner.process, ear.owner.handler, &event, id, context);
    }
}
