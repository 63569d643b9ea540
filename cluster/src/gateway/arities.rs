//! The labels under which machines announce topics, and with how many fields.

use std::collections::BTreeMap;

use marketplace::{Symbol, Topic};

use crate::wire::label_of;

/// How many announced topics have a label, by the number of their fields.
#[derive(Default)]
pub(super) struct Arities(BTreeMap<Symbol, BTreeMap<usize, usize>>);

impl Arities {
    pub(super) fn add(&mut self, label: &Symbol, arity: usize) {
        *self.0.entry(label.clone()).or_default().entry(arity).or_default() += 1;
    }

    pub(super) fn remove(&mut self, topic: &Topic) {
        let Some((label, arity)) = label_of(topic) else { return };
        let Some(counts) = self.0.get_mut(&label) else { return };
        if let Some(count) = counts.get_mut(&arity) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&arity);
            }
        }
        if counts.is_empty() {
            self.0.remove(&label);
        }
    }

    pub(super) fn labels(&self) -> impl Iterator<Item = &Symbol> {
        self.0.keys()
    }

    /// A number of fields here and one there, if the label is on both sides and none is the same.
    pub(super) fn misfit(&self, other: &Self, label: &Symbol) -> Option<(usize, usize)> {
        let (here, there) = (self.0.get(label)?, other.0.get(label)?);
        let apart = here.keys().all(|arity| !there.contains_key(arity));
        apart.then(|| Some((*here.keys().next()?, *there.keys().next()?)))?
    }
}
