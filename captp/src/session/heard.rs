//! Messages that are heard of the peer.

use marketplace::objects::Reference;
use marketplace::{Reason, Value};

use crate::session::Target;
use crate::value::Unreadable;
use crate::wire::WireError;

/// A message of the peer.
#[derive(Debug)]
pub enum Heard {
    /// A message for an object or a promise.
    Deliver {
        /// Its receiver.
        to: Reference,
        /// Its parts.
        parts: Vec<Value>,
        /// The position of its answer:
        /// [`Session::answers_with`](crate::session::Session::answers_with) puts the promise there,
        /// before anything else is heard.
        answer: Option<u64>,
        /// The peer's object that is to hear the answer, for
        /// [`Session::settle`](crate::session::Session::settle).
        resolver: Option<u64>,
    },
    /// Part of an answer is wanted as an answer.
    Select {
        /// The answer.
        of: Reference,
        /// The part.
        part: Part,
        /// The position of the new answer, for
        /// [`Session::answers_with`](crate::session::Session::answers_with).
        answer: u64,
    },
    /// The peer's object `listener` is to hear, by
    /// [`Session::settle`](crate::session::Session::settle), how this is settled.
    Listen {
        /// The promise.
        to: Reference,
        /// The peer's object.
        listener: u64,
    },
    /// A promise that the peer decides is settled.
    Settled {
        /// The promise.
        promise: Target,
        /// The value with which it is settled, or the reason for which it is broken.
        result: Result<Value, Reason>,
    },
    /// The peer has let go of the resolvers of these promises: it will never settle them.
    Abandoned(Vec<Target>),
    /// Nothing that concerns anybody outside the tables.
    Nothing,
    /// The peer has ended the session.
    Aborted(String),
}

/// A part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A field of a struct.
    Field(String),
    /// An item of a list, from 0 on.
    Item(u64),
    /// The content of a value with this tag.
    Tagged(String),
}

/// Why a session has to end: what the peer said cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// It is no operation.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A value in it is none.
    #[error(transparent)]
    Value(#[from] Unreadable),
    /// A second hello.
    #[error("the session has begun already")]
    Begun,
    /// Nothing was ever given at that place, or it was let go of.
    #[error("there is nothing at {0}")]
    Nothing(String),
    /// More was let go of than was given.
    #[error("export {0} was let go of more often than it was given")]
    Overreleased(u64),
    /// A place that is in use.
    #[error("answer {0} is in use")]
    InUse(u64),
    /// A table is full.
    #[error("there are more {0} than there may be")]
    TooMany(&'static str),
}
