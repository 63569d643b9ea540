//! Says when a VM has more to do than it can, once each.

use std::time::Duration;

use tokio::time::Instant;

use crate::data::one_line::one_line;
use crate::ground_vm::GroundVm;

/// From how many waiting actions on it is told.
const MANY: usize = 100_000;

/// After how long without being idle it is told.
const LONG: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(super) struct Busy {
    /// Since when it has not been idle.
    since: Option<Instant>,
    told_many: bool,
    told_long: bool,
}

impl Busy {
    /// The VM is idle.
    pub(super) const fn rest(&mut self) {
        self.since = None;
    }

    /// The VM has worked for a while and is not idle.
    pub(super) fn work(&mut self, vm: &mut GroundVm) {
        let waiting = vm.stats().queued;
        if waiting > MANY && !std::mem::replace(&mut self.told_many, true) {
            let (who, queued) = busiest(vm);
            tracing::warn!(
                target: "marketplace",
                "{waiting} actions wait in the ground VM, more than it performs in time; most are of {who}: {queued}"
            );
        }
        if self.told_long {
            return;
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        if since.elapsed() >= LONG {
            self.told_long = true;
            let (who, queued) = busiest(vm);
            tracing::warn!(
                target: "marketplace",
                "the VM has not been idle for {} s; of the actions that wait, most are of {who}: {queued}",
                LONG.as_secs()
            );
        }
    }
}

fn busiest(vm: &mut GroundVm) -> (String, usize) {
    let (who, queued) = vm.busiest().unwrap_or_else(|| ("host".to_string(), 0));
    (one_line(who).to_string(), queued)
}
