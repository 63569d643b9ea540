//! Errors as data.

use marketplace::objects::Broken;
use marketplace::{Message, SharedError, Text, Value};

/// The data that an error is, if it is known.
pub(super) fn data_of(error: &SharedError) -> Option<Value> {
    error.data().or_else(|| error.downcast_ref().map(Broken::to_value))
}

/// The value for an error inside of a value: its data, or its text.
pub(super) fn data_or_text(error: &SharedError) -> Value {
    data_of(error).unwrap_or_else(|| Text::from(error.to_string()).into())
}
