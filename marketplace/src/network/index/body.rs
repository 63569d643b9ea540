//! A message, as a question: which topics does it match?

use std::cell::Cell;

use super::shape::{Determined, KindRef, Shape, Sight, places};
use crate::data::hash::then;
use crate::data::value::Value;
use crate::data::value::hashed::{hash_rest, hash_value, hash_word};

/// How many fields of a message remember their hash.
const REMEMBERED: usize = 4;

/// A message taken apart once. Many shapes may ask for the hash of one field: a field that takes
/// time to hash is hashed once.
pub(super) struct Body<'a> {
    pub(super) kind: KindRef<'a>,
    pub(super) values: &'a [Value],
    /// 0: not known yet.
    hashes: [Cell<u64>; REMEMBERED],
}

impl<'a> Body<'a> {
    #[inline]
    pub(super) fn new(value: &'a Value) -> Self {
        let (kind, values) = places(value);
        Self { kind, values, hashes: [const { Cell::new(0) }; REMEMBERED] }
    }

    /// The hash of one of the values.
    #[inline]
    pub(super) fn hash(&self, at: u32) -> u64 {
        let value = &self.values[at as usize];
        hash_word(value).unwrap_or_else(|| self.hash_once(at, value))
    }

    fn hash_once(&self, at: u32, value: &Value) -> u64 {
        let Some(known) = self.hashes.get(at as usize) else { return hash_rest(value) };
        if known.get() == 0 {
            known.set(hash_rest(value));
        }
        known.get()
    }

    /// The hash of the values at the literal places of a shape; `None` if this is not of that
    /// shape.
    #[inline]
    pub(super) fn trail(&self, shape: &Shape) -> Option<u64> {
        let mut trail = 0;
        for (at, place) in shape.iter() {
            match place {
                Determined::Literal => trail = then(trail, self.hash(*at)),
                Determined::Node(kind, inner) => {
                    let fields = Sight::Value(&self.values[*at as usize]).inside(kind.as_ref())?;
                    let fits = inner.project(fields, &mut |value| trail = then(trail, hash_value(value)));
                    fits.then_some(())?;
                }
            }
        }
        Some(trail)
    }
}
