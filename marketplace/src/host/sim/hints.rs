//! Says for which driver processes wait in vain while time passes.

use crate::data::driver::Driver;
use crate::ground_vm::GroundVm;

#[derive(Default)]
pub(super) struct Hints {
    told: Vec<Driver>,
}

impl Hints {
    /// Time passes. It is told as text, and not by a log: a test shows what it printed if it fails.
    pub(super) fn time_passes(&mut self, vm: &mut GroundVm) {
        for unmet in vm.unmet() {
            if !self.told.contains(&unmet.driver) {
                self.told.push(unmet.driver);
                eprintln!("sim: {unmet}, or let a process of the test play its part");
            }
        }
    }
}
