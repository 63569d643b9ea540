//! Keys, and the names that are made of them.

use std::fmt;

use ed25519_dalek::{Signer, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::syrup::{Reader, Writer};
use crate::wire::misfit::Misfit;

// A key and a signature are lists in lists. Each has one spelling, and its numbers have a fixed
// place there.
const KEY: &[u8] = b"[10'public-key[3'ecc[5'curve7'Ed25519][5'flags5'eddsa][1'q32:";
const SIGNATURE: &[u8] = b"[7'sig-val[5'eddsa[1'r32:";
const SIGNATURE_S: &[u8] = b"][1's32:";
const END: &[u8] = b"]]]";

/// A key pair: a new one for each session.
#[derive(Clone)]
pub struct Keys(ed25519_dalek::SigningKey);

/// A public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey(pub [u8; 32]);

/// The name of a side of a session, made of its public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicId(pub [u8; 32]);

/// The name of a session: equal on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub [u8; 32]);

/// Its first 16 hexadecimal digits: enough for people.
impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl Keys {
    /// The key pair of this seed, which has to be random and secret.
    #[must_use]
    pub fn of_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs these bytes.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Signature {
        Signature(self.0.sign(bytes).to_bytes())
    }
}

impl PublicKey {
    /// The name of the side that has this key.
    #[must_use]
    pub fn id(&self) -> PublicId {
        let mut writer = Writer::new();
        self.write(&mut writer);
        PublicId(twice_hashed(writer.as_bytes()))
    }

    /// Whether this is the key's signature of these bytes. A weak key has signed nothing.
    #[must_use]
    pub fn has_signed(&self, bytes: &[u8], signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        VerifyingKey::from_bytes(&self.0).is_ok_and(|key| key.verify_strict(bytes, &signature).is_ok())
    }

    /// Whether it is the one spelling of a key that not everybody can sign for.
    #[cfg(feature = "tls")]
    pub(crate) fn is_sound(&self) -> bool {
        let [first, between @ .., last] = &self.0;
        // Numbers from 2^255 - 19 on are those from 0 on.
        let is_large = *first >= 0xed && between.iter().all(|byte| *byte == 0xff) && last & 0x7f == 0x7f;
        !is_large && VerifyingKey::from_bytes(&self.0).is_ok_and(|key| !key.is_weak())
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.raw(KEY);
        writer.raw(&self.0);
        writer.raw(END);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Misfit> {
        let key = reader.skip()?.strip_prefix(KEY).and_then(|rest| rest.strip_suffix(END));
        Ok(Self(key.and_then(|key| key.try_into().ok()).ok_or(Misfit::Fields)?))
    }
}

impl SessionId {
    /// The name of the session between these two.
    #[must_use]
    pub fn between(one: PublicId, other: PublicId) -> Self {
        let (low, high) = if one <= other { (one, other) } else { (other, one) };
        Self(twice_hashed(&[&b"prot0"[..], &low.0, &high.0].concat()))
    }
}

impl Signature {
    pub(super) fn write(&self, writer: &mut Writer) {
        let (r, s) = self.0.split_at(32);
        for part in [SIGNATURE, r, SIGNATURE_S, s, END] {
            writer.raw(part);
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Misfit> {
        let parts = reader.skip()?.strip_prefix(SIGNATURE).and_then(|rest| rest.strip_suffix(END));
        let (r, rest) = parts.and_then(|parts| parts.split_at_checked(32)).ok_or(Misfit::Fields)?;
        let s = rest.strip_prefix(SIGNATURE_S).ok_or(Misfit::Fields)?;
        Ok(Self([r, s].concat().try_into().map_err(|_| Misfit::Fields)?))
    }
}

fn twice_hashed(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}
