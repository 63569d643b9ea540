//! Brackets that are open, and what has been read in them. They are kept here and not on the stack:
//! nesting costs no stack.

use std::mem;

use im::{OrdMap, OrdSet};

use super::{Reader, Within};
use crate::conversation::notation::error::{Mistake, ParseError};
use crate::conversation::topic::Topic;
use crate::data::symbol::Symbol;
use crate::data::value::Value;

pub(super) struct Brackets {
    /// Where the opening bracket is.
    begin: usize,
    /// Where the thing that is read begins.
    pub(super) thing: usize,
    contents: Contents,
}

enum Contents {
    Record(Symbol, Vec<Topic>),
    Sequence(Vec<Topic>),
    /// Braces, and what the text around them may have in it.
    Braces(Collection, Within),
}

#[derive(Default)]
enum Collection {
    /// Nothing is read yet.
    #[default]
    Either,
    Set(OrdSet<Value>),
    /// A key comes next.
    Map(OrdMap<Value, Value>),
    /// The value of this key comes next; where the key is.
    Entry(OrdMap<Value, Value>, Value, usize),
}

impl Brackets {
    pub(super) fn record(begin: usize, label: Symbol) -> Self {
        Self { begin, thing: begin, contents: Contents::Record(label, Vec::new()) }
    }

    pub(super) fn sequence(begin: usize) -> Self {
        Self { begin, thing: begin, contents: Contents::Sequence(Vec::new()) }
    }

    pub(super) fn braces(begin: usize, around: Within) -> Self {
        Self { begin, thing: begin, contents: Contents::Braces(Collection::Either, around) }
    }

    /// The tokens that may come next, in words.
    pub(super) fn expected(&self) -> &'static str {
        match &self.contents {
            Contents::Record(..) => "a value or `)`",
            Contents::Sequence(_) => "a value or `]`",
            Contents::Braces(Collection::Either, _) => "a value, `}` or `:}`",
            Contents::Braces(Collection::Set(_), _) => "a value or `}`",
            Contents::Braces(Collection::Map(_), _) => "a key or `}`",
            Contents::Braces(Collection::Entry(..), _) => "a value",
        }
    }

    /// The closing bracket, if it may come next.
    pub(super) fn close(&self) -> Option<char> {
        match &self.contents {
            Contents::Record(..) => Some(')'),
            Contents::Sequence(_) => Some(']'),
            Contents::Braces(Collection::Entry(..), _) => None,
            Contents::Braces(..) => Some('}'),
        }
    }

    /// The value or topic that the closed brackets make. The reader has checked the depth.
    pub(super) fn finish(self, reader: &mut Reader<'_>) -> Result<Topic, ParseError> {
        let collection = match self.contents {
            Contents::Record(label, fields) => return Ok(Topic::record(label, fields)),
            Contents::Sequence(items) => return Ok(Topic::sequence(items)),
            Contents::Braces(collection, around) => {
                reader.within = around;
                collection
            }
        };
        let value = match collection {
            Collection::Either => Value::set(OrdSet::new()),
            Collection::Set(items) => Value::set(items),
            Collection::Map(entries) | Collection::Entry(entries, ..) => Value::map(entries),
        };
        value.map(Topic::from).map_err(|error| reader.mistake(self.begin, error.into()))
    }

    /// Puts in the part that has been read, and reads the separator after it.
    pub(super) fn put(&mut self, read: Topic, reader: &mut Reader<'_>) -> Result<(), ParseError> {
        match &mut self.contents {
            Contents::Record(_, fields) => {
                fields.push(read);
                if reader.peek_token() == Some(':') {
                    return Err(reader.mistake(reader.at, Mistake::NamedFields));
                }
                reader.separator(')', "`,` or `)`")
            }
            Contents::Sequence(items) => {
                items.push(read);
                reader.separator(']', "`,` or `]`")
            }
            Contents::Braces(collection, _) => {
                let Some(value) = read.as_value().cloned() else {
                    return Err(reader.mistake(self.thing, Mistake::WildcardInCollection));
                };
                collection.put(value, self.thing, reader)
            }
        }
    }
}

impl Collection {
    /// Puts in a value that begins there.
    fn put(&mut self, value: Value, at: usize, reader: &mut Reader<'_>) -> Result<(), ParseError> {
        match mem::take(self) {
            Self::Either if reader.eat(':') => *self = Self::Entry(OrdMap::new(), value, at),
            Self::Either => {
                *self = Self::Set(OrdSet::unit(value));
                reader.separator('}', "`,`, `:` or `}`")?;
            }
            Self::Set(mut items) => {
                items.insert(value);
                *self = Self::Set(items);
                reader.separator('}', "`,` or `}`")?;
            }
            Self::Map(entries) if reader.eat(':') => *self = Self::Entry(entries, value, at),
            Self::Map(_) => return Err(reader.expected("`:` and a value")),
            Self::Entry(mut entries, key, at) => {
                if entries.insert(key, value).is_some() {
                    return Err(reader.mistake(at, Mistake::DuplicateKey));
                }
                *self = Self::Map(entries);
                reader.separator('}', "`,` or `}`")?;
            }
        }
        Ok(())
    }
}
