//! Why a promise is broken, if no method said so.

use crate::data::reason::{Reason, SharedError};
use crate::data::symbol::Symbol;
use crate::data::text::Text;

/// Why there is no answer, if it was not the object that said so. A program can take it apart in
/// [`match_reason!`](crate::match_reason), or with [`Broken::of`].
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// struct Deaf;
/// #[object]
/// impl Deaf {}
///
/// let mut sim = Sim::new(|_| {
///     let (spawn, deaf) = spawn_object(Deaf);
///     transition_no_state!(
///         spawn,
///         ask(move |cx| send(cx, &deaf, "listen", ()), |(): (), heard: Result<Value, Reason>| {
///             let Err(reason) = heard else { panic!("it has no methods") };
///             assert_eq!(reason.to_string(), "there is no method `listen`: there is none at all");
///             assert!(matches!(Broken::of(&reason), Some(Broken::NoMethod { .. })));
///             transition_no_state!(send_message!("understood"))
///         }),
///     )
/// });
/// sim.run();
/// assert_eq!(sim.messages_of::<Text>(), ["understood"]);
/// ```
#[derive(marketplace_macros::Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
#[non_exhaustive]
pub enum Broken {
    /// The object has no such method. A message whose first part is no symbol has no verb: then
    /// `verb` is empty.
    #[error("{}: {}", missing(verb), listed(has))]
    NoMethod {
        /// The method that was called.
        verb: Symbol,
        /// The methods that there are.
        has: Vec<Symbol>,
    },
    /// The object is made of clauses, and none of them takes the message.
    #[error("none of its clauses takes the message {found}")]
    NoClause {
        /// The method that was called; empty if the message has no verb.
        verb: Symbol,
        /// The message.
        found: Text,
    },
    /// The message fits no method: an argument is of another type, or there are too many or too few
    /// of them.
    #[error("`{}` takes {expected}{}, but was given {found}", verb.as_str(), placed(*place))]
    BadArgument {
        /// The method that was called.
        verb: Symbol,
        /// The place of the argument, from 1 on; 0 if it is about their number.
        place: u32,
        /// The type that it should have.
        expected: Text,
        /// The argument.
        found: Text,
    },
    /// The answer is there, but of another type than whoever waits for it expects.
    #[error("the answer was to be {expected}, but it is {found}")]
    BadAnswer {
        /// The type that it should have.
        expected: Text,
        /// The answer.
        found: Text,
    },
    /// The message was sent to data, and not to an object.
    #[error("{found} hears no messages, so not `{}` either", verb.as_str())]
    NotCallable {
        /// The method that was called.
        verb: Symbol,
        /// The data.
        found: Text,
    },
    /// The process of the object, or of whoever was to answer, has ended for this reason.
    #[error("it is gone ({0})")]
    Gone(Reason),
    /// Nobody is left who could settle the promise: its last resolver was dropped, say.
    #[error("nobody is left who could answer")]
    Abandoned,
    /// An object of clauses, or whoever had the duct of the message from it, has let go of the duct
    /// without giving an answer.
    #[error("nobody answered: the duct of the message was dropped")]
    Unanswered,
    /// The object was never there: the action was dropped that spawns it.
    #[error("the object was never there: the action that spawns it was dropped")]
    NeverSpawned,
    /// The object was never there: its place was dropped, a [`Here`](crate::objects::Here).
    #[error("the object was never there: its `Here` was dropped")]
    NeverMade,
    /// The object is of another vat: references of two vats reach each other over a session, which
    /// the crate `marketplace-captp` makes.
    #[error("it is in another vat: `link` of the crate `marketplace-captp` connects the two")]
    Foreign,
    /// The promise would wait for itself.
    #[error("the promise waits for itself")]
    Cycle,
    /// Too many messages wait at the promise.
    #[error("too many messages wait there")]
    TooMany,
    /// The time within which the answer was wanted is over.
    #[error("no answer came in time")]
    TimedOut,
    /// Something in the message cannot travel where it was to go.
    #[error("what stands at place {place} cannot be passed on: {what}")]
    NotPassable {
        /// The place of the argument, from 1 on.
        place: u32,
        /// The thing itself.
        what: Text,
    },
    /// The reference came from a record, where it is only shown.
    #[error("the reference is only shown")]
    Shown,
}

fn missing(verb: &Symbol) -> String {
    match verb.as_str() {
        "" => "a message without a verb".to_string(),
        verb => format!("there is no method `{verb}`"),
    }
}

fn listed(has: &[Symbol]) -> String {
    if has.is_empty() {
        return "there is none at all".to_string();
    }
    let names: Vec<_> = has.iter().map(|name| format!("`{}`", name.as_str())).collect();
    format!("there is {}", names.join(", "))
}

fn placed(place: u32) -> String {
    if place == 0 { String::new() } else { format!(" at place {place}") }
}

impl Broken {
    /// The reason, if it is of this kind.
    #[must_use]
    pub fn of(reason: &Reason) -> Option<&Self> {
        match reason {
            Reason::Error(error) => SharedError::downcast_ref(error),
            _ => None,
        }
    }

    /// The reason that something is gone, because of this one. That something is gone because
    /// something else is, is said once.
    pub(crate) fn gone(reason: &Reason) -> Reason {
        match Self::of(reason) {
            Some(Self::Gone(_)) => reason.clone(),
            _ => Reason::from(Self::Gone(reason.clone())),
        }
    }
}
