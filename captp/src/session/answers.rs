//! Answers that the peer may speak to.

use std::collections::{BTreeSet, HashMap};

use marketplace::objects::Reference;

use crate::session::SessionError;
use crate::session::tables::{Row, sorted};

/// The table of answers. A place without a promise is taken, but its promise is not there yet.
pub(super) struct Answers {
    table: HashMap<u64, Option<Reference>>,
    bound: usize,
}

impl Answers {
    pub(super) fn new(bound: usize) -> Self {
        Self { table: HashMap::new(), bound }
    }

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn at(&self, answer: u64) -> Option<&Reference> {
        self.table.get(&answer)?.as_ref()
    }

    /// Whether this place may be taken.
    pub(super) fn is_free(&self, answer: u64) -> Result<(), SessionError> {
        if self.table.contains_key(&answer) {
            return Err(SessionError::InUse(answer));
        }
        if self.table.len() < self.bound { Ok(()) } else { Err(SessionError::TooMany("answers")) }
    }

    /// Keeps the place for a promise to come.
    pub(super) fn reserve(&mut self, answer: u64) {
        self.table.insert(answer, None);
    }

    /// The promise of an answer whose place was taken.
    pub(super) fn put(&mut self, answer: u64, promise: Reference) {
        if let Some(place) = self.table.get_mut(&answer) {
            *place = Some(promise);
        }
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        sorted(self.table.iter().map(|(&place, promise)| {
            let reference = promise.as_ref().map(Reference::shown);
            Row { place, kind: "answer", reference, count: 1 }
        }))
    }

    /// The peer has let go of these.
    pub(super) fn release(&mut self, released: &[u64]) -> Result<(), SessionError> {
        let mut seen = BTreeSet::new();
        for answer in released {
            if !self.table.contains_key(answer) || !seen.insert(answer) {
                return Err(SessionError::Nothing(format!("answer {answer}")));
            }
        }
        for answer in released {
            self.table.remove(answer);
        }
        Ok(())
    }
}
