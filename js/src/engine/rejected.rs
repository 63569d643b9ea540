//! Promises that were rejected, and that nobody has taken.

use std::collections::{BTreeMap, HashMap};

/// How many of a turn are kept with their reasons, and from how many bytes of these on no further
/// one is. A vat does not pay for them with its memory.
const MOST: usize = 1000;
const MOST_BYTES: usize = 1 << 20;

/// The promises that were rejected in this turn.
#[derive(Default)]
pub(super) struct Rejected {
    /// By their numbers, which are in order.
    reasons: BTreeMap<u64, String>,
    next: u64,
    /// How many bytes the reasons have.
    bytes: usize,
    /// How many there were besides.
    more: usize,
    /// The last promise of each identity: its number among the reasons, or that it is one of the
    /// rest. A promise that is gone leaves its identity to another one, and nobody can take it.
    last: HashMap<u64, Option<u64>>,
}

impl Rejected {
    /// Whether a reason is still kept.
    pub(super) fn has_room(&self) -> bool {
        self.reasons.len() < MOST && self.bytes < MOST_BYTES
    }

    /// A promise was rejected. The reason is none if there is no room for it.
    pub(super) fn add(&mut self, promise: u64, reason: Option<String>) {
        let number = self.next;
        self.next += 1;
        self.last.insert(promise, reason.is_some().then_some(number));
        match reason {
            Some(reason) => {
                self.bytes += reason.len();
                self.reasons.insert(number, reason);
            }
            None => self.more += 1,
        }
    }

    /// Somebody has taken it after all.
    pub(super) fn taken(&mut self, promise: u64) {
        match self.last.remove(&promise) {
            Some(Some(number)) => {
                let reason = self.reasons.remove(&number);
                self.bytes -= reason.map_or(0, |reason| reason.len());
            }
            Some(None) => self.more -= 1,
            None => {}
        }
    }

    /// The lines about them, for people.
    pub(super) fn lines(self) -> impl Iterator<Item = String> {
        let more = (self.more > 0).then(|| format!("{} more promises were rejected", self.more));
        self.reasons.into_values().chain(more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Such are those of `try { await fails() } catch {}`.
    #[test]
    fn v13_rejections_that_are_taken_have_no_place() {
        let mut rejected = Rejected::default();
        for promise in 0..2 * MOST as u64 {
            assert!(rejected.has_room());
            rejected.add(promise, Some("taken".into()));
            rejected.taken(promise);
        }
        rejected.add(7, Some("left".into()));
        assert_eq!(rejected.lines().collect::<Vec<_>>(), ["left"]);
    }

    #[test]
    fn v13_long_reasons_are_few() {
        let mut rejected = Rejected::default();
        let long = || Some("x".repeat(MOST_BYTES));
        rejected.add(1, long());
        assert!(!rejected.has_room());
        rejected.add(2, None);
        rejected.taken(1);
        assert!(rejected.has_room());
        rejected.add(3, Some("short".into()));
        assert_eq!(rejected.lines().collect::<Vec<_>>(), ["short", "1 more promises were rejected"]);
    }
}
