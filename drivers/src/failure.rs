//! Errors of the operating system in the form of failure records: the name of a kind, and a text
//! for people.

use std::fmt::Display;
use std::io;

use marketplace::{Symbol, Text};

/// The name of the error's [kind](io::ErrorKind), such as `NotFound`, and its text.
pub(crate) fn kind_and_text(error: &io::Error) -> (Symbol, Text) {
    (format!("{:?}", error.kind()).into(), error.to_string().into())
}

/// The text of a failure to do `what`.
pub(crate) fn cannot(what: impl Display, error: &io::Error) -> Text {
    format!("cannot {what}: {error}").into()
}
