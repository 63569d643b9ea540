//! Says which driver is missing, once for each.

use crate::data::driver::Driver;
use crate::ground_vm::GroundVm;

#[derive(Default)]
pub(super) struct Hints {
    told: Vec<Driver>,
    /// It has been looked who waits in vain.
    at_first_idle: bool,
    at_end: bool,
}

impl Hints {
    /// The VM is idle. Who waits in vain is looked for the first time only: it costs as much as
    /// there are endpoints.
    pub(super) fn idle(&mut self, vm: &mut GroundVm) {
        let first = !std::mem::replace(&mut self.at_first_idle, true);
        if first || vm.has_unheard() {
            self.tell(vm, first);
        }
    }

    /// The VM is done.
    pub(super) fn done(&mut self, vm: &mut GroundVm) {
        if !std::mem::replace(&mut self.at_end, true) {
            self.tell(vm, true);
        }
    }

    fn tell(&mut self, vm: &mut GroundVm, waiting: bool) {
        let unheard = vm.take_unheard();
        for unmet in if waiting { vm.unmet() } else { Vec::new() }.iter().chain(&unheard) {
            if !self.told.contains(&unmet.driver) {
                self.told.push(unmet.driver);
                tracing::warn!(target: "marketplace", "{unmet}");
            }
        }
    }
}
