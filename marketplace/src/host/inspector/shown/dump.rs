//! Dumps as JSON.

use serde::Serialize;

use crate::conversation::pid::Pid;
use crate::conversation::role::{InterestType, Orientation};
use crate::host::inspector::shown::numbers;
use crate::host::inspector::shown::references::{Left, ShownObject, ShownPromise};
use crate::host::inspector::shown::text::{shown, shown_name, shown_reference};
use crate::host::inspector::shown::turn::aim_of;
use crate::host::vat::Debugger;
use crate::vm::dump::{Dump, DumpedAction, DumpedEndpoint, DumpedOuter, DumpedProcess};

/// A dump as the vat gives it, which takes the vat next to no time. It is written as JSON on the
/// inspector's thread.
pub(in crate::host::inspector) struct DumpedVat {
    vat: Option<String>,
    paused: bool,
    logging: bool,
    turns: u64,
    vm: Dump,
}

#[derive(Debug, PartialEq, Serialize)]
pub(in crate::host::inspector) struct ShownDump<'d> {
    vat: Option<&'d str>,
    paused: bool,
    logging: bool,
    turns: u64,
    vm: ShownVm,
}

#[derive(Debug, PartialEq, Serialize)]
struct ShownVm {
    path: Vec<u64>,
    name: Option<String>,
    processes: Vec<ShownProcess>,
    /// How many actions wait; the first of them.
    queued: usize,
    queue: Vec<ShownAction>,
    endpoints: usize,
    shapes: usize,
    promises: Vec<ShownPromise>,
    /// How many promises are not among these.
    more_promises: usize,
}

#[derive(Debug, PartialEq, Serialize)]
struct ShownProcess {
    pid: u64,
    name: Option<String>,
    /// The function that booted it, as `session()`.
    function: Option<String>,
    queued: usize,
    failed: bool,
    endpoints: Vec<ShownEndpoint>,
    outer: Vec<ShownOuter>,
    objects: Vec<ShownObject>,
    /// How many objects are not among these.
    more_objects: usize,
    /// How many promises, and ends of objects, it waits for.
    awaits: usize,
    vm: Option<ShownVm>,
}

#[derive(Debug, PartialEq, Serialize)]
struct ShownEndpoint {
    id: u64,
    name: Option<String>,
    orientation: &'static str,
    interest: &'static str,
    topic: String,
    /// How many peers are present to it; the first of them.
    present: usize,
    peers: Vec<u64>,
}

#[derive(Debug, PartialEq, Serialize)]
struct ShownOuter {
    levels: u32,
    name: String,
    /// Its name out there.
    outside: String,
}

#[derive(Debug, PartialEq, Serialize)]
struct ShownAction {
    id: u64,
    cause: u64,
    pid: Option<u64>,
    action: String,
    /// The object or promise at which it is aimed.
    at: Option<String>,
}

impl DumpedVat {
    pub(in crate::host::inspector) fn new(vat: Option<String>, debugger: &mut Debugger<'_>) -> Self {
        Self {
            vat,
            paused: debugger.is_paused(),
            logging: debugger.log().is_on(),
            turns: debugger.log().logged(),
            vm: debugger.dump(),
        }
    }
}

impl<'d> From<&'d DumpedVat> for ShownDump<'d> {
    fn from(dumped: &'d DumpedVat) -> Self {
        Self {
            vat: dumped.vat.as_deref(),
            paused: dumped.paused,
            logging: dumped.logging,
            turns: dumped.turns,
            vm: ShownVm::new(&dumped.vm, None, &mut Left::default()),
        }
    }
}

impl ShownVm {
    fn new(dump: &Dump, name: Option<String>, left: &mut Left) -> Self {
        let processes = dump.processes.iter().map(|process| ShownProcess::new(process, left)).collect();
        let promises = left.promises(&dump.promises);
        Self {
            path: numbers(&dump.vm),
            name,
            processes,
            queued: dump.queued,
            queue: dump.queue.iter().map(ShownAction::from).collect(),
            endpoints: dump.endpoints,
            shapes: dump.shapes,
            more_promises: dump.promise_count.saturating_sub(promises.len()),
            promises,
        }
    }
}

impl ShownProcess {
    fn new(process: &DumpedProcess, left: &mut Left) -> Self {
        let name = process.name.as_ref().map(shown_name);
        let objects = left.objects(&process.objects);
        Self {
            pid: process.pid.number(),
            function: process.function.as_ref().map(shown_name),
            queued: process.queued,
            failed: process.failed,
            endpoints: process.endpoints.iter().map(ShownEndpoint::from).collect(),
            outer: process.outer.iter().map(ShownOuter::from).collect(),
            vm: process.inside.as_ref().map(|inside| ShownVm::new(inside, name.clone(), left)),
            name,
            awaits: process.awaits,
            more_objects: process.object_count.saturating_sub(objects.len()),
            objects,
        }
    }
}

impl From<&DumpedEndpoint> for ShownEndpoint {
    fn from(endpoint: &DumpedEndpoint) -> Self {
        Self {
            id: endpoint.id,
            name: endpoint.name.as_ref().map(shown_name),
            orientation: match endpoint.role.orientation {
                Orientation::Publisher => "publisher",
                Orientation::Subscriber => "subscriber",
            },
            interest: match endpoint.role.interest {
                InterestType::Participant => "participant",
                InterestType::Observer => "observer",
                InterestType::Everything => "everything",
            },
            topic: shown_name(&endpoint.role.topic),
            present: endpoint.present,
            peers: endpoint.peers.clone(),
        }
    }
}

impl From<&DumpedOuter> for ShownOuter {
    fn from(outer: &DumpedOuter) -> Self {
        Self { levels: outer.levels, name: shown_name(&outer.name), outside: shown_name(&outer.outside) }
    }
}

impl From<&DumpedAction> for ShownAction {
    fn from(waiting: &DumpedAction) -> Self {
        Self {
            id: waiting.id,
            cause: waiting.cause,
            pid: waiting.pid.map(Pid::number),
            action: shown(&waiting.action),
            at: aim_of(&waiting.action).map(shown_reference),
        }
    }
}
