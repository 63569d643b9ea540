//! The entries that match a value, as they lie in the tables.

use smallvec::{SmallVec, smallvec};

use super::entries::{Entries, IndexEntry};

/// Ascending runs of entries, none of them empty.
// Most messages find one run, or none: a list for it costs ping-pong and routing 1.4 %.
pub(crate) enum Runs<'a> {
    One(Option<&'a Entries>),
    More(SmallVec<[&'a Entries; 4]>),
}

impl<'a> Runs<'a> {
    #[inline]
    pub(super) fn push(&mut self, run: &'a Entries) {
        match self {
            Self::One(None) => *self = Self::One(Some(run)),
            Self::One(Some(first)) => *self = Self::More(smallvec![*first, run]),
            Self::More(runs) => runs.push(run),
        }
    }

    /// The entry, if there is one only.
    #[inline]
    pub(crate) fn only(&self) -> Option<IndexEntry> {
        match self {
            Self::One(run) => (*run)?.only(),
            Self::More(_) => None,
        }
    }

    /// The entries, in ascending order, if there are two, in two runs.
    #[inline]
    pub(crate) fn pair(&self) -> Option<[IndexEntry; 2]> {
        let Self::More(runs) = self else { return None };
        let [a, b] = runs[..] else { return None };
        let (a, b) = (a.only()?, b.only()?);
        Some(if a.order < b.order { [a, b] } else { [b, a] })
    }

    /// Appends all entries, in ascending order.
    pub(crate) fn append_to(&self, out: &mut Vec<IndexEntry>) {
        match self {
            Self::One(run) => run.iter().for_each(|run| run.append_to(out)),
            Self::More(runs) => {
                let start = out.len();
                runs.iter().for_each(|run| run.append_to(out));
                out[start..].sort_by_key(|entry| entry.order);
            }
        }
    }
}
