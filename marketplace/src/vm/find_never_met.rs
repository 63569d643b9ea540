//! Finds the endpoints that wait for a presence in vain. Only debug builds look for them.

use crate::conversation::role::InterestType;
use crate::conversation::topic::Topic;
use crate::data::library::is_of_library;
use crate::network::owner::ProcessSlot;
use crate::process::{NeverMet, short};
use crate::vm::Vm;
use crate::vm::find_unmet::of_topic;

impl Vm {
    /// Appends those of this VM and of all in it, one for each topic, that are not there yet.
    pub(crate) fn never_met(&mut self, found: &mut Vec<NeverMet>) {
        for slot in self.processes.slots() {
            if self.may_wait(slot) {
                continue;
            }
            for endpoint in self.endpoints_of(slot) {
                let Some(endpoint) = self.network.endpoints.get(endpoint.slot) else { continue };
                if !endpoint.takes.heeds.waits_for_presence()
                    || !self.is_meant(endpoint.interest, &endpoint.topic)
                {
                    continue;
                }
                let (peers, topic) = (endpoint.orientation.opposite(), short(&endpoint.topic));
                let who = self.processes.path_to(slot);
                NeverMet { who, peers, topic }.join(found);
            }
        }
        self.each_inside(&mut |vm| vm.never_met(found));
    }

    /// Whether nobody needs to be told of what this process waits for: it is of the library, or of
    /// a kind of which a VM has one at most, such as a driver. These wait for whoever may come.
    fn may_wait(&self, slot: ProcessSlot) -> bool {
        self.processes.is_only(slot)
            || self.processes.get(slot).is_some_and(|entry| is_of_library(entry.body.called().path()))
    }

    /// Whether an endpoint is meant to meet somebody. One that looks on serves whoever may come,
    /// unless it is a driver that is to see it. Of a driver that is not there, another hint tells.
    fn is_meant(&self, interest: InterestType, topic: &Topic) -> bool {
        match of_topic(topic) {
            Some((driver, _)) => interest != InterestType::Everything && self.processes.has(driver.kind),
            None => interest == InterestType::Participant && !topic.is_any(),
        }
    }
}
