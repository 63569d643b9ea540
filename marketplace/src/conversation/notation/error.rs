//! Mistakes in a text that is no value and no topic, and their places.

use std::fmt;

use crate::data::text::Text;
use crate::data::value::TooDeep;

/// A text is not in the [notation](crate::notation) of values or topics.
///
/// ```
/// use marketplace::Value;
/// use marketplace::notation::Mistake;
/// let typed = "Ping(é, ]";
/// let error = typed.parse::<Value>().unwrap_err();
/// assert_eq!(error.to_string(), "character 9: expected a value or `)`, found `]`");
/// assert_eq!((error.character, error.offset), (9, 9)); // `é` takes two bytes
/// assert!(matches!(error.mistake, Mistake::Expected { .. }));
/// assert_eq!(format!("{typed}\n{:>1$}", "^", error.character), "Ping(é, ]\n        ^");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("character {character}: {mistake}")]
#[non_exhaustive]
pub struct ParseError {
    /// Where, in characters. The first is 1.
    pub character: usize,
    /// Where, in bytes from the beginning of the text.
    pub offset: usize,
    /// The mistake at that place.
    pub mistake: Mistake,
}

/// The mistake that a [`ParseError`] tells of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mistake {
    /// Something else belongs here.
    #[error("expected {expected}, found {}", Found(.found.as_ref()))]
    Expected {
        /// The tokens that could be here, in words.
        expected: &'static str,
        /// The token that is here, or its beginning; `None` is the end of the text.
        found: Option<Text>,
    },
    /// The end of the text, inside quotes.
    #[error("the {what} that begins at character {begins} is not closed")]
    Unclosed {
        /// The thing that the quotes enclose: a text, bytes, a name.
        what: &'static str,
        /// Where the opening quote is, in characters. The first is 1.
        begins: usize,
    },
    /// A number that does not fit: this, or one that begins so.
    #[error("{0} is too large: integers have 128 bits, floats 64")]
    TooLarge(Text),
    /// It nests too deep.
    #[error(transparent)]
    TooDeep(#[from] TooDeep),
    /// A map has a key twice: this is the second.
    #[error("the map has this key already")]
    DuplicateKey,
    /// A wildcard in a value.
    #[error("`_` stands for anything in a topic; a value has no wildcards")]
    WildcardInValue,
    /// A wildcard in a set or a map of a topic.
    #[error("no wildcard can be in a set or a map: a topic matches those whole")]
    WildcardInCollection,
    /// Fields with names.
    #[error("fields have positions, not names: Label(1, 2)")]
    NamedFields,
    /// Parentheses without a label that have something in them.
    #[error("a tuple is written as a sequence, [1, 2]; only () has no label")]
    Tuple,
    /// An opaque value, as it prints.
    #[error(
        "an opaque value cannot be written: its number tells it apart, but the host value itself is not in the text"
    )]
    Opaque,
    /// A fresh value, as it prints.
    #[error("a fresh value cannot be written: nothing but the process that made it can give it away")]
    Fresh,
    /// A reference, as it prints.
    #[error("a reference cannot be written: nobody but who has it can give it on")]
    Reference,
    /// The number of a reference that is larger than any.
    #[error("no reference has so large a number")]
    NoReference,
}

struct Found<'a>(Option<&'a Text>);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(text) => write!(f, "`{text}`"),
            None => f.write_str("the end"),
        }
    }
}
