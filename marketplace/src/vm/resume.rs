//! Resumes processes after a yield, and nested VMs.

use crate::conversation::called::Called;
use crate::conversation::duct::Duct;
use crate::conversation::pid::Pid;
use crate::data::numbers::{ActionId, Cause, TurnId};
use crate::network::owner::ProcessSlot;
use crate::process::action::Progress;
use crate::process::queue::{Lane, Pending, Work};
use crate::process::{Context, KeptSlot, Process};
use crate::record::recorder::Taken;
use crate::record::trace::{Heard, TurnOutcome};
use crate::vm::Vm;
use crate::vm::processes::turns::is_panic;

/// A queued yield of a process, or the place of a nested VM.
pub(super) struct Resumption {
    pub(super) slot: ProcessSlot,
    pub(super) pid: Pid,
    /// The closure that waits in the process.
    pub(super) kept: KeptSlot,
    /// The turn of a nested VM that goes on.
    pub(super) begun: Option<TurnId>,
    /// As an action.
    pub(super) id: ActionId,
    pub(super) cause: Cause,
}

impl Vm {
    /// A nested VM may not get to the end of its turn. Then it keeps its place at the front, and
    /// the work so far is one turn with the work that it does when it goes on.
    pub(super) fn resume(&mut self, resumption: Resumption, context: &mut Context) {
        let Resumption { slot, pid, kept, begun, id, cause } = resumption;
        let budget = context.budget;
        let turn = begun.unwrap_or_else(TurnId::fresh);
        let at = self.processes.queue.end();
        let cause_turn = context.turn_behind(id.into());
        let Some((entry, queue, site)) = self.processes.entry_and_queue(slot) else {
            return;
        };
        // The processes in a VM have turns of their own.
        let is_vm = entry.body.as_any().is::<Process<Self>>();
        let stamp = if is_vm { context.stamp } else { context.tick(turn) };
        let snapshot = if context.recorder.log.is_on() { entry.snapshot() } else { None };
        if !is_vm {
            context.recorder.begins(turn, pid, site, || entry.body.called());
        }
        let mut lane = Lane { queue, slot, pid, cause: turn.into() };
        let result = context.turn(turn, id.into(), |context| {
            if is_vm {
                let result = entry.body.resume(kept, &mut lane, context);
                if result.is_err() {
                    // Answers that it was to bring are lost.
                    entry.called(true);
                }
                return result;
            }
            let result = entry.call(|body| body.resume(kept, &mut lane, context));
            entry.called(result.is_err());
            result
        });
        if !is_vm && context.recorder.ends(turn) && !result.as_ref().is_err_and(|reason| is_panic(reason)) {
            self.processes.note_slow_at(slot, turn, &Heard::Resumed, id.into(), context);
        }
        let actions = self.processes.queue.end() - at;
        self.processes.queued(slot, actions);
        if context.budget == budget {
            context.budget = budget.saturating_sub(1);
        }
        let outcome = match &result {
            Ok(Progress::VmDone | Progress::VmAgain) => None,
            Ok(Progress::VmMore) => {
                let work = Work::Resume(kept.into(), Some(turn));
                return self.processes.put_back(Pending::new(work, slot, pid, id, cause));
            }
            Ok(Progress::Done) => Some(TurnOutcome::Done { actions }),
            Err(reason) => Some(TurnOutcome::Failed((**reason).clone())),
        };
        let stamp = if is_vm && outcome.is_some() { context.tick(turn) } else { stamp };
        if let Some(outcome) = outcome
            && context.recorder.is_on()
        {
            context.recorder.turn(Taken {
                vm: &self.processes.path,
                pid,
                name: self.processes.get(slot).and_then(|entry| entry.name()),
                called: self.processes.get(slot).map_or(Called::NOTHING, |entry| entry.body.called()),
                id: turn,
                cause: id.into(),
                cause_turn,
                stamp,
                heard: (Heard::Resumed, Duct::EMPTY),
                outcome,
                snapshot,
            });
            self.processes.gather();
        }
        if let Err(reason) = result {
            let heard = || (Heard::Resumed, Duct::EMPTY);
            self.processes.fail_at(slot, *reason, turn, id.into(), heard, context);
        }
        if context.recorder.is_on() {
            context.recorder.produced(turn, self.processes.queue.since(at));
        }
    }
}
