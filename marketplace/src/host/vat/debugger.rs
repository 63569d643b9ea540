//! A look inside a vat, which may also act on it.

use crate::conversation::pid::Pid;
use crate::conversation::role::Role;
use crate::data::message::Message;
use crate::data::reason::IntoReason;
#[cfg(feature = "shell")]
use crate::data::reason::Reason;
#[cfg(feature = "shell")]
use crate::data::reference::{Reference, ReferenceId};
#[cfg(feature = "shell")]
use crate::data::value::{TooDeep, Value};
use crate::host::ground::host::Host;
use crate::process::limits::Limits;
#[cfg(feature = "shell")]
use crate::process::objects::asks::send_parts;
use crate::process::objects::asks::{Asker, Told};
use crate::record::log::{DebugAuthority, Log, Snapshot};
use crate::vm::dump::Dump;
#[cfg(feature = "shell")]
use crate::vm::dump::Numbered;
use crate::vm::{ObjectStats, Stats};

/// A vat between two of its turns, for people and tests: see [`Vat::inspect`](super::Vat::inspect).
pub struct Debugger<'h>(&'h mut Host);

impl<'h> Debugger<'h> {
    pub(super) const fn new(host: &'h mut Host) -> Self {
        Self(host)
    }

    /// The processes, endpoints and queues of the vat, as they are now.
    pub fn dump(&mut self) -> Dump {
        self.0.vm.dump()
    }

    /// The counts of the vat's ground VM: its processes, endpoints and actions.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.0.vm.stats()
    }

    /// The counts of the objects and promises of the vat's ground VM.
    #[must_use]
    pub fn object_stats(&self) -> ObjectStats {
        self.0.vm.object_stats()
    }

    /// Limits how much there may be in the vat's ground VM from now on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.0.vm.set_limits(limits);
    }

    /// Stops the vat: no action is performed and no source gives an item. Sources still flush the
    /// feedback that they were given.
    pub fn pause(&mut self) {
        self.0.pause();
    }

    /// Lets the vat go on.
    pub fn run(&mut self) {
        self.0.go_on();
    }

    /// Whether the vat is stopped.
    #[must_use]
    pub const fn is_paused(&self) -> bool {
        self.0.is_paused()
    }

    /// Performs the next innermost action; when there is none, takes an item of a source that has
    /// one. Says whether anything happened.
    pub fn step(&mut self) -> bool {
        self.0.step()
    }

    /// Performs the front action of one VM's own queue, out of turn. Says whether there was one.
    pub fn step_in(&mut self, vm: &[Pid]) -> bool {
        if vm.is_empty() { self.step() } else { self.0.vm.step_in(vm) }
    }

    /// Ends a process of the VM at this path (empty: the ground VM). Says whether there is such a
    /// process.
    pub fn kill(&mut self, vm: &[Pid], pid: Pid, reason: impl IntoReason) -> bool {
        self.0.vm.kill_in(vm, pid, reason)
    }

    /// Sends a message in the network of the VM at this path. Says whether there is such a VM.
    pub fn send(&mut self, vm: &[Pid], message: &impl Message) -> bool {
        self.0.vm.send_in(vm, message)
    }

    /// Sends messages to objects, and delivers them at once, before all that waits in the queue:
    /// see [`GroundVm::tell_now`](crate::GroundVm::tell_now).
    pub fn tell_now<R: Told>(&mut self, send: impl FnOnce(&Asker) -> R) {
        self.0.tell_now(send);
    }

    /// The references that print with this number, of objects that are there and of promises that
    /// the VMs see.
    #[cfg(feature = "shell")]
    pub(crate) fn references_numbered(&self, number: ReferenceId) -> Numbered {
        self.0.vm.references_numbered(number)
    }

    /// Sends a message of these parts to an object, and gives `answer` what it answers.
    #[cfg(feature = "shell")]
    pub(crate) fn send_to(
        &mut self,
        object: &Reference,
        parts: Vec<Value>,
        answer: impl FnOnce(Result<Value, Reason>) + Send + 'static,
    ) -> Result<(), TooDeep> {
        self.0.vm.try_ask(|cx| send_parts(cx, object, parts), answer)
    }

    /// Whether anybody in the network of the VM at this path would hear such a message now.
    /// (Actions that are still queued there may change that.)
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::vat::{Vat, VatOptions};
    ///
    /// let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(subscriber!("order"))).unwrap();
    /// // The vat answers a call when it has performed what was queued before.
    /// vat.call(|_| ()).unwrap();
    /// assert!(vat.inspect(|debugger| debugger.is_heard(&[], &"order".to_string())).unwrap());
    /// assert!(!vat.inspect(|debugger| debugger.is_heard(&[], &"odor".to_string())).unwrap());
    /// ```
    pub fn is_heard(&mut self, vm: &[Pid], message: &impl Message) -> bool {
        self.0.vm.is_heard_in(vm, message)
    }

    /// The roles in which an endpoint of this role, in the network of the VM at this path, would
    /// hear of its peers if it came now, in the order in which these were created. (Actions that
    /// are still queued there may change that: [`Vat::present`](super::Vat::present) looks after
    /// them.) Empty if there is no such VM.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::vat::{Vat, VatOptions};
    ///
    /// let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(subscriber!("order"))).unwrap();
    /// vat.call(|_| ()).unwrap();
    /// let publisher = Role::publisher(topic!("order"));
    /// let present = vat.inspect(move |debugger| debugger.present(&[], &publisher)).unwrap();
    /// assert_eq!(present, [Role::subscriber(topic!("order"))]);
    /// ```
    pub fn present(&mut self, vm: &[Pid], role: &Role) -> Vec<Role> {
        self.0.vm.present_in(vm, role)
    }

    /// The state of a process of the VM at this path as it is now: `None` if there is no such
    /// process, or it is not [`peekable`](crate::peekable).
    pub fn peek(&mut self, vm: &[Pid], pid: Pid) -> Option<Snapshot> {
        self.0.vm.peek_in(vm, pid)
    }

    /// The log.
    #[must_use]
    pub const fn log(&self) -> &Log {
        self.0.vm.log()
    }

    /// The log, to turn it on and off, resize it and clear it.
    pub const fn log_mut(&mut self) -> &mut Log {
        self.0.vm.log_mut()
    }

    /// Whether each action is told as a line, through `tracing` at level `info`, target
    /// `marketplace::verb`.
    pub fn set_verb(&mut self, on: bool) {
        self.0.vm.set_verb(on);
    }

    /// Whether each action is told as a line.
    #[must_use]
    pub const fn is_verb(&self) -> bool {
        self.0.vm.is_verb()
    }

    /// How often the vat was told to [stop](Debugger::pause), to [go on](Debugger::run) or to
    /// [end](super::Vat::shutdown). Code that steps it, a few steps at a look, sees by this whether
    /// somebody else has decided otherwise meanwhile.
    #[must_use]
    pub const fn orders(&self) -> u64 {
        self.0.orders()
    }

    /// A number that is another one after anything has happened, whoever did it.
    #[cfg(feature = "inspector")]
    pub(crate) const fn version(&self) -> (u64, u64) {
        (self.0.vm.steps(), self.0.vm.counter())
    }

    /// Logical time: the stamp of the last turn.
    #[must_use]
    pub const fn stamp(&self) -> u64 {
        self.0.vm.stamp()
    }

    /// The right to see the contents of its ducts.
    #[must_use]
    pub fn debug_authority(&self) -> DebugAuthority {
        self.0.vm.debug_authority()
    }
}
