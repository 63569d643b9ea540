//! Why something ended.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::sync::Arc;

use crate::data::bounded::{Plain, write_bounded};
use crate::data::contained::{self, Side};
use crate::data::message::Message;
use crate::data::symbol::Symbol;
use crate::data::text::Text;
use crate::data::value::{Value, View};

/// Why an endpoint, a process or a source ended: part of every absence.
#[derive(marketplace_macros::Message, Clone, Debug, Default, PartialEq)]
#[message(reason)]
pub enum Reason {
    /// Nothing went wrong.
    #[default]
    Normal,
    /// The endpoint now has another role.
    Changed,
    /// The program is ending.
    Shutdown,
    /// A supplier refused, for this reason.
    Refused(Value),
    /// Another process ended it. The value is that process's debug name, if it has one.
    Killed(Option<Value>),
    /// The value that the process which ended it gave as its reason.
    Value(Value),
    /// A panic, and its text.
    Panic(Text),
    /// An error.
    Error(SharedError),
}

impl Reason {
    /// The reason that is this message.
    pub fn value(message: &impl Message) -> Self {
        Self::Value(message.to_value())
    }

    /// The reason why an answer does not arrive, or why none comes: its receiver, or its giver, has
    /// ended.
    pub(crate) fn gone() -> Self {
        Self::value(&Symbol::new("gone"))
    }

    /// The reason that is this error, which is its text on other machines.
    ///
    /// One of a type with `#[message(error)]` is a reason by `Reason::from(error)`, which is data
    /// everywhere: see [`data`](Self::data).
    pub fn error(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Error(SharedError::new(error))
    }

    /// The message that this reason is, as an `M` if it is one: the value that somebody gave as a
    /// reason, or an error whose type has `#[message(error)]`.
    /// [`match_reason!`](crate::match_reason) does this in a clause.
    ///
    /// ```
    /// use marketplace::{Message, Reason};
    ///
    /// #[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
    /// #[message(error)]
    /// #[error("only {0} left")]
    /// struct Overdrawn(u64);
    ///
    /// let reason = Reason::error(Overdrawn(7));
    /// assert_eq!(reason.decode(), Some(Overdrawn(7)));
    /// assert_eq!(reason.decode::<u64>(), None);
    /// ```
    #[must_use]
    pub fn decode<M: Message>(&self) -> Option<M> {
        M::from_reason(self)
    }

    /// The part of this reason that travels to other machines, if it is data: the value that
    /// somebody gave as a reason, or the value of an error whose type has `#[message(error)]`.
    ///
    /// Such an error knows its value if it became a reason by `Reason::from(error)`, or as the
    /// error that a method of an object returns. One that became a [`Failure`] by `?` has lost it:
    /// `result.map_err(Reason::from)?` keeps it.
    ///
    /// ```
    /// use marketplace::{Failure, Message, Reason};
    ///
    /// #[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
    /// #[message(error)]
    /// #[error("only {0} left")]
    /// struct Overdrawn(u64);
    ///
    /// let reason = Reason::from(Overdrawn(7));
    /// assert_eq!(reason.to_string(), "only 7 left");
    /// assert_eq!(reason.data(), Some(Overdrawn(7).to_value()));
    ///
    /// let keeps = || -> Result<(), Failure> { Ok(Err(Overdrawn(7)).map_err(Reason::from)?) };
    /// assert_eq!(keeps(), Err(Failure(reason)));
    /// let loses = || -> Result<(), Failure> { Ok(Err(Overdrawn(7))?) };
    /// assert_eq!(loses().unwrap_err().0.data(), None);
    /// ```
    #[must_use]
    pub fn data(&self) -> Option<Value> {
        match self {
            Self::Value(value) => Some(value.clone()),
            Self::Error(error) => error.data(),
            _ => None,
        }
    }

    /// An error of another machine, of which only its text and its [data](Self::data) came. It can
    /// be [decoded](Self::decode) as the error that it is.
    ///
    /// References in the data are not seen by those who only look on, and are kept by all who keep
    /// the reason: data with references is better a [`Reason::Value`].
    ///
    /// ```
    /// use marketplace::{Message, Reason};
    ///
    /// #[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
    /// #[message(error)]
    /// #[error("only {0} left")]
    /// struct Overdrawn(u64);
    ///
    /// let told = Reason::told("only 7 left", Overdrawn(7).to_value());
    /// assert_eq!(told.to_string(), "only 7 left");
    /// assert_eq!(told.decode(), Some(Overdrawn(7)));
    /// ```
    pub fn told(text: impl Into<Text>, data: Value) -> Self {
        let told = Told { text: text.into(), data };
        Self::Error(SharedError::with_data(told, |error| {
            error.downcast_ref().map(|told: &Told| told.data.clone())
        }))
    }

    /// The reason for somebody who only looks on: references in it keep nothing.
    #[inline]
    pub(crate) fn seen(&self) -> Self {
        if let Self::Normal = self { Self::Normal } else { self.without_references() }
    }

    fn without_references(&self) -> Self {
        match self {
            Self::Refused(value) => Self::Refused(value.seen()),
            Self::Value(value) => Self::Value(value.seen()),
            _ => self.clone(),
        }
    }

    /// Whether nothing went wrong: [`Reason::Normal`] or [`Reason::Shutdown`].
    #[must_use]
    pub const fn is_normal(&self) -> bool {
        matches!(self, Self::Normal | Self::Shutdown)
    }

    /// Whether this is an error of the operating system by which a connection has lost its other
    /// side: it was reset or aborted, or written to when it was closed. A process that quits for
    /// that is no fault of the program, and is told at level `info`: peers cannot fill the log.
    ///
    /// ```
    /// use std::io::{Error, ErrorKind};
    /// use marketplace::Reason;
    ///
    /// assert!(Reason::error(Error::from(ErrorKind::ConnectionReset)).is_disconnect());
    /// assert!(!Reason::error(Error::from(ErrorKind::ConnectionRefused)).is_disconnect());
    /// ```
    #[must_use]
    pub fn is_disconnect(&self) -> bool {
        let Self::Error(error) = self else { return false };
        let kind = error.downcast_ref().map(io::Error::kind);
        matches!(
            kind,
            Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe)
        )
    }
}

/// An error of another machine.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Told {
    text: Text,
    data: Value,
}

/// A thing that may stand where a reason is asked for, such as [`PreAction::because`]: a
/// [`Reason`], a message, which is the reason as it is by [`Reason::value`], or a `&str`, which is
/// a text.
///
/// An error is a reason by [`Reason::error`].
///
/// [`PreAction::because`]: crate::PreAction::because
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::IntoReason;
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// enum Left { Quit(Text) }
///
/// let left = Left::Quit("tired".into());
/// assert_eq!(left.clone().into_reason(), Reason::value(&left));
/// assert_eq!("tired".into_reason(), Reason::value(&Text::from("tired")));
/// assert_eq!("tired".into_reason(), Reason::from("tired"));
/// assert_eq!(Reason::Shutdown.into_reason(), Reason::Shutdown);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a reason",
    label = "expected a `Reason`, a message or a `&str`",
    note = "an error is a reason by `Reason::error(error)`; a type of yours with `#[derive(Message)]` is one as it is"
)]
pub trait IntoReason {
    /// The reason.
    fn into_reason(self) -> Reason;
}

#[diagnostic::do_not_recommend]
impl<M: Message> IntoReason for M {
    fn into_reason(self) -> Reason {
        self.to_reason()
    }
}

impl IntoReason for &str {
    fn into_reason(self) -> Reason {
        Reason::Value(Text::from(self).into())
    }
}

/// A text for people.
impl From<&str> for Reason {
    fn from(text: &str) -> Self {
        text.into_reason()
    }
}

/// A text for people.
impl From<String> for Reason {
    fn from(text: String) -> Self {
        text.into_reason()
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => f.write_str("normal"),
            Self::Changed => f.write_str("changed"),
            Self::Shutdown => f.write_str("shutdown"),
            Self::Refused(why) => write!(f, "refused: {why}"),
            Self::Killed(None) => f.write_str("killed"),
            Self::Killed(Some(by)) => write!(f, "killed by {by}"),
            // A symbol or a text is shown to people without quotes.
            Self::Value(value) => match value.view() {
                View::Text(text) => write_bounded(f, Some(text.shown().len()), &Plain(text.shown())),
                View::Symbol(symbol) => f.write_str(symbol.shown()),
                _ => value.fmt(f),
            },
            Self::Panic(text) => {
                f.write_str("panic: ")?;
                write_bounded(f, Some(text.len()), &Plain(text))
            }
            Self::Error(error) => error.fmt(f),
        }
    }
}

/// An error that many may hold. Two are equal when they are the same one, or say the same.
///
/// The error is the user's: if its destructor or its `Display` panics, no process fails that only
/// holds it.
#[derive(Clone)]
pub struct SharedError(Arc<Inner>);

struct Inner {
    /// Empty only while it is being dropped.
    error: Option<Box<dyn Error + Send + Sync>>,
    /// The data that it is.
    data: Option<ToData>,
}

/// Makes data of the errors of one type.
type ToData = fn(&(dyn Error + 'static)) -> Option<Value>;

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(error) = self.error.take() {
            contained::drop_shared(error);
        }
    }
}

impl SharedError {
    pub(crate) fn new(error: impl Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { error: Some(Box::new(error)), data: None }))
    }

    /// An error that is data.
    pub(crate) fn with_data(error: impl Error + Send + Sync + 'static, data: ToData) -> Self {
        Self(Arc::new(Inner { error: Some(Box::new(error)), data: Some(data) }))
    }

    /// The data that this error is, if it is known: see [`Reason::data`].
    #[must_use]
    pub fn data(&self) -> Option<Value> {
        let data = self.0.data?;
        contained::call(Side::Turn, || data(self.error())).ok().flatten()
    }

    fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        match &self.0.error {
            Some(error) => &**error,
            None => unreachable!("it is not being dropped"),
        }
    }

    /// Shows the error, through the door.
    fn show(
        &self,
        f: &mut fmt::Formatter<'_>,
        how: fn(&dyn Error, &mut fmt::Formatter<'_>) -> fmt::Result,
    ) -> fmt::Result {
        match contained::call(Side::Turn, || how(self.error(), f)) {
            Ok(result) => result,
            Err(panic) => write!(f, "{}", Reason::Panic(panic)),
        }
    }

    /// The error, as an `E` if it is one.
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.error().downcast_ref()
    }
}

impl std::ops::Deref for SharedError {
    type Target = dyn Error + Send + Sync;
    fn deref(&self) -> &Self::Target {
        self.error()
    }
}

impl PartialEq for SharedError {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.to_string() == other.to_string()
    }
}

impl fmt::Debug for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(f, |error, f| fmt::Debug::fmt(error, f))
    }
}

impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(f, |error, f| {
            fmt::Display::fmt(error, f)?;
            let mut source = error.source();
            while let Some(error) = source {
                write!(f, ": {error}")?;
                source = error.source();
            }
            Ok(())
        })
    }
}

/// A failure, with which a body ends its process: made by `?` from any error, or from a value.
///
/// A text is no error: it fails a body as `Err(Reason::from("too much"))?`. A `Box<dyn Error>` is
/// none, either: `.map_err(|error| Reason::from(error.to_string()))?` keeps its text.
///
/// It is not itself an error, so that `?` can make it from every type that is one. An error that is
/// to be data on other machines, because its type has `#[message(error)]`, is passed on by
/// `result.map_err(Reason::from)?`: `?` alone cannot see that it is data (see [`Reason::data`]).
///
/// ```
/// use marketplace::{Failure, Reason};
/// fn parse(text: &str) -> Result<u16, Failure> {
///     if text.is_empty() {
///         Err(Reason::from("nothing to parse"))?;
///     }
///     Ok(text.parse()?)
/// }
/// assert!(matches!(parse("x"), Err(Failure(Reason::Error(_)))));
/// assert!(matches!(parse(""), Err(Failure(Reason::Value(_)))));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Failure(pub Reason);

/// The reason why user code failed. It is boxed so that the result of a turn, which rarely has one,
/// is small.
pub(crate) type Failed = Box<Reason>;

impl From<Failure> for Failed {
    #[cold]
    fn from(Failure(reason): Failure) -> Self {
        Self::new(reason)
    }
}

impl Failure {
    /// Ends the process with this message as its reason.
    pub fn value(message: &impl Message) -> Self {
        Self(Reason::value(message))
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Reason::error(error))
    }
}

/// So `?` passes on the reason for which a child failed.
impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self(reason)
    }
}
