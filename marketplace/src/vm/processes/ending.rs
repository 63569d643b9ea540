//! How a process ends.

use crate::conversation::called::Called;
use crate::conversation::pid::Pid;
use crate::conversation::promise::falling::{self, Mark};
use crate::data::contained;
use crate::data::door;
use crate::data::numbers::{ActionId, Cause, TurnId};
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::network::owner::ProcessSlot;
use crate::process::action::{Act, Ending};
use crate::process::queue::{HOST, Pending, Work};
use crate::process::{Context, Exit, Fault, Process};
use crate::record::trace::Heard;
use crate::vm::Vm;
use crate::vm::ledger::letting_go;
use crate::vm::processes::{ProcessEntry, Processes};

impl Processes {
    /// The process has failed: none of its code runs again. The actions that it asked for before
    /// are performed, then its quit.
    fn fail(&mut self, slot: ProcessSlot, reason: Reason, cause: Cause) {
        let Some(entry) = self.table.get_mut(slot).filter(|entry| !entry.deaf) else {
            return;
        };
        entry.deaf = true;
        if entry.has_to_do_with_objects {
            entry.ends_objects_soon(&reason);
        }
        entry.fails(&reason);
        entry.queued += 1;
        let id = ActionId::fresh();
        let work = Work::Act(Act::Quit(None, Ending::because(reason)));
        self.queue.push_back(Pending::new(work, slot, entry.pid, id, cause));
    }

    /// The process has failed in this turn, in which it heard that. The turn may have dropped what
    /// it had in its hands, and the kernel drops the rest.
    pub(crate) fn fail_in_turn(&mut self, slot: ProcessSlot, reason: Reason, turn: TurnId, heard: &Heard) {
        falling::blame_turn(turn, &reason);
        if heard.brings_values() {
            falling::blame_rest(&reason);
        }
        self.fail(slot, reason, turn.into());
    }

    /// The process has failed between its turns: because of an action that is being performed, or
    /// of the turn of a VM around.
    pub(crate) fn fail_between_turns(
        &mut self,
        slot: ProcessSlot,
        reason: Reason,
        cause: Cause,
        context: &mut Context,
    ) {
        let at = self.queue.end();
        if let Some(entry) = self.table.get(slot).filter(|entry| !entry.deaf) {
            self.note_fault(entry.pid, None, &reason, cause, context);
            falling::blame_rest(&reason);
        }
        self.fail(slot, reason, cause);
        if context.recorder.is_on()
            && let Some(quits) = self.queue.since(at).next()
        {
            let turn = context.turn_behind(cause);
            context.recorder.failed(&self.path, quits, cause, turn);
        }
    }

    /// Takes a process out of the table, for this reason; its queued actions are never performed.
    #[inline(never)]
    pub(crate) fn remove(&mut self, slot: ProcessSlot, reason: &Reason) {
        let Some(entry) = self.table.remove(slot) else {
            return;
        };
        if entry.account.is_some() || entry.has_to_do_with_objects && entry.queued > 0 {
            return self.remove_with_account(slot, entry, reason);
        }
        self.queue.orphan(entry.pid, entry.queued as usize, reason);
        // The process has ended: a failing destructor can fail no process any more.
        let mark = Mark::set();
        let ((), let_go) = letting_go(|| {
            let ProcessEntry { body, names, .. } = entry;
            body.retire();
            if names.is_some() {
                let _ = door::dispose(names);
            }
        });
        mark.blame(reason);
        self.ended(let_go, reason);
    }

    /// Drops what a process had that ends for this reason: a failing destructor can fail no process
    /// any more.
    #[inline(never)]
    pub(crate) fn drop_with_process<T>(&mut self, made: T, reason: &Reason) {
        let mark = Mark::set();
        let (_, let_go) = letting_go(|| door::dispose(made));
        mark.blame(reason);
        self.ended(let_go, reason);
    }

    #[inline(never)]
    fn remove_with_account(&mut self, slot: ProcessSlot, mut entry: ProcessEntry, reason: &Reason) {
        entry.ends(reason);
        let (mark, let_go) = letting_go(|| {
            // Answers in the queue are not given any more either. A look at all of it is for those
            // who have something there.
            if entry.queued > 0 {
                let undone = Mark::set();
                self.queue.forget(slot, entry.pid);
                undone.blame_undone(reason);
            }
            let mark = Mark::set();
            let _ = door::dispose(entry);
            mark
        });
        mark.blame(reason);
        self.ended(let_go, reason);
        self.gather();
    }

    /// Drops a process to which nothing can happen any more. Says whether it did.
    #[inline]
    pub(crate) fn collect(&mut self, slot: ProcessSlot, context: &mut Context) -> bool {
        let goes = self.table.get_mut(slot).is_some_and(|entry| entry.is_garbage() && !entry.has_objects());
        if goes {
            if context.recorder.is_on()
                && let Some(entry) = self.table.get(slot)
            {
                context.recorder.dropped(&self.path, entry.pid);
            }
            self.note_unmet(slot, context);
            self.remove(slot, &Reason::Normal);
        }
        goes
    }

    /// If the process is a VM, it is done: whoever waits in there waits in vain.
    fn note_unmet(&mut self, slot: ProcessSlot, context: &mut Context) {
        if let Some(entry) = self.table.get_mut(slot)
            && let Some(process) = entry.body.as_any().downcast_mut::<Process<Vm>>()
            && let Some(vm) = process.state_mut()
        {
            vm.unmet(&mut Vec::new(), &mut context.unheard);
            #[cfg(debug_assertions)]
            vm.end_missed(context);
            #[cfg(debug_assertions)]
            vm.never_met(&mut context.never_met);
        }
    }

    /// Notes how a process fails, until its end is noted.
    #[cold]
    pub(crate) fn note_fault(
        &mut self,
        pid: Pid,
        heard: Option<Heard>,
        reason: &Reason,
        cause: Cause,
        context: &Context,
    ) {
        let from = self.from(cause, context);
        let at = match reason {
            Reason::Panic(text) => contained::place_of(text),
            _ => None,
        };
        self.faults.push((pid, Box::new(Fault { heard, from, at })));
    }

    /// The process that asked for this cause, by names, if that is the action which is being
    /// performed here.
    pub(super) fn from(&self, cause: Cause, context: &Context) -> Option<String> {
        let acts = self.queue.popped().filter(|(id, ..)| cause.is_action(*id) && *id == context.action.0);
        acts.map(|(_, slot, pid)| match self.table.get(slot).filter(|entry| entry.pid == pid) {
            Some(entry) => self.site.path_of(pid, entry.name(), entry.body.called()),
            None if slot == HOST => "host".to_string(),
            None => self.site.path_of(pid, None, Called::NOTHING),
        })
    }

    /// Notes that a process has ended, for the host and the record.
    pub(crate) fn note_exit(
        &mut self,
        pid: Pid,
        name: Option<Value>,
        called: Called,
        reason: &Reason,
        context: &mut Context,
    ) {
        let fault = self.faults.iter().position(|(failed, _)| *failed == pid);
        let fault = fault.map(|at| self.faults.swap_remove(at).1);
        if context.recorder.is_on() {
            context.recorder.exit(&self.path, pid, reason);
        }
        context.exits.push(Exit {
            vm: self.path.clone(),
            pid,
            name: name.map(|name| name.seen()),
            reason: reason.seen(),
            fault,
            called,
            site: self.site.clone(),
        });
    }
}
