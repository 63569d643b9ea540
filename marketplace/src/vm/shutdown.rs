//! Saying that the program is about to end.

use crate::conversation::event::Event;
use crate::data::numbers::{ActionId, TurnId};
use crate::process::Context;
use crate::process::action::Act;
use crate::vm::Vm;

impl Vm {
    /// Each endpoint that wants to hear it is told, those of the youngest process first. The
    /// endpoints in a nested VM are told in its next turn.
    pub(super) fn tell_shutdown(&mut self, id: ActionId, context: &mut Context) {
        for pid in self.processes.pids().into_iter().rev() {
            let Some(slot) = self.processes.find(pid) else {
                unreachable!("a process is dropped after a step, not in it")
            };
            for entry in self.endpoints_of(slot) {
                let Some(ear) = self.network.endpoints.get(entry.slot) else {
                    unreachable!("no endpoint comes or goes while endpoints are told")
                };
                if ear.takes.heeds.shutdown() {
                    self.processes.notify(slot, ear.owner.handler, &Event::shutdown(), id, context);
                }
            }
            if self.processes.is_vm(slot) {
                self.within(&[pid], context, |vm, _| vm.inject(Act::Shutdown, TurnId::NONE));
            }
        }
    }
}
