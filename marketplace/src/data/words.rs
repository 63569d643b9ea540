//! The rules that the printer and the reader share: which texts are words, how others are quoted,
//! and the names of the odd floats.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// Around a name that is not a plain word.
pub(crate) const BAR: char = '|';

/// A character that a word may have anywhere.
pub(crate) fn in_word(c: char) -> bool {
    c.is_alphanumeric() || "._-+*/!?<>=~@$%&^".contains(c)
}

/// A character that a label may begin with: no number does.
pub(crate) fn begins_label(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// The bits of `NaN` and of `-NaN`; other NaNs show theirs.
pub(crate) const NAN: u64 = 0x7ff8_0000_0000_0000;
pub(crate) const NEGATIVE_NAN: u64 = 0xfff8_0000_0000_0000;

/// Whether this word means something else than a record.
fn is_reserved(word: &str) -> bool {
    matches!(word, "true" | "false" | "inf" | "NaN" | "_")
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(in_word)
}

fn is_label(text: &str) -> bool {
    is_word(text) && text.starts_with(begins_label) && !is_reserved(text)
}

/// A symbol as it prints.
pub(crate) fn write_symbol(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('\'')?;
    f.write_str(&if is_word(text) { Cow::Borrowed(text) } else { quoted(text) })
}

/// The label of a record as it prints.
pub(crate) fn label(text: &str) -> Cow<'_, str> {
    if is_label(text) { Cow::Borrowed(text) } else { quoted(text) }
}

fn quoted(text: &str) -> Cow<'_, str> {
    let mut name = String::from(BAR);
    for c in text.chars() {
        match c {
            BAR => name.extend(['\\', BAR]),
            '"' | '\'' => name.push(c),
            _ => name.extend(c.escape_debug()),
        }
    }
    name.push(BAR);
    name.into()
}

/// A float as it prints.
pub(crate) fn write_float(f: &mut fmt::Formatter<'_>, x: f64) -> fmt::Result {
    if !x.is_nan() {
        return fmt::Debug::fmt(&x, f);
    }
    match x.to_bits() {
        NAN => f.write_str("NaN"),
        NEGATIVE_NAN => f.write_str("-NaN"),
        bits => write!(f, "NaN({bits:#018x})"),
    }
}
