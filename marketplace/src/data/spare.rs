//! Things that are not used any more, and are used again.

use std::cell::Cell;
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
        let len = self.len.get();
        if let Some(place) = self.things.get(len) {
            // The place is empty: nothing has to be dropped there.
            mem::forget(place.replace(Some(thing)));
            self.len.set(len + 1);
        }
    }
}
