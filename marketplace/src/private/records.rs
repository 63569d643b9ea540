//! Makes the records of derived messages, and takes them apart.

use bytes::Bytes;

use crate::data::symbol::{Label, Symbol};
use crate::data::value::shared::Identity;
use crate::{Value, View};

/// The parts of a record in the order of its type; the first one makes room for the label.
#[inline(never)]
pub(super) fn in_order<const N: usize, const PARTS: usize>(
    places: &[usize; N],
    parts: [Value; PARTS],
) -> [Value; PARTS] {
    let mut ordered = [const { Value::UNIT }; PARTS];
    for (place, value) in places.iter().zip(parts.into_iter().skip(1)) {
        ordered[place + 1].fill(value);
    }
    ordered
}

/// A record as the derive makes it; the first part makes room for the label.
#[inline]
pub fn record<const N: usize>(label: &'static Label, parts: [Value; N]) -> Value {
    Value::from_array(label, parts)
}

/// A record as the derive makes it of a type whose records are shared.
#[inline]
pub fn shared_record<const FIELDS: usize, const N: usize>(
    label: &'static Label,
    fields: [Option<Identity>; FIELDS],
    parts: impl FnOnce() -> [Value; N],
) -> Value {
    Value::shared_from_array(label, fields, parts)
}

/// The bytes in a record of this label and one field, which nobody needs any more: they are taken
/// out, if nobody else has it. Anything else comes back.
// For our drivers, as `Sharing` is.
#[inline]
pub fn take_bytes(value: Value, label: &'static Label) -> Result<Bytes, Value> {
    match fields::<1>(&value, &Symbol::from_label(label)) {
        Some([field]) if matches!(field.view(), View::Bytes(_)) => {}
        _ => return Err(value),
    }
    let bytes = value.into_fields().and_then(|[field]: [Value; 1]| field.into_bytes());
    Ok(bytes.unwrap_or_else(|| unreachable!("these are the bytes of a record")))
}

/// The fields of a record with this label and arity.
#[inline]
pub fn fields<'a, const N: usize>(value: &'a Value, label: &Symbol) -> Option<&'a [Value; N]> {
    match value.view() {
        View::Record(other, fields) if fields.len() == N && other == label => fields.try_into().ok(),
        _ => None,
    }
}
