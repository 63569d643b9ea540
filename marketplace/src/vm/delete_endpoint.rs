//! Removes endpoints.

use crate::conversation::event::Event;
use crate::conversation::part::Part;
use crate::conversation::promise::falling::Mark;
use crate::data::door;
use crate::data::numbers::ActionId;
use crate::data::reason::Reason;
use crate::network::endpoint::{Change, Endpoint, EndpointSlot};
use crate::network::owner::{Owner, ProcessSlot};
use crate::process::Context;
use crate::process::action::{Act, Deletion, Held};
use crate::process::queue::Work;
use crate::record::trace::{Performed, There};
use crate::vm::Vm;
use crate::vm::ledger::letting_go;
use crate::vm::processes::Processes;

/// How many names of endpoints a record tells, at most.
const NAMES: usize = 10;

impl Vm {
    pub(super) fn delete_endpoint(
        &mut self,
        process: ProcessSlot,
        delete: &Deletion,
        id: ActionId,
        context: &mut Context,
    ) {
        let entry = self.processes.get(process);
        let Some(slot) = entry.and_then(|entry| entry.names.as_ref()?.endpoints.get(&delete.name)) else {
            #[cfg(debug_assertions)]
            if !delete.ended {
                self.look_for_name(process, &delete.name, context);
            }
            return;
        };
        self.withdraw(slot, &delete.reason, delete.ended, id, context);
    }

    /// The action as it is noted, if it deletes an endpoint that is not there.
    pub(super) fn deletes_nothing(&self, process: ProcessSlot, work: &Work) -> Option<Performed> {
        let Work::Act(act) = work else { return None };
        let (delete, levels) = deletion(act, 0)?;
        let names = self.processes.get(process)?.names.as_deref();
        let known = names.is_some_and(|names| match levels {
            0 => names.endpoints.get(&delete.name).is_some(),
            _ => names.outer.contains_key(&(levels, delete.name.clone())),
        });
        if known || delete.ended {
            return None;
        }
        let endpoints = names.into_iter().flat_map(|names| names.endpoints.names());
        let outer = names.into_iter().flat_map(|names| names.outer.keys());
        let mut there: Vec<_> = match levels {
            0 => endpoints.collect(),
            _ => outer.filter(|(at, _)| *at == levels).map(|(_, name)| name).collect(),
        };
        // In an order that is not the map's, and at a cost that is linear.
        let more = there.len().saturating_sub(NAMES);
        if more > 0 {
            there.select_nth_unstable(NAMES);
            there.truncate(NAMES);
        }
        there.sort_unstable();
        let (name, there) =
            (delete.name.seen(), there.into_iter().map(|name| name.seen()).collect::<Vec<_>>());
        Some(match levels {
            0 => Performed::DeleteNothing { name, there, more },
            _ => Performed::AtMetaLevel(format!(
                "{}delete endpoint {name}, which is not there ({})",
                "at meta level: ".repeat(levels as usize - 1),
                There(&there, more)
            )),
        })
    }

    /// The endpoint leaves: its peers hear its absence, and it hears theirs. `ended`: it is a VM's,
    /// and its process in there ends.
    fn withdraw(
        &mut self,
        slot: EndpointSlot,
        reason: &Reason,
        ended: bool,
        id: ActionId,
        context: &mut Context,
    ) {
        let mut endpoint = self.take_endpoint(slot);
        self.tell_absence(&mut endpoint, reason, true, id, context);
        if !ended {
            return self.release_endpoint(endpoint, id, context);
        }
        let mark = Mark::set();
        let ((), let_go) = letting_go(|| self.release_endpoint(endpoint, id, context));
        mark.blame(reason);
        self.processes.ended(let_go, reason);
    }

    /// An endpoint of a process that ends leaves: its peers hear its absence. Its handler goes with
    /// the process.
    #[inline(always)]
    pub(super) fn withdraw_with_process(
        &mut self,
        slot: EndpointSlot,
        reason: &Reason,
        id: ActionId,
        context: &mut Context,
    ) {
        let mut endpoint = self.take_endpoint(slot);
        self.tell_absence(&mut endpoint, reason, false, id, context);
        let made = (endpoint.topic.retire().err(), endpoint.special);
        if made.0.is_some() || made.1.is_some() {
            self.processes.drop_with_process(made, reason);
        }
    }

    /// Takes an endpoint out of the network and its process's list. Its handler stays.
    // In line, as is all that follows, for which the endpoint would be moved otherwise: a process
    // that ends takes 100 instructions less.
    #[inline(always)]
    pub(super) fn take_endpoint(&mut self, slot: EndpointSlot) -> Endpoint {
        let (endpoint, last) = self.network.remove(slot);
        self.network.hide(endpoint.orientation, &endpoint.topic, endpoint.takes.messages, endpoint.order);
        if let Some(entry) = self.processes.get_mut(endpoint.owner.process) {
            if let Some(last) = last {
                entry.last_endpoint = last;
            }
            if let (Some(name), Some(names)) = (endpoint.name(), &mut entry.names) {
                names.endpoints.remove(name);
            }
        }
        endpoint
    }

    /// Tells of an endpoint that has left the network: each peer hears its absence and, if it still
    /// listens, it hears the peer's.
    #[inline(always)]
    pub(super) fn tell_absence(
        &mut self,
        gone: &mut Endpoint,
        reason: &Reason,
        listens: bool,
        id: ActionId,
        context: &mut Context,
    ) {
        if self.network.may_meet(gone.orientation, &gone.topic) {
            self.tell_peers(gone, reason, listens, id, context);
        }
    }

    #[inline(never)]
    fn tell_peers(
        &mut self,
        gone: &mut Endpoint,
        reason: &Reason,
        listens: bool,
        id: ActionId,
        context: &mut Context,
    ) {
        let mut peers = self.network.peers(gone.orientation, &gone.topic);
        if gone.is_apart() {
            self.network.leave_out(gone.owner.process, &mut peers);
        }
        for peer in &peers {
            let Some(other) = self.network.endpoints.get_mut(peer.slot) else {
                unreachable!("no endpoint comes or goes while peers are told")
            };
            if other.sees(gone.interest) {
                hear_absence(other, gone, reason, &mut self.processes, id, context);
            }
            if listens && gone.sees(other.interest) {
                hear_absence(gone, other, reason, &mut self.processes, id, context);
            }
        }
        self.network.recycle(peers);
    }

    /// Drops an endpoint that has left, for whatever cause; its own process fails if that panics.
    #[inline(always)]
    pub(super) fn release_endpoint(&mut self, endpoint: Endpoint, id: ActionId, context: &mut Context) {
        let Endpoint { owner, topic, special, .. } = endpoint;
        let made = (topic.retire().err(), special);
        if (made.0.is_some() || made.1.is_some())
            && let Err(reason) = door::dispose(made)
        {
            self.processes.fail_between_turns(owner.process, *reason, id.into(), context);
        }
        self.release_handler(owner, id, context);
    }

    /// Drops a handler that is not called any more; the process fails if that panics.
    pub(super) fn release_handler(&mut self, owner: Owner, id: ActionId, context: &mut Context) {
        if let Some(entry) = self.processes.get_mut(owner.process)
            && let Err(reason) = entry.body.release_handler(owner.handler)
        {
            self.processes.fail_between_turns(owner.process, *reason, id.into(), context);
        }
    }
}

/// The deletion that this action is, and so many levels further out.
fn deletion<H: Held>(act: &Act<H>, levels: u32) -> Option<(&Deletion, u32)> {
    match act {
        Act::Delete(delete, _) => Some((delete, levels)),
        Act::Meta(inner) => deletion(inner, levels + 1),
        _ => None,
    }
}

// In line: a notification takes 20 instructions more otherwise.
#[inline(always)]
fn hear_absence(
    ear: &mut Endpoint,
    peer: &Endpoint,
    reason: &Reason,
    processes: &mut Processes,
    id: ActionId,
    context: &mut Context,
) {
    let last = ear.count_peer(&peer.topic, Change::Goes);
    if processes.passes_by(ear.owner.process, ear.takes.heeds.absence(), context) {
        return;
    }
    let shared = Part::both(&ear.topic, &peer.topic);
    let mut event = Event::absence(peer.orientation, peer.interest, shared, reason);
    event.set_edge(last);
    processes.notify(ear.owner.process, ear.owner.handler, &event, id, context);
}
