//! Changes to bytes that somebody said.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// At a place, some bytes make room for others.
pub(crate) type Change = (Index, usize, Vec<u8>);

/// Some changes. Bytes that mean something in Syrup are not rare.
pub(crate) fn any() -> impl Strategy<Value = Vec<Change>> {
    let byte = prop_oneof![proptest::arbitrary::any::<u8>(), select(b"<>[]{}#$tfD0123456789+-:\"'".to_vec())];
    vec((proptest::arbitrary::any::<Index>(), 0usize..4, vec(byte, 0..4)), 1..5)
}

/// These bytes, changed.
pub(crate) fn changed(mut bytes: Vec<u8>, changes: Vec<Change>) -> Vec<u8> {
    for (at, removed, added) in changes {
        let from = at.index(bytes.len() + 1);
        let to = bytes.len().min(from + removed);
        bytes.splice(from..to, added);
    }
    bytes
}
