//! Finds the places of processes by their PIDs.

use crate::conversation::pid::Pid;
use crate::network::owner::ProcessSlot;

/// As many may come at least before those that have gone are forgotten.
const FEW: usize = 16;

/// The places of processes, by PID.
///
/// PIDs only grow, so a list is in order if each is put at its end. A process that goes leaves its
/// entry there: the caller has to see that the place is that of the process still.
// A process takes 120 instructions less than with a map.
#[derive(Default)]
pub(super) struct ByPid(Vec<(Pid, ProcessSlot)>);

impl ByPid {
    /// Adds a process, which is the youngest. When the list is full, processes that are not there
    /// any more are forgotten.
    #[inline]
    pub(super) fn insert(
        &mut self,
        pid: Pid,
        slot: ProcessSlot,
        is_there: impl Fn(Pid, ProcessSlot) -> bool,
    ) {
        debug_assert!(self.0.last().is_none_or(|last| last.0 < pid), "PIDs grow");
        if self.0.len() == self.0.capacity() {
            self.forget(is_there);
        }
        self.0.push((pid, slot));
    }

    /// Forgets those that are not there. At least twice as many as are left may come before that is
    /// done again, so that it costs each process the same.
    #[inline(never)]
    fn forget(&mut self, is_there: impl Fn(Pid, ProcessSlot) -> bool) {
        self.0.retain(|&(pid, slot)| is_there(pid, slot));
        self.0.shrink_to(self.0.len() * 4);
        self.0.reserve((self.0.len() * 2).max(FEW));
    }

    /// The place that a process has, or had.
    pub(super) fn find(&self, pid: Pid) -> Option<ProcessSlot> {
        let at = self.0.binary_search_by_key(&pid, |&(pid, _)| pid).ok()?;
        Some(self.0[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::slots::Slot;

    /// So many come, of which so many stay at most: the oldest go.
    fn after(count: u64, stay: u64) -> ByPid {
        let mut by_pid = ByPid::default();
        for n in 0..count {
            by_pid.insert(Pid(n), Slot::numbered(n as u32), |pid, _| pid.0 + stay >= n);
        }
        by_pid
    }

    #[test]
    fn each_process_is_found_at_its_place() {
        for stay in [1, 10, 1_000] {
            let by_pid = after(1_000, stay);
            for n in 1_000 - stay..1_000 {
                assert_eq!(by_pid.find(Pid(n)), Some(Slot::numbered(n as u32)));
            }
            assert_eq!(by_pid.find(Pid(1_000)), None);
        }
        assert_eq!(ByPid::default().find(Pid(0)), None);
    }

    #[test]
    fn those_that_have_gone_are_forgotten() {
        for stay in [1, 10, 1_000] {
            let room = after(100_000, stay).0.capacity();
            assert!(room as u64 <= 6 * stay + 2 * FEW as u64, "{stay} stay: {room}");
        }
    }

    #[test]
    fn few_that_stay_give_the_room_of_many_back() {
        let mut by_pid = after(100_000, 100_000);
        let more = by_pid.0.capacity() as u64;
        for n in 100_000..100_000 + more {
            by_pid.insert(Pid(n), Slot::NONE, |pid, _| pid.0 + 10 >= n);
        }
        assert!(by_pid.0.capacity() <= 44, "{}", by_pid.0.capacity());
    }
}
