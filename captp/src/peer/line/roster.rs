//! A session's entry in the roster, as long as it stands.

use marketplace::Pid;
use marketplace::objects::*;

use crate::peer::talk::{Roster, Standing};

/// The entry of a session. It is taken out when this is dropped, so also when the process is
/// killed.
pub(super) struct Listed {
    roster: Roster,
    pid: Pid,
}

impl Listed {
    pub(super) fn new(roster: &Roster, pid: Pid, standing: Standing) -> Self {
        let entered = Self { roster: roster.clone(), pid };
        drop(lock(roster).insert(pid, standing));
        entered
    }

    /// The session whose object this is, if it is another one. Processes of other VMs may have the
    /// PID of a session.
    pub(super) fn other(&self, object: &Reference) -> Option<Standing> {
        let pid = process_of(object)?;
        if pid == self.pid {
            return None;
        }
        let other = lock(&self.roster).get(&pid).cloned()?;
        same_process(object, &other.bootstrap).then_some(other)
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let entry = lock(&self.roster).remove(&self.pid);
        drop(entry);
    }
}

fn lock(roster: &Roster) -> std::sync::MutexGuard<'_, std::collections::HashMap<Pid, Standing>> {
    roster.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
