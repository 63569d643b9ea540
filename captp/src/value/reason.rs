//! Reasons: why a promise is broken, as a value.

use marketplace::objects::Broken;
use marketplace::{Message, Reason, SharedError, Text, Value, View};

use crate::syrup::{Kind, Reader, Writer};
use crate::value::label::ERROR;
use crate::value::{Describe, Refer, Unpassable, Unreadable, read, write};

/// An error that a peer has told: a record `desc:error`, whose first field is a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
struct Told {
    text: Text,
    /// The whole record. It has no references in it.
    record: Value,
}

/// Writes a reason: as the value that it is, or as an error with its text.
///
/// # Errors
/// If something in it cannot travel. What was written of it is to be taken back.
pub fn write_reason(
    reason: &Reason,
    writer: &mut Writer,
    references: &mut impl Describe,
) -> Result<(), Unpassable> {
    match reason {
        Reason::Value(value) => write(value, writer, references),
        Reason::Error(error) => match data_of(error) {
            Some(data) => write(&data, writer, references),
            None => {
                write_error(&error.to_string(), writer);
                Ok(())
            }
        },
        _ => {
            write_error(&reason.to_string(), writer);
            Ok(())
        }
    }
}

fn write_error(text: &str, writer: &mut Writer) {
    writer.open(Kind::Record);
    writer.symbol(ERROR);
    writer.text(text);
    writer.close(Kind::Record);
}

/// The data that an error is, if it is known.
fn data_of(error: &SharedError) -> Option<Value> {
    if let Some(broken) = error.downcast_ref::<Broken>() {
        return Some(broken.to_value());
    }
    error.downcast_ref::<Told>().map(|told| told.record.clone())
}

/// The value for an error inside of a value: its data, or its text.
pub(super) fn data_or_text(error: &SharedError) -> Value {
    data_of(error).unwrap_or_else(|| Text::from(error.to_string()).into())
}

/// Reads a reason. An error that was written as its text is an error with that text, and one of
/// [`Broken`] is that again; any other value is the reason itself.
///
/// # Errors
/// If it is none.
pub fn read_reason(reader: &mut Reader<'_>, references: &mut impl Refer) -> Result<Reason, Unreadable> {
    let value = read(reader, references)?;
    if let Some(told) = Told::of(&value) {
        return Ok(Reason::error(told));
    }
    Ok(Broken::from_value(&value).map_or(Reason::Value(value), Reason::error))
}

impl Told {
    /// The error that this value is. One with references in it stays a value: there they can be
    /// seen.
    fn of(value: &Value) -> Option<Self> {
        match value.view() {
            View::Record(label, [text, ..]) if label.as_str() == ERROR && !value.has_references() => {
                let text = Text::from_value(text)?;
                Some(Self { text, record: value.clone() })
            }
            _ => None,
        }
    }
}
