//! Hashing that is fast and the same in every run: nothing here may depend on chance.

use std::hash::{BuildHasherDefault, Hasher};

/// A hash map whose hashing is deterministic. (Its order is still nobody's business: sort where order shows.)
pub(crate) type Map<K, V> = hashbrown::HashMap<K, V, BuildHasherDefault<FoldHasher>>;

/// Multiplies 64 bits by 64 and folds the 128 into 64, a word at a time.
#[derive(Clone, Copy, Default)]
pub(crate) struct FoldHasher(u64);

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const FACTOR: u64 = 0xd6e8_feb8_6659_fd93;

impl Hasher for FoldHasher {
    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word ^ SEED) * u128::from(FACTOR);
        self.0 = (wide as u64) ^ ((wide >> 64) as u64);
    }

    #[inline]
    fn write_u8(&mut self, byte: u8) {
        self.write_u64(byte.into());
    }

    #[inline]
    fn write_u32(&mut self, word: u32) {
        self.write_u64(word.into());
    }

    #[inline]
    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}
