//! Runs the ground VM, gives its outputs to the host, and ends it.

use crate::conversation::duct::letting_go;
use crate::conversation::pid::Pid;
use crate::conversation::promise::falling::Mark;
use crate::data::contained::{self, Tower};
use crate::data::door;
use crate::data::message::Message;
use crate::data::numbers::{ActionId, TurnId};
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::ground_vm::level::Level;
use crate::ground_vm::source::{Credit, Source, take_ground};
use crate::ground_vm::{Announced, Doomed, GroundVm, Output, Reply};
use crate::process::Exit;
use crate::process::action::{Act, Ending, Relayed};
use crate::process::error::VmError;
use crate::vm::Vm;

/// How many steps other processes may take between the quits of two processes at shutdown, so that
/// a VM that is never idle ends, too.
const SHUTDOWN_STEPS: usize = 10_000;

impl GroundVm {
    /// Performs at most so many innermost actions, at whatever depth. Says whether work is left.
    pub fn run(&mut self, max_steps: usize) -> bool {
        let tower = Tower::enter(self.tower, self.next);
        if self.has_fallen() && !self.context.is_halted() {
            self.tell_fallen();
        }
        let mut left = max_steps;
        let work_left = loop {
            let budget = self.doomed.as_ref().map_or(left, |doomed| left.min(doomed.patience));
            (self.context.budget, self.context.cut) = (budget, 0);
            while self.context.goes_on() && self.step_once() {}
            let cut = std::mem::take(&mut self.context.cut);
            let taken = budget - self.context.budget - cut;
            left -= taken;
            self.steps += taken as u64;
            if let Some(doomed) = &mut self.doomed {
                doomed.patience -= taken;
            }
            if self.context.is_halted() {
                break false;
            }
            if left == 0 || cut > 0 {
                if cut == 0 && self.vm_mut().processes.queue.is_done() {
                    self.drop_rest();
                }
                break self.has_actions() || self.doomed.is_some();
            }
            if !self.doom() {
                break false;
            }
        };
        self.next = tower.leave();
        work_left
    }

    /// Performs the next innermost action. Says whether there was one.
    pub fn step(&mut self) -> bool {
        let has_work = self.has_actions() || self.doomed.is_some() || self.has_fallen();
        let had_work = has_work && !self.context.is_halted();
        self.run(1);
        had_work
    }

    /// Whether actions are in the queue, also of processes that are gone: the next step drops
    /// those, and deals with what falls then.
    pub(super) fn has_actions(&self) -> bool {
        self.vm.as_ref().is_some_and(|vm| !vm.processes.queue.is_empty())
    }

    /// Behind the last action only such are left of processes that are gone: they are dropped in
    /// this run, as they are in a longer one.
    // Not by a step: with a second call of that, ping-pong takes 5 % more.
    #[cold]
    #[inline(never)]
    fn drop_rest(&mut self) {
        while self.vm_mut().front().is_none() && self.deal_with_rest() {}
    }

    #[inline]
    fn step_once(&mut self) -> bool {
        let Some(vm) = &mut self.vm else { unreachable!("no handler is running") };
        if !vm.step(&mut self.context) {
            return self.deal_with_rest();
        }
        self.serve();
        true
    }

    /// Deals with references that fell after the last step. Says whether that made work.
    fn deal_with_rest(&mut self) -> bool {
        if !contained::noted().has_fallen() {
            return false;
        }
        let Some(vm) = &mut self.vm else { unreachable!("no handler is running") };
        vm.deal_with_all_fallen(&mut self.context);
        self.serve();
        true
    }

    /// Performs the VM's actions for the level out here.
    // In line in a step: ping-pong takes 2 % more otherwise.
    #[inline(always)]
    fn serve(&mut self) {
        let (_, asked) = self.context.action;
        while let Some(relayed) = self.vm_mut().outbox.pop_front() {
            let (pid, process, id) = (relayed.pid, relayed.process, relayed.id);
            // The action is the cause of its effects out here.
            self.context.action = (id, self.context.recorder.outside(Some(id)).unwrap_or(asked));
            self.context.turn = id.as_turn();
            self.perform(relayed);
            self.context.turn = TurnId::NONE;
            if let Some(reason) = door::take_stray() {
                self.fail(pid, reason, id);
            }
            if let Some(vm) = &mut self.vm {
                vm.performed_outside(process, pid, &mut self.context);
                if contained::noted().has_fallen() {
                    vm.deal_with_all_fallen(&mut self.context);
                }
            }
        }
        if !self.context.exits.is_empty() {
            self.note_exits();
        }
        if self.context.recorder.is_verb() {
            self.outputs.extend(self.context.recorder.take_lines().map(Output::Verb));
        }
    }

    /// Whether somebody who looked on has let go of a duct on which a process waits.
    #[inline]
    pub(super) fn has_fallen(&self) -> bool {
        self.vm.as_ref().is_some_and(|vm| vm.processes.has_fallen())
    }

    /// Tells the processes that wait. It is an input, as an item of a source is.
    #[cold]
    fn tell_fallen(&mut self) {
        let Some(vm) = &mut self.vm else { unreachable!("no handler is running") };
        self.context.recorder.outside(None);
        self.context.action = (ActionId::NONE, TurnId::NONE);
        let references = vm.processes.site.take_fallen_references();
        vm.processes.gather();
        for fallen in references {
            vm.fell(fallen, ActionId::NONE, &mut self.context);
        }
        vm.deal_with_fallen(&mut self.context);
        vm.tell_waiting(&mut self.context);
        vm.deal_with_all_fallen(&mut self.context);
        self.serve();
    }

    #[inline(never)]
    pub(super) fn note_exits(&mut self) {
        let Self { context, boot_failure, outputs, .. } = self;
        let mut see = |exit: &Exit| {
            if exit.pid == Pid::BOOT && exit.vm.is_empty() && !exit.reason.is_normal() {
                boot_failure.get_or_insert_with(|| exit.reason.clone());
            }
        };
        // As a rule it is one: that takes 30 instructions less than a list.
        if context.exits.len() == 1
            && let Some(exit) = context.exits.pop()
        {
            see(&exit);
            return outputs.push_back(Output::Exit(exit));
        }
        for exit in context.exits.drain(..) {
            see(&exit);
            outputs.push_back(Output::Exit(exit));
        }
    }

    /// The next output for the host; none, when all are taken.
    pub fn poll(&mut self) -> Option<Output> {
        match self.outputs.front() {
            None => return self.context.slow.pop().map(Box::new).map(Output::SlowTurn),
            Some(Output::Feedback(..)) => {
                let Some(cause) = self.feedback_causes.pop_front() else { unreachable!("each has a cause") };
                self.feedback_cause = cause;
            }
            Some(_) => {}
        }
        self.outputs.pop_front()
    }

    /// The turn that gave the last [`Output::Feedback`].
    #[must_use]
    pub const fn feedback_cause(&self) -> u64 {
        self.feedback_cause.number()
    }

    /// An action of a process of the ground VM at the meta level: here, where the tower stops.
    fn perform(&mut self, relayed: Relayed<Vm>) {
        let Relayed { pid, id, act, .. } = relayed;
        let Self { vm, level, context, outputs, .. } = self;
        let unknown = match act {
            Act::Add(spec, handler) if Level::knows(&spec.role) => {
                if let Some(vm) = vm
                    && let limit = vm.processes.limits().endpoints
                    && !level.has_room_for(&spec, limit)
                {
                    let reason = Reason::error(VmError::TooManyEndpoints { limit });
                    let mark = Mark::set();
                    let (_, let_go) = letting_go(|| door::dispose((spec, handler)));
                    mark.blame(&reason);
                    vm.processes.ended(let_go, &reason);
                    return self.fail(pid, reason, id);
                }
                level.add(*spec, handler, vm, context, outputs);
                return;
            }
            Act::Delete(delete, done) => {
                let let_go = level.delete(&delete, vm, context, outputs);
                if let Some(vm) = vm {
                    vm.processes.ended(let_go, &delete.reason);
                    vm.tell_waiting(context);
                    if let Some(done) = done {
                        // A place in a queue outside, which the outermost VM does not need.
                        let _ = done(vm, context);
                    }
                }
                return;
            }
            Act::Message(body) => {
                #[cfg(debug_assertions)]
                if let Some(vm) = vm
                    && !super::source::ground_topic(None).matches(&body)
                {
                    vm.sent_to_nobody(pid, &body, context);
                }
                return level.hear_message(&body, vm, context, outputs);
            }
            Act::Feedback(body) => {
                if let Some((source, feedback)) = take_ground(body) {
                    self.feedback(source, feedback);
                }
                return;
            }
            Act::Give(giving) => {
                if context.recorder.is_on() && giving.duct.top().is_some_and(|(hop, _)| hop.is_hosts()) {
                    let heard = giving.answer();
                    context.recorder.told_host(context.action, context.stamp, heard.as_ref());
                }
                outputs.extend(Reply::new(giving, context.action.1).map(Output::Reply));
                return;
            }
            Act::Refuse(refusal) => return level.hear_refusal(&refusal.0, refusal.1, vm, context),
            Act::Quit(None, ending) => {
                level.stop_all(outputs);
                let reason = ending.and_then(|ending| ending.reason);
                self.quit.get_or_insert(reason.unwrap_or(Reason::Normal));
                return;
            }
            other => other,
        };
        let reason = Reason::error(VmError::NoMetaLevel { action: format!("{unknown:?}") });
        // The unknown action is the reason, even if dropping it fails, too.
        let mark = Mark::set();
        let (_, let_go) = letting_go(|| door::dispose(unknown));
        mark.blame(&reason);
        if let Some(vm) = vm
            && let Some(slot) = vm.processes.find(pid)
            && let Some(entry) = vm.processes.get_mut(slot)
        {
            entry.lose_all(let_go);
        }
        self.fail(pid, reason, id);
    }

    /// A process of the ground VM fails, if it is still there.
    fn fail(&mut self, pid: Pid, reason: Reason, action: ActionId) {
        let Some(vm) = &mut self.vm else { unreachable!("no handler is running") };
        if let Some(slot) = vm.processes.find(pid) {
            vm.processes.fail_between_turns(slot, reason, action.into(), &mut self.context);
        }
    }

    fn feedback(&mut self, source: Source, feedback: Value) {
        let Some(credit) = self.level.credit_mut(&source) else { return };
        if let Some(credit) = credit
            && let Some(Credit(more)) = Credit::from_value(&feedback)
        {
            if *credit == 0 && more > 0 {
                self.outputs.push_back(Output::Ask(source));
            }
            *credit = credit.saturating_add(more);
            return;
        }
        self.outputs.push_back(Output::Feedback(source, feedback));
        self.feedback_causes.push_back(self.context.action.1);
    }

    /// Ends the program. From now on [`GroundVm::run`] first lets each endpoint with a clause
    /// [`on_shutdown!`](crate::on_shutdown) hear of it, and performs the actions that are asked for
    /// then, for at most 10,000 steps. Then the processes that there are quit, the youngest first,
    /// each after the others have heard of the one before.
    pub fn shutdown(&mut self) {
        if self.doomed.is_none() && self.quit.is_none() {
            let pids = self.vm_mut().processes.pids();
            self.doomed = Some(Doomed { announced: Announced::No, pids, patience: 0, swept: false });
        }
    }

    /// Whether the program is ending by [`GroundVm::shutdown`].
    #[cfg(feature = "tokio")]
    pub(crate) const fn is_ending(&self) -> bool {
        self.doomed.is_some()
    }

    /// At shutdown, when the processes do not come to an end: the VM is stopped.
    pub(crate) fn cut_short(&mut self) {
        self.doomed = None;
        self.vm_mut().stop();
        self.level.stop_all(&mut self.outputs);
        self.quit.get_or_insert(Reason::Shutdown);
    }

    /// At shutdown, first of all: endpoints hear of it. As for those at the meta level, that is an
    /// input.
    #[cold]
    fn tell_shutdown(&mut self) {
        self.context.recorder.outside(None);
        self.context.action = (ActionId::NONE, TurnId::NONE);
        self.level.hear_shutdown(&mut self.vm, &mut self.context);
        self.vm_mut().inject(Act::Shutdown, TurnId::NONE);
        self.serve();
    }

    /// At shutdown, when all is done that being told of it led to, or the last quit, or that takes
    /// too long: the next process quits. Says whether there is more to do.
    fn doom(&mut self) -> bool {
        let Some(doomed) = &mut self.doomed else { return false };
        if doomed.announced == Announced::No {
            (doomed.announced, doomed.patience) = (Announced::Now, SHUTDOWN_STEPS);
            self.tell_shutdown();
            return true;
        }
        let Some(vm) = &mut self.vm else { unreachable!("no handler is running") };
        if doomed.announced == Announced::Now {
            doomed.announced = Announced::Before;
            // Processes that were made for a last word quit in their order, unless there is no end
            // to them.
            if vm.front().is_none() {
                doomed.pids = vm.processes.pids();
            }
        }
        // The processes made since come last: nobody is left to be told.
        let sweeps = doomed.pids.is_empty();
        let mut victims = doomed.pids.pop().map_or_else(|| vm.processes.pids(), |pid| vec![pid]);
        if sweeps && (doomed.swept || victims.is_empty()) {
            match victims.is_empty() {
                true => self.doomed = None,
                // The processes keep making processes.
                false => self.cut_short(),
            }
            return self.has_actions();
        }
        (doomed.swept, doomed.patience) = (sweeps, SHUTDOWN_STEPS);
        while let Some(pid) = victims.pop() {
            vm.inject(Act::Quit(Some(pid), Ending::because(Reason::Shutdown)), TurnId::NONE);
        }
        true
    }
}
