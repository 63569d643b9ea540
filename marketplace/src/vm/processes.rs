//! The process table.

mod by_pid;
mod ending;
mod endpoint_names;
mod entry;
#[cfg(test)]
mod tests;
pub(crate) mod turns;

use std::mem;
use std::sync::Arc;

use crate::conversation::duct::Site;
use crate::conversation::pid::Pid;
use crate::data::door;
use crate::data::slots::{AtomicSlot, Slot, Slots};
use crate::data::value::Value;
use crate::network::owner::{OfProcess, ProcessSlot};
use crate::process::error::VmError;
use crate::process::limits::Limits;
use crate::process::queue::{HOST, Pending, Queue};
use crate::process::{ErasedProcess, Fault, Process};
use crate::vm::Vm;
use crate::vm::ledger::Ledger;

use self::by_pid::ByPid;
pub(crate) use self::endpoint_names::EndpointNames;
pub(crate) use self::entry::{Names, OuterName, ProcessEntry};
pub(crate) use self::turns::{Answer, heard};

/// For how many processes a VM has room at first.
const FIRST_PROCESSES: usize = 8;

pub(crate) struct Processes {
    table: Slots<ProcessEntry, OfProcess>,
    by_pid: ByPid,
    /// The processes of kinds of which a VM holds one at most.
    only: Vec<(&'static str, Pid)>,
    next_pid: Pid,
    pub(crate) queue: Queue,
    /// The VMs around the processes, from the outside, this VM included; empty at the ground.
    pub(crate) path: Arc<[Pid]>,
    pub(crate) site: Arc<Site>,
    pub(crate) ledger: Ledger,
    /// How those failed that are about to quit.
    faults: Vec<(Pid, Box<Fault>)>,
}

impl Processes {
    pub(crate) fn new(site: Arc<Site>, limits: Limits) -> Self {
        let queue = Queue::new(limits);
        Self {
            table: Slots::with_room(FIRST_PROCESSES),
            by_pid: ByPid::default(),
            only: Vec::new(),
            next_pid: Pid::BOOT,
            queue,
            path: site.vm().clone(),
            site,
            ledger: Ledger::default(),
            faults: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// The limits of the VM.
    pub(crate) const fn limits(&self) -> &Limits {
        self.queue.limits()
    }

    /// Whether the limit allows one more process.
    pub(crate) const fn room_for_process(&self) -> Result<(), VmError> {
        let limit = self.limits().processes;
        if self.table.len() < limit { Ok(()) } else { Err(VmError::TooManyProcesses { limit }) }
    }

    pub(crate) fn new_pid(&mut self) -> Pid {
        let pid = self.next_pid;
        self.next_pid = Pid(pid.0 + 1);
        pid
    }

    pub(crate) fn find(&self, pid: Pid) -> Option<ProcessSlot> {
        let there = |&slot: &ProcessSlot| self.table.get(slot).is_some_and(|entry| entry.pid == pid);
        self.by_pid.find(pid).filter(there)
    }

    /// The place of a process, which is the place that was noted here the last time.
    #[inline]
    pub(crate) fn find_noted(&self, noted: &AtomicSlot<OfProcess>, pid: Pid) -> Option<ProcessSlot> {
        let slot = noted.load();
        if self.table.get(slot).is_some_and(|entry| entry.pid == pid) {
            return Some(slot);
        }
        let slot = self.find(pid)?;
        noted.store(slot);
        Some(slot)
    }

    /// Whether a process of this kind, of which there is one at most, lives.
    pub(crate) fn has(&self, kind: &str) -> bool {
        self.only.iter().any(|&(other, pid)| other == kind && self.find(pid).is_some())
    }

    /// The kinds of which a process lives that is the only one.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.only.iter().filter(|(_, pid)| self.find(*pid).is_some()).map(|(kind, _)| *kind)
    }

    /// The places of the processes, in the order in which these were made.
    pub(crate) fn slots(&self) -> Vec<ProcessSlot> {
        self.pids().into_iter().filter_map(|pid| self.find(pid)).collect()
    }

    /// Whether this is a process of a kind of which there is one at most.
    #[cfg(debug_assertions)]
    pub(crate) fn is_only(&self, slot: ProcessSlot) -> bool {
        self.only.iter().any(|(_, pid)| self.find(*pid) == Some(slot))
    }

    /// The way to a process by names; `host` if it is none.
    pub(crate) fn path_to(&self, slot: ProcessSlot) -> String {
        match self.table.get(slot) {
            Some(entry) => self.site.path_of(entry.pid, entry.name(), entry.body.called()),
            None => "host".to_string(),
        }
    }

    /// Notes that this process is the only one of this kind.
    pub(crate) fn note_only(&mut self, kind: &'static str, pid: Pid) {
        let mut only = mem::take(&mut self.only);
        only.retain(|(_, pid)| self.find(*pid).is_some());
        self.only = only;
        self.only.push((kind, pid));
    }

    /// The processes, the youngest last.
    pub(crate) fn pids(&self) -> Vec<Pid> {
        let mut pids: Vec<_> = self.table.iter().map(|entry| entry.pid).collect();
        pids.sort_unstable();
        pids
    }

    #[inline]
    pub(crate) fn get(&self, slot: ProcessSlot) -> Option<&ProcessEntry> {
        self.table.get(slot)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, slot: ProcessSlot) -> Option<&mut ProcessEntry> {
        self.table.get_mut(slot)
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &ProcessEntry> {
        self.table.iter()
    }

    pub(crate) fn entries_mut(&mut self) -> impl Iterator<Item = &mut ProcessEntry> {
        self.table.iter_mut()
    }

    /// Whether the process is a VM.
    pub(crate) fn is_vm(&mut self, slot: ProcessSlot) -> bool {
        self.table.get_mut(slot).is_some_and(|entry| entry.body.as_any().is::<Process<Vm>>())
    }

    /// Whether the process that asked for this action still lives (the host always does).
    #[inline]
    pub(crate) fn is_live(&self, pending: &Pending) -> bool {
        pending.slot == HOST || self.table.get(pending.slot).is_some_and(|entry| entry.pid == pending.pid)
    }

    /// Puts a process that has booted into the table; its actions are still to be queued.
    #[inline(always)]
    pub(crate) fn insert(
        &mut self,
        pid: Pid,
        name: Option<Value>,
        body: Box<dyn ErasedProcess>,
    ) -> ProcessSlot {
        let slot = self.table.insert(ProcessEntry {
            pid,
            names: name.map(|name| Box::new(Names { own: Some(name), ..Names::default() })),
            last_endpoint: Slot::NONE,
            queued: 0,
            starting: 0,
            awaited: 0,
            account: None,
            deaf: false,
            apart: false,
            has_to_do_with_objects: false,
            body,
        });
        let table = &self.table;
        self.by_pid.insert(pid, slot, |pid, slot| table.get(slot).is_some_and(|entry| entry.pid == pid));
        slot
    }

    /// The endpoints of the process, which has none yet, are apart from each other.
    pub(crate) fn set_apart(&mut self, slot: ProcessSlot) {
        if let Some(entry) = self.table.get_mut(slot) {
            entry.apart = true;
        }
    }

    /// Notes that the process is a VM.
    pub(crate) fn note_vm(&mut self, slot: ProcessSlot) {
        if let Some(entry) = self.table.get_mut(slot) {
            entry.note_vm();
        }
    }

    /// Notes that the process has objects.
    pub(crate) fn note_objects(&mut self, slot: ProcessSlot) {
        if let Some(entry) = self.table.get_mut(slot) {
            entry.has_to_do_with_objects = true;
        }
    }

    /// A process that still listens, the queue, and the site of this VM.
    pub(crate) fn entry_and_queue(
        &mut self,
        slot: ProcessSlot,
    ) -> Option<(&mut ProcessEntry, &mut Queue, &Arc<Site>)> {
        let entry = self.table.get_mut(slot).filter(|entry| !entry.deaf)?;
        Some((entry, &mut self.queue, &self.site))
    }

    /// A process, and the site of this VM.
    pub(crate) fn entry_and_site(&mut self, slot: ProcessSlot) -> Option<(&mut ProcessEntry, &Arc<Site>)> {
        Some((self.table.get_mut(slot)?, &self.site))
    }

    /// Notes that so many actions of the process have joined the queue.
    pub(crate) fn queued(&mut self, slot: ProcessSlot, actions: usize) {
        let Some(entry) = self.table.get_mut(slot) else { unreachable!("whose turn it was, is there") };
        entry.queued += actions as u32;
    }

    /// Drops the actions of processes that are gone from the front, and counts the action that is
    /// the front then as begun. Gives the place of its process.
    #[inline]
    pub(crate) fn begin_front(&mut self) -> Option<(ProcessSlot, Pid)> {
        while let Some(&Pending { slot, pid, .. }) = self.queue.front() {
            match self.table.get_mut(slot) {
                Some(entry) if entry.pid == pid => {
                    entry.queued -= 1;
                    entry.starting = entry.starting.saturating_sub(1);
                }
                _ if slot == HOST => {}
                _ => {
                    self.queue.drop_orphan();
                    continue;
                }
            }
            return Some((slot, pid));
        }
        self.queue.rewind();
        None
    }

    /// The action goes back to the front of the queue.
    pub(crate) fn put_back(&mut self, pending: Pending) {
        let Some(entry) = self.table.get_mut(pending.slot) else { unreachable!("its process acts") };
        entry.queued += 1;
        self.queue.put_back(pending);
    }
}

impl Drop for Processes {
    /// Each process goes through the door by itself, so that a failing destructor harms no other.
    fn drop(&mut self) {
        self.site.set_over();
        self.queue.clear();
        for pid in self.pids() {
            if let Some(slot) = self.find(pid) {
                let _ = door::dispose(self.table.remove(slot));
            }
        }
    }
}
