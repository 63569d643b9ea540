//! Says which driver is missing, once for each.

use crate::data::driver::Driver;
use crate::ground_vm::GroundVm;
use crate::process::Unmet;

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
                tell(unmet);
            }
        }
    }
}

fn tell(unmet: &Unmet) {
    let action = unmet.driver.action;
    let advice = match (unmet.is_further_out, unmet.depth) {
        (true, _) => "it is in a VM around, with which one speaks `at_meta_level!(..)`".to_string(),
        (false, 0) => format!("add `{action}` to the actions of the ground VM"),
        (false, _) => {
            format!("add `{action}` to the actions of the ground VM, and speak `at_meta_level!(..)`")
        }
    };
    tracing::warn!(target: "marketplace", "{unmet}; {advice}");
}
