//! A table whose first place needs no allocation, and whose others are one step away.

use std::marker::PhantomData;
use std::mem;

use super::{Place, Slot};

/// Holds values, each at a [`Slot`], as [`Slots`](super::Slots) does; the first one lies in the
/// table itself. It is for the handlers of a process: most have one.
// As a `SmallVec` of places, a delivery takes 11 instructions more, and spawn 100. The others are
// one step away: with a table of their own in a box there would be two, each a line of memory that
// a message, or news of a peer, waits for. (For objects it would be too large.)
pub(crate) struct FirstNear<T, K> {
    first: Option<T>,
    /// The others, if there have been any, at their slots. In the first place, which is that of
    /// the thing in line, is the first free place among them, or [`Slot::NONE`].
    others: Box<[Place<T>]>,
    things: PhantomData<fn() -> K>,
}

impl<T, K> FirstNear<T, K> {
    pub(crate) fn new() -> Self {
        Self { first: None, others: Box::default(), things: PhantomData }
    }

    /// Makes room for so many, if nothing is there yet.
    pub(crate) fn reserve(&mut self, things: usize) {
        if things > 1 && self.others.is_empty() {
            self.grow(things);
        }
    }

    /// The first free place among the others, or [`Slot::NONE`].
    fn free(&self) -> Slot<T> {
        match self.others.first() {
            Some(&Place::Free(free)) => free,
            _ => Slot::NONE,
        }
    }

    /// Makes room for so many, now that there is no free place.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, things: usize) {
        let first = self.others.len().max(1);
        let mut places = Vec::with_capacity(things);
        places.push(Place::Free(Slot::at(first)));
        places.extend(mem::take(&mut self.others).into_iter().skip(1));
        places.extend((first + 1..things).map(|next| Place::Free(Slot::at(next))));
        places.push(Place::Free(Slot::NONE));
        self.others = places.into_boxed_slice();
    }

    #[inline]
    pub(crate) fn insert(&mut self, thing: T) -> Slot<K> {
        if self.first.is_none() {
            // Nothing is there that would have to be dropped.
            mem::forget(self.first.replace(thing));
            return Slot::at(0);
        }
        self.insert_other(thing)
    }

    #[inline(never)]
    fn insert_other(&mut self, thing: T) -> Slot<K> {
        if self.free().is_none() {
            self.grow(match self.others.len() {
                0 => 2,
                places => 1 + (2 * (places - 1)).max(4),
            });
        }
        let free = self.free();
        let place = &mut self.others[free.index()];
        let Place::Free(next) = *place else { unreachable!("a free place is empty") };
        // Nothing is there that would have to be dropped.
        mem::forget(mem::replace(place, Place::Full(thing)));
        self.others[0] = Place::Free(next);
        Slot::at(free.index())
    }

    #[inline]
    pub(crate) fn get(&self, at: Slot<K>) -> Option<&T> {
        match at.index() {
            0 => self.first.as_ref(),
            at => match self.others.get(at) {
                Some(Place::Full(thing)) => Some(thing),
                _ => None,
            },
        }
    }

    #[inline]
    pub(crate) fn remove(&mut self, at: Slot<K>) -> Option<T> {
        match at.index() {
            0 => self.first.take(),
            at => self.remove_other(at),
        }
    }

    #[inline(never)]
    fn remove_other(&mut self, at: usize) -> Option<T> {
        let free = self.free();
        let place = self.others.get_mut(at)?;
        if matches!(place, Place::Free(_)) {
            return None;
        }
        let thing = mem::replace(place, Place::Free(free)).thing();
        self.others[0] = Place::Free(Slot::at(at));
        thing
    }

    /// Takes everything out, so that it is as new.
    #[inline]
    pub(crate) fn take_each(&mut self, mut take: impl FnMut(T)) {
        if let Some(first) = self.first.take() {
            take(first);
        }
        if !self.others.is_empty() {
            self.take_others(&mut take);
        }
    }

    #[inline(never)]
    fn take_others(&mut self, take: &mut impl FnMut(T)) {
        mem::take(&mut self.others).into_iter().filter_map(Place::thing).for_each(take);
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.first.iter().chain(self.others.iter().filter_map(|place| match place {
            Place::Full(thing) => Some(thing),
            Place::Free(_) => None,
        }))
    }
}

#[test]
fn each_place_is_used_again() {
    for room in 0..6 {
        let mut table: FirstNear<&str, ()> = FirstNear::new();
        table.reserve(room);
        let slots = ["a", "b", "c", "d", "e"].map(|thing| table.insert(thing));
        for (at, thing, new) in [(1, "b", "B"), (0, "a", "A"), (4, "e", "E"), (2, "c", "C")] {
            let slot = slots[at];
            assert_eq!(table.get(slot), Some(&thing));
            assert_eq!(table.remove(slot), Some(thing));
            assert_eq!(table.get(slot), None);
            assert_eq!(table.remove(slot), None);
            assert_eq!(table.insert(new), slot);
        }
        assert!(table.iter().eq(&["A", "B", "C", "d", "E"]));
        assert_eq!(table.get(Slot::NONE), None);
        let removed = [1, 3].map(|at| table.remove(slots[at]));
        assert_eq!(removed, [Some("B"), Some("d")]);
        assert_eq!([table.insert("D"), table.insert("b")], [slots[3], slots[1]], "the last one first");
        let mut taken = Vec::new();
        table.take_each(|thing| taken.push(thing));
        assert_eq!(taken, ["A", "b", "C", "D", "E"]);
        assert_eq!(table.iter().next(), None);
        assert_eq!([table.insert("first"), table.insert("second")], [slots[0], slots[1]]);
    }
}
