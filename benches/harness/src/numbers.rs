//! Random numbers that are the same in every run.

/// A fixed sequence of numbers (xorshift64*): cheap, and the same for all.
///
/// ```
/// let mut numbers = harness::Numbers::new();
/// assert!((0..100).all(|_| numbers.below(7) < 7));
/// ```
#[derive(Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// From its beginning.
    #[expect(clippy::new_without_default, reason = "there is no usual one: it is a beginning")]
    pub fn new() -> Self {
        Self(12345)
    }

    /// The next one, below `n`.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((u128::from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)) * u128::from(n)) >> 64) as u64
    }
}
