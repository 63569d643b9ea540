//! Syrup, the notation of OCapN: bytes for values.
//!
//! Each value has one spelling, the *canonical* one: signatures are over bytes. [`Writer`] writes
//! no other, and [`Reader`] takes no other, except that it leaves the order of keys to whoever
//! reads. [`Extent`] finds the end of a value in bytes that are still coming.

mod extent;
mod number;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use self::extent::Extent;
pub use self::reader::{Atom, Reader};
pub use self::writer::{Sorted, Writer};

/// How large a value may be that somebody else has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes.
    pub bytes: usize,
    /// Values around a value, at most.
    pub depth: usize,
}

impl Default for Limits {
    /// 4 MiB, nested to a depth of 1024: that is enough for whatever value of ours.
    fn default() -> Self {
        Self { bytes: 4 << 20, depth: 1024 }
    }
}

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `t` or `f`.
    Bool,
    /// `7+`, `7-`.
    Int,
    /// `D` and eight bytes.
    Float,
    /// `3:abc`.
    Bytes,
    /// `3"abc`.
    Text,
    /// `3'abc`.
    Symbol,
    /// `[..]`.
    List,
    /// `{..}`, keys and values in turn.
    Dict,
    /// `<..>`, a label and fields.
    Record,
    /// `#..$`.
    Set,
}

impl Kind {
    /// The bytes around a value that has others in it.
    const fn brackets(self) -> Option<(u8, u8)> {
        match self {
            Self::List => Some((b'[', b']')),
            Self::Dict => Some((b'{', b'}')),
            Self::Record => Some((b'<', b'>')),
            Self::Set => Some((b'#', b'$')),
            _ => None,
        }
    }
}

/// Why bytes are no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SyrupError {
    /// They end too early.
    #[error("the value is cut off after {at} bytes")]
    Cut {
        /// The bytes that are there.
        at: usize,
    },
    /// Something else was expected there.
    #[error("byte {at} is {found:#04x}, where there should be {expected}")]
    Unexpected {
        /// The place of the byte, from 0 on.
        at: usize,
        /// The byte.
        found: u8,
        /// The kind of thing that was expected.
        expected: &'static str,
    },
    /// There is a shorter spelling of the number at this byte.
    #[error("the number at byte {at} is not in its shortest spelling")]
    NotCanonical {
        /// The place of its first byte, from 0 on.
        at: usize,
    },
    /// The number does not fit.
    #[error("the number at byte {at} does not fit into 128 bits")]
    TooLarge {
        /// The place of its first byte, from 0 on.
        at: usize,
    },
    /// The text or symbol is no UTF-8.
    #[error("the text at byte {at} is not UTF-8")]
    NotText {
        /// The place of its first byte, from 0 on.
        at: usize,
    },
    /// It takes more bytes than it may.
    #[error("a value may have {limit} bytes, and this one has more")]
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// It nests deeper than it may.
    #[error("values may nest to a depth of {limit}, and this one nests deeper")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// Something follows the value.
    #[error("the value ends at byte {at}, and something follows it")]
    Trailing {
        /// The bytes of the value.
        at: usize,
    },
}
