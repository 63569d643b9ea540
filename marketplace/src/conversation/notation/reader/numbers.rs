//! Numbers.

use super::{Reader, excerpt};
use crate::conversation::notation::error::{Mistake, ParseError};
use crate::data::value::Value;
use crate::data::words::{NAN, NEGATIVE_NAN};

impl Reader<'_> {
    /// A number that begins with a digit or a minus sign.
    pub(super) fn number(&mut self) -> Result<Value, ParseError> {
        let start = self.at;
        let written = self.take_word();
        let too_large = || self.mistake(start, Mistake::TooLarge(excerpt(written)));
        match written {
            "-inf" => return Ok(f64::NEG_INFINITY.into()),
            "-NaN" => return Ok(f64::from_bits(NEGATIVE_NAN).into()),
            _ => {}
        }
        let magnitude = written.strip_prefix('-').unwrap_or(written);
        if is_digits(magnitude) {
            return written.parse::<i128>().map(Value::from).map_err(|_| too_large());
        }
        match written.parse::<f64>() {
            Ok(x) if is_float(magnitude) && x.is_finite() => Ok(x.into()),
            Ok(_) if is_float(magnitude) => Err(too_large()),
            _ => Err(self.expected_at(start, "a number")),
        }
    }

    /// Reads the rest of a `NaN`: nothing, or its bits.
    pub(super) fn nan_bits(&mut self) -> Result<u64, ParseError> {
        const BITS: &str = "the bits of a NaN, as in NaN(0x7ff8000000000001)";
        if !self.eat('(') {
            return Ok(NAN);
        }
        self.skip_space();
        let start = self.at;
        let bits = self
            .take_word()
            .strip_prefix("0x")
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .filter(|bits| f64::from_bits(*bits).is_nan())
            .ok_or_else(|| self.expected_at(start, BITS))?;
        if self.eat(')') { Ok(bits) } else { Err(self.expected("`)`")) }
    }
}

/// Digits with a point between them, an exponent, or both. The standard library reads more than
/// that: `1.`, `.5`, `infinity`.
fn is_float(magnitude: &str) -> bool {
    let (mantissa, exponent) = match magnitude.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (magnitude, None),
    };
    let exponent_is_good =
        exponent.is_none_or(|exponent| is_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)));
    let mantissa_is_good = match mantissa.split_once('.') {
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
        None => exponent.is_some() && is_digits(mantissa),
    };
    mantissa_is_good && exponent_is_good
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
