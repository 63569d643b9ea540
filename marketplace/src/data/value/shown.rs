//! How values print.

use std::fmt;

use super::{Value, View};
use crate::data::symbol::Symbol;
use crate::data::words;

/// In the [notation](crate::notation) that `parse` reads.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.view() {
            View::Unit => f.write_str("()"),
            View::Bool(b) => fmt::Debug::fmt(&b, f),
            View::Int(i) => fmt::Debug::fmt(&i, f),
            View::Float(x) => words::write_float(f, x),
            View::Text(text) => fmt::Debug::fmt(text, f),
            View::Symbol(symbol) => fmt::Debug::fmt(symbol, f),
            View::Bytes(bytes) => fmt::Debug::fmt(bytes, f),
            View::Record(label, fields) => write_record(f, label, fields),
            View::Sequence(items) => f.debug_list().entries(items).finish(),
            View::Set(items) => f.debug_set().entries(items).finish(),
            // `{}` is the empty set.
            View::Map(entries) if entries.is_empty() => f.write_str("{:}"),
            View::Map(entries) => f.debug_map().entries(entries).finish(),
            View::Opaque(opaque) => fmt::Debug::fmt(opaque, f),
            View::Fresh(fresh) => fmt::Debug::fmt(&fresh, f),
            View::Reference(reference) => fmt::Debug::fmt(reference, f),
        }
    }
}

/// `Label(field, field)`, as values and topics print.
pub(crate) fn write_record<T: fmt::Debug>(
    f: &mut fmt::Formatter<'_>,
    label: &Symbol,
    fields: &[T],
) -> fmt::Result {
    let label = words::label(label.as_str());
    if fields.is_empty() {
        return f.write_str(&label);
    }
    let mut tuple = f.debug_tuple(&label);
    fields.iter().for_each(|field| {
        tuple.field(field);
    });
    tuple.finish()
}

/// As by `Debug`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
