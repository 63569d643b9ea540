//! Hashes of values: 64 bits, a fixed seed, the same in every run.

use std::hash::{Hash, Hasher};

use crate::data::value::{Value, View, hash_bytes};

const SEED: u64 = 0x243f_6a88_85a3_08d3;
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// How many parts of a nested value are hashed. Beyond that only the comparison looks, so that no message is hashed whole.
const HASHED_PARTS: usize = 64;

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
    hash_word(value).unwrap_or_else(|| hash_rest(value))
}

/// The same, of what is hashed in one step.
#[inline]
pub(super) fn hash_word(value: &Value) -> Option<u64> {
    match value.view() {
        View::Int(n) => Some(mix(SEED, (n as u64) ^ ((n >> 64) as u64).rotate_left(32))),
        View::Symbol(symbol) => Some(symbol.hash_code()),
        _ => None,
    }
}

/// The same, of everything else.
#[inline(never)]
pub(super) fn hash_rest(value: &Value) -> u64 {
    let mut folder = Folder { hash: SEED, parts_left: HASHED_PARTS };
    folder.nested(value);
    folder.hash
}

struct Folder {
    hash: u64,
    parts_left: usize,
}

impl Folder {
    /// What is found most often in something nested is hashed in line.
    #[inline(always)]
    fn part(&mut self, value: &Value) {
        match value.view() {
            View::Int(n) => self.write_u64((n as u64) ^ ((n >> 64) as u64).rotate_left(32)),
            View::Symbol(symbol) => symbol.hash(self),
            View::Text(text) => hash_bytes(text.as_bytes(), self),
            _ => self.nested(value),
        }
    }

    fn nested(&mut self, value: &Value) {
        let parts = match value.view() {
            View::Record(label, fields) => {
                label.hash(self);
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
            _ => return value.hash(self),
        };
        let hashed = self.begin(parts.len());
        parts[..hashed].iter().for_each(|part| self.part(part));
    }

    /// Says how many of so many parts are hashed.
    #[inline]
    fn begin(&mut self, parts: usize) -> usize {
        self.write_usize(parts);
        let hashed = self.parts_left.min(parts);
        self.parts_left -= hashed;
        hashed
    }
}

impl Hasher for Folder {
    fn finish(&self) -> u64 {
        self.hash
    }

    /// Who hashes something of any length writes its length too. So what is left over at the end is hashed with what stands before it.
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last_chunk() {
            let (words, rest) = bytes.as_chunks();
            words.iter().for_each(|word| self.write_u64(u64::from_le_bytes(*word)));
            if !rest.is_empty() {
                self.write_u64(u64::from_le_bytes(*last));
            }
        } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            self.write_u64(
                u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)),
            );
        } else if !bytes.is_empty() {
            self.write_u64(bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
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
