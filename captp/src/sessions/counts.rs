//! Numbers that may be used once.

use std::collections::BTreeSet;

/// Numbers that were used. A peer that counts up from 0 needs no room.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// All below this were used.
    below: u64,
    /// And these, which are not below it.
    beyond: BTreeSet<u64>,
}

impl Counts {
    /// Uses a number. Says whether it could be used: it was not used before, and not too many are
    /// out of order.
    pub(crate) fn is_new(&mut self, number: u64, most: usize) -> bool {
        if number < self.below || number == u64::MAX || self.beyond.contains(&number) {
            return false;
        }
        if number > self.below {
            let room = self.beyond.len() < most;
            return room && self.beyond.insert(number);
        }
        self.below += 1;
        while self.beyond.remove(&self.below) {
            self.below += 1;
        }
        true
    }
}
