//! A hash table for the endpoints of one shape.

use std::mem;

/// Holds things, each at the place of its hash or, if that is full, at the next one that is not.
/// Each lies beside its hash, so that nothing is hashed again.
// With `hashbrown` a message to one of many topics takes 20 instructions more, and a process that
// comes and goes 80; and a question looks at two places of memory.
pub(super) struct Buckets<B> {
    /// As many as a power of two; some are empty. From the own place of a thing to where it lies,
    /// none is.
    places: Vec<Place<B>>,
    len: usize,
}

struct Place<B> {
    /// The hash of the thing, if there is one.
    hash: Hash,
    thing: Option<B>,
}

/// The half of a hash that is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Hash(u32);

impl Hash {
    #[inline]
    const fn of(hash: u64) -> Self {
        Self(hash as u32)
    }

    /// The own place of a thing, among so many and one more.
    #[inline]
    const fn place(self, mask: usize) -> usize {
        self.0 as usize & mask
    }
}

impl<B> Place<B> {
    const EMPTY: Self = Self { hash: Hash(0), thing: None };
}

impl<B> Buckets<B> {
    pub(super) const fn new() -> Self {
        Self { places: Vec::new(), len: 0 }
    }

    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// How many places there are.
    #[inline]
    pub(super) const fn places(&self) -> usize {
        self.places.len()
    }

    /// How many things there may be before it grows.
    #[inline]
    pub(super) const fn capacity(&self) -> usize {
        room_of(self.places.len())
    }

    #[inline]
    const fn mask(&self) -> usize {
        self.places.len().wrapping_sub(1)
    }

    /// The thing with this hash for which `is_it` holds.
    #[inline(always)]
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(&B) -> bool) -> Option<&B> {
        let (hash, mask) = (Hash::of(hash), self.mask());
        let mut at = hash.place(mask);
        loop {
            let place = self.places.get(at)?;
            match &place.thing {
                Some(thing) if place.hash == hash && is_it(thing) => return Some(thing),
                Some(_) => at = (at + 1) & mask,
                None => return None,
            }
        }
    }

    /// Where it lies.
    #[inline(always)]
    pub(super) fn place_of(&self, hash: u64, is_it: impl Fn(&B) -> bool) -> Option<usize> {
        let (hash, mask) = (Hash::of(hash), self.mask());
        let mut at = hash.place(mask);
        loop {
            let place = self.places.get(at)?;
            match &place.thing {
                Some(thing) if place.hash == hash && is_it(thing) => return Some(at),
                Some(_) => at = (at + 1) & mask,
                None => return None,
            }
        }
    }

    /// The thing at a place.
    #[inline]
    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut B> {
        self.places.get_mut(at)?.thing.as_mut()
    }

    /// Adds a thing that is not there.
    #[inline]
    pub(super) fn insert(&mut self, hash: u64, thing: B) {
        if self.len == self.capacity() {
            // From the least to some more at once: most tables of several things have over two.
            self.resize((self.places.len() * 2).max(if self.len == 0 { LEAST } else { SOME }));
        }
        self.put(Hash::of(hash), thing);
    }

    #[inline]
    fn put(&mut self, hash: Hash, thing: B) {
        let mask = self.mask();
        let mut at = hash.place(mask);
        while self.places[at].thing.is_some() {
            at = (at + 1) & mask;
        }
        // Nothing is there that would have to be dropped.
        mem::forget(mem::replace(&mut self.places[at], Place { hash, thing: Some(thing) }));
        self.len += 1;
    }

    /// Takes out the thing at a place that was found. Those behind it move up, if they may.
    #[inline]
    pub(super) fn remove(&mut self, at: usize) -> Option<B> {
        let mask = self.mask();
        let thing = self.places.get_mut(at)?.thing.take();
        self.len -= 1;
        let (mut gap, mut next) = (at, (at + 1) & mask);
        while self.places[next].thing.is_some() {
            let own = self.places[next].hash.place(mask);
            if next.wrapping_sub(own) & mask >= next.wrapping_sub(gap) & mask {
                self.places.swap(gap, next);
                gap = next;
            }
            next = (next + 1) & mask;
        }
        thing
    }

    /// Gives room back, but for so many things.
    // Apart from the count that leads to it: a process that comes and goes takes 3 instructions
    // less.
    #[inline(never)]
    pub(super) fn shrink_to(&mut self, things: usize) {
        let things = things.max(self.len);
        if things == 0 {
            *self = Self::new();
        }
        let mut size = LEAST;
        while room_of(size) < things {
            size *= 2;
        }
        if size < self.places.len() {
            self.resize(size);
        }
    }

    #[cold]
    #[inline(never)]
    fn resize(&mut self, size: usize) {
        let mut places = Vec::with_capacity(size.max(LEAST));
        places.resize_with(size.max(LEAST), || Place::EMPTY);
        self.move_to(Self { places, len: 0 });
    }

    /// Moves everything to the room of another table, which is empty and large enough.
    pub(super) fn move_to(&mut self, room: Self) {
        for Place { hash, thing } in mem::replace(self, room).places {
            if let Some(thing) = thing {
                self.put(hash, thing);
            }
        }
    }

    /// Everything, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &B> {
        self.places.iter().filter_map(|place| place.thing.as_ref())
    }
}

/// How many places there are at least, if any; and for several things.
const LEAST: usize = 2;
const SOME: usize = 8;

/// How many things so many places are for: three in four.
const fn room_of(places: usize) -> usize {
    places / 2 + places / 4
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Things come and go. Each is found as long as it is there, though many have one own place.
    #[test]
    fn what_is_there_is_found() {
        for spread in [1, 7, 1 << 30, u64::MAX / 3] {
            let (mut table, mut there) = (Buckets::new(), BTreeMap::new());
            let mut dice = 1u64;
            for round in 0..4_000u64 {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let thing = (dice >> 33) % 200;
                let hash = (thing / 3).wrapping_mul(spread);
                assert_eq!(table.find(hash, |other| *other == thing), there.get(&thing));
                match table.place_of(hash, |other| *other == thing) {
                    Some(at) if round % 7 < 5 || round > 3_000 => {
                        assert_eq!(table.remove(at), there.remove(&thing));
                    }
                    Some(_) => {}
                    None => {
                        table.insert(hash, thing);
                        there.insert(thing, thing);
                    }
                }
                assert_eq!(table.len(), there.len());
                if round % 100 == 0 {
                    let mut all: Vec<_> = table.iter().copied().collect();
                    all.sort_unstable();
                    assert!(all.iter().eq(there.keys()));
                    table.shrink_to(0);
                    assert!(table.capacity() >= table.len());
                }
            }
        }
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        let mut table = Buckets::new();
        assert_eq!(table.find(0, |_: &u64| true), None);
        table.insert(0, 7u64);
        assert_eq!(table.places(), LEAST);
        let at = table.place_of(0, |_| true);
        assert_eq!(at.and_then(|at| table.remove(at)), Some(7));
        assert_eq!((table.find(0, |_| true), table.len()), (None, 0));
    }
}
