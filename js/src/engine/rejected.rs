//! Promises that were rejected, and that nobody has taken.

use std::collections::HashMap;

/// How many of a turn are kept with their reasons. A vat does not pay for them with its memory.
const MOST: usize = 1000;

/// The promises that were rejected in this turn, in order.
#[derive(Default)]
pub(super) struct Rejected {
    reasons: Vec<Option<String>>,
    /// How many there were besides.
    more: usize,
    /// The last promise of each identity: its place among the reasons, or that it is one of the
    /// rest. A promise that is gone leaves its identity to another one, and nobody can take it.
    last: HashMap<u64, Option<usize>>,
}

impl Rejected {
    /// Whether a reason is still kept.
    pub(super) fn has_room(&self) -> bool {
        self.reasons.len() < MOST
    }

    /// A promise was rejected. The reason is none if there is no room for it.
    pub(super) fn add(&mut self, promise: u64, reason: Option<String>) {
        let place = reason.is_some().then_some(self.reasons.len());
        self.last.insert(promise, place);
        match reason {
            Some(reason) => self.reasons.push(Some(reason)),
            None => self.more += 1,
        }
    }

    /// Somebody has taken it after all.
    pub(super) fn taken(&mut self, promise: u64) {
        match self.last.remove(&promise) {
            Some(Some(place)) => self.reasons[place] = None,
            Some(None) => self.more -= 1,
            None => {}
        }
    }

    /// The lines about them, for people.
    pub(super) fn lines(self) -> impl Iterator<Item = String> {
        let more = (self.more > 0).then(|| format!("{} more promises were rejected", self.more));
        self.reasons.into_iter().flatten().chain(more)
    }
}
