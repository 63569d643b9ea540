//! The outermost VM, for its host: inputs go in, outputs come out.

#[cfg(feature = "tokio")]
mod alone;
pub(crate) mod asking;
pub(crate) mod caller;
mod error;
pub(crate) mod event_relay;
mod given;
mod level;
mod looking;
mod reply;
mod running;
pub(crate) mod source;

use std::any::Any;
use std::collections::VecDeque;
#[cfg(feature = "tokio")]
use std::sync::Arc;
#[cfg(feature = "tokio")]
use std::sync::atomic::AtomicBool;

use crate::conversation::called::Called;
use crate::conversation::duct::Site;
use crate::conversation::pid::Pid;
use crate::conversation::promise::ear::HostEars;
use crate::data::contained::{self, Noted, Tower};
use crate::data::numbers::{ActionId, Counter, Stamp, TowerId, TurnId};
use crate::data::reason::Reason;
use crate::data::value::Value;
#[cfg(feature = "tokio")]
pub(crate) use crate::ground_vm::alone::Alone;
pub use crate::ground_vm::error::GroundError;
use crate::ground_vm::event_relay::event_relay;
use crate::ground_vm::level::Level;
pub use crate::ground_vm::reply::Reply;
use crate::ground_vm::source::Source;
use crate::process::action::{Spawn, SpawnSpec};
use crate::process::limits::Limits;
use crate::process::queue::HOST;
use crate::process::transition::IntoTransition;
use crate::process::{Booted, Context, Exit};
use crate::record::log::Origin;
use crate::record::trace::Trace;
use crate::record::watched::SlowTurn;
use crate::vm::{ObjectStats, Stats, Vm};

/// The outermost VM of a tower, driven by a host. It does no I/O: the host gives it items of
/// sources, runs it, and handles its outputs.
///
/// Contract: after [`GroundVm::new`], [`GroundVm::item`], [`GroundVm::end`], [`GroundVm::send`] and
/// the like, call [`GroundVm::run`] until it says that no work is left, and after each call
/// [`GroundVm::poll`] until it gives nothing. When the VM is idle, ask each running source that it
/// [wants](GroundVm::wants) for an item. If the VM is never idle, do so between two calls, but ask
/// a source only when the VM is no more [digesting](GroundVm::is_digesting) its last item. Stop
/// when [`GroundVm::is_done`].
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
    /// `None` only while a handler is being called with it.
    vm: Option<Vm>,
    level: Level,
    context: Context,
    tower: TowerId,
    /// The next number of this tower's counter.
    next: Counter,
    outputs: VecDeque<Output>,
    /// The reason with which one of its processes ended it.
    quit: Option<Reason>,
    /// The reason for which the boot process failed.
    boot_failure: Option<Reason>,
    doomed: Option<Doomed>,
    steps: u64,
    /// The turns that gave the feedback among the outputs, and the turn of the last feedback that
    /// was taken out.
    feedback_causes: VecDeque<TurnId>,
    feedback_cause: TurnId,
    /// The place in another vat where the inputs were sent that the host is giving.
    sender: Option<Origin>,
    /// The closures of the host that wait for promises.
    ears: HostEars,
}

/// Whether a source is asked for an item.
#[cfg(feature = "tokio")]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It is off, or has no credit.
    Not,
    /// Its last item is still [being digested](GroundVm::is_digesting).
    Later,
    Now,
}

/// Whether it has been announced to endpoints that the program is about to end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Announced {
    No,
    /// It has been, and what they ask for is performed.
    Now,
    /// That is over: processes quit.
    Before,
}

/// A program that is ending.
struct Doomed {
    announced: Announced,
    /// The processes that are still to quit, the youngest last.
    pids: Vec<Pid>,
    /// How many steps may be taken before the next process quits.
    patience: usize,
    /// The processes made since shutdown began have been made to quit, too.
    swept: bool,
}

/// A request of a [`GroundVm`] to its host.
#[non_exhaustive]
pub enum Output {
    /// Run this source, which was made of these contents.
    Start(Source, Box<dyn Any + Send>),
    /// Stop asking this source for items, let the feedback that was given to it be flushed, and
    /// drop it.
    Stop(Source),
    /// This source has credit again: ask it for an item when its turn comes.
    Ask(Source),
    /// Give this to the source.
    Feedback(Source, Value),
    /// A process ended: to be logged.
    Exit(Exit),
    /// An answer to a message that the host [passed](GroundVm::pass).
    Reply(Reply),
    /// A turn that took long is over: somebody has asked [to be told](crate::TurnWatch::tell_of).
    SlowTurn(Box<SlowTurn>),
    /// A line about an action, while [verb](GroundVm::set_verb) is on.
    Verb(String),
}

impl GroundVm {
    /// A ground VM: the boot process, which is called with its PID, and the event relay.
    pub fn new<T>(boot: impl FnOnce(Pid) -> T + Send + 'static) -> Self
    where
        T: IntoTransition<State: Send + 'static>,
    {
        Self::within(Limits::default(), boot)
    }

    /// A ground VM as [`GroundVm::new`] makes it, within these limits.
    pub fn within<T>(limits: Limits, boot: impl FnOnce(Pid) -> T + Send + 'static) -> Self
    where
        T: IntoTransition<State: Send + 'static>,
    {
        Self::boot(limits, boot, None, Stamp::ZERO)
    }

    /// A ground VM as [`GroundVm::new`] makes it, whose trace is recorded.
    pub fn recorded<T>(boot: impl FnOnce(Pid) -> T + Send + 'static) -> Self
    where
        T: IntoTransition<State: Send + 'static>,
    {
        Self::boot(Limits::default(), boot, Some(Trace::default()), Stamp::ZERO)
    }

    /// A ground VM that is made at this time of another vat: all its turns are later.
    #[cfg(feature = "tokio")]
    pub(crate) fn within_since<T>(
        limits: Limits,
        stamp: Stamp,
        boot: impl FnOnce(Pid) -> T + Send + 'static,
    ) -> Self
    where
        T: IntoTransition<State: Send + 'static>,
    {
        Self::boot(limits, boot, None, stamp)
    }

    fn boot<T>(
        limits: Limits,
        boot: impl FnOnce(Pid) -> T + Send + 'static,
        trace: Option<Trace>,
        since: Stamp,
    ) -> Self
    where
        T: IntoTransition<State: Send + 'static>,
    {
        let spec = SpawnSpec::new(Called::NOTHING, |pid, outside, context| {
            Booted::new(pid, outside.called, context, move |_| boot(pid).into_transition())
        });
        Self::boots(limits, spec, trace, since)
    }

    /// The number of the tower of which this is the ground VM.
    #[cfg(feature = "tokio")]
    pub(crate) const fn tower_id(&self) -> TowerId {
        self.tower
    }

    /// The VM whose boot process is made like this.
    fn boots(limits: Limits, spec: Box<SpawnSpec>, trace: Option<Trace>, since: Stamp) -> Self {
        let tower = TowerId::fresh();
        let mut this = Self {
            vm: Some(Vm::new(Site::ground(tower), limits)),
            level: Level::new(),
            context: Context { stamp: since, ..Context::new(trace) },
            tower,
            next: Counter::FIRST,
            outputs: VecDeque::new(),
            quit: None,
            boot_failure: None,
            doomed: None,
            steps: 0,
            feedback_causes: VecDeque::new(),
            feedback_cause: TurnId::NONE,
            sender: None,
            ears: HostEars::default(),
        };
        this.boot_failure = this.with_vm(|vm, context| {
            // The host runs it whenever it has work: it needs no place in a queue.
            vm.placed = true;
            let failure = vm.boot(spec, context).err();
            if let Some(reason) = &failure {
                vm.processes.note_exit(Pid::BOOT, None, Called::NOTHING, reason, context);
            }
            let relay: Spawn<()> = event_relay();
            vm.spawn(HOST, relay.spec, None, ActionId::NONE, context);
            failure
        });
        this.note_exits();
        this
    }

    /// Once this is set, on whatever thread, nothing runs any more when the step at hand is over.
    #[cfg(feature = "tokio")]
    pub(crate) fn halt_when(&mut self, halted: Arc<AtomicBool>) {
        self.context.halted = Some(halted);
    }

    /// Whether it has been halted by that flag.
    #[cfg(feature = "tokio")]
    pub(crate) fn is_halted(&self) -> bool {
        self.context.is_halted()
    }

    /// Ends the VM: its queue, its processes and their endpoints out here are dropped, and nothing
    /// runs any more.
    #[cfg(feature = "tokio")]
    pub(crate) fn end_all(&mut self) {
        let mut ended = Vm::new(Site::ground(self.tower), Limits::default());
        ended.stop();
        // The VM is dropped outside the tower: a failing destructor can fail no process any more.
        drop(self.vm.replace(ended));
        // A promise may be the host's own: nobody settles it because the VM has ended.
        self.ears = HostEars::default();
        self.level = Level::new();
        self.outputs.clear();
        self.feedback_causes.clear();
    }

    /// Sets the closure that is called, on whatever thread, when the VM has something to do without
    /// an input of the host.
    #[cfg(feature = "tokio")]
    pub(crate) fn on_fall(&self, bell: impl Fn() + Send + Sync + 'static) {
        if let Some(vm) = &self.vm {
            vm.processes.site.on_fall(bell);
        }
    }

    /// How many innermost actions have been performed.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Logical (Lamport) time: the stamp of the last turn.
    #[must_use]
    pub const fn stamp(&self) -> u64 {
        self.context.stamp.number()
    }

    /// The stamp of the last turn.
    #[cfg(feature = "tokio")]
    pub(crate) const fn time(&self) -> Stamp {
        self.context.stamp
    }

    /// Limits how much there may be in the ground VM from now on. Processes and actions that are
    /// there already stay.
    pub fn set_limits(&mut self, limits: Limits) {
        self.vm_mut().processes.queue.set_limits(limits);
    }

    // In line: a message of the host takes 15 instructions more otherwise.
    #[inline(always)]
    fn with_vm<R>(&mut self, work: impl FnOnce(&mut Vm, &mut Context) -> R) -> R {
        let tower = Tower::enter(self.tower, self.next);
        let Some(vm) = &mut self.vm else { unreachable!("no handler is running") };
        let result = work(vm, &mut self.context);
        if contained::noted() != Noted::NOTHING {
            vm.deal_with_all_fallen(&mut self.context);
        }
        self.next = tower.leave();
        result
    }

    fn vm_mut(&mut self) -> &mut Vm {
        self.vm.as_mut().unwrap_or_else(|| unreachable!("no handler is running"))
    }

    /// The turn that turned on this source, if it is on.
    #[cfg(feature = "tokio")]
    pub(crate) fn turned_on_by(&self, source: &Source) -> TurnId {
        self.level.cause(source)
    }

    /// Whether this source is on and may be asked for an item.
    #[must_use]
    pub fn wants(&self, source: &Source) -> bool {
        self.level.wants(source)
    }

    /// Whether the actions that were waiting when this source gave its last item, and that item's,
    /// are still being performed. Then the source is not to be asked yet, so a VM that is never
    /// idle is not given more than it can take.
    #[must_use]
    pub fn is_digesting(&self, source: &Source) -> bool {
        self.digests(self.level.last_item(source))
    }

    /// Whether actions that were waiting when an item of this number was given are still there.
    fn digests(&self, item: Counter) -> bool {
        self.front().is_some_and(|front| front.is_before(item))
    }

    /// Whether this source is asked for an item: both questions at once.
    #[cfg(feature = "tokio")]
    #[inline]
    pub(crate) fn asks(&self, source: &Source) -> Asked {
        match self.level.last_item_of_wanted(source) {
            None => Asked::Not,
            Some(last) if self.digests(last) => Asked::Later,
            Some(_) => Asked::Now,
        }
    }

    /// The next number: every turn and action so far has a number below this.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.next.number()
    }

    /// Whether everything numbered below this [counter](GroundVm::counter) has been performed.
    #[must_use]
    pub fn is_past(&self, counter: u64) -> bool {
        self.front().is_none_or(|front| !front.is_before(Counter::of(counter)))
    }

    /// The number of the action that is performed next.
    fn front(&self) -> Option<ActionId> {
        self.vm.as_ref()?.processes.queue.front().map(|pending| pending.id)
    }

    /// Whether a process has ended the VM, or no process is left to end.
    #[must_use]
    pub const fn has_quit(&self) -> bool {
        self.quit.is_some()
    }

    /// Whether no action is waiting.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        !self.has_actions() && self.doomed.is_none() && !self.has_fallen()
    }

    /// Whether the program is over: no action is waiting and no process listens to a source, or a
    /// process ended the VM.
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

    /// The counts of the ground VM; nested VMs count as one process each.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.vm_ref().stats(&self.context)
    }

    /// The counts of its objects and promises.
    #[must_use]
    pub fn object_stats(&self) -> ObjectStats {
        self.vm_ref().object_stats()
    }

    pub(crate) fn vm_ref(&self) -> &Vm {
        match &self.vm {
            Some(vm) => vm,
            None => unreachable!("no handler is running"),
        }
    }
}
