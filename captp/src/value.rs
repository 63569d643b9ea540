//! Our values on the wire: all that we send arrives as it was, and what others send arrives as what
//! is natural here.
//!
//! | ours | on the wire |
//! |---|---|
//! | `()` | `<void>` |
//! | truth values, floating-point numbers, texts, symbols, bytes, sequences | as they are; what is no number is written in one way |
//! | integers | as they are; one that does not fit into 128 bits is refused |
//! | `Label(fields)` | `<desc:tagged 'Label [fields]>` |
//! | a map whose keys are texts | a struct |
//! | any other map | `<desc:tagged 'mp:map [[key value] ..]>` |
//! | a set | `<desc:tagged 'mp:set [..]>` |
//! | references | descriptors, for which [`Describe`] and [`Refer`] are asked |
//! | reasons: [`write_reason`] | their value, or `<desc:error text>` |
//! | fresh names, host values, ducts | refused, but for [`Signed`] and [`Secret`] |
//!
//! Records of the protocol are the same here and there: `null`, and those whose labels begin with
//! `desc:` or `ocapn-`. So `desc:tagged(tag, value)` is a tagged value that is none of ours, and
//! `ocapn-peer(..)` says where a peer is. Any other record that somebody sends arrives as the
//! record `mp:plain(label, [fields])`. So what is unknown here goes home unchanged.
//!
//! A record of ours that would arrive as something else is written as
//! `<desc:tagged 'mp:record [label [fields]]>`.

mod error;
mod label;
mod read;
mod reason;
mod secret;
#[cfg(test)]
mod tests;
mod write;

use bytes::Bytes;
use marketplace::objects::Reference;
use marketplace::{TooDeep, Value};

use self::read::Reading;
pub use self::read::Room;
pub(crate) use self::reason::reason_of;
pub use self::reason::{read_reason, write_reason};
pub use self::secret::{Secret, hide_swiss};
use self::write::Writing;
use crate::syrup::{Reader, SyrupError, Writer};

/// A certificate with its signature, as its bytes: they are sent on unchanged. As a value it is
/// opaque, and [`write()`] writes it as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed(pub Bytes);

/// A place in a message where something stands for a reference, as its receiver reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Descriptor<'a> {
    /// An object of the sender, at this position.
    ImportObject(u64),
    /// A promise that the sender decides, at this position.
    ImportPromise(u64),
    /// An object or a promise of the receiver, at this position.
    Export(u64),
    /// The answer that the receiver is to give, or has given, to a question with this position.
    Answer(u64),
    /// A hand-off of an object of a third machine: the bytes of the whole signed certificate.
    Give(&'a [u8]),
}

/// Finds the descriptor of a reference that is sent.
pub trait Describe {
    /// Writes it.
    ///
    /// # Errors
    /// If it cannot be passed on.
    fn describe(&mut self, reference: &Reference, writer: &mut Writer) -> Result<(), Unpassable>;

    /// Whether [`Signed`] and [`Secret`] are written. Where they are not, they are refused, as
    /// other host values are.
    fn shows_secrets(&self) -> bool {
        true
    }
}

/// Finds the reference for a descriptor that was received.
pub trait Refer {
    /// The reference, or what it is settled with.
    ///
    /// # Errors
    /// If nothing is at the position.
    fn refer(&mut self, descriptor: Descriptor<'_>) -> Result<Value, Unreadable>;
}

/// Something that cannot travel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} cannot be passed on")]
pub struct Unpassable {
    /// The thing itself, for people.
    pub what: String,
}

/// Why bytes are no value of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// They are not Syrup.
    #[error(transparent)]
    Syrup(#[from] SyrupError),
    /// It would nest deeper than a value may.
    #[error(transparent)]
    TooDeep(#[from] TooDeep),
    /// A position that was never given.
    #[error("there is nothing at {0}")]
    Nothing(String),
    /// A record does not have the fields that it should have.
    #[error("this is no {0}")]
    Malformed(&'static str),
}

/// Writes a value.
///
/// ```
/// use marketplace::objects::Reference;
/// use marketplace::{Message, Text};
/// use marketplace_captp::syrup::Writer;
/// use marketplace_captp::value::{self, Describe, Unpassable};
///
/// #[derive(Message, Clone)]
/// struct Says(Text, Vec<u8>);
///
/// struct NoReferences;
/// impl Describe for NoReferences {
///     fn describe(&mut self, reference: &Reference, _: &mut Writer) -> Result<(), Unpassable> {
///         Err(Unpassable { what: format!("{reference:?}") })
///     }
/// }
///
/// let mut writer = Writer::new();
/// value::write(&Says("hi".into(), vec![7]).to_value(), &mut writer, &mut NoReferences)?;
/// assert_eq!(writer.as_bytes(), b"<11'desc:tagged4'Says[2\"hi[7+]]>");
/// # Ok::<_, Unpassable>(())
/// ```
///
/// # Errors
/// If something in it cannot travel. The bytes that were written of it are to be taken back.
pub fn write(value: &Value, writer: &mut Writer, references: &mut impl Describe) -> Result<(), Unpassable> {
    Writing { writer, references }.value(value)
}

/// Reads a value.
///
/// # Errors
/// If it is none, or one that nests deeper than a value may. Some of its references may have been
/// asked for by then.
pub fn read(reader: &mut Reader<'_>, references: &mut impl Refer) -> Result<Value, Unreadable> {
    read_in(reader, references, &mut Room::default())
}

/// Reads a value, with room that has served for others: less is allocated then.
///
/// ```
/// use marketplace::Value;
/// use marketplace_captp::syrup::{Limits, Reader};
/// use marketplace_captp::value::{Descriptor, Refer, Room, Unreadable, read_in};
///
/// struct NoReferences;
/// impl Refer for NoReferences {
///     fn refer(&mut self, _: Descriptor<'_>) -> Result<Value, Unreadable> {
///         Err(Unreadable::Malformed("reference"))
///     }
/// }
///
/// let mut room = Room::default();
/// let mut reader = Reader::new(b"[1+2+]3+", Limits::default());
/// let first = read_in(&mut reader, &mut NoReferences, &mut room)?;
/// assert_eq!(first, Value::sequence([Value::from(1), 2.into()]));
/// assert_eq!(read_in(&mut reader, &mut NoReferences, &mut room)?, Value::from(3));
/// # Ok::<_, Unreadable>(())
/// ```
///
/// # Errors
/// As [`read`] has.
pub fn read_in(
    reader: &mut Reader<'_>,
    references: &mut impl Refer,
    room: &mut Room,
) -> Result<Value, Unreadable> {
    Reading::new(reader, references, room).value()
}
