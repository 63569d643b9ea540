//! What matches a value, as it lies in the tables.

use smallvec::{SmallVec, smallvec};

use super::entries::{Entries, Entry};

/// What matches a value: ascending runs, none of them empty.
pub(crate) enum Runs<'a> {
    One(Option<&'a Entries>),
    Two(&'a Entries, &'a Entries),
    More(SmallVec<[&'a Entries; 4]>),
}

impl<'a> Runs<'a> {
    #[inline]
    pub(super) fn push(&mut self, run: &'a Entries) {
        match self {
            Self::One(None) => *self = Self::One(Some(run)),
            Self::One(Some(first)) => *self = Self::Two(first, run),
            Self::Two(first, second) => *self = Self::More(smallvec![*first, *second, run]),
            Self::More(runs) => runs.push(run),
        }
    }

    /// The entry, if there is one only.
    #[inline]
    pub(crate) fn only(&self) -> Option<Entry> {
        match self {
            Self::One(run) => (*run)?.only(),
            _ => None,
        }
    }

    /// The entries, in ascending order, if there are two, in two runs.
    #[inline]
    pub(crate) fn pair(&self) -> Option<[Entry; 2]> {
        let Self::Two(a, b) = self else { return None };
        let (a, b) = (a.only()?, b.only()?);
        Some(if a.order < b.order { [a, b] } else { [b, a] })
    }

    /// Appends all entries, in ascending order.
    pub(crate) fn append_to(&self, out: &mut Vec<Entry>) {
        let start = out.len();
        match self {
            Self::One(run) => return run.iter().for_each(|run| run.append_to(out)),
            Self::Two(a, b) => [a, b].into_iter().for_each(|run| run.append_to(out)),
            Self::More(runs) => runs.iter().for_each(|run| run.append_to(out)),
        }
        out[start..].sort_by_key(|entry| entry.order);
    }
}
