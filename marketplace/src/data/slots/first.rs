//! A table whose first place needs no allocation.

use super::{Slot, Slots};

/// Holds values, each at a [`Slot`], as [`Slots`] does; the first one lies in the table itself. It
/// is for the handlers of a process, and for its objects: most have one.
// As a `SmallVec` of places, a delivery takes 11 instructions more, and spawn 100.
pub(crate) struct FirstInline<T, K> {
    first: Option<T>,
    /// The others: their slots are one less than here.
    others: Option<Box<Slots<T, K>>>,
}

impl<T, K> FirstInline<T, K> {
    pub(crate) const fn new() -> Self {
        Self { first: None, others: None }
    }

    #[inline]
    pub(crate) fn insert(&mut self, thing: T) -> Slot<K> {
        if self.first.is_none() {
            self.first = Some(thing);
            return Slot::at(0);
        }
        let others = self.others.get_or_insert_with(|| Box::new(Slots::new()));
        Slot::at(others.insert(thing).index() + 1)
    }

    /// Inserts a value that is made from its own place.
    #[inline]
    pub(crate) fn insert_with(&mut self, make: impl FnOnce(Slot<K>) -> T) -> Slot<K> {
        let next = match (&self.first, &self.others) {
            (None, _) => Slot::at(0),
            (Some(_), None) => Slot::at(1),
            (Some(_), Some(others)) => Slot::at(others.next().index() + 1),
        };
        self.insert(make(next))
    }

    #[inline]
    pub(crate) fn get(&self, at: Slot<K>) -> Option<&T> {
        match at.index() {
            0 => self.first.as_ref(),
            at => self.others.as_ref()?.get(Slot::at(at - 1)),
        }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, at: Slot<K>) -> Option<&mut T> {
        match at.index() {
            0 => self.first.as_mut(),
            at => self.others.as_mut()?.get_mut(Slot::at(at - 1)),
        }
    }

    #[inline]
    pub(crate) fn remove(&mut self, at: Slot<K>) -> Option<T> {
        match at.index() {
            0 => self.first.take(),
            at => self.others.as_mut()?.remove(Slot::at(at - 1)),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.first.iter().chain(self.others.iter().flat_map(|others| others.iter()))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.first.iter_mut().chain(self.others.iter_mut().flat_map(|others| others.iter_mut()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.others.as_ref().is_none_or(|others| others.len() == 0)
    }
}

#[test]
fn each_place_is_used_again() {
    let mut table: FirstInline<&str, ()> = FirstInline::new();
    let [a, b, c] = ["a", "b", "c"].map(|thing| table.insert(thing));
    for (slot, thing, new) in [(b, "b", "B"), (a, "a", "A"), (c, "c", "C")] {
        assert_eq!(table.get(slot), Some(&thing));
        assert_eq!(table.remove(slot), Some(thing));
        assert_eq!(table.get(slot), None);
        assert_eq!(table.remove(slot), None);
        assert_eq!(table.insert_with(|own| if own == slot { new } else { "elsewhere" }), slot);
        assert_eq!(table.get_mut(slot), Some(&mut { new }));
    }
    assert_eq!(table.insert_with(|own| if own.index() == 3 { "d" } else { "elsewhere" }).index(), 3);
    assert!(table.iter().eq(&["A", "B", "C", "d"]));
    assert_eq!(table.get(Slot::NONE), None);
}
