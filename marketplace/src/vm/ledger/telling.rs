//! Tells processes that no answer comes.

use crate::conversation::duct::{Back, Duct, Hop};
use crate::data::reason::Reason;
use crate::process::Context;
use crate::process::action::{Given, Giving};
use crate::vm::Vm;
use crate::vm::ledger::letting_go;
use crate::vm::processes::Answer;

impl Vm {
    /// Tells the processes that wait for an answer of a process that has ended, unless somebody
    /// else can answer.
    pub(crate) fn tell_waiting(&mut self, context: &mut Context) {
        let id = context.action.0;
        while !self.processes.ledger.is_clear() {
            self.forget_early();
            for loss in self.processes.ledger.take_losses() {
                if let Some((duct, reason)) = loss.into_told() {
                    self.route(Giving { duct, what: Given::Nothing(reason), giver: None }, id, context);
                }
            }
        }
    }

    /// The process of the top hop was told that no answer comes, and why. If it has no clause for
    /// that, the process that waits for it in turn is told, unless somebody else can answer.
    pub(in crate::vm) fn told_nothing(&mut self, duct: &Duct, reason: &Reason, answer: Answer) {
        if answer == Answer::Applied {
            return duct.end();
        }
        let ((), let_go) = letting_go(|| duct.end());
        self.processes.ended(let_go, reason);
    }

    /// The process of the top hop cannot be told: it is gone, it has failed, or a VM around it has
    /// stopped. So the process, or that VM, ends without an answer for the process that waits for
    /// it in turn.
    #[cold]
    pub(in crate::vm) fn untold(&mut self, duct: &Duct, context: &mut Context) {
        let Some((Hop { to: Back::Process { vm, pid }, site, .. }, rest)) = duct.top() else { return };
        if !site.is_of_tower(&self.processes.site) {
            return;
        }
        let Some(inner) = vm.strip_prefix(&*self.processes.path) else { return };
        // Looks for the innermost of the VMs and the process that is still there.
        for level in (0..=inner.len()).rev() {
            let (around, pid) = (&inner[..level], *inner.get(level).unwrap_or(pid));
            let lose = |vm: &mut Self, _: &mut Context| {
                let slot = vm.processes.find(pid);
                if let Some(entry) = slot.and_then(|slot| vm.processes.get_mut(slot)) {
                    entry.lose(rest);
                }
            };
            if self.within(around, context, lose).is_some() {
                return;
            }
        }
        self.processes.ledger.lose(rest);
    }
}
