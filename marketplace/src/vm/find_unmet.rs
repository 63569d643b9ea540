//! Finds the endpoints that wait for a driver which is not there.

use crate::conversation::role::{InterestType, Orientation};
use crate::conversation::topic::{Topic, TopicView};
use crate::data::driver::Driver;
use crate::data::symbol::Symbol;
use crate::data::value::{Value, View};
use crate::network::owner::ProcessSlot;
use crate::process::{Context, Process, Unmet};
use crate::vm::Vm;

impl Vm {
    /// Appends who waits in this VM, and in those in it, for drivers of kinds that are in none of
    /// `around`.
    pub(crate) fn unmet(&mut self, around: &mut Vec<&'static str>, found: &mut Vec<Unmet>) {
        let slots = self.processes.slots();
        let depth = self.processes.path.len();
        for &slot in &slots {
            for endpoint in self.endpoints_of(slot) {
                let Some(endpoint) = self.network.endpoints.get(endpoint.slot) else { continue };
                if endpoint.interest == InterestType::Everything {
                    continue;
                }
                let Some((driver, label)) = of_topic(&endpoint.topic) else { continue };
                if self.processes.has(driver.kind) || found.iter().any(|known| known.driver == driver) {
                    continue;
                }
                let (orientation, topic) = (endpoint.orientation, endpoint.topic.clone());
                if self.is_met(slot, orientation, &topic) {
                    continue;
                }
                let who = self.processes.path_to(slot);
                let is_further_out = around.contains(&driver.kind);
                found.push(Unmet { driver, label, who, said: false, depth, is_further_out });
            }
        }
        let inherited = around.len();
        around.extend(self.processes.kinds());
        for slot in slots {
            if let Some(entry) = self.processes.get_mut(slot)
                && let Some(vm) = entry.body.as_any().downcast_mut::<Process<Self>>()
                && let Some(vm) = vm.state_mut()
            {
                vm.unmet(around, found);
            }
        }
        around.truncate(inherited);
    }

    /// Whether an endpoint of another process that is not about everything meets this one.
    fn is_met(&mut self, slot: ProcessSlot, orientation: Orientation, topic: &Topic) -> bool {
        let peers = self.network.peers(orientation, topic);
        let met = peers.iter().filter_map(|peer| self.network.endpoints.get(peer.slot)).any(|peer| {
            peer.owner.process != slot && peer.interest != InterestType::Everything && !peer.topic.is_any()
        });
        self.network.recycle(peers);
        met
    }

    /// Nobody has heard this message or feedback.
    #[cold]
    #[inline(never)]
    pub(crate) fn unheard(&self, body: &Value, context: &mut Context) {
        let View::Record(label, _) = body.view() else { return };
        let Some(driver) = label.driver() else { return };
        if self.processes.has(driver.kind) || context.unheard.iter().any(|known| known.driver == driver) {
            return;
        }
        let who = self
            .processes
            .queue
            .popped()
            .map_or_else(String::new, |(_, slot, _)| self.processes.path_to(slot));
        context.unheard.push(Unmet {
            driver,
            label: label.clone(),
            who,
            said: true,
            depth: self.processes.path.len(),
            is_further_out: false,
        });
    }
}

/// The driver for which messages of this topic are, and their label.
pub(super) fn of_topic(topic: &Topic) -> Option<(Driver, Symbol)> {
    let label = match topic.view() {
        TopicView::Record(label, _) => label,
        TopicView::Literal(value) => match value.view() {
            View::Record(label, _) => label,
            _ => return None,
        },
        _ => return None,
    };
    Some((label.driver()?, label.clone()))
}
