//! Reasons: why a promise is broken, as a value.

use marketplace::objects::Broken;
use marketplace::{Message, Reason, SharedError, Text, Value, View};

use crate::syrup::{Kind, Reader, Writer};
use crate::value::error::data_of;
use crate::value::label::{ERROR, MP_ERROR};
use crate::value::{Describe, Refer, Unpassable, Unreadable, read, write};

/// Writes a reason: a value as it is, an error that is data with its text and its value, any other
/// reason with its text.
///
/// # Errors
/// If something in a value cannot travel. The bytes that were written of it are to be taken
/// back. An error whose data cannot travel is its text.
pub fn write_reason(
    reason: &Reason,
    writer: &mut Writer,
    references: &mut impl Describe,
) -> Result<(), Unpassable> {
    let text = match reason {
        Reason::Value(value) => return write(value, writer, references),
        Reason::Error(error) => match data_of(error) {
            Some(data) if data.has_references() => return write(&data, writer, references),
            Some(data) => {
                let mut apart = Writer::new();
                apart.set_depth(writer.depth());
                if write(&with_text(error, data), &mut apart, references).is_ok() {
                    writer.raw(apart.as_bytes());
                    return Ok(());
                }
                error.to_string()
            }
            None => error.to_string(),
        },
        _ => reason.to_string(),
    };
    writer.open(Kind::Record);
    writer.symbol(ERROR);
    writer.text(&text);
    writer.close(Kind::Record);
    Ok(())
}

/// An error that is data without references, as people can read it, too. A record `desc:error` is
/// one that came, and goes home unchanged. One that nests as deep as a value may is its data alone.
fn with_text(error: &SharedError, data: Value) -> Value {
    if matches!(data.view(), View::Record(label, _) if label.as_str() == ERROR) {
        return data;
    }
    let text = Text::from(error.to_string()).into();
    Value::try_record(MP_ERROR, [text, data.clone()]).unwrap_or(data)
}

/// Reads a reason. An error that was written with its text is an error with that text, and with the
/// data that came with it; one of [`Broken`] is that again. Any other value is the reason itself.
///
/// # Errors
/// If it is none.
pub fn read_reason(reader: &mut Reader<'_>, references: &mut impl Refer) -> Result<Reason, Unreadable> {
    Ok(reason_of(read(reader, references)?))
}

/// The reason that a value is.
pub(crate) fn reason_of(value: Value) -> Reason {
    as_error(&value).unwrap_or(Reason::Value(value))
}

/// The error that this value is. One with references in it stays a value: there they are looked
/// after, and an error would hide them.
fn as_error(value: &Value) -> Option<Reason> {
    let View::Record(label, [text, fields @ ..]) = value.view() else { return None };
    if value.has_references() {
        return None;
    }
    match (label.as_str(), fields) {
        (ERROR, _) => Some(Reason::told(Text::from_value(text)?, value.clone())),
        (MP_ERROR, [data]) => Some(match Broken::from_value(data) {
            Some(broken) => broken.into(),
            None => Reason::told(Text::from_value(text)?, data.clone()),
        }),
        _ => None,
    }
}
