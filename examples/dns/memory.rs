//! The answers that are remembered: as many as may be, those that were wanted last.

use std::collections::BTreeMap;

use bytes::Bytes;
use marketplace::prelude::*;

use super::resolver::{Answer, Good};

/// The questions whose answers are remembered.
pub(crate) struct Memory {
    most: usize,
    /// How often anything was used.
    uses: u64,
    /// When each was used last; and which was used when.
    used: BTreeMap<Bytes, u64>,
    by_use: BTreeMap<u64, Bytes>,
}

/// Sees what is good and what is wanted. When more is good than may be remembered, it refuses what
/// was wanted least recently.
pub(crate) fn memory(most: usize) -> Transition<Memory> {
    transition!(
        Memory { most, uses: 0, used: BTreeMap::new(), by_use: BTreeMap::new() },
        observe_subscribers!(
            Good(_),
            match_conversation!(Good(question) => match_state!(memory: &mut Memory =>
                on_presence!(memory.remember(question)),
                on_absence!(memory.forget(&question)))),
        ),
        observe_subscribers!(
            Answer(_, _),
            match_conversation!(Answer(question, _) => match_state!(memory: &mut Memory =>
                on_presence!(memory.wanted(question)))),
        ),
    )
}

impl Memory {
    fn remember(&mut self, question: Bytes) -> Option<PreAction<Self>> {
        self.note(question);
        let one_too_many = self.used.len() > self.most;
        let oldest = if one_too_many { self.by_use.pop_first() } else { None };
        oldest.map(|(_, question)| {
            self.used.remove(&question);
            refuse(topic!(Good(question)), "no room")
        })
    }

    fn wanted(&mut self, question: Bytes) {
        if self.used.contains_key(&question) {
            self.note(question);
        }
    }

    fn forget(&mut self, question: &Bytes) {
        if let Some(at) = self.used.remove(question) {
            self.by_use.remove(&at);
        }
    }

    fn note(&mut self, question: Bytes) {
        self.uses += 1;
        if let Some(before) = self.used.insert(question.clone(), self.uses) {
            self.by_use.remove(&before);
        }
        self.by_use.insert(self.uses, question);
    }
}
