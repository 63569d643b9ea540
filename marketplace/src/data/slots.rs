//! A table whose places are reused.

mod first;
mod near;
mod slot;

use std::marker::PhantomData;
use std::mem;

pub(crate) use self::first::FirstInline;
pub(crate) use self::near::FirstNear;
pub(crate) use self::slot::{AtomicSlot, Slot, SlotWord};

/// Holds values, each at a [`Slot`]. Its slots are those of a `K`, so that they can be kept where
/// `T` has no name.
pub(crate) struct Slots<T, K = T> {
    places: Vec<Place<T>>,
    /// The first free place, or [`Slot::NONE`].
    free: Slot<T>,
    /// How many are full.
    len: u32,
    things: PhantomData<(T, fn() -> K)>,
}

pub(crate) enum Place<T> {
    Full(T),
    /// The next free place, or [`Slot::NONE`].
    Free(Slot<T>),
}

impl<T> Place<T> {
    /// How many bytes it takes.
    pub(crate) const SIZE: usize = size_of::<Self>();

    fn thing(self) -> Option<T> {
        match self {
            Self::Full(thing) => Some(thing),
            Self::Free(_) => None,
        }
    }
}

impl<T, K> Slots<T, K> {
    pub(crate) const fn new() -> Self {
        Self { places: Vec::new(), free: Slot::NONE, len: 0, things: PhantomData }
    }

    /// An empty table with room for so many things.
    pub(crate) fn with_room(things: usize) -> Self {
        Self { places: Vec::with_capacity(things), ..Self::new() }
    }

    /// How many things there are.
    pub(crate) const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there are places, even if nothing is in them.
    pub(crate) const fn has_room(&self) -> bool {
        self.places.capacity() > 0
    }

    /// Inserts a value that is made from its own place.
    #[cfg(feature = "tokio")]
    pub(crate) fn insert_with(&mut self, make: impl FnOnce(Slot<K>) -> T) -> Slot<K> {
        self.insert(make(self.next()))
    }

    /// The place of what is inserted next.
    #[inline]
    pub(crate) fn next(&self) -> Slot<K> {
        Slot::at(if self.free.is_none() { self.places.len() } else { self.free.index() })
    }

    #[inline]
    pub(crate) fn insert(&mut self, thing: T) -> Slot<K> {
        self.len += 1;
        if self.free.is_none() {
            return self.insert_at_end(thing);
        }
        let at = self.free.index();
        let place = &mut self.places[at];
        let Place::Free(next) = *place else { unreachable!("a free place is empty") };
        self.free = next;
        // Nothing is there that would have to be dropped.
        mem::forget(mem::replace(place, Place::Full(thing)));
        Slot::at(at)
    }

    #[inline(never)]
    fn insert_at_end(&mut self, thing: T) -> Slot<K> {
        let at = Slot::at(self.places.len());
        // Many tables have one place, such as those of processes with one object. (A `Vec` would
        // begin with four.)
        if !self.has_room() {
            self.places.reserve_exact(1);
        }
        self.places.push(Place::Full(thing));
        at
    }

    pub(crate) fn remove(&mut self, at: Slot<K>) -> Option<T> {
        let place = self.places.get_mut(at.index())?;
        if matches!(place, Place::Free(_)) {
            return None;
        }
        let Place::Full(thing) = mem::replace(place, Place::Free(self.free)) else {
            unreachable!("it was seen to be full")
        };
        self.free = Slot::at(at.index());
        self.len -= 1;
        Some(thing)
    }

    /// Takes everything out.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = T> + use<T, K> {
        (self.free, self.len) = (Slot::NONE, 0);
        mem::take(&mut self.places).into_iter().filter_map(Place::thing)
    }

    #[inline]
    pub(crate) fn get(&self, at: Slot<K>) -> Option<&T> {
        match self.places.get(at.index()) {
            Some(Place::Full(thing)) => Some(thing),
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, at: Slot<K>) -> Option<&mut T> {
        match self.places.get_mut(at.index()) {
            Some(Place::Full(thing)) => Some(thing),
            _ => None,
        }
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.places.iter_mut().filter_map(|place| match place {
            Place::Full(thing) => Some(thing),
            Place::Free(_) => None,
        })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.places.iter().filter_map(|place| match place {
            Place::Full(thing) => Some(thing),
            Place::Free(_) => None,
        })
    }

    /// The things with their places.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Slot<K>, &T)> {
        self.places.iter().enumerate().filter_map(|(at, place)| match place {
            Place::Full(thing) => Some((Slot::at(at), thing)),
            Place::Free(_) => None,
        })
    }

    pub(crate) fn get_two_mut(&mut self, a: Slot<K>, b: Slot<K>) -> Option<(&mut T, &mut T)> {
        match self.places.get_disjoint_mut([a.index(), b.index()]) {
            Ok([Place::Full(a), Place::Full(b)]) => Some((a, b)),
            _ => None,
        }
    }
}
