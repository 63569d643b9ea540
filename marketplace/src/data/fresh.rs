//! Names that nothing else has.

use crate::data::numbers;
use std::fmt;

/// A name that was never used before: [`let_fresh!`](crate::let_fresh) binds one. It is `Copy`, so
/// handlers can capture it freely.
///
/// ```
/// use marketplace::Fresh;
/// assert_ne!(Fresh::new(), Fresh::new());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fresh(u64);

impl Fresh {
    /// A new name, from the counter of the VM whose turn is running. Outside every turn it comes
    /// from a counter of the thread: unlike any name from a turn, but two threads can make equal
    /// ones.
    #[allow(clippy::new_without_default, reason = "two defaults would not be equal")]
    #[must_use]
    pub fn new() -> Self {
        Self(numbers::fresh())
    }

    /// The number by which it is printed.
    pub(super) const fn shown(self) -> u64 {
        self.0 & !(1 << 63)
    }
}

impl fmt::Debug for Fresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fresh#{}", self.shown())
    }
}
