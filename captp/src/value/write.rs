//! Values to bytes.

use marketplace::im::{OrdMap, OrdSet};
use marketplace::objects::Reference;
use marketplace::{MAX_DEPTH, SharedError, TooDeep, Value, View};

use crate::syrup::{Kind, Writer};
use crate::value::error::data_or_text;
use crate::value::label::{
    MP_MAP, MP_PLAIN, MP_RECORD, MP_SET, TAGGED, VOID, arrives_as_another, is_of_protocol,
};
use crate::value::{Describe, Secret, Signed, Unpassable};

/// A reason that is an error, as a value.
const REASON_ERROR: &str = "Reason.Error";
/// A reason that is data, as a value.
const REASON_VALUE: &str = "Reason.Value";

/// Writes values. One that nests deeper than a value may is refused: a promise in a value that is
/// settled with data makes it nest deeper, and so on without end.
pub(super) struct Writing<'w, D> {
    pub(super) writer: &'w mut Writer,
    pub(super) references: &'w mut D,
}

impl<D: Describe> Writing<'_, D> {
    pub(super) fn value(&mut self, value: &Value) -> Result<(), Unpassable> {
        match value.view() {
            View::Unit => self.plain(VOID, &[])?,
            View::Bool(b) => self.writer.bool(b),
            View::Int(i) => self.writer.int(i),
            View::Float(x) => self.writer.float(x),
            View::Text(text) => self.writer.text(text),
            View::Symbol(symbol) => self.writer.symbol(symbol.as_str()),
            View::Bytes(bytes) => self.writer.bytes(bytes),
            View::Reference(reference) => self.references.describe(reference, self.writer)?,
            View::Opaque(opaque) => match (opaque.downcast_ref(), opaque.downcast_ref()) {
                (Some(Signed(bytes)), _) if self.references.shows_secrets() => self.writer.raw(bytes),
                (_, Some(Secret(bytes))) if self.references.shows_secrets() => self.writer.bytes(bytes),
                _ => return Err(Unpassable { what: format!("the host value {value}") }),
            },
            View::Sequence(_) | View::Record(..) | View::Map(_) | View::Set(_) => self.composed(value)?,
            _ => return Err(Unpassable { what: value.to_string() }),
        }
        Ok(())
    }

    fn composed(&mut self, value: &Value) -> Result<(), Unpassable> {
        let depth = self.writer.depth();
        if depth + value.depth() > MAX_DEPTH {
            return Err(Unpassable { what: TooDeep.to_string() });
        }
        self.writer.set_depth(depth + 1);
        let written = match value.view() {
            View::Sequence(items) => self.list(items),
            View::Record(label, fields) => self.record(label.as_str(), fields),
            View::Map(entries) => self.map(entries),
            View::Set(items) => self.set(items),
            _ => unreachable!("an atom has nothing in it"),
        };
        self.writer.set_depth(depth);
        written
    }

    fn values(&mut self, values: &[Value]) -> Result<(), Unpassable> {
        values.iter().try_for_each(|value| self.value(value))
    }

    fn list(&mut self, items: &[Value]) -> Result<(), Unpassable> {
        self.writer.open(Kind::List);
        self.values(items)?;
        self.writer.close(Kind::List);
        Ok(())
    }

    fn tagged(
        &mut self,
        tag: &str,
        content: impl FnOnce(&mut Self) -> Result<(), Unpassable>,
    ) -> Result<(), Unpassable> {
        self.writer.open(Kind::Record);
        self.writer.symbol(TAGGED);
        self.writer.symbol(tag);
        content(self)?;
        self.writer.close(Kind::Record);
        Ok(())
    }

    /// A struct if all keys are texts. Its entries are put in order by their bytes; those of any
    /// other map too, so that equal maps have equal bytes.
    fn map(&mut self, entries: &OrdMap<Value, Value>) -> Result<(), Unpassable> {
        if entries.keys().all(|key| matches!(key.view(), View::Text(_))) {
            let mut sorted = self.writer.open_sorted(Kind::Dict);
            for (key, value) in entries {
                self.writer.entry(&mut sorted);
                self.value(key)?;
                self.value(value)?;
            }
            self.writer.close_sorted(sorted);
            return Ok(());
        }
        self.tagged(MP_MAP, |this| {
            let mut sorted = this.writer.open_sorted(Kind::List);
            for (key, value) in entries {
                this.writer.entry(&mut sorted);
                this.writer.open(Kind::List);
                this.value(key)?;
                this.value(value)?;
                this.writer.close(Kind::List);
            }
            this.writer.close_sorted(sorted);
            Ok(())
        })
    }

    fn set(&mut self, items: &OrdSet<Value>) -> Result<(), Unpassable> {
        self.tagged(MP_SET, |this| {
            let mut sorted = this.writer.open_sorted(Kind::List);
            for item in items {
                this.writer.entry(&mut sorted);
                this.value(item)?;
            }
            this.writer.close_sorted(sorted);
            Ok(())
        })
    }

    fn record(&mut self, label: &str, fields: &[Value]) -> Result<(), Unpassable> {
        if arrives_as_another(label, fields) {
            return self.named(label, |this| this.values(fields));
        }
        match (label, fields) {
            (TAGGED, [tag, content]) => match (tag.view(), content.view()) {
                (View::Symbol(tag), View::Reference(reference)) => {
                    self.tagged_reference(tag.as_str(), reference)
                }
                _ => self.plain(TAGGED, fields),
            },
            (MP_PLAIN, [label, content]) => {
                let View::Sequence(fields) = content.view() else { unreachable!("it is as it arrives") };
                self.writer.open(Kind::Record);
                self.value(label)?;
                self.values(fields)?;
                self.writer.close(Kind::Record);
                Ok(())
            }
            (REASON_ERROR, [error]) => match shared_error(error) {
                Some(error) => self.tagged(REASON_VALUE, |this| this.list(&[data_or_text(error)])),
                None => self.tagged(REASON_ERROR, |this| this.list(fields)),
            },
            _ if is_of_protocol(label, fields.len()) => self.plain(label, fields),
            _ => self.tagged(label, |this| this.list(fields)),
        }
    }

    fn plain(&mut self, label: &str, fields: &[Value]) -> Result<(), Unpassable> {
        self.writer.open(Kind::Record);
        self.writer.symbol(label);
        self.values(fields)?;
        self.writer.close(Kind::Record);
        Ok(())
    }

    fn named(
        &mut self,
        label: &str,
        fields: impl FnOnce(&mut Self) -> Result<(), Unpassable>,
    ) -> Result<(), Unpassable> {
        self.tagged(MP_RECORD, |this| {
            this.writer.open(Kind::List);
            this.writer.symbol(label);
            this.writer.open(Kind::List);
            fields(this)?;
            this.writer.close(Kind::List);
            this.writer.close(Kind::List);
            Ok(())
        })
    }

    /// The record `desc:tagged(tag, reference)`. If the reference is a promise that is settled with
    /// a list, that list stands there, and would make a record of it.
    fn tagged_reference(&mut self, tag: &str, reference: &Reference) -> Result<(), Unpassable> {
        let mut content = Writer::new();
        content.set_depth(self.writer.depth());
        self.references.describe(reference, &mut content)?;
        let content = content.as_bytes();
        if content.starts_with(b"[") {
            return self.named(TAGGED, |this| {
                this.writer.symbol(tag);
                this.writer.raw(content);
                Ok(())
            });
        }
        self.tagged(tag, |this| {
            this.writer.raw(content);
            Ok(())
        })
    }
}

/// The error that a reason is, as a reason has it when it is a value.
fn shared_error(value: &Value) -> Option<&SharedError> {
    match value.view() {
        View::Opaque(opaque) => opaque.downcast_ref(),
        _ => None,
    }
}
