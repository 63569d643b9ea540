//! How values print.

use std::fmt;

use super::{Value, View};
use crate::data::bounded::write_bounded;
use crate::data::symbol::Symbol;
use crate::data::words;

/// In the [notation](crate::notation) that `parse` reads. At most [`MAX_TEXT`](crate::MAX_TEXT)
/// bytes: of a longer text the beginning.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_bounded(f, Some(self.bytes() as usize), &Whole(self))
    }
}

/// A value as it prints, with its whole text.
struct Whole<'v>(&'v Value);

impl fmt::Debug for Whole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.view() {
            View::Unit => f.write_str("()"),
            View::Bool(b) => fmt::Debug::fmt(&b, f),
            View::Int(i) => fmt::Debug::fmt(&i, f),
            View::Float(x) => words::write_float(f, x),
            View::Text(text) => fmt::Debug::fmt(text, f),
            View::Symbol(symbol) => fmt::Debug::fmt(symbol, f),
            View::Bytes(_) if self.0.is_secret() => f.write_str(r#"b"..""#),
            View::Bytes(bytes) => fmt::Debug::fmt(bytes, f),
            View::Record(label, fields) => write_record(f, label, fields.iter().map(Whole)),
            View::Sequence(items) => f.debug_list().entries(items.iter().map(Whole)).finish(),
            View::Set(items) => f.debug_set().entries(items.iter().map(Whole)).finish(),
            // `{}` is the empty set.
            View::Map(entries) if entries.is_empty() => f.write_str("{:}"),
            View::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| (Whole(key), Whole(value)));
                f.debug_map().entries(entries).finish()
            }
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
    fields: impl ExactSizeIterator<Item = T>,
) -> fmt::Result {
    let label = words::label(label.shown());
    if fields.len() == 0 {
        return f.write_str(&label);
    }
    let mut tuple = f.debug_tuple(&label);
    fields.for_each(|field| {
        tuple.field(&field);
    });
    tuple.finish()
}

/// As by `Debug`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl fmt::Display for Whole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Value {
    /// The text of the value without a bound, to be written or read back: `{}` cuts what is longer
    /// than [`MAX_TEXT`](crate::MAX_TEXT). For values from elsewhere ask first how much they are: a
    /// small value that shares much with itself may have a text without end.
    ///
    /// ```
    /// use marketplace::{MAX_TEXT, Value};
    ///
    /// let long = Value::from("x".repeat(100_000).as_str());
    /// assert_eq!(long.whole_text().to_string().len(), 100_002);
    /// assert!(long.to_string().ends_with("x… (100000 bytes in all)"));
    ///
    /// let shares = (0..40).fold(long, |half, _| Value::sequence([half.clone(), half]));
    /// assert!(shares.to_string().len() < MAX_TEXT + 100);
    /// ```
    #[must_use]
    pub fn whole_text(&self) -> impl fmt::Display + '_ {
        Whole(self)
    }
}
