//! Refuses conversations.

use crate::conversation::event::Event;
use crate::conversation::part::Part;
use crate::conversation::role::{InterestType, Orientation};
use crate::conversation::topic::Topic;
use crate::data::numbers::ActionId;
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::process::Context;
use crate::vm::Vm;
use crate::vm::processes::Answer;

impl Vm {
    /// Everyone who would see a publisher of this topic hears its absence. A process that does not
    /// handle that fails.
    pub(super) fn refuse(&mut self, topic: &Topic, why: &Value, id: ActionId, context: &mut Context) {
        let reason = Reason::Refused(why.clone());
        let peers = self.network.peers(Orientation::Publisher, topic);
        for peer in &peers {
            let Some(ear) = self.network.endpoints.get(peer.slot) else {
                unreachable!("no endpoint comes or goes while peers are told")
            };
            if ear.is_apart() && self.is_acting(ear.owner.process) {
                continue;
            }
            let shared = Part::both(&ear.topic, topic);
            let event = Event::refusal(shared, &reason);
            let answer = self.processes.hear(ear.owner.process, ear.owner.handler, &event, id, context);
            if answer == Answer::Skipped && ear.interest != InterestType::Everything {
                self.processes.fail_between_turns(ear.owner.process, reason.clone(), id.into(), context);
            }
        }
        self.network.recycle(peers);
    }
}
