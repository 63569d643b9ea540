//! Where a value ends.

use crate::syrup::number::Number;
use crate::syrup::{Limits, SyrupError};

/// Finds the end of a value in bytes that are still coming. No byte is looked at twice, but for a
/// number that is not there as a whole.
///
/// ```
/// use marketplace_captp::syrup::{Extent, Limits};
///
/// let mut extent = Extent::new(Limits::default());
/// assert_eq!(extent.end(b"[3\"a"), Ok(None));
/// assert_eq!(extent.end(b"[3\"abc1+]f"), Ok(Some(9)));
/// ```
#[derive(Debug)]
pub struct Extent {
    limits: Limits,
    /// How many values are around the first one.
    outside: usize,
    /// The bytes that have been looked at.
    at: usize,
    /// The closing brackets of the values around this place.
    open: Vec<u8>,
}

impl Extent {
    /// Nothing has come yet.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self::from(limits, 0, 0)
    }

    /// That of a value which begins at this byte, and has so many values around it.
    pub(super) const fn from(limits: Limits, at: usize, outside: usize) -> Self {
        Self { limits, outside, at, open: Vec::new() }
    }

    /// The number of bytes of the value with which these begin; `None` if it is not there as a
    /// whole. `bytes` begins with the bytes of the last call.
    ///
    /// # Errors
    /// If they are no value, or one that is too large.
    pub fn end(&mut self, bytes: &[u8]) -> Result<Option<usize>, SyrupError> {
        loop {
            if self.at >= self.limits.bytes {
                return Err(SyrupError::TooLong { limit: self.limits.bytes });
            }
            let Some(&first) = bytes.get(self.at) else { return Ok(None) };
            match first {
                b'[' => self.nest(b']')?,
                b'{' => self.nest(b'}')?,
                b'<' => self.nest(b'>')?,
                b'#' => self.nest(b'$')?,
                closing if self.open.last() == Some(&closing) => {
                    self.open.pop();
                    self.at += 1;
                }
                _ => {
                    let Some(length) = atom(bytes, self.at)? else { return Ok(None) };
                    if self.limits.bytes - self.at < length {
                        return Err(SyrupError::TooLong { limit: self.limits.bytes });
                    }
                    if bytes.len() - self.at < length {
                        return Ok(None);
                    }
                    self.at += length;
                }
            }
            if self.open.is_empty() {
                return Ok(Some(self.at));
            }
        }
    }

    fn nest(&mut self, closing: u8) -> Result<(), SyrupError> {
        if self.outside + self.open.len() >= self.limits.depth {
            return Err(SyrupError::TooDeep { limit: self.limits.depth });
        }
        self.open.push(closing);
        self.at += 1;
        Ok(())
    }
}

/// How many bytes the atom takes that begins here; `None` if that is not known yet. They may not
/// all be there.
fn atom(bytes: &[u8], at: usize) -> Result<Option<usize>, SyrupError> {
    match bytes[at] {
        b't' | b'f' => Ok(Some(1)),
        b'D' => Ok(Some(9)),
        b'0'..=b'9' => {
            let Some(number) = Number::read(bytes, at)? else { return Ok(None) };
            let head = number.end + 1 - at;
            match number.behind {
                b'+' | b'-' => Ok(Some(head)),
                b':' | b'"' | b'\'' => {
                    head.checked_add(number.length()?).map(Some).ok_or(SyrupError::TooLarge { at })
                }
                _ => Err(number.is_no_head()),
            }
        }
        found => Err(SyrupError::Unexpected { at, found, expected: "a value" }),
    }
}
