//! Things that are not used any more, and are used again.

use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};
use std::mem;

/// Things to be used again, at most so many: each saves an allocation, which is 140 instructions.
pub(crate) struct Spare<T, const MOST: usize = 32> {
    things: [Cell<Option<T>>; MOST],
    /// How many there are: they lie in the first places.
    len: Cell<usize>,
}

impl<T, const MOST: usize> Spare<T, MOST> {
    pub(crate) const fn new() -> Self {
        Self { things: [const { Cell::new(None) }; MOST], len: Cell::new(0) }
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) const fn len(&self) -> usize {
        self.len.get()
    }

    /// Whether one more is kept.
    #[inline]
    pub(crate) const fn has_room(&self) -> bool {
        self.len.get() < MOST
    }

    #[inline]
    pub(crate) fn take(&self) -> Option<T> {
        let last = self.len.get().wrapping_sub(1);
        let thing = self.things.get(last)?.take();
        self.len.set(last);
        thing
    }

    /// Keeps it, if there is room.
    #[inline]
    pub(crate) fn put(&self, thing: T) {
        let _ = self.try_put(thing);
    }

    /// Keeps it, if there is room, or gives it back.
    #[inline]
    pub(crate) fn try_put(&self, thing: T) -> Result<(), T> {
        let len = self.len.get();
        let Some(place) = self.things.get(len) else { return Err(thing) };
        // The place is empty: nothing has to be dropped there.
        mem::forget(place.replace(Some(thing)));
        self.len.set(len + 1);
        Ok(())
    }

    /// Takes the last ones out, so many, in the order in which they were put in.
    fn move_last(&self, many: usize, mut take: impl FnMut(T)) {
        let len = self.len.get() - many;
        self.things[len..].iter().filter_map(Cell::take).for_each(&mut take);
        self.len.set(len);
    }
}

/// Things beyond those that lie at hand: as many as may well be in use at once are kept.
pub(crate) struct More<T, const MOST: usize> {
    things: Vec<T>,
    /// How many were taken or made here, for which there is room when they come back. As a rule,
    /// things that were made elsewhere, such as the records of a peer, have none: nothing would use
    /// them again. But some never come back, as records in states: their room goes to others. No
    /// more than `MOST` are kept in any case.
    out: usize,
}

impl<T, const MOST: usize> More<T, MOST> {
    pub(crate) const fn new() -> Self {
        Self { things: Vec::new(), out: 0 }
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) const fn len(&self) -> usize {
        self.things.len()
    }

    /// Brings some to hand, where none is. If there is none here either, the caller makes one.
    // Several at once: a message in a burst takes 30 instructions less than with one at a time.
    pub(crate) fn bring<const FEW: usize>(&mut self, at_hand: &Spare<T, FEW>) -> Option<T> {
        let some = self.things.len().min(FEW / 2);
        self.out += match some {
            // The caller makes one, and there is room for it when it comes back.
            0 => usize::from(self.out < MOST),
            some => some,
        };
        let rest = self.things.len() - some;
        self.things.drain(rest..).for_each(|thing| at_hand.put(thing));
        at_hand.take()
    }

    /// Keeps some of those at hand, where there is no room for this one, and that as well. It is
    /// dropped if there is no room here either.
    pub(crate) fn keep<const FEW: usize>(&mut self, at_hand: &Spare<T, FEW>, thing: T) {
        let some = self.out.min(FEW / 2);
        self.out -= some;
        at_hand.move_last(some, |thing| self.things.push(thing));
        at_hand.put(thing);
    }
}

/// How many places there are for boxes.
const BOXES: usize = 32;

/// Boxes of many types, to be used again. One of each type is kept, unless a type that has its
/// place came later.
pub(crate) struct SpareBoxes([Cell<Option<Box<dyn Any>>>; BOXES]);

impl SpareBoxes {
    pub(crate) const fn new() -> Self {
        Self([const { Cell::new(None) }; BOXES])
    }

    #[inline]
    pub(crate) fn take<T: Any>(&self) -> Option<Box<T>> {
        self.0[place_of::<T>()].take()?.downcast().ok()
    }

    #[inline]
    pub(crate) fn put<T: Any>(&self, thing: Box<T>) {
        self.0[place_of::<T>()].set(Some(thing));
    }
}

/// Things whose types have been forgotten, to be used again: at most so many of a type. Types may
/// share a place.
pub(crate) struct SpareErased<E: ?Sized, const MOST: usize>([RefCell<Vec<Box<E>>>; BOXES]);

impl<E: ?Sized, const MOST: usize> SpareErased<E, MOST> {
    pub(crate) const fn new() -> Self {
        Self([const { RefCell::new(Vec::new()) }; BOXES])
    }

    /// One of those that were put at the place of a `T`.
    #[inline]
    pub(crate) fn take<T: Any>(&self) -> Option<Box<E>> {
        self.0[place_of::<T>()].try_borrow_mut().ok()?.pop()
    }

    /// Keeps it at the place of a `T`, if there is room.
    #[inline]
    pub(crate) fn put<T: Any>(&self, thing: Box<E>) {
        if let Ok(mut things) = self.0[place_of::<T>()].try_borrow_mut()
            && things.len() < MOST
        {
            things.push(thing);
        }
    }
}

/// The place of the boxes of a type: rustc knows it.
#[inline]
fn place_of<T: Any>() -> usize {
    struct Last(u64);
    impl Hasher for Last {
        #[inline]
        fn finish(&self) -> u64 {
            self.0
        }
        #[inline]
        fn write(&mut self, bytes: &[u8]) {
            self.0 = bytes.iter().fold(self.0, |all, byte| all.rotate_left(8) ^ u64::from(*byte));
        }
        #[inline]
        fn write_u64(&mut self, number: u64) {
            self.0 = number;
        }
    }
    let mut last = Last(0);
    TypeId::of::<T>().hash(&mut last);
    last.finish() as usize % BOXES
}
