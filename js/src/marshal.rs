//! Values of the object layer as bodies at the wall, and back.
//!
//! | value | JavaScript |
//! |---|---|
//! | `()` | `undefined` |
//! | a truth value | a boolean |
//! | an integer | a number, if it is a safe one, else a bigint |
//! | `mp:bigint(n)`, for a safe integer | a bigint |
//! | a floating-point number | a number; one without a fraction comes back as an integer |
//! | a text | a string |
//! | a symbol | a registered symbol, `Symbol.for(..)` |
//! | a sequence | an array |
//! | a map whose keys are texts | an object; its keys arrive in order |
//! | the record `null` | `null` |
//! | the record `desc:error(text, 'Name)`, `desc:error(text)` | an error of that name, an `Error` |
//! | another record | `record("Label", ..)` |
//! | bytes | `record("mp:bytes", "hexadecimal")` |
//! | a set | `record("mp:set", [..])` |
//! | another map | `record("mp:map", [[key, value], ..])` |
//! | an object, a promise | a presence, a promise |
//!
//! A record of ours whose label is one of these is `record("mp:record", "label", [..])`. These are
//! refused: fresh names, host values, ducts, resolvers; half characters, and a key that is no
//! number; an integer beyond 128 bits.

mod json;
mod read;
#[cfg(test)]
mod tests;
mod write;

use marketplace::objects::Reference;
use marketplace::{TooDeep, Value};

use crate::wall::Body;

const QCLASS: &str = "@qclass";
const NULL: &str = "null";
const ERROR: &str = "desc:error";
const BIGINT: &str = "mp:bigint";
const BYTES: &str = "mp:bytes";
const SET: &str = "mp:set";
const MAP: &str = "mp:map";
const RECORD: &str = "mp:record";

/// Whether an integer is a number of JavaScript, and so is each nearer to 0.
const fn is_safe(int: i128) -> bool {
    int.unsigned_abs() < 1 << 53
}

/// Whether a record with this label means something else at the wall.
fn is_reserved(label: &str) -> bool {
    matches!(label, BYTES | SET | MAP | RECORD)
}

/// Something that cannot come in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unpassable {
    #[error("{0} cannot be passed to a vat")]
    Kind(String),
    #[error("it is too large for the vat")]
    TooLarge,
}

/// Something that cannot go out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("this is no body: {0}")]
    Json(&'static str),
    #[error("this is no {0}")]
    Malformed(&'static str),
    #[error("there is no slot {0} in it")]
    NoSlot(i128),
    #[error("{0} contains itself")]
    Cycle(usize),
    #[error(transparent)]
    TooDeep(#[from] TooDeep),
    #[error("it has too many parts")]
    TooLarge,
}

/// Writes a value as a body. `slot` gives the slot of a reference; `most` is the greatest length of
/// the text.
pub(crate) fn write(
    value: &Value,
    most: usize,
    slot: &mut dyn FnMut(&Reference) -> String,
) -> Result<Body, Unpassable> {
    write::Writing::new(most, slot).body(value)
}

/// Writes values as the body of a list.
pub(crate) fn write_list(
    values: &[Value],
    most: usize,
    slot: &mut dyn FnMut(&Reference) -> String,
) -> Result<Body, Unpassable> {
    write::Writing::new(most, slot).list(values)
}

/// Reads a body. `slots` are what its slots stand for.
pub(crate) fn read(text: &str, slots: &[Value]) -> Result<Value, Unreadable> {
    read::Reading::new(slots).value(&json::parse(text)?)
}
