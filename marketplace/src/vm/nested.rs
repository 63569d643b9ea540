//! A VM as a process of another VM.

use crate::conversation::called::Called;
use crate::conversation::duct::Duct;
use crate::conversation::event::Event;
use crate::conversation::pid::{MAX_LEVELS, Pid};
use crate::conversation::role::InterestType;
use crate::data::contained;
use crate::data::door;
use crate::data::fresh::Fresh;
use crate::data::numbers::{self, Counter};
use crate::data::reason::{Failed, Failure, Reason};
use crate::data::slots::AtomicSlot;
use crate::data::value::Value;
use crate::network::owner::ProcessSlot;
use crate::process::action::{
    Act, Action, Ask, Continuation, Done, EndpointSpec, Handler, Outside, Progress, Rehold, Spawn, SpawnSpec,
    Typed,
};
use crate::process::error::VmError;
use crate::process::limits::Limits;
use crate::process::queue::Lane;
use crate::process::transition::{ActionTree, IntoTransition, Transition};
use crate::process::{Booted, Clause, Context, ErasedProcess, Process, Turn};
use crate::record::trace::Heard;
use crate::vm::Vm;
use crate::vm::processes::heard;

/// Makes a nested VM: a process whose state is a VM. `boot` is called with the PID of the VM in its
/// container, and with that of the boot process inside.
pub fn spawn_vm<S, T>(boot: impl FnOnce(Pid, Pid) -> T + Send + 'static) -> Spawn<S>
where
    T: IntoTransition<State: Send + 'static>,
{
    spawn_vm_within(Limits::default(), boot)
}

/// Makes a nested VM as [`spawn_vm`] does, within these limits.
pub fn spawn_vm_within<S, T>(limits: Limits, boot: impl FnOnce(Pid, Pid) -> T + Send + 'static) -> Spawn<S>
where
    T: IntoTransition<State: Send + 'static>,
{
    let spec = SpawnSpec::new(Called::NOTHING, move |vm_pid, outside, context| {
        let boot = move |boot_pid| boot(vm_pid, boot_pid);
        Booted::new(vm_pid, outside.called, context, |context| {
            Vm::nested(outside, vm_pid, limits, context, boot)
        })
    });
    Spawn { spec, continuation: None }
}

impl Vm {
    /// The boot of a nested VM: the VM of a new level, and the boot process in it.
    pub(crate) fn nested<T>(
        outside: &Outside<'_>,
        vm_pid: Pid,
        limits: Limits,
        context: &mut Context,
        boot: impl FnOnce(Pid) -> T + Send + 'static,
    ) -> Result<Transition<Self>, Failure>
    where
        T: IntoTransition<State: Send + 'static>,
    {
        if outside.path.len() >= MAX_LEVELS {
            return Err(VmError::TooDeep.into());
        }
        contained::kernel(|| {
            let site = outside.site.nested(vm_pid, outside.name);
            let mut vm = Self::new(site, limits);
            let spec = SpawnSpec::new(Called::NOTHING, |pid, outside, context| {
                Booted::new(pid, outside.called, context, move |_| boot(pid).into_transition())
            });
            vm.boot(spec, context).map_err(Failure)?;
            let place = vm.place();
            Ok(Transition { state: vm, actions: place })
        })
    }

    /// Asks the container for a place in its queue, if there is work and it has none yet.
    fn place(&mut self) -> ActionTree<Self> {
        let has_work = !self.processes.queue.is_empty() || !self.outbox.is_empty();
        if self.placed || self.stopped || !has_work {
            return ActionTree::new();
        }
        self.placed = true;
        ActionTree::one(Action(Ask::Yield(Box::new(go_on))))
    }

    /// Whether a turn that began at this count has more to perform. All that waits at a promise is
    /// one action for it, however many steps that takes.
    fn has_more(&mut self, end: Counter) -> bool {
        self.front().is_some_and(|id| id.is_before(end) || self.drains)
    }

    /// An endpoint further out of this process has been deleted.
    fn deleted<S: Send + 'static>(
        &mut self,
        pid: Pid,
        done: Option<Done<S>>,
        context: &mut Context,
    ) -> ActionTree<Self> {
        let slot = self.processes.find(pid);
        if let Some(slot) = slot.filter(|_| !self.stopped) {
            let Some(entry) = self.processes.get_mut(slot) else { unreachable!("the process was found") };
            entry.awaited -= 1;
            if let Some(done) = done {
                let turn = context.turn;
                self.processes.visit(slot, turn.into(), |body, lane| {
                    match body.as_any().downcast_mut::<Process<S>>() {
                        Some(process) => process.deleted_with(done, lane, context),
                        None => unreachable!("a process keeps its type"),
                    }
                });
            }
        }
        self.settle(slot, context)
    }

    /// A process in this VM takes a turn because of an action that the container performs. `None`:
    /// the process is gone.
    fn enter<S: Send + 'static, R>(
        &mut self,
        slot: ProcessSlot,
        context: &mut Context,
        heard: impl FnOnce() -> (Heard, Duct),
        work: impl FnOnce(&mut Process<S>, &mut Lane<'_>, &mut Context) -> Result<R, Failed>,
    ) -> Option<Result<R, ()>> {
        if self.stopped {
            return None;
        }
        let cause = context.turn.into();
        self.processes.turn(slot, cause, context, heard, |body, lane, context| {
            match body.as_any().downcast_mut::<Process<S>>() {
                Some(process) => work(process, lane, context),
                None => unreachable!("a process keeps its type"),
            }
        })
    }
}

/// A turn of a nested VM: as many actions as were queued when it began, or as the budget allows.
fn go_on(turn: &mut Turn<'_, Vm>) -> Result<(ActionTree<Vm>, Progress), Failure> {
    let (vm, context) = turn.state_and_context();
    contained::kernel(|| {
        let end = *vm.turn_end.get_or_insert_with(numbers::counter);
        while context.goes_on() && vm.has_more(end) {
            vm.step(context);
        }
        if vm.has_more(end) {
            return Ok((ActionTree::new(), Progress::VmMore));
        }
        vm.turn_end = None;
        // The actions in the outbox are handed on when this is over, and need no place.
        vm.placed = !vm.stopped && !vm.processes.queue.is_empty();
        let progress = if vm.placed { Progress::VmAgain } else { Progress::VmDone };
        Ok((ActionTree::new(), progress))
    })
}

/// An action of process `pid` of a VM, as an action of that VM in its container: its closures enter
/// the process.
pub(crate) fn lift<S: Send + 'static>(act: Act<Typed<S>>, pid: Pid) -> Act<Typed<Vm>> {
    act.rehold(&mut Lift { pid, levels: 1 })
}

/// Wraps closures, so that they enter this process. The action is to be performed so many levels
/// further out.
struct Lift {
    pid: Pid,
    levels: u32,
}

impl<S: Send + 'static> Rehold<Typed<S>> for Lift {
    type To = Typed<Vm>;

    fn handler(&mut self, spec: &mut EndpointSpec, handler: Handler<S>) -> Handler<Vm> {
        // A name that the process did not give is made here, so that the handler knows it, too.
        let name = spec.name.get_or_insert_with(|| Fresh::new().into()).clone();
        spec.ticket = spec.once.then(Fresh::new);
        // The handler that takes the turn out there is the VM's, which hands every event to a
        // handler inside.
        spec.heeds = spec.heeds.with_peers(true, true, true);
        let once = spec.ticket.map(|ticket| (ticket, (self.levels, name)));
        let exempt = spec.role.interest == InterestType::Everything;
        lift_handler(handler, self.pid, once, exempt)
    }

    /// The VM waits for the deletion itself, even if the process does not.
    fn done(&mut self, done: Option<Done<S>>) -> Option<Done<Vm>> {
        let pid = self.pid;
        Some(Box::new(move |vm: &mut Vm, context: &mut Context| vm.deleted(pid, done, context)))
    }

    fn continuation(&mut self, parent: Box<Continuation<S>>) -> Box<Continuation<Vm>> {
        let pid = self.pid;
        let mut continuation = door::Held::new(*parent);
        let lifted = move |turn: &mut Turn<'_, Vm>, child: Result<Pid, Reason>| {
            let (vm, context) = turn.state_and_context();
            Ok(contained::kernel(|| {
                let slot = vm.processes.find(pid);
                if let Some(slot) = slot {
                    let Some(entry) = vm.processes.get_mut(slot) else {
                        unreachable!("the process was found")
                    };
                    entry.awaited -= 1;
                    let told = child.clone();
                    vm.enter(
                        slot,
                        context,
                        || (Heard::Child(told), Duct::EMPTY),
                        |process: &mut Process<S>, lane, context| match continuation.take() {
                            Some(continuation) => process.proceed_with(continuation, child, lane, context),
                            None => unreachable!("a continuation is called once"),
                        },
                    );
                }
                vm.settle(slot, context)
            }))
        };
        Box::new(Box::new(lifted))
    }

    fn outside(&mut self, act: Act<Typed<S>>) -> Act<Typed<Vm>> {
        act.rehold(&mut Self { pid: self.pid, levels: self.levels + 1 })
    }
}

/// The handler of an endpoint further out: it enters the process that made the endpoint. `once`:
/// the name to forget when a message has taken the endpoint, unless another one is on its way by
/// then. `exempt`: a refusal may go unhandled.
fn lift_handler<S: Send + 'static>(
    handler: Handler<S>,
    pid: Pid,
    once: Option<(Fresh, (u32, Value))>,
    exempt: bool,
) -> Handler<Vm> {
    // The container drops it: if that panics, neither the container nor the whole VM fails.
    let handler = door::Held::new(handler);
    // Few are for one message: without this, the closure lies in one line of memory.
    let once = once.map(Box::new);
    // A search takes 100 instructions, and 150 among 1,000 processes.
    let place = AtomicSlot::new(ProcessSlot::NONE);
    Box::new(move |event: &Event<'_>, turn| {
        let (vm, context) = turn.state_and_context();
        Ok(contained::kernel(|| {
            let heard = || heard(event);
            // The process's place does not change during its turn.
            let Some(slot) = vm.processes.find_noted(&place, pid) else {
                return Some(ActionTree::new());
            };
            let answer = vm.enter(slot, context, heard, |process: &mut Process<S>, lane, context| {
                process.hear_with(handler.get(), event, lane, context)
            });
            if answer == Some(Err(()))
                && let Some(entry) = vm.processes.get_mut(slot)
            {
                entry.lose(event.duct());
            }
            #[cfg(debug_assertions)]
            if event.body().is_some() && answer == Some(Ok(Clause::Skipped)) {
                context.telling.inside = Some(vm.processes.path_to(slot));
            }
            if event.is_passed() && answer == Some(Ok(Clause::Skipped)) {
                // Another endpoint may have a clause for it.
                return None;
            }
            if let (Some(Ok(Clause::Skipped)), Some(reason)) = (answer, event.reason())
                && event.is_refusal()
                && !exempt
            {
                vm.processes.fail_between_turns(slot, reason.clone(), context.turn.into(), context);
            }
            if let (Some((ticket, name)), Some(_)) = (once.as_deref(), event.body())
                && let Some(names) = vm.processes.get_mut(slot).and_then(|entry| entry.names.as_mut())
                && names.outer.get(name).is_some_and(|known| known.ticket == Some(*ticket))
            {
                names.outer.remove(name);
            }
            Some(vm.settle(Some(slot), context))
        }))
    })
}

impl Vm {
    /// Calls `work` in the VM that lies this far in. Each VM on the way gets a place in the queue
    /// of its container if it has work now. `None` if there is no such VM.
    pub(crate) fn within<R>(
        &mut self,
        path: &[Pid],
        context: &mut Context,
        work: impl FnOnce(&mut Self, &mut Context) -> R,
    ) -> Option<R> {
        let mut work = Some(work);
        let mut result = None;
        self.reach(path, context, &mut |vm, context| {
            result = work.take().map(|work| work(vm, context));
        });
        result
    }

    fn reach(&mut self, path: &[Pid], context: &mut Context, work: &mut dyn FnMut(&mut Self, &mut Context)) {
        if self.stopped {
            return;
        }
        let [next, inner @ ..] = path else { return work(self, context) };
        let Some(slot) = self.processes.find(*next) else { return };
        if self.processes.get(slot).is_none_or(|entry| entry.deaf) {
            // It ends: nothing in it runs any more.
            return;
        }
        let turn = context.turn;
        self.processes.visit(slot, turn.into(), |body, lane| {
            let Some(process) = body.as_any().downcast_mut::<Process<Self>>() else { return };
            let Some(vm) = process.state_mut() else { return };
            vm.reach(inner, context, work);
            let place = vm.place();
            process.queue_place(place, lane);
        });
        // It may have been the last thing that kept the VM.
        self.processes.collect(slot, context);
    }

    /// Called after a process was entered from outside: it may have to be dropped as idle, and
    /// there may be work.
    fn settle(&mut self, slot: Option<ProcessSlot>, context: &mut Context) -> ActionTree<Self> {
        if let Some(slot) = slot {
            self.processes.collect(slot, context);
        }
        self.tell_waiting(context);
        self.place()
    }
}

/// The process of a nested VM is one like any other.
const _: fn() = || {
    fn is_process<P: ErasedProcess>() {}
    is_process::<Process<Vm>>();
};
