//! Why something is broken: reasons here, errors there.

use marketplace::objects::{Broken, Reference};
use marketplace::prelude::*;
use marketplace::{SharedError, View};

use crate::beginning::beginning;
use crate::marshal;
use crate::wall::Body;

/// Why a vat has ended: it went over a limit, or named what it was never given.
#[derive(Message, Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[message(error)]
#[error("vat {vat} was ended: {why}")]
pub struct VatEnded {
    /// The vat.
    pub vat: Text,
    /// The reason.
    pub why: Text,
}

/// An error that JavaScript threw, as the reason of a broken promise.
#[derive(Message, Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[message(error)]
#[error("{name}: {message}")]
pub struct Thrown {
    /// The name of its type, such as `TypeError`.
    pub name: Text,
    /// Its message.
    pub message: Text,
}

/// The body of an error.
pub(super) fn error_body(name: &str, message: &str) -> Body {
    let fields = [Value::from(Text::from(message)), Symbol::new(name).into()];
    let fields = fields.into_iter().take(if name == "Error" { 1 } else { 2 });
    let error = Value::record("desc:error", fields);
    marshal::write(&error, usize::MAX, &mut |_| String::new())
        .unwrap_or_else(|_| unreachable!("an error has only texts in it"))
}

/// A reason, as a vat is told it: data as it is, an error as an error.
pub(super) fn body(reason: &Reason, most: usize, slot: &mut dyn FnMut(&Reference) -> String) -> Body {
    match reason {
        Reason::Value(value) => match marshal::write(value, most, slot) {
            Ok(body) => body,
            Err(_) => error_body("Error", &beginning(reason)),
        },
        Reason::Error(error) => match SharedError::downcast_ref::<Thrown>(error) {
            Some(Thrown { name, message }) => error_body(name, message),
            None => error_body(kind_of(reason), &beginning(reason)),
        },
        _ => error_body("Error", &beginning(reason)),
    }
}

/// The type of the error that a vat sees: mistakes in a call are `TypeError`s.
fn kind_of(reason: &Reason) -> &'static str {
    match Broken::of(reason) {
        Some(
            Broken::NoMethod { .. }
            | Broken::BadArgument { .. }
            | Broken::NotCallable { .. }
            | Broken::NotPassable { .. }
            | Broken::Cycle,
        ) => "TypeError",
        _ => "Error",
    }
}

/// The reason that a vat gave.
pub(super) fn reason(value: Value) -> Reason {
    if let View::Record(label, [message, rest @ ..]) = value.view()
        && label.as_str() == "desc:error"
        && let View::Text(message) = message.view()
    {
        let name = match rest.first().map(Value::view) {
            Some(View::Symbol(name)) => name.as_str(),
            _ => "Error",
        };
        return Reason::error(Thrown { name: name.into(), message: message.clone() });
    }
    Reason::Value(value)
}
