//! A list that has no item, or one, most of the time.

use std::{mem, slice};

/// No item, one item without an allocation, or several. It is no larger than an item, where that
/// leaves room.
// As a `SmallVec`, fan-out costs 14 % more, presence 8 %, spawn 4 %, routing 3 %.
#[derive(Default)]
pub(crate) enum Few<T> {
    #[default]
    None,
    One(T),
    More(Vec<T>),
}

impl<T> Few<T> {
    pub(crate) fn as_slice(&self) -> &[T] {
        match self {
            Self::None => &[],
            Self::One(thing) => slice::from_ref(thing),
            Self::More(things) => things,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.as_slice().len()
    }

    #[inline]
    pub(crate) fn push(&mut self, thing: T) {
        self.push_to(thing, || Vec::with_capacity(4));
    }

    /// Adds one. `list` gives an empty list, if one is needed.
    #[inline]
    pub(crate) fn push_to(&mut self, thing: T, list: impl FnOnce() -> Vec<T>) {
        match self {
            Self::None => *self = Self::One(thing),
            Self::One(_) => {
                let mut things = list();
                mem::take(self).each(|first| things.push(first));
                things.push(thing);
                *self = Self::More(things);
            }
            Self::More(things) => things.push(thing),
        }
    }

    pub(crate) fn into_vec(self) -> Vec<T> {
        match self {
            Self::None => Vec::new(),
            Self::One(thing) => vec![thing],
            Self::More(things) => things,
        }
    }

    /// The things that this makes of the items, in order. It makes nothing of some.
    // Several items of one size are changed where they lie: a process that begins with three
    // endpoints takes 200 instructions less than with a new list.
    pub(crate) fn filter_map<U>(self, mut make: impl FnMut(T) -> Option<U>) -> Few<U> {
        match self {
            Self::None => Few::None,
            Self::One(thing) => make(thing).map_or(Few::None, Few::One),
            Self::More(things) => Few::More(things.into_iter().filter_map(make).collect()),
        }
    }

    /// Hands out the items, in order.
    #[inline]
    pub(crate) fn each(self, mut take: impl FnMut(T)) {
        match self {
            Self::None => {}
            Self::One(thing) => take(thing),
            Self::More(things) => things.into_iter().for_each(take),
        }
    }
}
