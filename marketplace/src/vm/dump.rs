//! The contents of a VM, as data and as text.

#[cfg(feature = "tokio")]
mod census;
mod objects;
#[cfg(any(feature = "shell", debug_assertions))]
mod rings;
mod sight;
#[cfg(debug_assertions)]
mod stuck;
mod text;
mod walk;

use std::sync::Arc;

use crate::conversation::pid::Pid;
use crate::conversation::role::Role;
use crate::data::reference::Reference;
#[cfg(feature = "shell")]
use crate::data::reference::ReferenceId;
use crate::data::value::Value;
use crate::network::endpoint::EndpointSlot;
use crate::process::action::Act;
use crate::process::queue::{HOST, Pending, Work};
use crate::process::{ErasedProcess, Keeps, Process};
use crate::record::trace::Performed;
use crate::vm::Vm;
use crate::vm::dump::sight::Sight;

#[cfg(feature = "tokio")]
pub(crate) use crate::vm::dump::census::Census;
pub use crate::vm::dump::objects::{DumpedDecider, DumpedObject, DumpedPlace, DumpedPromise, DumpedWaiter};
#[cfg(feature = "shell")]
pub(crate) use crate::vm::dump::rings::rings;

/// The things with one number, as far as the VMs see.
#[cfg(feature = "shell")]
pub(crate) struct Numbered {
    /// Objects that are there, and promises that are not settled.
    pub(crate) live: Vec<Reference>,
    /// One is settled, or gone.
    pub(crate) is_over: bool,
    /// A process waits for one.
    pub(crate) is_awaited: bool,
}

/// How many peers of an endpoint, objects of a process, promises, and queued actions a dump names.
const NAMED: usize = 100;

/// The contents of a VM at this moment: its processes, their endpoints, who is present to whom, the
/// queue, and the VMs in it.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// fn customer() -> Transition<()> {
///     transition_no_state!(publisher!("order"))
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!(
///     name_process("clerk", spawn!(transition_no_state!(subscriber!("order")))),
///     spawn!(customer()),
/// ));
/// sim.run();
/// let dump = sim.dump();
/// assert_eq!(dump.processes[1].name, Some("clerk".into()));
/// assert_eq!(dump.processes[1].endpoints[0].present, 1);
/// assert_eq!(dump.to_string(), "\
/// p1 'event-relay
///   endpoint 1: publisher Ground(_, _) as observer
/// p2 \"clerk\"
///   endpoint 2: subscriber \"order\", hears 3
/// p3 customer()
///   endpoint 3: publisher \"order\", hears 2
/// ");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Dump {
    /// The VMs around the processes, from the outside, this one included: empty for the ground VM.
    pub vm: Arc<[Pid]>,
    /// The processes, by PID.
    pub processes: Vec<DumpedProcess>,
    /// How many actions wait.
    pub queued: usize,
    /// How many bytes the values in them take, as
    /// [`Limits::queued_bytes`](crate::Limits::queued_bytes) counts them.
    pub queued_bytes: usize,
    /// The first of them, in the order in which they will be performed.
    pub queue: Vec<DumpedAction>,
    /// How many of the actions that wait are messages to objects.
    pub deliveries: usize,
    /// How many promises this VM sees that are not settled, and objects that are not there yet. It
    /// sees a promise that somebody in it settles or waits for, or to which something in its queue
    /// or in a topic leads. One that only states and closures have is not seen.
    pub promise_count: usize,
    /// The first of them, by number.
    pub promises: Vec<DumpedPromise>,
    /// How many endpoints there are.
    pub endpoints: usize,
    /// How many shapes of topics the index tells apart: the cost of a message grows with these.
    pub shapes: usize,
}

/// A process in a [`Dump`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DumpedProcess {
    /// Its PID.
    pub pid: Pid,
    /// Its debug name.
    pub name: Option<Value>,
    /// The function that booted it, as `session()`, if that is known and is no closure.
    pub function: Option<String>,
    /// How many of its actions are in the queue.
    pub queued: usize,
    /// It has failed, and is about to quit.
    pub failed: bool,
    /// Its endpoints, in creation order.
    pub endpoints: Vec<DumpedEndpoint>,
    /// Its endpoints further out.
    pub outer: Vec<DumpedOuter>,
    /// How many objects are in it that somebody has.
    pub object_count: usize,
    /// The first of them, by number.
    pub objects: Vec<DumpedObject>,
    /// How many promises, and ends of objects, it waits for: by `ask`, `when` and `when_broken`.
    pub awaits: usize,
    /// The contents of the VM that it is, if it is one.
    pub inside: Option<Dump>,
}

/// An endpoint in a [`Dump`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DumpedEndpoint {
    /// Its number in its VM's network, in creation order.
    pub id: u64,
    /// The name that its process gave it.
    pub name: Option<Value>,
    /// Its role.
    pub role: Role,
    /// How many peers are present to it.
    pub present: usize,
    /// The numbers of the first of these peers.
    pub peers: Vec<u64>,
}

/// An endpoint that a process has further out: in the network of a VM around its own, as an
/// endpoint of the VM that is a process there.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DumpedOuter {
    /// How many levels further out it is.
    pub levels: u32,
    /// The name that its process gave it.
    pub name: Value,
    /// Its name in that network.
    pub outside: Value,
}

/// An action in the queue.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DumpedAction {
    /// Its number.
    pub id: u64,
    /// The turn that asked for it; 0: the host.
    pub cause: u64,
    /// The process that asked for it; `None`: the host.
    pub pid: Option<Pid>,
    /// The action.
    pub action: Performed,
    /// The promise that it settles, or that is to be settled with the answer to it, if that is
    /// known. Perhaps nobody has it any more.
    pub promise: Option<Reference>,
}

impl Vm {
    pub(crate) fn dump(&mut self) -> Dump {
        let sight = Sight::of(self);
        self.dump_seen(&sight)
    }

    /// The references with this number, of objects that are there and of promises that the VMs see.
    #[cfg(feature = "shell")]
    pub(crate) fn references_numbered(&self, number: ReferenceId) -> Numbered {
        let mut numbered = walk::Walk::over(self).promises_numbered(number);
        self.objects_numbered(number, &mut numbered.live);
        numbered
    }

    #[cfg(feature = "shell")]
    fn objects_numbered(&self, number: ReferenceId, found: &mut Vec<Reference>) {
        for entry in self.processes.entries() {
            entry.body.look_at_kept(&mut |keeps| {
                if let Keeps::Object(object, _) = keeps {
                    found.extend(object.upgrade().filter(|object| object.id() == number));
                }
            });
        }
        for vm in self.inner_vms() {
            vm.objects_numbered(number, found);
        }
    }

    /// The VMs among its processes.
    fn inner_vms(&self) -> impl Iterator<Item = &Self> {
        let inner = self.processes.entries().filter_map(|entry| entry.body.as_any_ref().downcast_ref());
        inner.filter_map(Process::state)
    }

    /// How many promises it sees, and objects that are not there yet.
    pub(crate) fn promise_count(&self) -> usize {
        Sight::of(self).count(&self.processes.path)
    }

    /// How many objects are in its processes that somebody has.
    pub(crate) fn object_count(&self) -> usize {
        let mut objects = 0;
        for entry in self.processes.entries() {
            entry.body.look_at_kept(&mut |keeps| {
                objects += usize::from(matches!(keeps, Keeps::Object(object, _) if object.held() > 0));
            });
        }
        objects
    }

    /// How many messages to objects are in its queue.
    pub(crate) fn deliveries(&self) -> usize {
        let is_delivery =
            |pending: &&Pending| matches!(pending.work, Work::Act(Act::Send(_) | Act::Deliver(_)));
        let live = self.processes.queue.since(0).filter(|pending| self.processes.is_live(pending));
        live.filter(is_delivery).count()
    }

    fn dump_seen(&mut self, sight: &Sight) -> Dump {
        let pids = self.processes.pids();
        let processes = pids.into_iter().filter_map(|pid| self.dump_process(pid, sight)).collect();
        let live = self.processes.queue.since(0).filter(|pending| self.processes.is_live(pending));
        Dump {
            vm: self.processes.path.clone(),
            processes,
            queued: self.processes.queue.len(),
            queued_bytes: self.processes.queue.bytes(),
            queue: live.take(NAMED).map(|pending| self.dump_action(pending)).collect(),
            deliveries: self.deliveries(),
            promise_count: sight.count(&self.processes.path),
            promises: sight.promises(&self.processes.path),
            endpoints: self.network.len(),
            shapes: self.network.shapes(),
        }
    }

    /// The process that has most actions waiting, by names, and how many: here or further in, where
    /// a VM's own place counts for nothing.
    pub(crate) fn busiest(&mut self) -> Option<(String, usize)> {
        let slots = self.processes.slots();
        let mut busiest: Option<(String, usize)> = None;
        for slot in slots {
            let Some(entry) = self.processes.get_mut(slot) else { continue };
            let queued = entry.queued as usize;
            let inside = entry.body.as_any().downcast_mut::<Process<Self>>();
            let candidate = match inside.and_then(|process| process.state_mut()) {
                Some(vm) => vm.busiest(),
                None => (queued > 0).then(|| (self.processes.path_to(slot), queued)),
            };
            if let Some((_, queued)) = candidate
                && busiest.as_ref().is_none_or(|(_, most)| queued > *most)
            {
                busiest = candidate;
            }
        }
        busiest
    }

    /// An action that is queued. For which promise a process is to wait, only that knows.
    fn dump_action(&self, pending: &Pending) -> DumpedAction {
        let mut dumped = DumpedAction::from(pending);
        if let Work::When(kept) = pending.work
            && let Some(entry) = self.processes.get(pending.slot)
            && let Some(promise) = entry.body.awaits(kept.slot())
        {
            dumped.action = Performed::When(promise);
        }
        dumped
    }

    fn dump_process(&mut self, pid: Pid, sight: &Sight) -> Option<DumpedProcess> {
        let slot = self.processes.find(pid)?;
        let endpoints = self.endpoints_of(slot);
        let endpoints =
            endpoints.into_iter().filter_map(|endpoint| self.dump_endpoint(endpoint.slot)).collect();
        let entry = self.processes.get_mut(slot)?;
        let mut outer: Vec<_> = entry
            .names
            .iter()
            .flat_map(|names| &names.outer)
            .map(|((levels, name), known)| (known.outside, *levels, name.clone()))
            .collect();
        outer.sort_unstable();
        let (object_count, objects) = dump_objects(&*entry.body, sight);
        let (name, function) = (entry.name().cloned(), entry.body.called().function());
        let awaits = entry.awaited as usize;
        let inside = entry.body.as_any().downcast_mut::<Process<Self>>();
        Some(DumpedProcess {
            pid,
            name,
            function,
            queued: entry.queued as usize,
            failed: entry.deaf,
            endpoints,
            outer: outer
                .into_iter()
                .map(|(outside, levels, name)| DumpedOuter { levels, name, outside: outside.into() })
                .collect(),
            object_count,
            objects,
            awaits,
            inside: inside.and_then(Process::state_mut).map(|vm| vm.dump_seen(sight)),
        })
    }

    fn dump_endpoint(&mut self, slot: EndpointSlot) -> Option<DumpedEndpoint> {
        let role = self.network.endpoints.get(slot)?.role();
        let mut found = self.network.peers(role.orientation, &role.topic);
        let endpoint = self.network.endpoints.get(slot)?;
        if endpoint.is_apart() {
            self.network.leave_out(endpoint.owner.process, &mut found);
        }
        let visible = found.iter().filter_map(|peer| self.network.endpoints.get(peer.slot));
        let mut peers: Vec<_> =
            visible.filter(|peer| endpoint.sees(peer.interest)).map(|peer| peer.order.number()).collect();
        let present = peers.len();
        peers.truncate(NAMED);
        let dumped = DumpedEndpoint {
            id: endpoint.order.number(),
            name: endpoint.name().cloned(),
            role,
            present,
            peers,
        };
        self.network.recycle(found);
        Some(dumped)
    }
}

/// How many objects of a process somebody has, and the first of them.
fn dump_objects(process: &dyn ErasedProcess, sight: &Sight) -> (usize, Vec<DumpedObject>) {
    let mut objects = Vec::new();
    process.look_at_kept(&mut |keeps| {
        let Keeps::Object(object, kind) = keeps else { return };
        // Its holders without the one that looks on.
        let held = object.held();
        if let Some(reference) = object.upgrade() {
            objects.push((reference.id(), kind, held));
        }
    });
    objects.sort_unstable_by_key(|(id, ..)| *id);
    let dumped = objects.iter().take(NAMED).map(|&(id, kind, held)| sight.object(id, kind, held));
    (objects.len(), dumped.collect())
}

impl From<&Pending> for DumpedAction {
    fn from(pending: &Pending) -> Self {
        let pid = (pending.slot != HOST).then_some(pending.pid);
        Self {
            id: pending.id.number(),
            cause: pending.cause.number(),
            pid,
            action: Performed::from(&pending.work),
            promise: match &pending.work {
                Work::Act(Act::Send(sending)) => sending.owed.look().and_then(|owed| owed.answer.settles()),
                Work::Act(Act::Answer(answering)) => answering.answer.settles(),
                _ => None,
            }
            .map(|promise| promise.shown()),
        }
    }
}
