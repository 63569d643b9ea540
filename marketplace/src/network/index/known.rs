//! Labels of which it is known where their endpoints are, or that there are none.

use std::cell::Cell;

use super::shape::{Kind, KindRef};
use crate::data::symbol::Label;

/// Of how many labels it is known. A label takes the place of another one, if their hashes say so.
const PLACES: usize = 8;

/// The place of no class.
const NOWHERE: u32 = u32::MAX;

/// The places of the classes of some labels. A class that comes, goes or moves is forgotten.
// A message finds the class of its label in 20 instructions less than by hash, an endpoint in 40.
#[derive(Default)]
pub(super) struct Known([Cell<Option<At>>; PLACES]);

#[derive(Clone, Copy)]
struct At {
    label: &'static Label,
    arity: u32,
    class: u32,
}

impl Known {
    /// The place of the class of this label and arity, if it is known. A place at which there is
    /// nothing, if it is known that there is no such class.
    #[inline]
    pub(super) fn find(&self, label: &'static Label, arity: usize) -> Option<usize> {
        let at = self.0[place(label.hash_code())].get()?;
        (std::ptr::eq(at.label, label) && at.arity as usize == arity).then_some(at.class as usize)
    }

    /// The place of the class of this kind, as [`Known::find`] gives it.
    #[inline]
    pub(super) fn find_kind(&self, kind: KindRef<'_>) -> Option<usize> {
        match kind {
            Kind::Record(label, arity) => self.find(label.label()?, arity),
            _ => None,
        }
    }

    /// Notes the place of the class of this kind, or that there is none.
    pub(super) fn note(&self, kind: KindRef<'_>, class: Option<usize>) {
        if let Kind::Record(label, arity) = kind
            && let (Some(label), Ok(arity)) = (label.label(), arity.try_into())
            && let Ok(class) = class.map_or(Ok(NOWHERE), u32::try_from)
        {
            self.0[place(label.hash_code())].set(Some(At { label, arity, class }));
        }
    }

    /// Forgets the place of the class of this kind, whose label may have been made anywhere.
    pub(super) fn forget(&self, kind: KindRef<'_>) {
        if let Kind::Record(label, _) = kind {
            self.0[place(label.hash_code())].set(None);
        }
    }
}

/// The place of a label with this hash.
#[inline]
const fn place(hash: u64) -> usize {
    hash as usize % PLACES
}
