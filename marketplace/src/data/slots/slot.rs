//! The number of a place in a table.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

/// The place of a `K` in its table, [`Slots`](super::Slots). It says nothing about which `K` is
/// there now: places are reused.
pub(crate) struct Slot<K>(u32, PhantomData<fn() -> K>);

impl<K> Slot<K> {
    /// The slot of no place: no value is ever there.
    pub(crate) const NONE: Self = Self(u32::MAX, PhantomData);

    pub(super) const fn at(index: usize) -> Self {
        Self(index as u32, PhantomData)
    }

    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }

    /// Its number, to be noted elsewhere.
    #[inline]
    pub(crate) const fn number(self) -> u32 {
        self.0
    }

    /// The slot whose number was noted.
    #[inline]
    pub(crate) const fn numbered(number: u32) -> Self {
        Self(number, PhantomData)
    }

    #[inline]
    pub(crate) const fn is_none(self) -> bool {
        self.0 == Self::NONE.0
    }
}

// Derived impls would ask the same of `K`.
impl<K> Copy for Slot<K> {}

impl<K> Clone for Slot<K> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> PartialEq for Slot<K> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K> Eq for Slot<K> {}

impl<K> Hash for Slot<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K> fmt::Debug for Slot<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() { f.write_str("nowhere") } else { write!(f, "slot {}", self.0) }
    }
}

/// A slot of one word, of which an `Option` takes no more: for actions.
///
/// It is aligned as a word is, so that the tag of an action is a word, too. Otherwise both would be
/// written as halves of a word, and moved as a whole: a processor waits when it reads a word whose
/// halves have just been written. (It is also 3 instructions fewer for each message.)
#[repr(align(8))]
pub(crate) struct SlotWord<K>(NonZeroU32, PhantomData<fn() -> K>);

impl<K> SlotWord<K> {
    pub(crate) const fn slot(self) -> Slot<K> {
        Slot(self.0.get() - 1, PhantomData)
    }
}

impl<K> From<Slot<K>> for SlotWord<K> {
    fn from(slot: Slot<K>) -> Self {
        // No table has as many places as there are numbers.
        Self(NonZeroU32::MIN.saturating_add(slot.0), PhantomData)
    }
}

impl<K> Copy for SlotWord<K> {}

impl<K> Clone for SlotWord<K> {
    fn clone(&self) -> Self {
        *self
    }
}

/// A slot that may be noted and read on any thread.
pub(crate) struct AtomicSlot<K>(AtomicU32, PhantomData<fn() -> K>);

impl<K> AtomicSlot<K> {
    pub(crate) const fn new(slot: Slot<K>) -> Self {
        Self(AtomicU32::new(slot.0), PhantomData)
    }

    #[inline]
    pub(crate) fn load(&self) -> Slot<K> {
        Slot(self.0.load(Ordering::Relaxed), PhantomData)
    }

    pub(crate) fn store(&self, slot: Slot<K>) {
        self.0.store(slot.0, Ordering::Relaxed);
    }
}
