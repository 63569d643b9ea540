//! Finding processes by their PIDs.

use crate::conversation::pid::Pid;
use crate::data::slots::{NONE, Slots};
use crate::vm::processes::Entry;

/// Chains through the table, by the last bits of the PID. PIDs follow each other, so the chains of processes that are made together lie side
/// by side, and are short; and their number depends on how many processes there are, not on how many there were.
pub(crate) struct ByPid {
    /// The first of each chain, or [`NONE`]; a power of two of them, or none at all.
    first: Vec<u32>,
}

type Table = Slots<Entry>;

impl ByPid {
    pub(crate) const fn new() -> Self {
        Self { first: Vec::new() }
    }

    pub(crate) fn find(&self, table: &Table, pid: Pid) -> Option<u32> {
        let mut slot = *self.first.get(self.chain(pid))?;
        loop {
            let entry = table.get(slot)?;
            if entry.pid == pid {
                return Some(slot);
            }
            slot = entry.next;
        }
    }

    /// A process is in the table now.
    #[inline]
    pub(crate) fn insert(&mut self, table: &mut Table, slot: u32) {
        if table.len() > self.first.len() {
            self.grow(table);
        }
        self.link(table, slot);
    }

    /// A process is to be taken out of the table.
    #[inline]
    pub(crate) fn remove(&mut self, table: &mut Table, slot: u32) {
        let Some(Entry { pid, next, .. }) = table.get(slot) else { return };
        let (chain, next) = (self.chain(*pid), *next);
        let mut at = self.first[chain];
        if at == slot {
            self.first[chain] = next;
            return;
        }
        while let Some(before) = table.get_mut(at) {
            at = before.next;
            if at == slot {
                before.next = next;
                return;
            }
        }
    }

    fn link(&mut self, table: &mut Table, slot: u32) {
        if let Some(entry) = table.get_mut(slot) {
            let chain = self.chain(entry.pid);
            entry.next = std::mem::replace(&mut self.first[chain], slot);
        }
    }

    const fn chain(&self, pid: Pid) -> usize {
        pid.0 as usize & self.first.len().wrapping_sub(1)
    }

    #[cold]
    fn grow(&mut self, table: &mut Table) {
        let chains = (self.first.len() * 2).max(4);
        for mut slot in std::mem::replace(&mut self.first, vec![NONE; chains]) {
            while let Some(next) = table.get(slot).map(|entry| entry.next) {
                self.link(table, slot);
                slot = next;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use crate::conversation::duct::Site;
    use crate::data::reason::Reason;
    use crate::process::limits::Limits;
    use crate::process::transition::Transition;
    use crate::process::{Booted, Context};
    use crate::vm::processes::Processes;

    /// Whichever go, the others are found: some stay, and PIDs far apart share a chain.
    #[test]
    fn those_who_are_there_are_found_and_nobody_else() {
        let mut context = Context::new(None);
        let mut processes = Processes::new(Arc::from([]), Site::ground(), Limits::default());
        let mut there = BTreeMap::new();
        let mut dice = 1u64;
        for round in 0..2_000 {
            let pid = processes.new_pid();
            assert_eq!(processes.find(pid), None);
            let booted = Booted::new(pid, &mut context, |_| Ok(Transition::new((), ())));
            let slot = processes.insert(pid, None, booted.unwrap().body);
            there.insert(pid, slot);
            // They become many, then few.
            let goes = if round < 500 { 0 } else { 1 + round / 1_500 };
            for _ in 0..goes.min(there.len() - 1) {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let victim = *there.keys().nth((dice >> 33) as usize % there.len()).unwrap();
                let slot = there.remove(&victim).unwrap();
                processes.remove(slot, &Reason::Normal);
                assert_eq!(processes.find(victim), None);
            }
            assert_eq!(processes.len(), there.len());
            if round % 50 == 0 {
                assert!(there.iter().all(|(pid, slot)| processes.find(*pid) == Some(*slot)));
            }
        }
        assert!(there.len() < 20 && there.keys().all(|pid| processes.find(*pid) == there.get(pid).copied()));
    }
}
