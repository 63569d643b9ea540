//! Says when a VM has more to do than it can, once each.

use std::time::Duration;

use tokio::time::Instant;

use crate::data::one_line::one_line;
use crate::ground_vm::{Alone, GroundVm};
use crate::host::ground::options::Warnings;
use crate::vm::dump::Census;

/// How many actions are looked at, at most, to see whether they are all of one process.
const LOOKED_AT: usize = 10_000;

/// How many processes more than half the time before are many.
const MANY_MORE: usize = 1_000;

pub(super) struct Busy {
    /// How many actions may wait, until it has been told.
    many: Option<usize>,
    /// How long it may be busy, until it has been told.
    long: Option<Duration>,
    /// Since when it has not been idle.
    since: Option<Instant>,
    /// The processes that there were after half the time for which it may be busy: by then all that
    /// a program begins with are there.
    processes: Option<Census>,
    /// The one who acts, since it has not been idle for too long.
    alone: Option<Alone>,
}

impl Busy {
    pub(super) const fn new(warnings: Warnings) -> Self {
        Self { many: warnings.queued, long: warnings.busy, since: None, processes: None, alone: None }
    }

    /// The VM is idle.
    pub(super) fn rest(&mut self) {
        (self.since, self.processes, self.alone) = (None, None, None);
    }

    /// Lets the VM perform at most so many actions.
    pub(super) fn run(&mut self, vm: &mut GroundVm, max_steps: usize) {
        match &mut self.alone {
            None => vm.run(max_steps),
            Some(alone) => vm.run_seen(max_steps, alone),
        };
    }

    /// The VM has worked for a while and is not idle.
    pub(super) fn work(&mut self, vm: &mut GroundVm) {
        let waiting = vm.stats().queued;
        if self.many.is_some_and(|many| waiting > many) {
            self.many = None;
            let (who, queued) = busiest(vm);
            tracing::warn!(
                target: "marketplace",
                "{waiting} actions wait in the ground VM, more than it performs in time; most are of {who}: {queued}"
            );
        }
        let Some(long) = self.long else { return };
        let busy = self.since.get_or_insert_with(Instant::now).elapsed();
        if busy < long / 2 {
            return;
        }
        let before = self.processes.get_or_insert_with(|| vm.census());
        if busy < long {
            return;
        }
        let alone = self.alone.get_or_insert_with(|| vm.alone());
        if let Some(is_alone) = vm.is_alone(alone, LOOKED_AT) {
            self.long = None;
            let (who, queued) = busiest(vm);
            let now = vm.census();
            let more = now.more_than(before);
            if is_alone {
                tracing::warn!(
                    target: "marketplace",
                    "the VM has not been idle for {long:?}: {who} alone keeps it busy, by what it sends to itself"
                );
            } else if more >= MANY_MORE {
                tracing::warn!(
                    target: "marketplace",
                    "the VM has not been idle for {long:?}, and has {more} processes more than after half of that; \
                     most are {}; of the actions that wait, most are of {who}: {queued}",
                    now.most_since(before),
                );
            } else {
                tracing::warn!(
                    target: "marketplace",
                    "the VM has not been idle for {long:?}; of the actions that wait, most are of {who}: {queued}"
                );
            }
            self.alone = None;
        }
    }
}

fn busiest(vm: &mut GroundVm) -> (String, usize) {
    let (who, queued) = vm.busiest().unwrap_or_else(|| ("host".to_string(), 0));
    (one_line(who).to_string(), queued)
}
