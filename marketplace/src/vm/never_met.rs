//! Finds the endpoints that wait for a presence in vain. Only debug builds look for them.

use crate::conversation::role::InterestType;
use crate::process::{NeverMet, short};
use crate::vm::Vm;

impl Vm {
    /// Appends those of this VM and of all in it: one for each topic. An endpoint that sees
    /// everything looks on, and a process of which a VM has one at most, such as a driver, waits
    /// for whoever may come.
    pub(crate) fn never_met(&mut self, found: &mut Vec<NeverMet>) {
        for slot in self.processes.slots() {
            if self.processes.is_only(slot) {
                continue;
            }
            for endpoint in self.endpoints_of(slot) {
                let Some(endpoint) = self.network.endpoints.get(endpoint.slot) else { continue };
                let looks_on = endpoint.interest == InterestType::Everything || endpoint.topic.is_any();
                let waits = endpoint.takes.heeds.waits_for_presence();
                if found.len() >= NeverMet::MOST || !waits || looks_on {
                    continue;
                }
                let (peers, topic) = (endpoint.orientation.opposite(), short(&endpoint.topic));
                if !found.iter().any(|known| (known.peers, &known.topic) == (peers, &topic)) {
                    found.push(NeverMet { who: self.processes.path_to(slot), peers, topic });
                }
            }
        }
        self.each_inside(&mut |vm| vm.never_met(found));
    }
}
