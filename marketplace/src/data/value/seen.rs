//! Copies of values with other references in them: for those who only look on, say.

use triomphe::Arc;

use super::{Repr, Value};
use crate::data::hash::Map;
use crate::data::reference::Reference;

/// A copy shares again what its value shared, from this many bytes on.
const SHARED: u32 = 4 << 10;

struct Change<'c> {
    change: &'c mut dyn FnMut(&Reference) -> Reference,
    /// The copies of the large parts so far, by where these lie. So what was shared is shared
    /// again: without that, a small value that shares much with itself would become one that takes
    /// all memory.
    known: Map<usize, Value>,
}

impl Value {
    /// The value for somebody who only looks on: its references are shown, and keep nothing.
    pub(crate) fn seen(&self) -> Self {
        self.with_references(&mut Reference::shown)
    }

    /// The same value with other references in it.
    pub(crate) fn with_references(&self, change: &mut dyn FnMut(&Reference) -> Reference) -> Self {
        if !self.has_references() {
            return self.clone();
        }
        self.changed(&mut Change { change, known: Map::default() })
    }

    /// A value nests at most [`MAX_DEPTH`] deep, and so does this call.
    #[cold]
    fn changed(&self, to: &mut Change<'_>) -> Self {
        let at = if self.bytes() >= SHARED { self.address() } else { None };
        if let Some(changed) = at.and_then(|at| to.known.get(&at)) {
            return changed.clone();
        }
        let changed = self.copied(to);
        if let Some(at) = at {
            to.known.insert(at, changed.clone());
        }
        changed
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

    fn copied(&self, to: &mut Change<'_>) -> Self {
        if let Repr::Reference(reference) = &self.0 {
            return Self(Repr::Reference((to.change)(reference)));
        }
        let mut one = |part: &Self| match part.has_references() {
            true => part.changed(to),
            false => part.clone(),
        };
        let mut each = |parts: &Arc<[Self]>| parts.iter().map(&mut one).collect();
        Self(match &self.0 {
            Repr::Record { nesting, bytes, parts } => {
                Repr::Record { nesting: *nesting, bytes: *bytes, parts: each(parts) }
            }
            Repr::Sequence { nesting, bytes, items } => {
                Repr::Sequence { nesting: *nesting, bytes: *bytes, items: each(items) }
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
