//! Copies of values for those who only look on.

use triomphe::Arc;

use super::{Repr, Value};
use crate::data::hash::Map;

/// A copy shares again what its value shared, from this many bytes on.
const SHARED: u32 = 4 << 10;

impl Value {
    /// The value for somebody who only looks on: its references are shown, and keep nothing.
    pub(crate) fn seen(&self) -> Self {
        if self.has_references() { self.with_shown_references(&mut Map::default()) } else { self.clone() }
    }

    /// A value nests at most [`MAX_DEPTH`] deep, and so does this call. `known`: what was made of
    /// the large parts so far, by where these lie. So what was shared is shared again: without
    /// that, a small value that shares much with itself would become one that takes all memory.
    #[cold]
    fn with_shown_references(&self, known: &mut Map<usize, Self>) -> Self {
        let at = if self.bytes() >= SHARED { self.address() } else { None };
        if let Some(seen) = at.and_then(|at| known.get(&at)) {
            return seen.clone();
        }
        let seen = self.copy_with_shown_references(known);
        if let Some(at) = at {
            known.insert(at, seen.clone());
        }
        seen
    }

    /// Where the parts of a composed value lie.
    fn address(&self) -> Option<usize> {
        Some(match &self.0 {
            Repr::Record { parts, .. } => parts.as_ptr().addr(),
            Repr::Sequence { items, .. } => items.as_ptr().addr(),
            Repr::Set { items, .. } => Arc::as_ptr(items).addr(),
            Repr::Map { entries, .. } => Arc::as_ptr(entries).addr(),
            _ => return None,
        })
    }

    fn copy_with_shown_references(&self, known: &mut Map<usize, Self>) -> Self {
        let mut one = |part: &Self| match part.has_references() {
            true => part.with_shown_references(known),
            false => part.clone(),
        };
        let mut seen = |parts: &Arc<[Self]>| parts.iter().map(&mut one).collect();
        Self(match &self.0 {
            Repr::Reference(reference) => Repr::Reference(reference.shown()),
            Repr::Record { nesting, bytes, parts } => {
                Repr::Record { nesting: *nesting, bytes: *bytes, parts: seen(parts) }
            }
            Repr::Sequence { nesting, bytes, items } => {
                Repr::Sequence { nesting: *nesting, bytes: *bytes, items: seen(items) }
            }
            Repr::Set { nesting, bytes, items } => Repr::Set {
                nesting: *nesting,
                bytes: *bytes,
                items: Arc::new(items.iter().map(one).collect()),
            },
            Repr::Map { nesting, bytes, entries } => Repr::Map {
                nesting: *nesting,
                bytes: *bytes,
                entries: Arc::new(entries.iter().map(|(key, value)| (one(key), one(value))).collect()),
            },
            _ => return self.clone(),
        })
    }
}
