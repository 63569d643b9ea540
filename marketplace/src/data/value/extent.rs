//! How deep values nest, and how many bytes they take.

use crate::data::value::{Repr, Value};

/// How deep values and topics may nest. An atom (a number, a text, a record without fields) has
/// depth zero.
pub const MAX_DEPTH: usize = 256;

/// A value would nest deeper than [`MAX_DEPTH`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a value nests deeper than {MAX_DEPTH} levels")]
pub struct TooDeep;

/// How deep a value nests, and whether references are in it, and things that have to be dropped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nesting(pub(super) u16);

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
    pub(super) const fn owns(self) -> bool {
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

impl Value {
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
    pub(super) fn owner(&self) -> u16 {
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
pub(super) fn too_deep(error: TooDeep) -> ! {
    panic!("{error}")
}

/// The nesting of something made of these parts, and its bytes.
#[inline]
pub(super) fn extent_of<'a>(parts: impl IntoIterator<Item = &'a Value>) -> Result<(Nesting, u32), TooDeep> {
    extent_in_line(parts)
}

/// As [`extent_of`], of parts whose kinds are known.
// With a call, a message of five fields takes 190 instructions more: its parts are written to the
// stack for it, and are moved three times.
#[inline(always)]
pub(super) fn extent_in_line<'a>(
    parts: impl IntoIterator<Item = &'a Value>,
) -> Result<(Nesting, u32), TooDeep> {
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

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::data::symbol::Symbol;
    use crate::data::text::Text;

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
