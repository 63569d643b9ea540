//! How values compare and hash: by content.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use triomphe::Arc;

use super::{Repr, Value, View};

impl View<'_> {
    fn rank(&self) -> u8 {
        match self {
            View::Unit => 0,
            View::Bool(_) => 1,
            View::Int(_) => 2,
            View::Float(_) => 3,
            View::Text(_) => 4,
            View::Symbol(_) => 5,
            View::Bytes(_) => 6,
            View::Record(..) => 7,
            View::Sequence(_) => 8,
            View::Set(_) => 9,
            View::Map(_) => 10,
            View::Opaque(_) => 11,
            View::Fresh(_) => 12,
            View::Reference(_) => 13,
        }
    }
}

impl PartialEq for Value {
    /// The kinds that are compared most often are compared in line.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Int(a), Repr::Int(b)) => a == b,
            (Repr::Symbol(a), Repr::Symbol(b)) => a == b,
            (Repr::Text(a), Repr::Text(b)) => a == b,
            _ => self.equals(other),
        }
    }
}

impl Value {
    /// Whether both are one allocation: equal without looking.
    #[inline]
    pub(crate) fn shares(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Record { parts: a, .. }, Repr::Record { parts: b, .. })
            | (Repr::Sequence { items: a, .. }, Repr::Sequence { items: b, .. }) => Arc::ptr_eq(a, b),
            (Repr::Bytes(a) | Repr::Secret(a), Repr::Bytes(b) | Repr::Secret(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// Whether both are equal. A record that both share is not compared: that is asked first.
    #[inline(always)]
    pub(crate) fn is_one_with(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Record { parts: a, .. }, Repr::Record { parts: b, .. }) if Arc::ptr_eq(a, b) => true,
            _ => self == other,
        }
    }

    #[inline(never)]
    fn equals(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Unit, Repr::Unit) => true,
            (Repr::Bool(a), Repr::Bool(b)) => a == b,
            (Repr::Float(a), Repr::Float(b)) => a.to_bits() == b.to_bits(),
            // Shared contents are equal without looking: bytes, parts, ..
            (Repr::Bytes(a) | Repr::Secret(a), Repr::Bytes(b) | Repr::Secret(b)) => a == b,
            (Repr::Atom(a), Repr::Atom(b)) => a == b,
            (Repr::Record { parts: a, .. }, Repr::Record { parts: b, .. })
            | (Repr::Sequence { items: a, .. }, Repr::Sequence { items: b, .. }) => a == b,
            (Repr::Set { items: a, .. }, Repr::Set { items: b, .. }) => a == b,
            (Repr::Map { entries: a, .. }, Repr::Map { entries: b, .. }) => a == b,
            (Repr::Opaque(a), Repr::Opaque(b)) => a == b,
            (Repr::Fresh(a), Repr::Fresh(b)) => a == b,
            (Repr::Reference(a), Repr::Reference(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.shares(other) {
            return Ordering::Equal;
        }
        match (self.view(), other.view()) {
            (View::Bool(a), View::Bool(b)) => a.cmp(&b),
            (View::Int(a), View::Int(b)) => a.cmp(&b),
            (View::Float(a), View::Float(b)) => a.total_cmp(&b),
            (View::Text(a), View::Text(b)) => a.cmp(b),
            (View::Symbol(a), View::Symbol(b)) => a.cmp(b),
            (View::Bytes(a), View::Bytes(b)) => a.cmp(b),
            (View::Record(a, x), View::Record(b, y)) => a.cmp(b).then_with(|| x.cmp(y)),
            (View::Sequence(a), View::Sequence(b)) => a.cmp(b),
            (View::Set(a), View::Set(b)) => a.cmp(b),
            (View::Map(a), View::Map(b)) => a.cmp(b),
            (View::Opaque(a), View::Opaque(b)) => a.cmp(b),
            (View::Fresh(a), View::Fresh(b)) => a.cmp(&b),
            (View::Reference(a), View::Reference(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}

/// Text and bytes beyond this length are hashed by their length, beginning and end: a message is
/// never hashed whole.
const HASHED: usize = 64;

#[inline]
pub(super) fn hash_bytes<H: Hasher>(bytes: &[u8], hasher: &mut H) {
    hasher.write_usize(bytes.len());
    if bytes.len() <= HASHED {
        hasher.write(bytes);
    } else {
        hasher.write(&bytes[..HASHED / 2]);
        hasher.write(&bytes[bytes.len() - HASHED / 2..]);
    }
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let view = self.view();
        hasher.write_u8(view.rank());
        match view {
            View::Unit => {}
            View::Bool(b) => hasher.write_u8(b.into()),
            View::Int(i) => {
                // A small integer, as most are, costs one word.
                hasher.write_u64(i as u64);
                if i64::try_from(i).is_err() {
                    hasher.write_u64((i >> 64) as u64);
                }
            }
            View::Float(x) => hasher.write_u64(x.to_bits()),
            View::Text(text) => hash_bytes(text.as_bytes(), hasher),
            View::Symbol(symbol) => symbol.hash(hasher),
            View::Bytes(bytes) => hash_bytes(bytes, hasher),
            View::Record(label, fields) => {
                label.hash(hasher);
                fields.iter().for_each(|field| field.hash(hasher));
            }
            View::Sequence(items) => {
                hasher.write_usize(items.len());
                items.iter().for_each(|item| item.hash(hasher));
            }
            View::Set(items) => {
                hasher.write_usize(items.len());
                items.iter().for_each(|item| item.hash(hasher));
            }
            View::Map(entries) => {
                hasher.write_usize(entries.len());
                for (key, value) in entries {
                    key.hash(hasher);
                    value.hash(hasher);
                }
            }
            View::Opaque(opaque) => opaque.hash(hasher),
            View::Fresh(fresh) => fresh.hash(hasher),
            View::Reference(reference) => reference.hash(hasher),
        }
    }
}
