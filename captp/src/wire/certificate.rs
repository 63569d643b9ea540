//! The certificates of a hand-off.

use bytes::Bytes;

use crate::syrup::{Kind, Limits, Reader, Writer};
pub use crate::value::Signed;
use crate::wire::misfit::{Misfit, name, position, record};
use crate::wire::{Keys, Location, PublicId, PublicKey, SessionId, Signature};

/// The gifter gives the receiver an object of the exporter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Give {
    /// The receiver's key in the session between gifter and receiver.
    pub receiver_key: PublicKey,
    /// Where the object is.
    pub exporter: Location,
    /// The session between gifter and exporter.
    pub session: SessionId,
    /// The gifter, in that session.
    pub gifter_side: PublicId,
    /// The gift, in that session.
    pub gift: Bytes,
}

/// The receiver asks the exporter for what it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receive {
    /// The session between exporter and receiver.
    pub session: SessionId,
    /// The receiver, in that session.
    pub side: PublicId,
    /// A number that the receiver uses once in that session.
    pub count: u64,
    /// The give that it received.
    pub give: Signed,
}

/// Why a certificate is no good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the certificate is no good: {0}")]
pub struct BadCertificate(pub &'static str);

impl Give {
    /// Signs it with the gifter's key of the session with the exporter.
    #[must_use]
    pub fn sign(&self, keys: &Keys) -> Signed {
        Signed::write("desc:handoff-give", keys, |writer| {
            self.receiver_key.write(writer);
            writer.raw(self.exporter.as_bytes());
            writer.bytes(&self.session.0);
            writer.bytes(&self.gifter_side.0);
            writer.bytes(&self.gift);
        })
    }

    /// Reads a signed one. Its signature is not checked: the key is not known here.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(signed: &Signed) -> Result<Self, BadCertificate> {
        signed.read("desc:handoff-give", "this is no signed `desc:handoff-give`", |reader| {
            Ok(Self {
                receiver_key: PublicKey::read(reader)?,
                exporter: Location::read(reader)?,
                session: SessionId(name(reader)?),
                gifter_side: PublicId(name(reader)?),
                gift: gift(reader)?,
            })
        })
    }
}

/// Reads the name of a gift.
fn gift(reader: &mut Reader<'_>) -> Result<Bytes, Misfit> {
    let name = reader.bytes()?;
    if is_name_of_gift(name) { Ok(Bytes::copy_from_slice(name)) } else { Err(Misfit::Fields) }
}

/// Whether a gift may have this name. Peers choose them, and a table keeps them.
pub(crate) const fn is_name_of_gift(name: &[u8]) -> bool {
    name.len() <= 1024
}

impl Receive {
    /// Signs it with the receiver's key of the session with the gifter.
    #[must_use]
    pub fn sign(&self, keys: &Keys) -> Signed {
        Signed::write("desc:handoff-receive", keys, |writer| {
            writer.bytes(&self.session.0);
            writer.bytes(&self.side.0);
            writer.int(self.count.into());
            writer.raw(&self.give.0);
        })
    }

    /// Reads a signed one, with what is signed in it. No signature is checked: the keys are not
    /// known here.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(signed: &Signed) -> Result<Self, BadCertificate> {
        signed.read("desc:handoff-receive", "this is no signed `desc:handoff-receive`", |reader| {
            let (session, side) = (SessionId(name(reader)?), PublicId(name(reader)?));
            let count = position(reader)?;
            let give = Signed(Bytes::copy_from_slice(reader.skip()?));
            give.parts()?;
            Ok(Self { session, side, count, give })
        })
    }
}

impl Signed {
    /// Whether this key signed the record inside.
    ///
    /// # Errors
    /// If there is no record with a signature.
    pub fn is_signed_by(&self, key: &PublicKey) -> Result<bool, BadCertificate> {
        let (inside, signature) = self.parts().map_err(|_| BadCertificate("nothing is signed in it"))?;
        Ok(key.has_signed(inside, &signature))
    }

    /// The bytes of the record inside, and their signature.
    fn parts(&self) -> Result<(&[u8], Signature), Misfit> {
        let mut reader = Reader::new(&self.0, Limits::default());
        let parts = record(&mut reader, "desc:sig-envelope", |reader| {
            Ok((reader.skip()?, Signature::read(reader)?))
        })?;
        reader.finish()?;
        Ok(parts)
    }

    fn read<T>(
        &self,
        label: &str,
        otherwise: &'static str,
        fields: impl FnOnce(&mut Reader<'_>) -> Result<T, Misfit>,
    ) -> Result<T, BadCertificate> {
        let read = || {
            let (inside, _) = self.parts()?;
            record(&mut Reader::new(inside, Limits::default()), label, fields)
        };
        read().map_err(|_| BadCertificate(otherwise))
    }

    fn write(label: &str, keys: &Keys, fields: impl FnOnce(&mut Writer)) -> Self {
        let mut inside = Writer::new();
        inside.open(Kind::Record);
        inside.symbol(label);
        fields(&mut inside);
        inside.close(Kind::Record);
        let mut writer = Writer::new();
        writer.open(Kind::Record);
        writer.symbol("desc:sig-envelope");
        writer.raw(inside.as_bytes());
        keys.sign(inside.as_bytes()).write(&mut writer);
        writer.close(Kind::Record);
        Self(writer.into_bytes().into())
    }
}
