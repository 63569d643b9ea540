//! Shared names that carry their hash and are compared by pointer first.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::data::driver::Driver;
use crate::data::origin::Origin;
use crate::data::text::Text;
use crate::data::{hash, words};

/// A shared name: a label of a record, a word such as `ping`.
///
/// Two symbols are equal when their texts are. Cloning shares; there is no table of symbols, so a
/// symbol that nobody holds costs nothing.
///
/// ```
/// use marketplace::Symbol;
/// assert_eq!(Symbol::new("ping"), Symbol::from("ping"));
/// assert_eq!(Symbol::new("ping").as_str(), "ping");
/// ```
pub struct Symbol(Repr);

enum Repr {
    /// The number is the hash of the record of which it is the label, or 0 if that does not keep
    /// its hash: there is room for it. A clone is the label alone.
    Static(&'static Label, u32),
    Shared(Arc<Name>),
}

struct Name {
    hash: u64,
    text: Box<str>,
    /// The text for people who look on, if there is a secret in `text`.
    shown: Option<Box<str>>,
}

/// A symbol known at compile time: `#[derive(Message)]` stores one in a `static` for each
/// constructor.
#[derive(Debug)]
pub struct Label {
    hash: u64,
    text: &'static str,
    driver: Option<Driver>,
    #[cfg(debug_assertions)]
    origin: Option<&'static Origin>,
}

impl Label {
    /// The label with this text.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self {
            hash: hash::of_text(text),
            text,
            driver: None,
            #[cfg(debug_assertions)]
            origin: None,
        }
    }

    /// That of messages for which this driver answers.
    #[must_use]
    pub const fn of_driver(self, driver: Driver) -> Self {
        Self { driver: Some(driver), ..self }
    }

    /// That of the records of this constructor: a debug build tells if two types share a label that
    /// do not mean to.
    #[doc(hidden)]
    #[must_use]
    pub const fn of_origin(self, origin: &'static Origin) -> Self {
        #[cfg(debug_assertions)]
        return Self { origin: Some(origin), ..self };
        #[cfg(not(debug_assertions))]
        {
            let _ = origin;
            self
        }
    }

    #[cfg(debug_assertions)]
    pub(crate) const fn origin(&self) -> Option<&'static Origin> {
        self.origin
    }

    pub(crate) const fn hash_code(&self) -> u64 {
        self.hash
    }

    pub(crate) const fn text(&self) -> &'static str {
        self.text
    }
}

impl Symbol {
    /// The symbol with this text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Repr::Shared(Arc::new(Name { hash: hash::of_text(text), text: text.into(), shown: None })))
    }

    /// The symbol of this text. If a secret is in the text, the symbol prints as it is to be shown.
    pub(crate) fn of_text(text: &Text) -> Self {
        let (hash, shown) = (hash::of_text(text), text.shown_instead().map(Into::into));
        Self(Repr::Shared(Arc::new(Name { hash, text: text.as_str().into(), shown })))
    }

    /// The text as it is shown to people who look on.
    pub(crate) fn shown(&self) -> &str {
        match &self.0 {
            Repr::Shared(name) => name.shown.as_deref().unwrap_or(&name.text),
            Repr::Static(label, _) => label.text,
        }
    }

    /// The symbol of a label: no allocation.
    #[must_use]
    pub const fn from_label(label: &'static Label) -> Self {
        Self(Repr::Static(label, 0))
    }

    /// The label of a record that keeps its hash.
    pub(crate) const fn keeping(label: &'static Label, hash: NonZeroU32) -> Self {
        Self(Repr::Static(label, hash.get()))
    }

    /// The hash that the record of this label keeps.
    #[inline]
    pub(crate) const fn kept_hash(&self) -> Option<NonZeroU32> {
        match &self.0 {
            Repr::Static(_, hash) => NonZeroU32::new(*hash),
            Repr::Shared(_) => None,
        }
    }

    /// The text of this symbol.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Static(label, _) => label.text,
            Repr::Shared(name) => &name.text,
        }
    }

    /// The driver that answers for the messages of this label, if it is that of a message type with
    /// `#[message(driver = ..)]`.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::{Driver, View};
    ///
    /// const LAMPS: Driver = Driver { kind: "lamp driver", action: "lamps::driver()", relay: None };
    ///
    /// #[derive(Message, Clone)]
    /// #[message(driver = LAMPS)]
    /// struct Lamp { on: bool }
    ///
    /// let lamp = Lamp { on: true }.to_value();
    /// let View::Record(label, _) = lamp.view() else { panic!("it is a record") };
    /// assert_eq!(label.driver(), Some(LAMPS));
    /// ```
    #[must_use]
    pub const fn driver(&self) -> Option<Driver> {
        match &self.0 {
            Repr::Static(label, _) => label.driver,
            Repr::Shared(_) => None,
        }
    }

    /// The label of a constructor that this is.
    #[inline]
    pub(crate) const fn label(&self) -> Option<&'static Label> {
        match &self.0 {
            Repr::Static(label, _) => Some(label),
            Repr::Shared(_) => None,
        }
    }

    /// Whether it is a label: then nothing has to be dropped.
    #[inline]
    pub(crate) const fn is_static(&self) -> bool {
        matches!(self.0, Repr::Static(..))
    }

    /// How many bytes its text takes, with what is shown of it, if it was made at run time.
    #[inline]
    pub(crate) fn shared_bytes(&self) -> usize {
        match &self.0 {
            Repr::Static(..) => 0,
            Repr::Shared(name) => name.text.len() + name.shown.as_ref().map_or(0, |shown| shown.len()),
        }
    }

    /// Whether it is that of this label: another label with the same text is another one.
    #[inline]
    pub(crate) fn is(&self, label: &'static Label) -> bool {
        matches!(self.0, Repr::Static(own, _) if std::ptr::eq(own, label))
    }

    #[inline(never)]
    fn has_text_of(&self, other: &Self) -> bool {
        self.hash_code() == other.hash_code() && self.as_str() == other.as_str()
    }

    #[inline]
    pub(crate) fn hash_code(&self) -> u64 {
        match &self.0 {
            Repr::Static(label, _) => label.hash,
            Repr::Shared(name) => name.hash,
        }
    }
}

impl Clone for Symbol {
    #[inline]
    fn clone(&self) -> Self {
        match &self.0 {
            Repr::Static(label, _) => Self::from_label(label),
            Repr::Shared(name) => Self(Repr::Shared(name.clone())),
        }
    }
}

impl PartialEq for Symbol {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Static(a, _), Repr::Static(b, _)) if std::ptr::eq(*a, *b) => true,
            (Repr::Shared(a), Repr::Shared(b)) if Arc::ptr_eq(a, b) => true,
            _ => self.has_text_of(other),
        }
    }
}

impl Eq for Symbol {}

impl Hash for Symbol {
    #[inline]
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.hash_code());
    }
}

impl PartialOrd for Symbol {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Symbol {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl AsRef<str> for Symbol {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Symbol {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<&Self> for Symbol {
    fn from(symbol: &Self) -> Self {
        symbol.clone()
    }
}

impl From<String> for Symbol {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// In the [notation](crate::notation) of values: `'ping`, and with bars if it is not a plain word.
impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        words::write_symbol(f, self.shown())
    }
}
