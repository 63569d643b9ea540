//! Hashes: 64 bits, a fixed seed, the same in every run. Nothing here depends on chance.

use std::hash::{BuildHasherDefault, Hasher};

/// A hash map whose hashing is deterministic. Its order means nothing: sort where order shows.
pub(crate) type Map<K, V> = hashbrown::HashMap<K, V, BuildHasherDefault<Folded>>;

/// A hash set whose hashing is deterministic. Its order means nothing.
#[cfg(debug_assertions)]
pub(crate) type Set<K> = hashbrown::HashSet<K, BuildHasherDefault<Folded>>;

/// The first state of a hash.
pub(crate) const SEED: u64 = 0x243f_6a88_85a3_08d3;

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Adds a word to a hash: the two halves of a full product.
#[inline]
pub(crate) const fn mix(hash: u64, word: u64) -> u64 {
    let product = ((hash ^ word) as u128).wrapping_mul(FACTOR as u128);
    (product as u64) ^ (product >> 64) as u64
}

/// Adds a hash, itself well mixed, to others: no multiplication, and the first one stays as it is.
#[inline]
pub(crate) const fn then(hashes: u64, hash: u64) -> u64 {
    hashes.rotate_left(23).wrapping_add(hash)
}

/// The hash of a text, at compile time too.
pub(crate) const fn of_text(text: &str) -> u64 {
    bytes(mix(SEED, text.len() as u64), text.as_bytes())
}

/// Adds bytes to a hash that knows how many they are. So the last word may overlap the one before.
#[inline]
const fn bytes(mut hash: u64, bytes: &[u8]) -> u64 {
    if let Some(last) = bytes.last_chunk() {
        let (words, rest) = bytes.as_chunks();
        let mut at = 0;
        while at < words.len() {
            hash = mix(hash, u64::from_le_bytes(words[at]));
            at += 1;
        }
        if rest.is_empty() { hash } else { mix(hash, u64::from_le_bytes(*last)) }
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        mix(hash, (u32::from_le_bytes(*first) as u64) << 32 | u32::from_le_bytes(*last) as u64)
    } else if let [first, .., last] = bytes {
        let middle = bytes[bytes.len() / 2];
        mix(hash, u64::from_le_bytes([*first, middle, *last, 0, 0, 0, 0, 0]))
    } else if let [byte] = bytes {
        mix(hash, *byte as u64)
    } else {
        hash
    }
}

/// Hashes a word at a time.
#[derive(Clone, Copy)]
pub(crate) struct Folded(u64);

impl Default for Folded {
    #[inline]
    fn default() -> Self {
        Self(SEED)
    }
}

impl Hasher for Folded {
    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }

    /// The caller hashes the number of bytes, too, or an end that is no byte of a text.
    #[inline]
    fn write(&mut self, more: &[u8]) {
        self.0 = bytes(self.0, more);
    }

    /// A byte is a tag, such as the kind of a value: a word follows it.
    #[inline]
    fn write_u8(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).rotate_left(29);
    }

    #[inline]
    fn write_u32(&mut self, word: u32) {
        self.write_u64(word.into());
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.0 = mix(self.0, word);
    }

    #[inline]
    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}

/// However long a text is, each of its bytes counts, and so does its length.
#[test]
fn texts_that_differ_in_a_byte_have_other_hashes() {
    let text = "it is long enough for every way to read it";
    let cut = |len| of_text(&text[..len]);
    for len in 0..text.len() {
        assert!((0..len).all(|shorter| cut(shorter) != cut(len)));
        for at in 0..len {
            let other = format!("{}_{}", &text[..at], &text[at + 1..len]);
            assert_ne!(of_text(&other), cut(len), "{other}");
        }
    }
}
