//! A process that has ended, and the turn in which it failed.

use std::sync::Arc;

use crate::conversation::called::Called;
use crate::conversation::duct::Site;
use crate::conversation::pid::Pid;
use crate::data::reason::Reason;
use crate::data::text::Text;
use crate::data::value::Value;
use crate::record::trace::Heard;

/// A process that has ended.
#[derive(Clone)]
#[non_exhaustive]
pub struct Exit {
    /// The VMs around it, from the outside: empty for a process of the ground VM.
    pub vm: Arc<[Pid]>,
    /// Its PID.
    pub pid: Pid,
    /// Its debug name.
    pub name: Option<Value>,
    /// Why it ended.
    pub reason: Reason,
    /// How it failed, if it did. A process that quits, or is ended by another, has not failed.
    pub fault: Option<Box<Fault>>,
    pub(crate) called: Called,
    pub(crate) site: Arc<Site>,
}

/// How a process failed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fault {
    /// The event that it heard in the turn in which it failed; `None` if it failed between its
    /// turns: for a refusal that no clause handled, or at a limit of its VM.
    pub heard: Option<Heard>,
    /// The process whose action it was told of, [by names](Exit::path); `host` for the host.
    /// `None` if that acted further out than in its VM.
    pub from: Option<String>,
    /// Where its code panicked, as `file:line:column`, if it did and the host has noted it: those
    /// on tokio do.
    pub at: Option<Text>,
}

impl Exit {
    /// The way to the process by names, from the outermost VM: `irc/session-7`. A process without
    /// a name goes by its boot function, as `irc/session()`, or if that is a closure by the
    /// function in which it is written, as `irc/main{}`; a VM without a name goes by its PID, and
    /// the boot process of a VM is `boot`.
    ///
    /// ```
    /// use marketplace::Exit;
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// fn session() -> Transition<()> {
    ///     transition_no_state!(quit())
    /// }
    ///
    /// let mut sim = Sim::new(|_| transition_no_state!(
    ///     spawn_vm!(
    ///         name: "irc";
    ///         spawn!(session()),
    ///         name_process("bell", spawn!(transition_no_state!(quit()))),
    ///     ),
    /// ));
    /// sim.run();
    /// let paths: Vec<_> = sim.exits().iter().map(Exit::path).collect();
    /// assert_eq!(paths, ["irc/session()", "irc/bell"]);
    /// ```
    #[must_use]
    pub fn path(&self) -> String {
        self.site.path_of(self.pid, self.name.as_ref(), self.called)
    }
}

/// Without what only the path needs.
impl std::fmt::Debug for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exit")
            .field("vm", &self.vm)
            .field("pid", &self.pid)
            .field("name", &self.name)
            .field("reason", &self.reason)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}
