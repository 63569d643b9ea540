//! Values, of which messages are made.

mod buffers;
mod compare;
mod from;
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

pub(crate) use self::shown::write_record;

/// How deep values and topics may nest. An atom (a number, a text, a record without fields) has
/// depth zero.
pub const MAX_DEPTH: usize = 256;

/// A value would nest deeper than [`MAX_DEPTH`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a value nests deeper than {MAX_DEPTH} levels")]
pub struct TooDeep;

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

/// How deep a value nests, and whether references are in it, and things that have to be dropped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nesting(u16);

impl Nesting {
    pub(crate) const ATOM: Self = Self(0);
    const REFERENCE: Self = Self(1 << 15);
    const OWNER: Self = Self(1 << 14);

    #[inline]
    pub(crate) const fn depth(self) -> usize {
        (self.0 & !(Self::REFERENCE.0 | Self::OWNER.0)) as usize
    }

    /// Whether something is in it that has to be dropped.
    #[inline]
    const fn owns(self) -> bool {
        self.0 & Self::OWNER.0 != 0
    }

    /// This, and it has to be dropped.
    #[inline]
    const fn owned(self) -> Self {
        Self(self.0 | Self::OWNER.0)
    }

    #[inline]
    pub(crate) const fn has_references(self) -> bool {
        self.0 & Self::REFERENCE.0 != 0
    }

    /// That of these parts and one more.
    #[inline]
    pub(crate) fn beside(self, part: Self) -> Self {
        Self((self.0 | part.0) & Self::REFERENCE.0 | self.depth().max(part.depth()) as u16)
    }

    /// That of a thing whose parts nest so.
    ///
    /// # Errors
    /// If it is deeper than [`MAX_DEPTH`].
    #[inline]
    pub(crate) const fn around(self) -> Result<Self, TooDeep> {
        if self.depth() < MAX_DEPTH { Ok(Self(self.0 + 1)) } else { Err(TooDeep) }
    }
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
        let (nesting, bytes) = extent_of(&parts[1..]).unwrap_or_else(|error| too_deep(error));
        parts[0].fill(label.into());
        Self(Repr::Record { nesting, bytes, parts: records::of_parts(parts) })
    }

    /// Drops it. If it is a record of few fields that nobody else has, the next one is written in
    /// its place.
    // In line: a message takes 7 instructions more otherwise.
    #[doc(hidden)]
    #[inline(always)]
    pub fn retire(self) {
        match self.0 {
            Repr::Record { nesting, parts, .. } if !nesting.owns() => records::retire(parts),
            Repr::Record { parts, .. } => records::retire_owners(parts),
            _ => {}
        }
    }

    /// Drops it, as a part of a record: records and bytes that nobody else has are used again.
    // Apart from `retire`: a message of numbers takes 4 instructions more otherwise.
    #[inline]
    fn retire_part(self) {
        match self.0 {
            Repr::Record { parts, .. } if Arc::is_unique(&parts) => records::retire_owners(parts),
            Repr::Bytes(bytes) => buffers::retire(bytes),
            _ => {}
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

    /// How deep it nests: zero for an atom.
    #[must_use]
    #[inline]
    pub fn depth(&self) -> usize {
        self.nesting().depth()
    }

    /// Whether it is a reference, or has references in it. An opaque value is not looked into.
    #[must_use]
    #[inline]
    pub fn has_references(&self) -> bool {
        self.nesting().has_references()
    }

    #[inline]
    pub(crate) const fn nesting(&self) -> Nesting {
        match &self.0 {
            Repr::Record { nesting, .. }
            | Repr::Sequence { nesting, .. }
            | Repr::Set { nesting, .. }
            | Repr::Map { nesting, .. } => *nesting,
            Repr::Reference(_) => Nesting::REFERENCE,
            _ => Nesting::ATOM,
        }
    }

    /// Whether it has to be dropped.
    #[inline]
    pub(crate) fn owns(&self) -> bool {
        self.owner() != 0
    }

    /// The bit of [`Nesting::OWNER`], if it has to be dropped.
    #[inline]
    fn owner(&self) -> u16 {
        match &self.0 {
            Repr::Unit | Repr::Bool(_) | Repr::Int(_) | Repr::Float(_) | Repr::Fresh(_) => 0,
            Repr::Symbol(symbol) | Repr::Atom(symbol) if symbol.is_static() => 0,
            _ => Nesting::OWNER.0,
        }
    }

    /// How many bytes it takes besides its own three words, as if it shared nothing with any other
    /// value: the bytes of its text, or of its parts and their contents. A host value counts 0,
    /// since its size is not known; a value that takes more than 4 GiB counts 4 GiB.
    #[inline]
    pub(crate) fn bytes(&self) -> u32 {
        match self.bytes_of_record() {
            Some(bytes) => bytes,
            None => self.bytes_of_other(),
        }
    }

    /// The bytes of the value, if it is a record with fields, as most messages are.
    #[inline]
    pub(crate) const fn bytes_of_record(&self) -> Option<u32> {
        match &self.0 {
            Repr::Record { bytes, .. } => Some(*bytes),
            _ => None,
        }
    }

    /// Whether something is in these that has to be dropped, and how many bytes they take as the
    /// parts of one message.
    ///
    /// # Errors
    /// If the message would nest deeper than [`MAX_DEPTH`].
    #[inline]
    pub(crate) fn extent_of_parts(parts: &[Self]) -> Result<(bool, u32), TooDeep> {
        extent_of(parts).map(|(nesting, bytes)| (nesting.owns(), bytes))
    }

    #[inline(never)]
    fn bytes_of_other(&self) -> u32 {
        self.bytes_of_any()
    }

    #[inline]
    fn bytes_of_any(&self) -> u32 {
        self.extent().1
    }

    /// How it nests, as a part, and how many bytes it takes.
    // In line, so that the kind of a part that is just being made is known. One look at the kind
    // says both: a packet over TCP takes 100 instructions more otherwise.
    #[inline]
    fn extent(&self) -> (Nesting, u32) {
        let bytes = match &self.0 {
            Repr::Record { nesting, bytes, .. }
            | Repr::Sequence { nesting, bytes, .. }
            | Repr::Set { nesting, bytes, .. }
            | Repr::Map { nesting, bytes, .. } => return (nesting.owned(), *bytes),
            Repr::Unit | Repr::Bool(_) | Repr::Int(_) | Repr::Float(_) | Repr::Fresh(_) => {
                return (Nesting::ATOM, 0);
            }
            Repr::Symbol(symbol) | Repr::Atom(symbol) if symbol.is_static() => return (Nesting::ATOM, 0),
            Repr::Reference(_) => return (Nesting::REFERENCE.owned(), 0),
            Repr::Text(text) => text.bytes(),
            Repr::Bytes(bytes) | Repr::Secret(bytes) => bytes.len(),
            Repr::Symbol(symbol) => symbol.shared_bytes(),
            Repr::Atom(_) | Repr::Opaque(_) => 0,
        };
        (Nesting::ATOM.owned(), u32::try_from(bytes).unwrap_or(u32::MAX))
    }
}

#[cold]
#[inline(never)]
fn too_deep(error: TooDeep) -> ! {
    panic!("{error}")
}

/// The nesting of something made of these parts, and its bytes.
#[inline]
fn extent_of<'a>(parts: impl IntoIterator<Item = &'a Value>) -> Result<(Nesting, u32), TooDeep> {
    let (mut deepest, mut bits, mut bytes) = (0, 0, 0);
    for part in parts {
        let (nesting, own_bytes) = part.extent();
        deepest = deepest.max(nesting.depth());
        bits |= nesting.0 & (Nesting::REFERENCE.0 | Nesting::OWNER.0);
        bytes += size_of::<Value>() as u64 + u64::from(own_bytes);
    }
    if deepest < MAX_DEPTH {
        Ok((Nesting(bits | (deepest as u16 + 1)), bytes.min(u32::MAX.into()) as u32))
    } else {
        Err(TooDeep)
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

    /// However they are put together, parts count with their three words.
    #[test]
    fn bytes_are_counted_as_if_nothing_were_shared() {
        let text = Value::from("ten bytes.");
        assert_eq!(text.bytes(), 10);
        assert_eq!(Value::from(Bytes::from_static(b"four")).bytes(), 4);
        assert_eq!(Value::from(Symbol::new("six on")).bytes(), 6);
        assert_eq!(Value::from(Text::with_secret("four", "..")).bytes(), 4 + 2);
        assert_eq!(Value::from(Symbol::of_text(&Text::with_secret("four", ".."))).bytes(), 4 + 2);
        assert_eq!(Value::from(7).bytes(), 0);
        assert_eq!(Value::record("none", []).bytes(), 0);
        let pair = Value::record("pair", [text.clone(), text.clone()]);
        assert_eq!(pair.bytes(), 2 * (24 + 10));
        assert_eq!(Value::sequence([pair.clone(), 1.into(), pair.clone()]).bytes(), 3 * 24 + 2 * 68);
        assert_eq!(Value::set([text.clone()].into_iter().collect()).unwrap().bytes(), 24 + 10);
        assert_eq!(Value::map([(text.clone(), text)].into_iter().collect()).unwrap().bytes(), 2 * (24 + 10));
        let huge = (0..64).fold(pair, |half, _| Value::sequence([half.clone(), half]));
        assert_eq!(huge.bytes(), u32::MAX);
    }
}
