//! Hashes of values, for tables: equal values have equal hashes, and the work is bounded.

use std::hash::{Hash, Hasher};
use std::num::NonZeroU32;

use crate::data::hash::{Folded, SEED, mix};
use crate::data::symbol::Symbol;
use crate::data::value::compare::hash_bytes;
use crate::data::value::{Value, View};

/// How many parts of a nested value are hashed. Beyond that only the comparison looks, so that no
/// message is hashed whole.
const HASHED_PARTS: usize = 64;

/// The hash of a literal.
#[inline]
pub(crate) fn hash_value(value: &Value) -> u64 {
    hash_word(value).unwrap_or_else(|| hash_rest(value))
}

/// The hash of a value that takes one step; `None` for others.
#[inline(always)]
pub(crate) fn hash_word(value: &Value) -> Option<u64> {
    // Not by `view`, which is too large to be in line everywhere.
    match value.as_int() {
        Some(n) => Some(mix(SEED, word(n))),
        None => value.as_symbol().map(Symbol::hash_code),
    }
}

/// The hash of a value that takes more steps, if it does not keep its hash.
#[inline]
pub(crate) fn hash_rest(value: &Value) -> u64 {
    hash_kept(value.kept_hash().unwrap_or_else(|| hash_to_keep(value)))
}

/// The hash of a value that keeps this one.
#[inline]
pub(crate) fn hash_kept(hash: NonZeroU32) -> u64 {
    mix(SEED, hash.get().into())
}

/// The hash of a value that it may keep: 32 bits, as a label has room for no more.
#[inline(never)]
pub(super) fn hash_to_keep(value: &Value) -> NonZeroU32 {
    let mut parts = Parts { hasher: Folded::default(), left: HASHED_PARTS };
    parts.nested(value);
    NonZeroU32::new(parts.hasher.finish() as u32).unwrap_or(NonZeroU32::MIN)
}

#[inline]
const fn word(n: i128) -> u64 {
    (n as u64) ^ ((n >> 64) as u64).rotate_left(32)
}

/// The parts of a nested value.
struct Parts {
    hasher: Folded,
    /// How many more are hashed.
    left: usize,
}

impl Parts {
    /// The kinds of parts that are found most often are hashed in line.
    #[inline]
    fn part(&mut self, value: &Value) {
        match value.view() {
            View::Int(n) => self.hasher.write_u64(word(n)),
            View::Symbol(symbol) => symbol.hash(&mut self.hasher),
            View::Text(text) => hash_bytes(text.as_bytes(), &mut self.hasher),
            _ => self.nested(value),
        }
    }

    fn nested(&mut self, value: &Value) {
        let parts = match value.view() {
            View::Record(label, fields) => {
                label.hash(&mut self.hasher);
                fields
            }
            View::Sequence(items) => items,
            View::Set(items) => {
                let hashed = self.begin(items.len());
                return items.iter().take(hashed).for_each(|item| self.nested(item));
            }
            View::Map(entries) => {
                let hashed = self.begin(2 * entries.len());
                let parts = entries.iter().flat_map(|(k, v)| [k, v]);
                return parts.take(hashed).for_each(|part| self.nested(part));
            }
            _ => return value.hash(&mut self.hasher),
        };
        let hashed = self.begin(parts.len());
        parts[..hashed].iter().for_each(|part| self.part(part));
    }

    /// Says how many of so many parts are hashed.
    #[inline]
    fn begin(&mut self, parts: usize) -> usize {
        self.hasher.write_usize(parts);
        let hashed = self.left.min(parts);
        self.left -= hashed;
        hashed
    }
}
