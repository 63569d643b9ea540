//! The group of a child and the processes that it has started.

use tokio::process::Child;

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

/// The process group of a child, on Unix. No other group gets its number until the child's status
/// was taken and every process of the group has ended. So when the status was taken, the group is
/// looked at again before a signal is sent.
pub(super) struct Group {
    #[cfg(unix)]
    number: Option<Pid>,
}

#[cfg(unix)]
impl Group {
    /// The group of a child that was just started as its leader.
    pub(super) fn of(child: &Child) -> Self {
        Self { number: child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) }
    }

    pub(super) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    pub(super) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        if let Some(number) = self.number.filter(|_| self.is_there()) {
            // If all processes have ended already, that is as good.
            let _ = kill_process_group(number, signal);
        }
    }

    /// Whether any process of the group is left.
    pub(super) fn is_there(&self) -> bool {
        self.number.is_some_and(|number| test_kill_process_group(number) != Err(rustix::io::Errno::SRCH))
    }
}

/// Elsewhere a child has no group, and it cannot be asked to end.
#[cfg(not(unix))]
#[allow(clippy::unused_self, reason = "on Unix there is something to do")]
impl Group {
    pub(super) fn of(_: &Child) -> Self {
        Self {}
    }
    pub(super) fn terminate(&self) {}
    pub(super) fn kill(&self) {}
    pub(super) fn is_there(&self) -> bool {
        false
    }
}
