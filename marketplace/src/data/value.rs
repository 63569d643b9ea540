//! Values, of which messages are made.

mod buffers;
mod compare;
mod extent;
pub(crate) mod from;
pub(crate) mod hashed;
mod records;
mod seen;
pub(crate) mod shared;
mod shown;

use std::iter;
use std::mem;

use bytes::Bytes;
use im::{OrdMap, OrdSet};
// Without weak pointers: one atomic operation less for each message that is dropped.
use triomphe::Arc;

use crate::data::fresh::Fresh;
use crate::data::opaque::Opaque;
use crate::data::reference::Reference;
use crate::data::symbol::{Label, Symbol};
use crate::data::text::Text;

pub(crate) use self::extent::Nesting;
pub use self::extent::{MAX_DEPTH, TooDeep};
use self::extent::{extent_in_line, extent_of, too_deep};
pub(crate) use self::shown::write_record;

/// A piece of data, of which messages, names and topics are made.
///
/// Values compare, order, hash and print by content; cloning one is O(1) and copies no data. Users
/// seldom write them: `#[derive(Message)]` turns their types into values and back. [`Value::view`]
/// looks inside. The text that a value prints can be read back, if it is not so long that it is cut
/// ([`MAX_TEXT`](crate::MAX_TEXT)): see [`notation`](crate::notation).
///
/// ```
/// use marketplace::{Message, Value, View};
/// let pair = (1u8, "one".to_string()).to_value();
/// let View::Sequence(items) = pair.view() else { panic!() };
/// assert_eq!(items[0], 1u64.to_value()); // one kind of integer, whatever the Rust type
/// assert_eq!(format!("{pair:?}"), r#"[1, "one"]"#);
/// ```
#[derive(Clone)]
pub struct Value(Repr);

/// The contents of a [`Value`], borrowed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum View<'a> {
    /// The value of `()`.
    Unit,
    /// True or false.
    Bool(bool),
    /// An integer of any Rust type.
    Int(i128),
    /// A floating-point number, equal and ordered by `total_cmp`.
    Float(f64),
    /// Text.
    Text(&'a Text),
    /// A symbol.
    Symbol(&'a Symbol),
    /// Bytes.
    Bytes(&'a Bytes),
    /// A label and fields: a struct, a variant.
    Record(&'a Symbol, &'a [Value]),
    /// A `Vec`, an array, a tuple.
    Sequence(&'a [Value]),
    /// A set.
    Set(&'a OrdSet<Value>),
    /// A map.
    Map(&'a OrdMap<Value, Value>),
    /// A host value.
    Opaque(&'a Opaque),
    /// A name that nothing else has.
    Fresh(Fresh),
    /// A reference to an object or a promise.
    Reference(&'a Reference),
}

/// A value in 24 bytes. A record without fields needs no allocation, any other record exactly one:
/// its first part is the label. A composed value knows how deep it nests and how many
/// [bytes](Value::bytes) it takes.
#[derive(Clone)]
enum Repr {
    Unit,
    Bool(bool),
    Int(Int),
    Float(f64),
    Text(Text),
    Symbol(Symbol),
    Bytes(Arc<Bytes>),
    /// Bytes that are not shown.
    Secret(Arc<Bytes>),
    Atom(Symbol),
    Record {
        nesting: Nesting,
        bytes: u32,
        parts: Arc<[Value]>,
    },
    Sequence {
        nesting: Nesting,
        bytes: u32,
        items: Arc<[Value]>,
    },
    Set {
        nesting: Nesting,
        bytes: u32,
        items: Arc<OrdSet<Value>>,
    },
    Map {
        nesting: Nesting,
        bytes: u32,
        entries: Arc<OrdMap<Value, Value>>,
    },
    Opaque(Opaque),
    Fresh(Fresh),
    Reference(Reference),
}

/// An `i128` that is aligned like a `u64`, so that a value stays small.
#[derive(Clone, Copy, PartialEq)]
#[repr(Rust, packed(8))]
struct Int(i128);

impl Value {
    /// The value of `()`.
    pub const UNIT: Self = Self(Repr::Unit);

    /// Bytes with a secret in them, such as a key. They are bytes like any other, and compare as
    /// such, but print as `b".."`. A value made of them, such as the field of a type, is plain.
    ///
    /// ```
    /// use marketplace::{Value, View};
    ///
    /// let key = Value::secret("4711".into());
    /// assert_eq!(key, Value::from(bytes::Bytes::from_static(b"4711")));
    /// assert!(matches!(key.view(), View::Bytes(bytes) if bytes == "4711"));
    /// assert_eq!(Value::sequence([key]).to_string(), r#"[b".."]"#);
    /// ```
    ///
    /// A text with a secret is [`Text::with_secret`].
    #[must_use]
    pub fn secret(bytes: Bytes) -> Self {
        Self(Repr::Secret(Arc::new(bytes)))
    }

    /// Whether these are bytes with a secret in them: a program that prints values in a way of its
    /// own does not show them.
    ///
    /// ```
    /// use marketplace::Value;
    ///
    /// assert!(Value::secret("4711".into()).is_secret());
    /// assert!(!Value::from(bytes::Bytes::from_static(b"4711")).is_secret());
    /// ```
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        matches!(self.0, Repr::Secret(_))
    }

    /// A record.
    ///
    /// # Panics
    /// If it would nest deeper than [`MAX_DEPTH`]; inside a turn that ends the process. See
    /// [`Value::try_record`].
    #[must_use]
    pub fn record<I>(label: impl Into<Symbol>, fields: I) -> Self
    where
        I: IntoIterator<Item = Self>,
    {
        Self::try_record(label, fields).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A record, of data whose depth somebody else decides, such as a peer.
    ///
    /// # Errors
    /// If it would nest deeper than [`MAX_DEPTH`].
    pub fn try_record<I>(label: impl Into<Symbol>, fields: I) -> Result<Self, TooDeep>
    where
        I: IntoIterator<Item = Self>,
    {
        let label = Self(Repr::Symbol(label.into()));
        Self::from_parts(iter::once(label).chain(fields).collect())
    }

    /// A record of known arity in one allocation: its parts are the label and the fields; the first
    /// one makes room for the label.
    // In line, so that what has just been written in pieces is not at once read as a whole:
    // ping-pong takes 6 % more otherwise.
    #[inline(always)]
    pub(crate) fn from_array<const N: usize>(label: &'static Label, mut parts: [Self; N]) -> Self {
        let label = Symbol::from_label(label);
        if N == 1 {
            return Self(Repr::Atom(label));
        }
        let (nesting, bytes) = extent_in_line(&parts[1..]).unwrap_or_else(|error| too_deep(error));
        parts[0].fill(label.into());
        Self(Repr::Record { nesting, bytes, parts: records::of_parts(parts) })
    }

    /// Drops it. If it is a record of few fields that nobody else has, the next one is written in
    /// its place.
    // In line: a message takes 7 instructions more otherwise.
    #[doc(hidden)]
    #[inline(always)]
    pub fn retire(self) {
        if let Repr::Record { nesting, parts, .. } = self.0 {
            match nesting.owns() {
                false => records::retire(parts),
                true => records::retire_owners(parts),
            }
        }
    }

    /// Drops it, if it has to be dropped, as a part of a record: records and bytes that nobody else
    /// has are used again.
    // Apart from `retire`: a message of numbers takes 4 instructions more otherwise. A number stays
    // where it is, as it has not to be dropped.
    #[inline]
    pub(crate) fn retire_part(&mut self) {
        match &self.0 {
            Repr::Unit | Repr::Bool(_) | Repr::Int(_) | Repr::Float(_) | Repr::Fresh(_) => return,
            Repr::Symbol(symbol) | Repr::Atom(symbol) if symbol.is_static() => return,
            Repr::Record { parts, .. } if !Arc::is_unique(parts) => {}
            _ => return mem::replace(self, Self::UNIT).retire_whole(),
        }
        *self = Self::UNIT;
    }

    #[inline]
    fn retire_whole(self) {
        match self.0 {
            Repr::Record { parts, .. } => records::retire_owners(parts),
            Repr::Bytes(bytes) => buffers::retire(bytes),
            _ => {}
        }
    }

    /// The fields of a record that nobody needs any more, if there are so many: taken out, if
    /// nobody else has it. Then the next one is written in its place.
    #[inline]
    pub(crate) fn into_fields<const N: usize>(self) -> Option<[Self; N]> {
        match self.0 {
            Repr::Record { parts, .. } => records::take_fields(parts),
            _ => None,
        }
    }

    /// The host value that it is, if it is one.
    #[inline]
    pub(crate) fn into_opaque(self) -> Option<Opaque> {
        match self.0 {
            Repr::Opaque(opaque) => Some(opaque),
            _ => None,
        }
    }

    /// The bytes of a value that nobody needs any more, if it is bytes: taken out, if nobody else
    /// has it.
    #[inline]
    pub(crate) fn into_bytes(self) -> Option<Bytes> {
        match self.0 {
            Repr::Bytes(bytes) => Some(buffers::take(bytes)),
            Repr::Secret(bytes) => Some(Bytes::clone(&bytes)),
            _ => None,
        }
    }

    /// The value, to be moved: a record goes word by word.
    // A processor waits when it reads as a whole what has just been written in pieces, as a record
    // is whose label and extent rustc knows.
    #[inline(always)]
    pub(crate) fn by_words(self) -> Self {
        match self.0 {
            Repr::Record { nesting, bytes, parts } => Self(Repr::Record { nesting, bytes, parts }),
            other => Self(other),
        }
    }

    /// Puts a value at a place where nothing has to be dropped.
    #[inline]
    pub(crate) fn fill(&mut self, value: Self) {
        mem::forget(mem::replace(self, value));
    }

    fn from_parts(parts: Arc<[Self]>) -> Result<Self, TooDeep> {
        match &*parts {
            [Self(Repr::Symbol(label))] => Ok(Self(Repr::Atom(label.clone()))),
            [label, fields @ ..] => {
                let (mut nesting, bytes) = extent_of(fields)?;
                nesting.0 |= label.owner();
                Ok(Self(Repr::Record { nesting, bytes, parts }))
            }
            [] => unreachable!("a record has a label"),
        }
    }

    /// A sequence.
    ///
    /// # Panics
    /// If it would nest deeper than [`MAX_DEPTH`].
    #[must_use]
    pub fn sequence<I>(items: I) -> Self
    where
        I: IntoIterator<Item = Self>,
    {
        Self::try_sequence(items).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A sequence, of data whose depth somebody else decides, such as a peer.
    ///
    /// # Errors
    /// If it would nest deeper than [`MAX_DEPTH`].
    pub fn try_sequence<I>(items: I) -> Result<Self, TooDeep>
    where
        I: IntoIterator<Item = Self>,
    {
        let items: Arc<[Self]> = items.into_iter().collect();
        let (nesting, bytes) = extent_of(items.iter())?;
        Ok(Self(Repr::Sequence { nesting, bytes, items }))
    }

    /// A set.
    ///
    /// # Errors
    /// If it would nest deeper than [`MAX_DEPTH`].
    pub fn set(items: OrdSet<Self>) -> Result<Self, TooDeep> {
        let (nesting, bytes) = extent_of(&items)?;
        Ok(Self(Repr::Set { nesting, bytes, items: Arc::new(items) }))
    }

    /// A map.
    ///
    /// # Errors
    /// If it would nest deeper than [`MAX_DEPTH`].
    pub fn map(entries: OrdMap<Self, Self>) -> Result<Self, TooDeep> {
        let (nesting, bytes) = extent_of(entries.iter().flat_map(|(key, value)| [key, value]))?;
        Ok(Self(Repr::Map { nesting, bytes, entries: Arc::new(entries) }))
    }

    #[inline]
    pub(crate) const fn as_int(&self) -> Option<i128> {
        match &self.0 {
            Repr::Int(n) => Some(n.0),
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn as_symbol(&self) -> Option<&Symbol> {
        match &self.0 {
            Repr::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }

    /// The label and the arity of a record with fields, if a constructor made it.
    #[inline]
    pub(crate) fn label_and_arity(&self) -> Option<(&'static Label, usize)> {
        let Repr::Record { parts, .. } = &self.0 else { return None };
        let [Self(Repr::Symbol(label)), fields @ ..] = &**parts else { return None };
        Some((label.label()?, fields.len()))
    }

    /// The fields of a record.
    #[inline]
    pub(crate) fn fields(&self) -> &[Self] {
        match &self.0 {
            Repr::Record { parts, .. } => parts.get(1..).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Looks inside.
    #[must_use]
    #[inline]
    pub fn view(&self) -> View<'_> {
        match &self.0 {
            Repr::Unit => View::Unit,
            Repr::Bool(b) => View::Bool(*b),
            Repr::Int(i) => View::Int(i.0),
            Repr::Float(x) => View::Float(*x),
            Repr::Text(text) => View::Text(text),
            Repr::Symbol(symbol) => View::Symbol(symbol),
            Repr::Bytes(bytes) | Repr::Secret(bytes) => View::Bytes(bytes),
            Repr::Atom(label) => View::Record(label, &[]),
            Repr::Record { parts, .. } => match &**parts {
                [Self(Repr::Symbol(label)), fields @ ..] => View::Record(label, fields),
                _ => unreachable!("a record starts with its label"),
            },
            Repr::Sequence { items, .. } => View::Sequence(items),
            Repr::Set { items, .. } => View::Set(items),
            Repr::Map { entries, .. } => View::Map(entries),
            Repr::Opaque(opaque) => View::Opaque(opaque),
            Repr::Fresh(fresh) => View::Fresh(*fresh),
            Repr::Reference(reference) => View::Reference(reference),
        }
    }
}

impl From<()> for Value {
    fn from((): ()) -> Self {
        Self::UNIT
    }
}

macro_rules! from_atom {
    ($($type:ty => $value:ident $repr:expr;)*) => {$(
        impl From<$type> for Value {
            #[inline]
            fn from($value: $type) -> Self {
                Self($repr)
            }
        }
    )*};
}

from_atom! {
    bool => b Repr::Bool(b);
    i128 => i Repr::Int(Int(i));
    f64 => x Repr::Float(x);
    Text => text Repr::Text(text);
    Symbol => symbol Repr::Symbol(symbol);
    Bytes => bytes Repr::Bytes(buffers::place(bytes));
    Opaque => opaque Repr::Opaque(opaque);
    Fresh => fresh Repr::Fresh(fresh);
    Reference => reference Repr::Reference(reference);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_three_words() {
        assert_eq!(size_of::<Value>(), 24);
    }
}
