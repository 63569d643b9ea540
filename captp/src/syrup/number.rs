//! Numbers, as they are spelled.

use crate::syrup::SyrupError;

/// The digits of the largest number of 128 bits.
const MAX_DIGITS: usize = 39;

/// The digits of numbers that all fit into 64 bits.
const FEW_DIGITS: usize = 19;

/// A number with which a value begins: an integer, or the length of a string.
pub(super) struct Number {
    /// The place of its first digit.
    at: usize,
    /// The place of the byte behind it.
    pub(super) end: usize,
    /// The byte behind it, which says what it is the number of.
    pub(super) behind: u8,
    pub(super) value: u128,
}

impl Number {
    /// The number that begins here; `None` if the byte behind it has not come yet.
    #[inline]
    pub(super) fn read(bytes: &[u8], at: usize) -> Result<Option<Self>, SyrupError> {
        let mut few = 0u64;
        let mut end = at;
        let behind = loop {
            let Some(&byte) = bytes.get(end) else { break None };
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break Some(byte);
            }
            few = few.wrapping_mul(10).wrapping_add(digit.into());
            end += 1;
            if end - at > MAX_DIGITS {
                // A zero in front is the first mistake, and the one that is found in a piece of it.
                let has_zero = bytes[at] == b'0';
                return Err(if has_zero {
                    SyrupError::NotCanonical { at }
                } else {
                    SyrupError::TooLarge { at }
                });
            }
        };
        if end - at > 1 && bytes[at] == b'0' {
            return Err(SyrupError::NotCanonical { at });
        }
        let Some(behind) = behind else { return Ok(None) };
        let value = if end - at <= FEW_DIGITS { few.into() } else { value_of(&bytes[at..end], at)? };
        Ok(Some(Self { at, end, behind, value }))
    }

    /// The integer that it is.
    pub(super) fn integer(&self) -> Result<i128, SyrupError> {
        let integer = match self.behind {
            b'-' if self.value == 0 => return Err(SyrupError::NotCanonical { at: self.at }),
            // Down from 0, because there is one more number on that side.
            b'-' => 0i128.checked_sub_unsigned(self.value),
            _ => 0i128.checked_add_unsigned(self.value),
        };
        integer.ok_or(SyrupError::TooLarge { at: self.at })
    }

    /// The length of a string that it is.
    pub(super) fn length(&self) -> Result<usize, SyrupError> {
        self.value.try_into().map_err(|_| SyrupError::TooLarge { at: self.at })
    }

    /// The byte behind it says nothing.
    pub(super) const fn is_no_head(&self) -> SyrupError {
        let expected = "`+`, `-`, `:`, `\"` or `'` behind a number";
        SyrupError::Unexpected { at: self.end, found: self.behind, expected }
    }
}

#[cold]
fn value_of(digits: &[u8], at: usize) -> Result<u128, SyrupError> {
    let value = digits
        .iter()
        .try_fold(0u128, |value, digit| value.checked_mul(10)?.checked_add(u128::from(digit - b'0')));
    value.ok_or(SyrupError::TooLarge { at })
}
