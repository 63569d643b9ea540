//! Published objects, by the hash of their swiss numbers.

use std::collections::HashMap;

use bytes::Bytes;
use marketplace::objects::{Here, Reference};
use sha2::{Digest, Sha256};

use crate::wire::base32;

/// The published objects. They are looked up by a hash of the number, so the time that it takes
/// says nothing of the numbers that there are.
pub(super) struct Published {
    objects: HashMap<[u8; 32], Reference>,
    /// The secret of which numbers are made. Nobody else knows it.
    secret: Bytes,
    /// How many numbers were made.
    made: u64,
    /// The place of the peer, until there is a secret.
    here: Option<Here>,
}

impl Published {
    /// Nothing. The peer is still to come to this place.
    pub(super) fn new(here: Here) -> Self {
        Self { objects: HashMap::new(), secret: Bytes::new(), made: 0, here: Some(here) }
    }

    /// The secret is there: gives the place of the peer, the first time.
    pub(super) fn begin(&mut self, secret: &Bytes) -> Option<Here> {
        let here = self.here.take()?;
        self.secret = secret.clone();
        Some(here)
    }

    /// Whether the secret is there.
    pub(super) const fn has_begun(&self) -> bool {
        self.here.is_none()
    }

    /// A number that nobody can guess: 256 bits, as 52 letters and digits, so that it stands in an
    /// address as it is.
    pub(super) fn fresh_swiss(&mut self) -> Bytes {
        self.made += 1;
        let number = Sha256::new()
            .chain_update(&self.secret)
            .chain_update(b"swiss number")
            .chain_update(self.made.to_be_bytes());
        Bytes::from(base32::encode(&number.finalize()))
    }

    pub(super) fn put(&mut self, swiss: &[u8], object: Reference) {
        self.objects.insert(Sha256::digest(swiss).into(), object);
    }

    pub(super) fn retract(&mut self, swiss: &[u8]) {
        let hash: [u8; 32] = Sha256::digest(swiss).into();
        self.objects.remove(&hash);
    }

    pub(super) fn get(&self, swiss: &[u8]) -> Option<Reference> {
        let hash: [u8; 32] = Sha256::digest(swiss).into();
        self.objects.get(&hash).cloned()
    }

    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k11_a_fresh_number_stands_in_an_address_as_it_is() {
        let mut published = Published::new(marketplace::objects::reference::<()>().1);
        published.begin(&Bytes::from_static(&[7; 32]));
        let (one, other) = (published.fresh_swiss(), published.fresh_swiss());
        assert_ne!(one, other);
        assert_eq!(one.len(), 52);
        assert!(one.iter().all(u8::is_ascii_alphanumeric));
    }
}
