//! The contents of a VM, as data and as text.

use std::fmt::{self, Write};
use std::sync::Arc;

use crate::conversation::pid::Pid;
use crate::conversation::role::Role;
use crate::data::one_line::{OneLine, one_line};
use crate::data::reference::Reference;
use crate::data::value::Value;
use crate::network::endpoint::EndpointSlot;
use crate::process::Process;
use crate::process::action::Act;
use crate::process::queue::{HOST, Pending, Work};
use crate::record::trace::Performed;
use crate::vm::Vm;

/// How many peers of an endpoint, and how many queued actions, a dump names.
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
    /// The references to the first of its objects, [shown](Reference::shown).
    pub objects: Vec<Reference>,
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
        let processes = self.processes.pids().into_iter().filter_map(|pid| self.dump_process(pid)).collect();
        let live = self.processes.queue.since(0).filter(|pending| self.processes.is_live(pending));
        Dump {
            vm: self.processes.path.clone(),
            processes,
            queued: self.processes.queue.len(),
            queued_bytes: self.processes.queue.bytes(),
            queue: live.take(NAMED).map(DumpedAction::from).collect(),
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

    fn dump_process(&mut self, pid: Pid) -> Option<DumpedProcess> {
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
        let mut objects: Vec<_> = entry.own_objects().iter().map(Reference::shown).collect();
        objects.truncate(NAMED);
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
            objects,
            awaits,
            inside: inside.and_then(|process| process.state_mut()).map(Self::dump),
        })
    }

    fn dump_endpoint(&mut self, slot: EndpointSlot) -> Option<DumpedEndpoint> {
        let role = self.network.endpoints.get(slot)?.role();
        let found = self.network.peers(role.orientation, &role.topic);
        let endpoint = self.network.endpoints.get(slot)?;
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

impl From<&Pending> for DumpedAction {
    fn from(pending: &Pending) -> Self {
        let pid = (pending.slot != HOST).then_some(pending.pid);
        Self {
            id: pending.id.number(),
            cause: pending.cause.number(),
            pid,
            action: Performed::from(&pending.work),
            promise: match &pending.work {
                Work::Act(Act::Send(sending)) => sending.answer.settles(),
                Work::Act(Act::Answer(answering)) => answering.answer.settles(),
                _ => None,
            },
        }
    }
}

impl Dump {
    fn write(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        for process in &self.processes {
            process.write(f, indent)?;
        }
        for action in &self.queue {
            writeln!(f, "{:indent$}queued: {action}", "")?;
        }
        let more = self.queued.saturating_sub(self.queue.len());
        if more > 0 { writeln!(f, "{:indent$}queued: {more} more", "") } else { Ok(()) }
    }
}

impl DumpedProcess {
    fn write(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        write!(f, "{:indent$}{}", "", self.pid)?;
        match (&self.name, &self.function) {
            (Some(name), _) => write!(f, " {}", one_line(name))?,
            (None, Some(function)) => write!(f, " {function}")?,
            (None, None) => {}
        }
        if self.inside.is_some() {
            f.write_str(" (a VM)")?;
        }
        if self.failed {
            f.write_str(" (failed)")?;
        }
        writeln!(f)?;
        let inner = indent + 2;
        for endpoint in &self.endpoints {
            writeln!(f, "{:inner$}{endpoint}", "")?;
        }
        for DumpedOuter { levels, name, .. } in &self.outer {
            let name = one_line(name);
            match levels {
                1 => writeln!(f, "{:inner$}outside: {name}", "")?,
                levels => writeln!(f, "{:inner$}{levels} levels outside: {name}", "")?,
            }
        }
        if !self.objects.is_empty() {
            let objects: Vec<_> = self.objects.iter().map(|object| format!("{object:?}")).collect();
            writeln!(f, "{:inner$}objects: {}", "", objects.join(", "))?;
        }
        match self.awaits {
            0 => {}
            1 => writeln!(f, "{:inner$}waits for a promise, or the end of an object", "")?,
            more => writeln!(f, "{:inner$}waits for {more} promises, or ends of objects", "")?,
        }
        self.inside.as_ref().map_or(Ok(()), |vm| vm.write(f, inner))
    }
}

/// Each process on a line, with its name or else the function that booted it; its endpoints and, if
/// it is a VM, its processes indented below it; then the queue.
impl fmt::Display for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

impl fmt::Display for DumpedEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        write!(f, "endpoint {}", self.id)?;
        if let Some(name) = &self.name {
            write!(f, " {name}")?;
        }
        write!(f, ": {}", self.role)?;
        let mut first = true;
        for peer in &self.peers {
            write!(f, "{} {peer}", if first { ", hears" } else { "," })?;
            first = false;
        }
        let more = self.present - self.peers.len();
        if more > 0 { write!(f, " and {more} more") } else { Ok(()) }
    }
}

impl fmt::Display for DumpedAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "{pid} {}", self.action),
            None => write!(f, "host {}", self.action),
        }
    }
}
