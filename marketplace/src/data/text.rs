//! Shared text.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// Text that is cheap to clone; the natural type for text in a message.
///
/// ```
/// use marketplace::Text;
/// let text = Text::from("hello");
/// assert_eq!(text.len(), 5);
/// assert_eq!(text, "hello");
///
/// // A map finds it by a `&str`.
/// let words = std::collections::HashMap::from([(text, 1)]);
/// assert_eq!(words.get("hello"), Some(&1));
/// ```
#[derive(Clone)]
pub struct Text(Repr);

#[derive(Clone)]
enum Repr {
    Plain(Arc<str>),
    /// In one word, so that a text is two.
    WithSecret(Arc<WithSecret>),
}

struct WithSecret {
    text: Box<str>,
    shown: Box<str>,
}

const _: () = assert!(size_of::<Text>() == 2 * size_of::<usize>());

impl Text {
    /// A text with a secret in it, such as a password. It is a text like any other, and compares as
    /// one, but people who look on do not see it: as a part of a value, in logs, traces and dumps,
    /// and by `{:?}`, it prints as `shown`. A program that prints it by `{}` prints it whole.
    ///
    /// A text that is made of this one, by `format!` for example, is a plain one.
    ///
    /// ```
    /// use marketplace::{Message, Text};
    ///
    /// let door = Text::with_secret("door?key=4711", "door?key=..");
    /// assert_eq!(door, "door?key=4711");
    /// assert_eq!(door.to_string(), "door?key=4711");
    /// assert_eq!(format!("{door:?}"), r#""door?key=..""#);
    /// assert_eq!((7u8, door.clone()).to_value().to_string(), r#"[7, "door?key=.."]"#);
    /// let heard = Text::from_value(&door.to_value()).unwrap();
    /// assert_eq!(format!("{heard:?}, {heard}"), r#""door?key=..", door?key=4711"#);
    /// ```
    #[must_use]
    pub fn with_secret(text: &str, shown: &str) -> Self {
        Self(Repr::WithSecret(Arc::new(WithSecret { text: text.into(), shown: shown.into() })))
    }

    /// The text as it is shown to people who look on: for a program that prints values in a way of
    /// its own.
    ///
    /// ```
    /// use marketplace::Text;
    ///
    /// assert_eq!(Text::with_secret("door?key=4711", "door?key=..").shown(), "door?key=..");
    /// assert_eq!(Text::from("door").shown(), "door");
    /// ```
    #[must_use]
    pub fn shown(&self) -> &str {
        match &self.0 {
            Repr::Plain(text) => text,
            Repr::WithSecret(both) => &both.shown,
        }
    }

    /// How many bytes it takes, with what is shown of it.
    pub(crate) fn bytes(&self) -> usize {
        match &self.0 {
            Repr::Plain(text) => text.len(),
            Repr::WithSecret(both) => both.text.len().saturating_add(both.shown.len()),
        }
    }

    /// Where it lies, if there is no secret in it: two that lie there are the same.
    #[inline]
    pub(crate) fn address(&self) -> Option<usize> {
        match &self.0 {
            Repr::Plain(text) => Some(text.as_ptr().addr()),
            Repr::WithSecret(_) => None,
        }
    }

    /// The text for people who look on, if it is another one.
    pub(crate) fn shown_instead(&self) -> Option<&str> {
        match &self.0 {
            Repr::Plain(_) => None,
            Repr::WithSecret(both) => Some(&both.shown),
        }
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Plain(text) => text,
            Repr::WithSecret(both) => &both.text,
        }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.as_str().hash(hasher);
    }
}

/// It has the order and the hash of its `str`.
impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::from("")
    }
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Repr::Plain(text.into()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Repr::Plain(text.into()))
    }
}

impl From<&Self> for Text {
    fn from(text: &Self) -> Self {
        text.clone()
    }
}

impl From<Arc<str>> for Text {
    fn from(text: Arc<str>) -> Self {
        Self(Repr::Plain(text))
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// In quotes. A text with a secret prints as it is to be shown.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.shown(), f)
    }
}
