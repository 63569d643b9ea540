//! Bytes to values.

use bytes::Bytes;
use marketplace::im::{OrdMap, OrdSet};
use marketplace::{MAX_DEPTH, Opaque, Symbol, Text, TooDeep, Value, View};

use crate::syrup::{Atom, Kind, Reader};
use crate::value::label::{
    ANSWER, ENVELOPE, EXPORT, GIVE, IMPORT_OBJECT, IMPORT_PROMISE, MP_MAP, MP_PLAIN, MP_RECORD, MP_SET,
    STURDYREF, TAGGED, VOID, is_foreign, is_of_ours,
};
use crate::value::{Descriptor, Refer, Signed, Unreadable, hide_swiss};

/// Room for what is read, which serves for value after value: [`read_in`](super::read_in).
#[derive(Debug, Default)]
pub struct Room {
    /// The parts that have been read of the values around the next one.
    parts: Vec<Value>,
    /// The first symbols that were read: values say theirs again and again.
    symbols: [Option<Symbol>; 8],
}

/// Reads values. One that nests deeper than our values do is refused on the way in, so that the
/// calls nest no deeper.
pub(super) struct Reading<'r, 'b, R> {
    reader: &'r mut Reader<'b>,
    references: &'r mut R,
    /// How many values are around the next one.
    depth: usize,
    room: &'r mut Room,
}

impl<'r, 'b, R: Refer> Reading<'r, 'b, R> {
    pub(super) fn new(reader: &'r mut Reader<'b>, references: &'r mut R, room: &'r mut Room) -> Self {
        // There is something left of a value that could not be read.
        room.parts.clear();
        Self { reader, references, depth: 0, room }
    }

    #[inline]
    pub(super) fn value(&mut self) -> Result<Value, Unreadable> {
        Ok(match self.reader.atom()? {
            Some(Atom::Bool(b)) => b.into(),
            Some(Atom::Int(i)) => i.into(),
            Some(Atom::Float(x)) => x.into(),
            Some(Atom::Bytes(bytes)) => {
                let is_address = bytes.starts_with(b"ocapn:");
                let bytes = Bytes::copy_from_slice(bytes);
                if is_address { Value::secret(bytes) } else { bytes.into() }
            }
            Some(Atom::Text(text)) => hide_swiss(text).into(),
            Some(Atom::Symbol(text)) => self.symbol(text).into(),
            None => return self.composed(),
        })
    }

    fn symbol(&mut self, text: &str) -> Symbol {
        for place in &mut self.room.symbols {
            match place {
                Some(symbol) if symbol.as_str() == text => return symbol.clone(),
                Some(_) => {}
                None => return place.insert(Symbol::new(text)).clone(),
            }
        }
        Symbol::new(text)
    }

    #[inline(never)]
    fn composed(&mut self) -> Result<Value, Unreadable> {
        if self.depth > MAX_DEPTH {
            return Err(TooDeep.into());
        }
        self.depth += 1;
        let value = self.parts_of();
        self.depth -= 1;
        value
    }

    fn parts_of(&mut self) -> Result<Value, Unreadable> {
        match self.reader.kind()? {
            Kind::List => {
                let start = self.list()?;
                self.sequence(start)
            }
            Kind::Record => self.record(),
            Kind::Dict => self.map(Kind::Dict, |this| Ok((this.value()?, this.value()?))),
            Kind::Set => self.set(Kind::Set),
            _ => unreachable!("an atom has nothing in it"),
        }
    }

    /// Reads a list into the parts, and says where they begin.
    fn list(&mut self) -> Result<usize, Unreadable> {
        self.reader.open(Kind::List)?;
        let start = self.room.parts.len();
        self.rest(Kind::List)?;
        Ok(start)
    }

    /// Adds the values up to the end of the value around them to the parts.
    fn rest(&mut self, of: Kind) -> Result<(), Unreadable> {
        while !self.reader.closes(of)? {
            let value = self.value()?;
            self.room.parts.push(value);
        }
        Ok(())
    }

    /// Makes a sequence of the parts from there on.
    fn sequence(&mut self, start: usize) -> Result<Value, Unreadable> {
        Ok(Value::try_sequence(self.room.parts.drain(start..))?)
    }

    /// Makes a record of the parts from there on.
    fn record_of(&mut self, label: &str, start: usize) -> Result<Value, Unreadable> {
        let label = self.symbol(label);
        Ok(Value::try_record(label, self.room.parts.drain(start..))?)
    }

    /// Makes a record of the parts from there on, which others write and we do not.
    fn foreign(&mut self, label: Value, start: usize) -> Result<Value, Unreadable> {
        let fields = self.sequence(start)?;
        Ok(Value::try_record(MP_PLAIN, [label, fields])?)
    }

    /// Of two entries with one key the last one counts: references that are two for the sender can
    /// be one here.
    fn map(
        &mut self,
        kind: Kind,
        mut entry: impl FnMut(&mut Self) -> Result<(Value, Value), Unreadable>,
    ) -> Result<Value, Unreadable> {
        self.reader.open(kind)?;
        let mut entries = OrdMap::new();
        while !self.reader.closes(kind)? {
            let (key, value) = entry(self)?;
            entries.insert(key, value);
        }
        Ok(Value::map(entries)?)
    }

    fn set(&mut self, kind: Kind) -> Result<Value, Unreadable> {
        self.reader.open(kind)?;
        let mut items = OrdSet::new();
        while !self.reader.closes(kind)? {
            items.insert(self.value()?);
        }
        Ok(Value::set(items)?)
    }

    fn record(&mut self) -> Result<Value, Unreadable> {
        let (at, start) = (self.reader.at(), self.room.parts.len());
        self.reader.open(Kind::Record)?;
        if self.reader.kind()? != Kind::Symbol {
            let label = self.value()?;
            self.rest(Kind::Record)?;
            return self.foreign(label, start);
        }
        let label = self.reader.symbol()?;
        match label {
            IMPORT_OBJECT => self.at(Descriptor::ImportObject, IMPORT_OBJECT),
            IMPORT_PROMISE => self.at(Descriptor::ImportPromise, IMPORT_PROMISE),
            EXPORT => self.at(Descriptor::Export, EXPORT),
            ANSWER => self.at(Descriptor::Answer, ANSWER),
            ENVELOPE => self.envelope(at),
            TAGGED => self.tagged(),
            _ => {
                self.rest(Kind::Record)?;
                match self.room.parts.len() - start {
                    0 if label == VOID => Ok(Value::UNIT),
                    fields if is_foreign(label, fields) => {
                        let label = self.symbol(label).into();
                        self.foreign(label, start)
                    }
                    2 if label == STURDYREF => {
                        self.hide_last();
                        self.record_of(label, start)
                    }
                    _ => self.record_of(label, start),
                }
            }
        }
    }

    /// A swiss number has been read: bytes or, from some, a text.
    fn hide_last(&mut self) {
        let Some(swiss) = self.room.parts.last_mut() else { return };
        *swiss = match swiss.view() {
            View::Bytes(bytes) => Value::secret(bytes.clone()),
            View::Text(text) => Text::with_secret(text, "..").into(),
            _ => return,
        };
    }

    /// The thing at this position. Its number follows.
    fn at(
        &mut self,
        descriptor: fn(u64) -> Descriptor<'static>,
        what: &'static str,
    ) -> Result<Value, Unreadable> {
        let position = self.reader.int()?.try_into().map_err(|_| Unreadable::Malformed(what))?;
        self.reader.close(Kind::Record)?;
        self.references.refer(descriptor(position))
    }

    /// A certificate, which begins at `start`. It is passed on as it is: what is in it is not read
    /// here.
    fn envelope(&mut self, start: usize) -> Result<Value, Unreadable> {
        let mut inside = self.reader.clone();
        inside.open(Kind::Record)?;
        let is_give = inside.symbol()? == GIVE;
        self.reader.skip()?;
        self.reader.skip()?;
        self.reader.close(Kind::Record)?;
        let bytes = self.reader.since(start);
        if is_give {
            self.references.refer(Descriptor::Give(bytes))
        } else {
            Ok(Opaque::new(Signed(Bytes::copy_from_slice(bytes))).into())
        }
    }

    /// A value with a tag. Its tag follows.
    fn tagged(&mut self) -> Result<Value, Unreadable> {
        if !self.comes(Kind::Symbol) {
            let start = self.room.parts.len();
            self.rest(Kind::Record)?;
            return self.record_of(TAGGED, start);
        }
        let tag = self.reader.symbol()?;
        let value = match tag {
            MP_RECORD => self.named()?,
            MP_SET => self.set(Kind::List)?,
            MP_MAP => self.map(Kind::List, |this| {
                this.reader.open(Kind::List)?;
                let entry = (this.value()?, this.value()?);
                this.reader.close(Kind::List)?;
                Ok(entry)
            })?,
            _ => return self.tagged_with(tag),
        };
        self.reader.close(Kind::Record)?;
        Ok(value)
    }

    /// A value with a tag that is the label of a record of ours, or is unknown here: then it stays
    /// as it is.
    fn tagged_with(&mut self, tag: &str) -> Result<Value, Unreadable> {
        let start = self.room.parts.len();
        if self.comes(Kind::List) {
            self.list()?;
            if is_of_ours(tag, self.room.parts.len() - start) && self.reader.closes(Kind::Record)? {
                return self.record_of(tag, start);
            }
            let items = self.sequence(start)?;
            self.room.parts.push(items);
        }
        let symbol = self.symbol(tag);
        self.room.parts.insert(start, symbol.into());
        self.rest(Kind::Record)?;
        self.record_of(TAGGED, start)
    }

    fn comes(&self, kind: Kind) -> bool {
        self.reader.kind() == Ok(kind)
    }

    /// A record of ours with its label and its fields in a list.
    fn named(&mut self) -> Result<Value, Unreadable> {
        self.reader.open(Kind::List)?;
        let label = self.reader.symbol()?;
        let start = self.list()?;
        self.reader.close(Kind::List)?;
        self.record_of(label, start)
    }
}
