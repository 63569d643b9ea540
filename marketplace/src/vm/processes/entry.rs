//! A process in the table, with the facts that the VM keeps about it.

use crate::conversation::pid::Pid;
use crate::data::fresh::Fresh;
use crate::data::hash::Map;
use crate::data::numbers::TurnId;
use crate::data::reason::Failed;
use crate::data::reference::{Reference, WeakReference};
use crate::data::slots::Place;
use crate::data::value::Value;
use crate::network::endpoint::EndpointSlot;
use crate::network::owner::ProcessSlot;
use crate::process::queue::{Lane, Queue};
use crate::process::{ErasedProcess, Process};
use crate::vm::Vm;
use crate::vm::ledger::Account;
use crate::vm::processes::EndpointNames;

/// A process in the table, with the facts that the VM keeps about it: one cache line, since a
/// message may find any of them.
#[repr(align(64))]
pub(crate) struct ProcessEntry {
    pub(crate) pid: Pid,
    pub(crate) body: Box<dyn ErasedProcess>,
    pub(crate) names: Option<Box<Names>>,
    /// Set if the process has had to do with ducts.
    pub(crate) account: Option<Box<Account>>,
    /// The endpoint that it added last, or [`Slot::NONE`](crate::data::slots::Slot::NONE).
    pub(crate) last_endpoint: EndpointSlot,
    /// How many of its actions are in the queue.
    pub(crate) queued: u32,
    /// How many of its first actions are still to be performed.
    pub(crate) starting: u32,
    /// How many of its meta-level spawns are still to be continued, and for how many promises it
    /// waits.
    pub(crate) awaited: u32,
    /// It failed or is ending: none of its code runs any more.
    pub(crate) deaf: bool,
    /// Its endpoints do not meet each other and do not hear what it sends.
    pub(crate) apart: bool,
    /// It has asked for something on which a promise depends, or has had objects, or is a VM.
    pub(crate) has_to_do_with_objects: bool,
}

const _: () = assert!(Place::<ProcessEntry>::SIZE <= 64);

/// The names of a process and its endpoints. Most processes have none.
#[derive(Default)]
pub(crate) struct Names {
    /// The debug name of the process.
    pub(crate) own: Option<Value>,
    /// Its endpoints in this VM, by name.
    pub(crate) endpoints: EndpointNames,
    /// Its endpoints further out, by the number of levels out and the name.
    pub(crate) outer: Map<(u32, Value), OuterName>,
}

pub(crate) struct OuterName {
    /// The name in the container.
    pub(crate) outside: Fresh,
    /// The ticket of the last endpoint that was sent out under this name.
    pub(crate) ticket: Option<Fresh>,
}

impl ProcessEntry {
    /// Whether nothing can ever happen to it again.
    #[inline]
    pub(super) fn is_garbage(&self) -> bool {
        self.last_endpoint.is_none()
            && self.queued == 0
            && self.awaited == 0
            && self.names.as_ref().is_none_or(|names| names.outer.is_empty())
    }

    /// Whether somebody has an object in it.
    pub(crate) fn has_objects(&mut self) -> bool {
        self.has_to_do_with_objects && (self.body.has_objects() || self.keeps_vm())
    }

    /// Whether it is a VM in which something is kept.
    fn keeps_vm(&mut self) -> bool {
        let vm = self.body.as_any().downcast_mut::<Process<Vm>>();
        vm.and_then(Process::state_mut).is_some_and(Vm::is_kept)
    }

    /// The objects that somebody has, in the order in which they were made: those of a process that
    /// is about to end.
    pub(crate) fn objects(&mut self) -> Vec<Reference> {
        let mut objects = self.own_objects();
        if let Some(process) = self.body.as_any().downcast_mut::<Process<Vm>>() {
            objects.extend(process.objects_inside());
        }
        objects
    }

    /// Its objects, without those in it, if it is a VM.
    pub(crate) fn own_objects(&mut self) -> Vec<Reference> {
        let objects = self.body.objects();
        let mut objects: Vec<_> = objects.iter().filter_map(WeakReference::upgrade).collect();
        objects.sort_by_key(Reference::id);
        objects
    }

    /// Its debug name.
    pub(crate) fn name(&self) -> Option<&Value> {
        self.names.as_ref()?.own.as_ref()
    }

    /// Takes a turn; its actions are queued.
    #[inline(always)]
    pub(super) fn turn<R>(
        &mut self,
        queue: &mut Queue,
        slot: ProcessSlot,
        turn: TurnId,
        work: impl FnOnce(&mut dyn ErasedProcess, &mut Lane<'_>) -> Result<R, Failed>,
    ) -> Result<R, Failed> {
        let before = queue.end();
        let mut lane = Lane { queue, slot, pid: self.pid, cause: turn.into() };
        // Not `call` for both: a message pays 3 % more for a closure in a closure.
        let result = match &self.account {
            None => work(&mut *self.body, &mut lane),
            Some(_) => self.call(|body| work(body, &mut lane)),
        };
        self.queued += (lane.queue.end() - before) as u32;
        self.called(result.is_err());
        result
    }
}
