//! How values and topics are written: the notation in which they print, read back by `parse`.
//!
//! ```
//! use marketplace::{Message, Topic, Value};
//!
//! #[derive(Message, Clone)]
//! enum Shape { Circle(u32, (i64, i64)) }
//!
//! let circle: Value = "Shape.Circle(5, [-1, 2])".parse()?;
//! assert_eq!(circle, Shape::Circle(5, (-1, 2)).to_value());
//! assert_eq!(circle.to_string(), "Shape.Circle(5, [-1, 2])");
//!
//! let circles: Topic = "Shape.Circle(_, [_, 2])".parse()?;
//! assert!(circles.matches(&circle));
//!
//! let error = "Shape.Circle(5, [-1 2])".parse::<Value>().unwrap_err();
//! assert_eq!(error.to_string(), "character 21: expected `,` or `]`, found `2`");
//! # Ok::<(), marketplace::notation::ParseError>(())
//! ```
//!
//! A text that `{}`, `{:?}` or `{:#?}` prints reads back as the same value or topic, unless there
//! is an opaque value, a fresh value or a reference in it.
//!
//! # By example
//!
//! | written | is |
//! |---|---|
//! | `()` | the value of `()` |
//! | `true` `false` | a bool |
//! | `-12` | an integer, of 128 bits |
//! | `1.0` `-0.0` `2.5e-7` `1e16` | a float: it has a point or an exponent |
//! | `inf` `-inf` `NaN` `-NaN` `NaN(0x7ff8000000000001)` | the other floats; a NaN with other bits than these two shows them |
//! | `"a \"text\"\n"` | text |
//! | `'ping` `'4-to-1` <code>'&#124;two words&#124;</code> | a symbol |
//! | `b"GET \xff\0"` | bytes |
//! | `Shape.Empty` <code>&#124;two words&#124;</code> | a record without fields (`Shape.Empty()` is the same) |
//! | `Shape.Circle(5, [-1, 2])` <code>&#124;true&#124;(1)</code> | a record: its label and its fields, by position |
//! | `[1, "two"]` `[]` | a sequence: a `Vec`, an array, a tuple |
//! | `{1, 2}` `{}` | a set |
//! | `{1: "one", 2: "two"}` `{:}` | a map; no key twice |
//! | `_` | in a topic alone: the wildcard. Not in sets and maps, which are matched whole |
//! | `#7` `fresh#7` `ref#7`, `#x7` .. | an opaque value, a fresh value and a reference, as they print; made by a host, with an `x`; they cannot be read |
//!
//! # Grammar
//!
//! There may be whitespace between tokens, and a comma after the last of several things.
//!
//! ```text
//! value    = "()" | "true" | "false" | integer | float | text | bytes | symbol | record | sequence | set | map
//! topic    = as value, with "_" in the place of any value that is not in a set or a map
//!
//! integer  = ["-"] digits
//! float    = ["-"] digits ["." digits] ["e" ["+" | "-"] digits]     with a point, an exponent or both
//!          | ["-"] "inf" | ["-"] "NaN" | "NaN" "(" "0x" hex.. ")"
//! text     = '"'  (character | escape)..  '"'
//! bytes    = 'b"' (ASCII character | escape).. '"'
//! symbol   = "'" (word | name)
//! record   = (label | name) ["(" [value ("," value).. [","]] ")"]
//! sequence = "[" [value ("," value).. [","]] "]"
//! set      = "{" [value ("," value).. [","]] "}"
//! map      = "{" ":" "}" | "{" value ":" value ("," value ":" value).. [","] "}"
//!
//! word     = letters, digits and . _ - + * / ! ? < > = ~ @ $ % & ^, at least one
//! label    = a word that begins with a letter or "_" and is not one of: true false inf NaN _
//! name     = "|" (character | escape).. "|"                         for all that is no word or label
//! escape   = \0 \t \r \n \\ \" \' \|
//!          | \u{hex..}                                              in texts and names: a Unicode character
//!          | \xhh                                                   in bytes: a byte
//! ```
//!
//! # Limits
//!
//! Values nest at most [`MAX_DEPTH`](crate::MAX_DEPTH) deep, written ones too: deeper is an error,
//! however deep. No text makes the reader panic. It takes memory and time in proportion to the
//! text.

use std::str::FromStr;

use crate::conversation::topic::Topic;
use crate::data::value::Value;

mod error;
mod reader;
#[cfg(test)]
mod tests;

pub use error::{Mistake, ParseError};

/// Reads the [notation](crate::notation) in which values print.
///
/// ```
/// use marketplace::{Message, Value};
/// assert_eq!(r#"[1, "one"]"#.parse(), Ok((1u8, "one".to_string()).to_value()));
/// assert!("[1, _]".parse::<Value>().is_err()); // that is a topic
/// ```
impl FromStr for Value {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        reader::value(text)
    }
}

/// Reads a value in which references may stand as they print, for somebody with the authority to
/// debug: they are only shown, and of no tower.
#[cfg(feature = "shell")]
pub(crate) fn value_with_references(text: &str) -> Result<Value, ParseError> {
    reader::value_with_references(text)
}

/// Reads the [notation](crate::notation) in which topics print: that of values, with `_` for
/// wildcards.
///
/// ```
/// use marketplace::{Message, Topic};
/// let topic: Topic = "[1, _]".parse()?;
/// assert!(topic.matches(&(1u8, "one".to_string()).to_value()));
/// assert_eq!(topic.to_string(), "[1, _]");
/// # Ok::<(), marketplace::notation::ParseError>(())
/// ```
impl FromStr for Topic {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        reader::topic(text)
    }
}
