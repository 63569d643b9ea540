//! Hashes of values: 64 bits, a fixed seed, the same in every run.

use std::hash::{Hash, Hasher};

use crate::value::{Value, View};

const SEED: u64 = 0x243f_6a88_85a3_08d3;
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// How many parts of a nested value are hashed. Beyond that only the comparison looks, so that no message is hashed whole.
const HASHED_PARTS: u32 = 64;

/// One step: the two halves of a full product.
#[inline]
pub(super) const fn mix(hash: u64, word: u64) -> u64 {
    let product = ((hash ^ word) as u128).wrapping_mul(FACTOR as u128);
    (product as u64) ^ (product >> 64) as u64
}

/// One more hash, itself well mixed, after others: no multiplication, and the first one stays as it is.
#[inline]
pub(super) const fn then(hashes: u64, hash: u64) -> u64 {
    hashes.rotate_left(23).wrapping_add(hash)
}

/// The hash of a literal. Equal values have equal hashes, and the work is bounded.
#[inline]
pub(super) fn hash_value(value: &Value) -> u64 {
    match value.view() {
        View::Int(n) => mix(SEED, (n as u64) ^ ((n >> 64) as u64).rotate_left(32)),
        View::Symbol(symbol) => symbol.hash_code(),
        _ => hash_rest(value),
    }
}

#[inline(never)]
fn hash_rest(value: &Value) -> u64 {
    let mut folder = Folder { hash: SEED };
    folder.nested(value, &mut { HASHED_PARTS });
    folder.hash
}

struct Folder {
    hash: u64,
}

impl Folder {
    fn nested(&mut self, value: &Value, budget: &mut u32) {
        match value.view() {
            View::Record(label, fields) => {
                label.hash(self);
                self.all(fields.len(), fields, budget);
            }
            View::Sequence(items) => self.all(items.len(), items, budget),
            View::Set(items) => self.all(items.len(), items, budget),
            View::Map(entries) => self.all(entries.len(), entries.iter().flat_map(|(k, v)| [k, v]), budget),
            View::Int(n) => self.write_u64((n as u64) ^ ((n >> 64) as u64).rotate_left(32)),
            View::Symbol(symbol) => symbol.hash(self),
            _ => value.hash(self),
        }
    }

    fn all<'a>(&mut self, len: usize, parts: impl IntoIterator<Item = &'a Value>, budget: &mut u32) {
        self.write_usize(len);
        for part in parts {
            if *budget == 0 {
                return;
            }
            *budget -= 1;
            self.nested(part, budget);
        }
    }
}

impl Hasher for Folder {
    fn finish(&self) -> u64 {
        self.hash
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    #[inline]
    fn write_u8(&mut self, byte: u8) {
        self.hash = (self.hash ^ u64::from(byte)).rotate_left(29);
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.hash = mix(self.hash, word);
    }

    #[inline]
    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}
