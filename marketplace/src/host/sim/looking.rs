//! Looks at a sim: what has happened in it, and what there is now.

use crate::conversation::pid::Pid;
use crate::data::message::Message;
use crate::data::value::Value;
use crate::ground_vm::GroundError;
use crate::ground_vm::source::Source;
use crate::host::sim::Sim;
use crate::process::Exit;
use crate::record::log::{DebugAuthority, Log, Snapshot};
use crate::record::trace::Trace;
use crate::vm::dump::Dump;
use crate::vm::{ObjectStats, Stats};

impl Sim {
    /// The last turns, as far as the log is [on](Log::turn_on).
    #[must_use]
    pub const fn log(&self) -> &Log {
        self.vm.log()
    }

    /// The log, to turn it on and off, resize it and clear it.
    pub const fn log_mut(&mut self) -> &mut Log {
        self.vm.log_mut()
    }

    /// Collects a line for each action from now on, indented by how deep its cause lies.
    pub fn set_verb(&mut self, on: bool) {
        self.vm.set_verb(on);
    }

    /// The lines that were collected.
    #[must_use]
    pub fn verb(&self) -> &[String] {
        &self.verb
    }

    /// The processes, endpoints and queues of the ground VM and of the VMs in it, as they are now.
    pub fn dump(&mut self) -> Dump {
        self.vm.dump()
    }

    /// The state of a process of the VM at this path as it is now: `None` if there is no such
    /// process, or it is not [`peekable`](crate::peekable).
    pub fn peek(&mut self, vm: &[Pid], pid: Pid) -> Option<Snapshot> {
        self.vm.peek_in(vm, pid)
    }

    /// The right to see the contents of its ducts.
    #[must_use]
    pub fn debug_authority(&self) -> DebugAuthority {
        self.vm.debug_authority()
    }

    /// Everything that has happened.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        self.vm.trace().unwrap_or_else(|| unreachable!("a sim records"))
    }

    /// The bodies of the messages that were sent at any level, in order.
    #[must_use]
    pub fn messages(&self) -> Vec<Value> {
        self.trace().messages()
    }

    /// The messages of this type that were sent at any level, by whomever, in order: those that the
    /// test has sent are among them.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// let mut sim = Sim::new(|_| transition_no_state!(send_message!(7u8), send_message!("seven")));
    /// sim.run();
    /// assert_eq!(sim.messages_of::<Text>(), ["seven"]);
    /// ```
    #[must_use]
    pub fn messages_of<M: Message>(&self) -> Vec<M> {
        self.trace().messages().iter().filter_map(M::from_value).collect()
    }

    /// The feedback that was given to a source, in order.
    #[must_use]
    pub fn feedback(&self, source: &Source) -> Vec<Value> {
        self.feedback.iter().filter(|(to, _)| to == source).map(|(_, feedback)| feedback.clone()).collect()
    }

    /// Whether a source is on.
    #[must_use]
    pub fn is_on(&self, source: &Source) -> bool {
        self.running.contains_key(source)
    }

    /// The processes that have ended, in order. It leaves out processes that were dropped because
    /// nothing could happen to them any more, and processes that ended with their VM.
    #[must_use]
    pub fn exits(&self) -> &[Exit] {
        &self.exits
    }

    /// The counts of the ground VM: its processes, endpoints and actions.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.vm.stats()
    }

    /// The counts of the objects and promises of the ground VM.
    #[must_use]
    pub fn object_stats(&self) -> ObjectStats {
        self.vm.object_stats()
    }

    /// Whether the program would end now: no action is waiting and no process listens to a source,
    /// or a process ended the VM. In the first case a test may go on all the same.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.vm.is_done()
    }

    /// How the program ended.
    ///
    /// # Errors
    /// If the boot process failed, or a process ended the VM with a reason that is not normal.
    pub fn outcome(&self) -> Result<(), GroundError> {
        self.vm.outcome()
    }
}
