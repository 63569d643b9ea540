//! The messages of a connection. There may be secrets in them, so no log shows them.

use std::fmt;

use bytes::Bytes;
use marketplace::{Message, Value};

use crate::netlayer::Known;
use crate::value::Secret;

/// 32 random bytes, which nobody else knows, and which are not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed(pub Bytes);

/// The messages of a connection's source. Its feedback is [`ToLine`]. Its end is that of the
/// connection.
#[derive(Clone, PartialEq, Eq)]
pub enum FromLine {
    /// First: it stands. The seed is for the keys of the session.
    Connected(Seed),
    /// Before the first bytes: so much is known of the peer.
    Known(Known),
    /// Bytes that have come.
    Heard(Bytes),
    /// The peer says nothing more.
    Ended,
    /// More waits to be written than should; or that is over.
    Congested(bool),
}

/// A word to a connection.
#[derive(Clone, PartialEq, Eq)]
pub enum ToLine {
    /// Bytes to be written, together.
    Say(Bytes),
    /// Nothing more is said. All that comes is thrown away, and the source ends when the peer has
    /// ended its direction, too, or after two seconds.
    Close,
}

/// [`FromLine`] as it is a value, and as it is shown.
#[derive(Message, Clone, Debug)]
enum HiddenFromLine {
    Connected(Secret),
    Known(Known),
    Heard(Secret),
    Ended,
    Congested(bool),
}

/// [`ToLine`] as it is a value, and as it is shown.
#[derive(Message, Clone, Debug)]
enum HiddenToLine {
    Say(Secret),
    Close,
}

impl From<FromLine> for HiddenFromLine {
    fn from(said: FromLine) -> Self {
        match said {
            FromLine::Connected(Seed(seed)) => Self::Connected(Secret(seed)),
            FromLine::Known(known) => Self::Known(known),
            FromLine::Heard(bytes) => Self::Heard(Secret(bytes)),
            FromLine::Ended => Self::Ended,
            FromLine::Congested(congested) => Self::Congested(congested),
        }
    }
}

impl From<HiddenFromLine> for FromLine {
    fn from(said: HiddenFromLine) -> Self {
        match said {
            HiddenFromLine::Connected(Secret(seed)) => Self::Connected(Seed(seed)),
            HiddenFromLine::Known(known) => Self::Known(known),
            HiddenFromLine::Heard(Secret(bytes)) => Self::Heard(bytes),
            HiddenFromLine::Ended => Self::Ended,
            HiddenFromLine::Congested(congested) => Self::Congested(congested),
        }
    }
}

impl From<ToLine> for HiddenToLine {
    fn from(said: ToLine) -> Self {
        match said {
            ToLine::Say(bytes) => Self::Say(Secret(bytes)),
            ToLine::Close => Self::Close,
        }
    }
}

impl From<HiddenToLine> for ToLine {
    fn from(said: HiddenToLine) -> Self {
        match said {
            HiddenToLine::Say(Secret(bytes)) => Self::Say(bytes),
            HiddenToLine::Close => Self::Close,
        }
    }
}

impl From<Seed> for Secret {
    fn from(Seed(seed): Seed) -> Self {
        Self(seed)
    }
}

impl From<Secret> for Seed {
    fn from(Secret(seed): Secret) -> Self {
        Self(seed)
    }
}

/// A message that is, as a value and to who looks on, another one.
macro_rules! is_message_as {
    ($($message:ty as $hidden:ty),*) => {$(
        impl fmt::Debug for $message {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&<$hidden>::from(self.clone()), f)
            }
        }

        impl Message for $message {
            type Gives = Self;

            fn to_value(&self) -> Value {
                self.clone().into_value()
            }

            fn into_value(self) -> Value {
                <$hidden>::from(self).into_value()
            }

            fn from_value(value: &Value) -> Option<Self> {
                <$hidden>::from_value(value).map(Self::from)
            }
        }
    )*};
}

is_message_as!(Seed as Secret, FromLine as HiddenFromLine, ToLine as HiddenToLine);
