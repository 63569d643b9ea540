//! Facts about actions that are queued.

use std::collections::BTreeMap;

use crate::data::numbers::ActionId;

/// The number of actions about which a fact is kept, at most.
const KEPT: usize = 100_000;

/// Facts about actions, by the actions' numbers, until they are performed.
///
/// The actions of a process that ends are never performed, and are not removed here. So there is a
/// bound: beyond it, the action with the lowest number is forgotten.
pub(super) struct OfQueued<T>(BTreeMap<ActionId, T>);

impl<T> OfQueued<T> {
    pub(super) const fn new() -> Self {
        Self(BTreeMap::new())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes the fact; it replaces one that is there.
    pub(super) fn insert(&mut self, action: ActionId, known: T) {
        self.0.insert(action, known);
        if self.0.len() > KEPT {
            self.0.pop_first();
        }
    }

    /// Notes the fact, unless one is there.
    pub(super) fn insert_new(&mut self, action: ActionId, known: T) {
        if !self.0.contains_key(&action) {
            self.insert(action, known);
        }
    }

    /// Takes the fact out, when the action is performed.
    pub(super) fn remove(&mut self, action: ActionId) -> Option<T> {
        self.0.remove(&action)
    }
}

#[test]
fn the_oldest_is_forgotten_and_nothing_else() {
    let mut known = OfQueued::new();
    let last = KEPT as u64 + 1;
    (1..=last).for_each(|number| known.insert(ActionId::of(number), number));
    known.insert_new(ActionId::of(last), 0);
    assert_eq!(known.remove(ActionId::of(1)), None);
    assert!((2..=last).all(|number| known.remove(ActionId::of(number)) == Some(number)));
    assert!(known.is_empty());
}
