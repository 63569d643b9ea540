//! Reads a value, part by part.

use std::fmt;

use crate::syrup::extent::Extent;
use crate::syrup::number::Number;
use crate::syrup::{Kind, Limits, SyrupError};

/// Reads bytes that are there as a whole, part by part. It copies nothing.
///
/// ```
/// use marketplace_captp::syrup::{Kind, Limits, Reader};
///
/// let mut reader = Reader::new(b"[3\"abc7-]", Limits::default());
/// reader.open(Kind::List).unwrap();
/// assert_eq!(reader.text(), Ok("abc"));
/// assert_eq!(reader.int(), Ok(-7));
/// assert_eq!(reader.closes(Kind::List), Ok(true));
/// reader.finish().unwrap();
/// ```
#[derive(Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    limits: Limits,
}

/// Without the bytes: there may be a secret among them.
impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader({} bytes)", self.bytes.len())
    }
}

impl<'a> Reader<'a> {
    /// A reader at the first of these bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8], limits: Limits) -> Self {
        Self { bytes, at: 0, depth: 0, limits }
    }

    /// How many bytes have been read.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// The bytes from this place to where the reader is.
    #[must_use]
    pub fn since(&self, start: usize) -> &'a [u8] {
        &self.bytes[start..self.at]
    }

    fn first(&self) -> Result<u8, SyrupError> {
        self.bytes.get(self.at).copied().ok_or(self.cut())
    }

    const fn cut(&self) -> SyrupError {
        SyrupError::Cut { at: self.bytes.len() }
    }

    fn number(&self) -> Result<Number, SyrupError> {
        Number::read(self.bytes, self.at)?.ok_or(self.cut())
    }

    fn unexpected(&self, expected: &'static str) -> SyrupError {
        match self.first() {
            Ok(found) => SyrupError::Unexpected { at: self.at, found, expected },
            Err(cut) => cut,
        }
    }

    /// The kind of the value that comes next.
    ///
    /// # Errors
    /// If none comes.
    pub fn kind(&self) -> Result<Kind, SyrupError> {
        Ok(match self.first()? {
            b't' | b'f' => Kind::Bool,
            b'D' => Kind::Float,
            b'[' => Kind::List,
            b'{' => Kind::Dict,
            b'<' => Kind::Record,
            b'#' => Kind::Set,
            b'0'..=b'9' => kind_of(&self.number()?)?,
            _ => return Err(self.unexpected("a value")),
        })
    }

    /// Reads the next value if it has no others in it.
    ///
    /// # Errors
    /// If no value comes next.
    #[inline]
    pub fn atom(&mut self) -> Result<Option<Atom<'a>>, SyrupError> {
        let (atom, end) = match self.first()? {
            b't' => (Atom::Bool(true), self.at + 1),
            b'f' => (Atom::Bool(false), self.at + 1),
            b'D' => {
                let bits = self.bytes[self.at + 1..].first_chunk().ok_or(self.cut())?;
                (Atom::Float(f64::from_bits(u64::from_be_bytes(*bits))), self.at + 9)
            }
            b'0'..=b'9' => self.counted()?,
            b'[' | b'{' | b'<' | b'#' => return Ok(None),
            _ => return Err(self.unexpected("a value")),
        };
        self.at = end;
        Ok(Some(atom))
    }

    /// The value that begins with a number, and where it ends.
    #[inline]
    fn counted(&self) -> Result<(Atom<'a>, usize), SyrupError> {
        let number = self.number()?;
        let start = number.end + 1;
        let kind = kind_of(&number)?;
        if kind == Kind::Int {
            return Ok((Atom::Int(number.integer()?), start));
        }
        let content = self.bytes[start..].get(..number.length()?).ok_or(self.cut())?;
        let text = || str::from_utf8(content).map_err(|_| SyrupError::NotText { at: self.at });
        let atom = match kind {
            Kind::Text => Atom::Text(text()?),
            Kind::Symbol => Atom::Symbol(text()?),
            _ => Atom::Bytes(content),
        };
        Ok((atom, start + content.len()))
    }

    /// Reads a truth value.
    ///
    /// # Errors
    /// If none comes next; then the reader stays where it is. So for what else is read.
    pub fn bool(&mut self) -> Result<bool, SyrupError> {
        self.one("a truth value", |atom| match atom {
            Atom::Bool(value) => Some(value),
            _ => None,
        })
    }

    /// Reads an integer.
    ///
    /// # Errors
    /// If none comes next, or one that does not fit.
    pub fn int(&mut self) -> Result<i128, SyrupError> {
        self.one("an integer", |atom| match atom {
            Atom::Int(value) => Some(value),
            _ => None,
        })
    }

    /// Reads a floating-point number.
    ///
    /// # Errors
    /// If none comes next.
    pub fn float(&mut self) -> Result<f64, SyrupError> {
        self.one("a floating-point number", |atom| match atom {
            Atom::Float(value) => Some(value),
            _ => None,
        })
    }

    /// Reads a byte string.
    ///
    /// # Errors
    /// If none comes next.
    pub fn bytes(&mut self) -> Result<&'a [u8], SyrupError> {
        self.one("a byte string", |atom| match atom {
            Atom::Bytes(bytes) => Some(bytes),
            _ => None,
        })
    }

    /// Reads a text.
    ///
    /// # Errors
    /// If none comes next, or one that is no UTF-8.
    pub fn text(&mut self) -> Result<&'a str, SyrupError> {
        self.one("a text", |atom| match atom {
            Atom::Text(text) => Some(text),
            _ => None,
        })
    }

    /// Reads a symbol.
    ///
    /// # Errors
    /// If none comes next, or one that is no UTF-8.
    pub fn symbol(&mut self) -> Result<&'a str, SyrupError> {
        // The quick way: half of what the one below costs, which says what is wrong.
        if let Some((content, end)) = self.string(b'\'')
            && let Ok(symbol) = str::from_utf8(content)
        {
            self.at = end;
            return Ok(symbol);
        }
        self.one("a symbol", |atom| match atom {
            Atom::Symbol(symbol) => Some(symbol),
            _ => None,
        })
    }

    /// The content of the string that comes next, if this byte says its kind, and where it ends.
    #[inline]
    fn string(&self, kind: u8) -> Option<(&'a [u8], usize)> {
        self.bytes.get(self.at).filter(|byte| byte.is_ascii_digit())?;
        let number = Number::read(self.bytes, self.at).ok()??;
        let start = number.end + 1;
        let content = self.bytes.get(start..)?.get(..number.length().ok()?)?;
        (number.behind == kind).then_some((content, start + content.len()))
    }

    /// Reads the atom that this finds to be the expected one.
    fn one<T>(
        &mut self,
        expected: &'static str,
        find: impl FnOnce(Atom<'a>) -> Option<T>,
    ) -> Result<T, SyrupError> {
        let start = self.at;
        match self.atom()?.and_then(find) {
            Some(found) => Ok(found),
            None => {
                self.at = start;
                Err(self.unexpected(expected))
            }
        }
    }

    /// Goes into a value of this kind, which has others in it.
    ///
    /// # Errors
    /// If another one comes next, or it nests too deep.
    pub fn open(&mut self, kind: Kind) -> Result<(), SyrupError> {
        let Some((opening, _)) = kind.brackets() else { return Err(self.unexpected("a bracket")) };
        if self.first()? != opening {
            return Err(self.unexpected("an opening bracket"));
        }
        if self.depth >= self.limits.depth {
            return Err(SyrupError::TooDeep { limit: self.limits.depth });
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    /// Whether the value of this kind ends here; then it goes out of it.
    ///
    /// # Errors
    /// If the bytes end here.
    pub fn closes(&mut self, kind: Kind) -> Result<bool, SyrupError> {
        let closes = kind.brackets().is_some_and(|(_, closing)| self.first() == Ok(closing));
        if closes {
            self.depth = self.depth.saturating_sub(1);
            self.at += 1;
        } else {
            self.first()?;
        }
        Ok(closes)
    }

    /// Goes out of a value of this kind, which ends here.
    ///
    /// # Errors
    /// If it does not.
    pub fn close(&mut self, kind: Kind) -> Result<(), SyrupError> {
        if self.closes(kind)? { Ok(()) } else { Err(self.unexpected("a closing bracket")) }
    }

    /// Passes over the next value, whatever it is, and gives its bytes.
    ///
    /// # Errors
    /// If none comes next.
    pub fn skip(&mut self) -> Result<&'a [u8], SyrupError> {
        let start = self.at;
        let mut extent = Extent::from(self.limits, start, self.depth);
        self.at = extent.end(self.bytes)?.ok_or(self.cut())?;
        Ok(self.since(start))
    }

    /// Says that nothing is to follow.
    ///
    /// # Errors
    /// If something does.
    pub const fn finish(&self) -> Result<(), SyrupError> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(SyrupError::Trailing { at: self.at }) }
    }
}

/// A value without others in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Atom<'a> {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// A floating-point number.
    Float(f64),
    /// A byte string.
    Bytes(&'a [u8]),
    /// A text.
    Text(&'a str),
    /// A symbol.
    Symbol(&'a str),
}

/// The kind of a value that begins with this number.
const fn kind_of(number: &Number) -> Result<Kind, SyrupError> {
    Ok(match number.behind {
        b'+' | b'-' => Kind::Int,
        b':' => Kind::Bytes,
        b'"' => Kind::Text,
        b'\'' => Kind::Symbol,
        _ => return Err(number.is_no_head()),
    })
}
