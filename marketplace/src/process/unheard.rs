//! Errors of which nobody has heard.

use std::fmt;

use crate::data::one_line::one_line;
use crate::data::reason::Reason;
use crate::data::symbol::Symbol;

/// An error that reached nobody: a method or a continuation failed, or a message could not be
/// delivered, and nobody has the promise that would say so.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UnheardError {
    /// The error.
    pub reason: Reason,
    /// The process that answered with it, [by names](crate::Exit::path), if one did.
    pub of: Option<String>,
    /// The type of the object that answered with it, if one with `#[object]` did.
    pub object: Option<&'static str>,
    /// The verb of the message, or `when` if a continuation failed. `None`: the promise was broken
    /// by its resolver, or nobody was left who could settle it.
    pub verb: Option<Symbol>,
}

impl UnheardError {
    /// How many are kept until the host asks. The others are a number in the counts.
    pub(crate) const MOST: usize = 16;
}

/// The error and the remedy, in one line.
impl fmt::Display for UnheardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.of, self.object, &self.verb) {
            (Some(process), ..) => write!(f, "an error of {} reached nobody: ", one_line(process))?,
            (None, Some(object), Some(verb)) => {
                write!(f, "an error of `{}` of {object} reached nobody: ", one_line(verb.as_str()))?;
            }
            (None, None, Some(verb)) if !verb.as_str().is_empty() => {
                write!(f, "an error of `{}` reached nobody: ", one_line(verb.as_str()))?;
            }
            _ => f.write_str("an error reached nobody: ")?,
        }
        write!(f, "{}; keep the promise, and look at what it gives", one_line(&self.reason.to_string()))
    }
}
