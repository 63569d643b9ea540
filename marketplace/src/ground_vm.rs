//! The outermost VM, for its host: what goes in, what comes out.

mod level;

use std::any::Any;
use std::collections::VecDeque;

use crate::action::{Given, On, Passing, Pre, Relayed, Spawn, SpawnSpec};
use crate::caller::{self, Caller};
use crate::door::{self, Tower};
use crate::duct::{Duct, Site};
use crate::dump::Dump;
use crate::error::{GroundError, VmError};
use crate::event_relay::event_relay;
use crate::ground_vm::level::Level;
use crate::log::{DebugAuthority, Log, Origin};
use crate::message::Message;
use crate::pid::Pid;
use crate::process::{Booted, Context, Exit};
use crate::processes::HOST;
use crate::queue::{Ending, Work};
use crate::reason::Reason;
#[cfg(feature = "tokio")]
use crate::role::Orientation;
use crate::source::{Credit, Ground, Source};
use crate::trace::Trace;
use crate::transition::IntoTransition;
use crate::value::{MAX_DEPTH, TooDeep, Value};
use crate::vm::{QUEUE_LIMIT, Stats, Vm};

/// The outermost VM of a tower, driven by a host. It does no I/O: the host gives it items of sources, runs it, and does what it asks.
///
/// Contract: after [`GroundVm::new`], [`GroundVm::item`], [`GroundVm::end`], [`GroundVm::send`] and the like, call [`GroundVm::run`]
/// until it says that no work is left, and after each call [`GroundVm::poll`] until it gives nothing. When the VM is idle, ask each running
/// source that [`GroundVm::wants`] one for an item. If it never is, do so between two calls, but of a source only when the VM is no more
/// [digesting](GroundVm::is_digesting) its last item. Stop when [`GroundVm::is_done`].
///
/// ```
/// use marketplace::{GroundVm, Transition, send_message};
/// let mut vm = GroundVm::new(|_boot_pid| Transition::new((), send_message(&"hello".to_string())));
/// assert!(!vm.run(usize::MAX));
/// assert!(vm.poll().is_none());
/// assert!(vm.is_done());
/// assert!(vm.outcome().is_ok());
/// ```
pub struct GroundVm {
    /// Full but while a handler is being called with it.
    vm: Option<Vm>,
    level: Level,
    context: Context,
    /// The next number of this tower's counter.
    next: u64,
    outputs: VecDeque<Output>,
    /// One of its processes ended it.
    quit: Option<Reason>,
    /// The boot process failed.
    boot_failure: Option<Reason>,
    doomed: Option<Doomed>,
    steps: u64,
    /// The turns that gave the feedback among the outputs, and the one that gave the last that was taken out.
    feedback_causes: VecDeque<u64>,
    feedback_cause: u64,
}

/// A program that is ending.
struct Doomed {
    /// The processes that are still to quit, the youngest last.
    pids: Vec<Pid>,
    /// How many steps may be taken before the next one does.
    patience: usize,
    /// Those made since shutdown began have been made to quit, too.
    swept: bool,
}

/// What a [`GroundVm`] wants from its host.
#[non_exhaustive]
pub enum Output {
    /// Run this source, which was made of this.
    Start(Source, Box<dyn Any + Send>),
    /// Stop asking this source for items, let what was written to it be flushed, and drop it.
    Stop(Source),
    /// This source has credit again: ask it for an item when its turn comes.
    Ask(Source),
    /// Give this to the source.
    Feedback(Source, Value),
    /// A process ended: to be logged.
    Exit(Exit),
    /// An answer to what the host [passed](GroundVm::pass) on this wire: an effect that is asked for. Or why none will come.
    Reply(Value, Result<Value, Reason>),
    /// A line about an action, while [verb](GroundVm::set_verb) is on.
    Verb(String),
}

/// How many steps the others may take between two processes' quitting at shutdown, so that a VM that is never idle ends too.
const SHUTDOWN_STEPS: usize = 10_000;

impl GroundVm {
    /// A ground VM: the boot process, which is called with its PID, and the event relay.
    pub fn new<T>(boot: impl FnOnce(Pid) -> T + Send + 'static) -> Self
    where
        T: IntoTransition<State: Send + 'static>,
    {
        Self::boot(boot, None)
    }

    /// The same, and everything is recorded.
    pub fn recorded<T>(boot: impl FnOnce(Pid) -> T + Send + 'static) -> Self
    where
        T: IntoTransition<State: Send + 'static>,
    {
        Self::boot(boot, Some(Trace::default()))
    }

    fn boot<T>(boot: impl FnOnce(Pid) -> T + Send + 'static, trace: Option<Trace>) -> Self
    where
        T: IntoTransition<State: Send + 'static>,
    {
        let mut this = Self {
            vm: Some(Vm::new([].into(), Site::ground(), QUEUE_LIMIT)),
            level: Level::new(),
            context: Context::new(trace),
            next: 1,
            outputs: VecDeque::new(),
            quit: None,
            boot_failure: None,
            doomed: None,
            steps: 0,
            feedback_causes: VecDeque::new(),
            feedback_cause: 0,
        };
        this.boot_failure = this.with_vm(|vm, context| {
            // The host runs it whenever it has work: it needs no place in a queue.
            vm.placed = true;
            let spec = SpawnSpec::new(|pid, _, context| {
                Booted::new(pid, context, move |_| boot(pid).into_transition())
            });
            let failure = vm.boot(spec, context).err();
            let relay: Spawn<()> = event_relay();
            vm.spawn(HOST, relay.spec, None, 0, context);
            failure
        });
        this
    }

    /// What has been recorded.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        self.context.recorder.trace.as_ref()
    }

    /// The last turns, as far as its log is [on](Log::turn_on).
    #[must_use]
    pub const fn log(&self) -> &Log {
        &self.context.recorder.log
    }

    /// The same, to turn it on and off, resize it and clear it.
    pub const fn log_mut(&mut self) -> &mut Log {
        &mut self.context.recorder.log
    }

    /// Whether each action is told as a line, indented by how deep its cause lies: [`Output::Verb`]. For people; off at first.
    pub fn set_verb(&mut self, on: bool) {
        self.context.recorder.set_verb(on);
    }

    /// Whether each action is told as a line.
    #[must_use]
    pub const fn is_verb(&self) -> bool {
        self.context.recorder.is_verb()
    }

    /// The right to see what is on a duct.
    #[must_use]
    pub const fn debug_authority(&self) -> DebugAuthority {
        DebugAuthority::new()
    }

    /// What there is in the ground VM and the VMs in it.
    pub fn dump(&mut self) -> Dump {
        self.vm_mut().dump()
    }

    /// Performs the front action of the queue of the VM at this path (empty: the ground VM), out of turn: a debugging act. If that is the
    /// place of a nested VM, the front action in there. Says whether there was one.
    ///
    /// What follows may differ from what would have happened. [`GroundVm::step`] keeps to the order.
    pub fn step_in(&mut self, vm: &[Pid]) -> bool {
        self.inside(vm, |vm, context| {
            context.budget = 1;
            vm.step(context)
        })
        .unwrap_or(false)
    }

    /// Ends a process of the VM at this path. Says whether there is such a VM and process.
    pub fn kill_in(&mut self, vm: &[Pid], pid: Pid, reason: Reason) -> bool {
        let kill = |vm: &mut Vm| {
            let known = vm.processes.find(pid).is_some();
            if known {
                vm.inject(Work::Quit(Some(pid), Ending::because(reason)));
            }
            known
        };
        self.inside(vm, |vm, _| kill(vm)).unwrap_or(false)
    }

    /// Sends a message in the network of the VM at this path. Says whether there is such a VM.
    pub fn send_in(&mut self, vm: &[Pid], message: &impl Message) -> bool {
        let body = message.to_value();
        self.inside(vm, |vm, _| vm.inject(Work::Message(body))).is_some()
    }

    fn inside<R>(&mut self, path: &[Pid], work: impl FnOnce(&mut Vm, &mut Context) -> R) -> Option<R> {
        let result = self.with_vm(|vm, context| vm.within(path, context, work));
        self.note_exits();
        result
    }

    /// What is queued is dropped, and nothing runs any more.
    #[cfg(feature = "tokio")]
    pub(crate) fn halt(&mut self) {
        self.with_vm(|vm, _| vm.stop());
    }

    /// How many innermost actions have been performed.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Logical (Lamport) time: the stamp of the last turn.
    #[must_use]
    pub const fn stamp(&self) -> u64 {
        self.context.stamp
    }

    /// Something comes in that was sent at this time of another vat: what happens from now on is later.
    pub fn observe(&mut self, stamp: u64) {
        self.context.stamp = self.context.stamp.max(stamp);
    }

    /// Limits how many actions may wait in the ground VM's queue.
    pub fn limit_queue(&mut self, limit: usize) {
        self.with_vm(|vm, _| vm.processes.queue.limit = limit);
    }

    fn with_vm<R>(&mut self, work: impl FnOnce(&mut Vm, &mut Context) -> R) -> R {
        let tower = Tower::enter(self.next);
        let Some(vm) = &mut self.vm else { unreachable!("no handler is running") };
        let result = work(vm, &mut self.context);
        self.next = tower.leave();
        result
    }

    /// Performs at most so many innermost actions, at whatever depth. Says whether work is left.
    pub fn run(&mut self, max_steps: usize) -> bool {
        let tower = Tower::enter(self.next);
        let mut left = max_steps;
        let work_left = loop {
            let budget = self.doomed.as_ref().map_or(left, |doomed| left.min(doomed.patience));
            self.context.budget = budget;
            while self.context.budget > 0 && self.step_once() {}
            let taken = budget - self.context.budget;
            left -= taken;
            self.steps += taken as u64;
            if let Some(doomed) = &mut self.doomed {
                doomed.patience -= taken;
            }
            if left == 0 {
                break self.vm_mut().front().is_some() || self.doomed.is_some();
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
        let had_work = self.vm_mut().front().is_some() || self.doomed.is_some();
        self.run(1);
        had_work
    }

    fn vm_mut(&mut self) -> &mut Vm {
        self.vm.as_mut().unwrap_or_else(|| unreachable!("no handler is running"))
    }

    #[inline]
    fn step_once(&mut self) -> bool {
        let Some(vm) = &mut self.vm else { unreachable!("no handler is running") };
        if !vm.step(&mut self.context) {
            return false;
        }
        while let Some(relayed) = self.vm_mut().outbox.pop_front() {
            let (pid, id) = (relayed.pid, relayed.id);
            // What it leads to out here is its doing.
            self.context.action = (id, self.context.recorder.outside(Some(id)).unwrap_or(relayed.cause));
            self.context.turn = id;
            self.perform(relayed);
            self.context.turn = 0;
            if let Some(reason) = door::stray() {
                self.fail(pid, reason, id);
            }
            if let Some(vm) = &mut self.vm {
                vm.performed_outside(pid, &mut self.context);
            }
        }
        if !self.context.exits.is_empty() {
            self.note_exits();
        }
        if self.context.recorder.is_verb() {
            self.outputs.extend(self.context.recorder.lines().map(Output::Verb));
        }
        true
    }

    #[inline(never)]
    fn note_exits(&mut self) {
        for exit in self.context.exits.drain(..) {
            if exit.vm.is_empty() && exit.pid == Pid::BOOT && !exit.reason.is_normal() {
                self.boot_failure.get_or_insert_with(|| exit.reason.clone());
            }
            self.outputs.push_back(Output::Exit(exit));
        }
    }

    /// What the VM wants from its host; nothing, when all is done.
    pub fn poll(&mut self) -> Option<Output> {
        let output = self.outputs.pop_front();
        if let Some(Output::Feedback(..)) = output {
            self.feedback_cause = self.feedback_causes.pop_front().unwrap_or(0);
        }
        output
    }

    /// The turn that gave the last [`Output::Feedback`].
    #[must_use]
    pub const fn feedback_cause(&self) -> u64 {
        self.feedback_cause
    }

    /// An action of a process of the ground VM at the meta level: here, where the tower stops.
    fn perform(&mut self, relayed: Relayed<Vm>) {
        let Relayed { pid, id, pre, .. } = relayed;
        let Self { vm, level, context, outputs, .. } = self;
        let unknown = match pre {
            Pre::Add(spec, handler) if Level::knows(&spec.role) => {
                level.add(*spec, handler, vm, context, outputs);
                return;
            }
            Pre::Delete(delete, done) => {
                let lost = level.delete(&delete, vm, context, outputs);
                if let Some(vm) = vm {
                    vm.processes.wait(lost, &delete.reason);
                    vm.tell_waiting(context);
                    if let Some(done) = done {
                        done(vm, context);
                    }
                }
                return;
            }
            Pre::Message(body) => {
                return level.hear_message(&body, vm, context, outputs);
            }
            Pre::Feedback(body) => {
                if let Some(Ground(source, feedback)) = Ground::<Value>::from_value(&body) {
                    self.feedback(source, feedback);
                }
                return;
            }
            Pre::Give(giving) => {
                if let Some((hop, _)) = giving.duct.top() {
                    let answer = match giving.what {
                        Given::Reply(body) => Ok(body),
                        Given::Nothing(reason) | Given::Returned(reason) => Err(reason),
                    };
                    outputs.push_back(Output::Reply(hop.wire.clone(), answer));
                }
                return;
            }
            Pre::Refuse(refusal) => return level.hear_refusal(&refusal.0, refusal.1, vm, context),
            Pre::Quit(None, reason) => {
                level.stop_all(outputs);
                self.quit.get_or_insert(reason.map_or(Reason::Normal, |reason| *reason));
                return;
            }
            other => other,
        };
        let action = format!("{unknown:?}");
        // That it is unknown is the reason, even if dropping it fails too.
        let _ = door::dispose(unknown);
        self.fail(pid, Reason::error(VmError::NoMetaLevel { action }), id);
    }

    /// A process of the ground VM fails, if it is still there.
    fn fail(&mut self, pid: Pid, reason: Reason, cause: u64) {
        let Some(vm) = &mut self.vm else { unreachable!("no handler is running") };
        if let Some(slot) = vm.processes.find(pid) {
            vm.processes.fail_between_turns(slot, reason, cause, &mut self.context);
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

    /// Whether this source is on and may be asked for an item.
    #[must_use]
    pub fn wants(&self, source: &Source) -> bool {
        self.level.wants(source)
    }

    /// Whether what was waiting when this source gave its last item, that item included, is still being performed: then it is not to be
    /// asked yet. So a VM that is never idle is not given more than it can take.
    #[must_use]
    pub fn is_digesting(&self, source: &Source) -> bool {
        !self.is_past(self.level.last_item(source))
    }

    /// What has been numbered so far is below this.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.next
    }

    /// Whether everything numbered below this [counter](GroundVm::counter) has been performed.
    #[must_use]
    pub fn is_past(&self, counter: u64) -> bool {
        let front = self.vm.as_ref().and_then(|vm| vm.processes.queue.front());
        front.is_none_or(|pending| pending.id >= counter)
    }

    /// Whether a process has ended the VM, or there is nothing left to end.
    #[must_use]
    pub const fn has_quit(&self) -> bool {
        self.quit.is_some()
    }

    /// What is heard until the next action is performed, or the next item is taken, was sent there, in another vat: for the log.
    pub fn from_origin(&mut self, origin: Origin) {
        self.observe(origin.stamp);
        self.context.recorder.arrived(None, origin);
    }

    /// Takes an item of a source that is on; ignores one of a source that is not.
    pub fn item(&mut self, source: &Source, item: Value) {
        if item.depth() >= MAX_DEPTH {
            // There is no such ground event.
            self.outputs.push_back(Output::Stop(source.clone()));
            self.end(source, &Reason::error(TooDeep));
        } else if self.level.take_credit(source) {
            let tower = Tower::enter(self.next);
            self.context.recorder.outside(None);
            let body = Ground(source.clone(), item).to_value();
            self.level.hear_item(source, &body, &mut self.vm, &mut self.context, &mut self.outputs);
            self.next = tower.leave();
            self.level.note_item(source, self.next);
            self.context.recorder.at_home();
        }
    }

    /// Hears that a source has ended, after its last item, and why.
    pub fn end(&mut self, source: &Source, reason: &Reason) {
        let tower = Tower::enter(self.next);
        self.context.recorder.outside(None);
        self.level.end(source, reason, &mut self.vm, &mut self.context);
        self.next = tower.leave();
    }

    /// Sends a message in the ground VM's network, as if from outside every process.
    pub fn send(&mut self, message: &impl Message) {
        let body = message.to_value();
        self.with_vm(|vm, _| vm.inject(Work::Message(body)));
    }

    /// Sends a message or feedback that perhaps another vat sent.
    #[cfg(feature = "tokio")]
    pub(crate) fn deposit(&mut self, body: Value, sender: Orientation, origin: Option<Origin>) {
        let work = match sender {
            Orientation::Publisher => Work::Message(body),
            Orientation::Subscriber => Work::Feedback(body),
        };
        self.with_vm(|vm, _| vm.inject(work));
        if let Some(origin) = origin {
            self.observe(origin.stamp);
            // It is the last that was numbered.
            self.context.recorder.arrived(Some(self.next - 1), origin);
        }
    }

    /// Sends feedback in the ground VM's network.
    pub fn send_feedback(&mut self, message: &impl Message) {
        let body = message.to_value();
        self.with_vm(|vm, _| vm.inject(Work::Feedback(body)));
    }

    /// Passes a message to one process of the ground VM, which can answer: the answers are [`Output::Reply`], with this wire.
    pub fn pass(&mut self, to: Pid, wire: impl Into<Value>, message: &impl Message) {
        let (wire, body) = (wire.into(), message.to_value());
        let passing = Passing { to, wire, body, on: On::Duct(Duct::EMPTY) };
        self.with_vm(|vm, _| vm.inject(Work::Pass(Box::new(passing))));
    }

    /// Makes a process for one turn: `work` is called with what it may act by, and the process is gone when its actions are performed.
    /// What it returns, or why it failed and in which turn, is told to `answer`.
    pub fn call<T: 'static>(
        &mut self,
        work: impl FnOnce(&mut Caller) -> T + Send + 'static,
        answer: impl FnOnce(Result<T, (u64, Reason)>) + Send + 'static,
    ) {
        let mut spec = caller::boot(work, answer);
        spec.name = Some("call".into());
        self.with_vm(|vm, _| vm.inject(Work::Spawn(spec, None)));
    }

    /// Makes a process in the ground VM. What [`Spawn::then`] would tell a parent is told to nobody.
    pub fn spawn(&mut self, spawn: Spawn<()>) {
        self.with_vm(|vm, _| vm.inject(Work::Spawn(spawn.spec, None)));
    }

    /// Ends a process of the ground VM.
    pub fn kill(&mut self, pid: Pid, reason: Reason) {
        self.with_vm(|vm, _| vm.inject(Work::Quit(Some(pid), Ending::because(reason))));
    }

    /// Ends the program: from now on [`GroundVm::run`] lets the processes that there are quit, the youngest first, each after the others
    /// have heard of the one before.
    pub fn shutdown(&mut self) {
        if self.doomed.is_none() && self.quit.is_none() {
            let mut pids: Vec<_> = self.vm_mut().processes.pids().collect();
            pids.sort_unstable();
            self.doomed = Some(Doomed { pids, patience: 0, swept: false });
        }
    }

    /// At shutdown, when all is done that the last quit led to, or that takes too long: the next process quits. Says whether there is
    /// more to do.
    fn doom(&mut self) -> bool {
        let Some(doomed) = &mut self.doomed else { return false };
        let Some(vm) = &mut self.vm else { unreachable!("no handler is running") };
        // At last those made since: there is nobody left to be told.
        let sweeps = doomed.pids.is_empty();
        let mut victims = doomed.pids.pop().map_or_else(|| vm.processes.pids().collect(), |pid| vec![pid]);
        if sweeps && (doomed.swept || victims.is_empty()) {
            self.doomed = None;
            if !victims.is_empty() {
                // They go on making processes: there is no end to wait for.
                vm.stop();
                self.level.stop_all(&mut self.outputs);
                self.quit.get_or_insert(Reason::Shutdown);
            }
            return self.vm_mut().front().is_some();
        }
        (doomed.swept, doomed.patience) = (sweeps, SHUTDOWN_STEPS);
        victims.sort_unstable_by(|a, b| b.cmp(a));
        for pid in victims {
            vm.inject(Work::Quit(Some(pid), Ending::because(Reason::Shutdown)));
        }
        true
    }

    /// Whether no action is waiting.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.stats().queued == 0 && self.doomed.is_none()
    }

    /// Whether the program is over: no action is waiting and no process listens to a source, or a process ended the VM.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.quit.is_some() || self.is_idle() && self.level.is_empty()
    }

    /// How the program ended, once it [is done](GroundVm::is_done).
    ///
    /// # Errors
    /// If the boot process failed, or a process ended the VM with a reason that is not normal.
    pub fn outcome(&self) -> Result<(), GroundError> {
        match (&self.boot_failure, &self.quit) {
            (Some(reason), _) => Err(GroundError::Boot(reason.clone())),
            (None, Some(reason)) if !reason.is_normal() => Err(GroundError::Quit(reason.clone())),
            _ => Ok(()),
        }
    }

    /// How much there is in the ground VM; nested VMs count as one process each.
    #[must_use]
    pub fn stats(&self) -> Stats {
        match &self.vm {
            Some(vm) => vm.stats(),
            None => unreachable!("no handler is running"),
        }
    }
}
