//! The reader: recursive descent, as deep as values may nest and no deeper.

use bytes::Bytes;
use im::{OrdMap, OrdSet};

use crate::notation::error::{Mistake, ParseError};
use crate::notation::words::{BAR, begins_label, in_word};
use crate::symbol::Symbol;
use crate::text::Text;
use crate::topic::Topic;
use crate::value::{MAX_DEPTH, TooDeep, Value};

mod numbers;
mod quotes;

pub(super) fn value(text: &str) -> Result<Value, ParseError> {
    Reader::new(text, Within::Value).whole(|reader| reader.value("a value"))
}

pub(super) fn topic(text: &str) -> Result<Topic, ParseError> {
    Reader::new(text, Within::Topic).whole(|reader| reader.topic("a topic"))
}

/// What has been read so far is `text[..at]`.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// How many brackets around this place are open.
    depth: usize,
    within: Within,
}

/// What a wildcard would be in.
#[derive(Clone, Copy)]
enum Within {
    Topic,
    Value,
    /// A set or a map of a topic.
    Collection,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, within: Within) -> Self {
        Self { text, at: 0, depth: 0, within }
    }

    fn whole<T>(mut self, read: impl FnOnce(&mut Self) -> Result<T, ParseError>) -> Result<T, ParseError> {
        let whole = read(&mut self)?;
        self.skip_space();
        if self.rest().is_empty() { Ok(whole) } else { Err(self.expected("the end")) }
    }

    /// A value that is in a value, a set or a map: no wildcard gets through.
    fn value(&mut self, expected: &'static str) -> Result<Value, ParseError> {
        let topic = self.topic(expected)?;
        topic.as_value().cloned().ok_or_else(|| self.mistake(self.at, Mistake::WildcardInValue))
    }

    fn topic(&mut self, expected: &'static str) -> Result<Topic, ParseError> {
        self.skip_space();
        let value = match self.peek() {
            Some('[') => return self.sequence(),
            Some('{') => self.set_or_map()?,
            Some('(') => self.unit()?,
            Some('"') => Text::from(self.quoted("text")?).into(),
            Some('b') if self.rest().starts_with("b\"") => Bytes::from(self.bytes()?).into(),
            Some('\'') => self.symbol()?.into(),
            Some(BAR) => {
                let label = self.quoted("name")?;
                return self.record(label.into());
            }
            Some('#') => return Err(self.mistake(self.at, Mistake::Opaque)),
            Some('-' | '0'..='9') => self.number()?,
            Some(c) if begins_label(c) => return self.word(),
            _ => return Err(self.expected(expected)),
        };
        Ok(value.into())
    }

    fn unit(&mut self) -> Result<Value, ParseError> {
        let start = self.at;
        self.eat('(');
        if self.eat(')') { Ok(Value::UNIT) } else { Err(self.mistake(start, Mistake::Tuple)) }
    }

    fn symbol(&mut self) -> Result<Symbol, ParseError> {
        self.eat('\'');
        // No space here: a symbol is one token.
        match self.peek() {
            Some(BAR) => Ok(self.quoted("name")?.into()),
            Some(c) if in_word(c) => Ok(self.take_word().into()),
            _ => Err(self.expected("the name of a symbol")),
        }
    }

    /// A record, or what the reserved words mean.
    fn word(&mut self) -> Result<Topic, ParseError> {
        let start = self.at;
        let value = match self.take_word() {
            "_" => return self.wildcard(start),
            "true" => true.into(),
            "false" => false.into(),
            "inf" => f64::INFINITY.into(),
            "NaN" => f64::from_bits(self.nan_bits()?).into(),
            "fresh" if self.peek() == Some('#') => return Err(self.mistake(start, Mistake::Fresh)),
            label => return self.record(label.into()),
        };
        Ok(Value::into(value))
    }

    fn wildcard(&self, start: usize) -> Result<Topic, ParseError> {
        match self.within {
            Within::Topic => Ok(Topic::any()),
            Within::Value => Err(self.mistake(start, Mistake::WildcardInValue)),
            Within::Collection => Err(self.mistake(start, Mistake::WildcardInCollection)),
        }
    }

    /// What comes after the label of a record.
    fn record(&mut self, label: Symbol) -> Result<Topic, ParseError> {
        self.skip_space();
        let start = self.at;
        if self.peek() == Some('{') {
            return Err(self.mistake(start, Mistake::NamedFields));
        }
        // A record without fields does not nest.
        if !self.eat('(') || self.eat(')') {
            return Ok(Value::try_record(label, [])
                .map_err(|error| self.mistake(start, error.into()))?
                .into());
        }
        self.nested(start, |reader| {
            let mut fields = Vec::new();
            while !reader.eat(')') {
                fields.push(reader.topic("a value or `)`")?);
                if reader.peek_token() == Some(':') {
                    return Err(reader.mistake(reader.at, Mistake::NamedFields));
                }
                reader.separator(')', "`,` or `)`")?;
            }
            Ok(Topic::record(label, fields))
        })
    }

    fn sequence(&mut self) -> Result<Topic, ParseError> {
        let start = self.at;
        self.eat('[');
        self.nested(start, |reader| {
            let mut items = Vec::new();
            while !reader.eat(']') {
                items.push(reader.topic("a value or `]`")?);
                reader.separator(']', "`,` or `]`")?;
            }
            Ok(Topic::sequence(items))
        })
    }

    fn set_or_map(&mut self) -> Result<Value, ParseError> {
        let start = self.at;
        let outside = self.within;
        if matches!(outside, Within::Topic) {
            self.within = Within::Collection;
        }
        self.eat('{');
        let collection = self.nested(start, |reader| {
            let collection = if reader.eat('}') {
                Value::set(OrdSet::new())
            } else if reader.eat(':') {
                if !reader.eat('}') {
                    return Err(reader.expected("`}`: an empty map is {:}"));
                }
                Value::map(OrdMap::new())
            } else {
                reader.skip_space();
                let at = reader.at;
                let first = reader.value("a value, `}` or `:}`")?;
                if reader.peek_token() == Some(':') {
                    Value::map(reader.entries(at, first)?)
                } else {
                    Value::set(reader.members(first)?)
                }
            };
            collection.map_err(|error| reader.mistake(start, error.into()))
        })?;
        self.within = outside;
        Ok(collection)
    }

    /// The members of a set whose first has been read.
    fn members(&mut self, first: Value) -> Result<OrdSet<Value>, ParseError> {
        let mut members = OrdSet::unit(first);
        self.separator('}', "`,`, `:` or `}`")?;
        while !self.eat('}') {
            members.insert(self.value("a value or `}`")?);
            self.separator('}', "`,` or `}`")?;
        }
        Ok(members)
    }

    /// The entries of a map whose first key has been read, there.
    fn entries(&mut self, mut at: usize, mut key: Value) -> Result<OrdMap<Value, Value>, ParseError> {
        let mut entries = OrdMap::new();
        loop {
            if !self.eat(':') {
                return Err(self.expected("`:` and a value"));
            }
            if entries.insert(key, self.value("a value")?).is_some() {
                return Err(self.mistake(at, Mistake::DuplicateKey));
            }
            self.separator('}', "`,` or `}`")?;
            if self.eat('}') {
                return Ok(entries);
            }
            at = self.at;
            key = self.value("a key or `}`")?;
        }
    }

    /// Reads what is in brackets that begin there.
    fn nested<T>(
        &mut self,
        start: usize,
        read: impl FnOnce(&mut Self) -> Result<T, ParseError>,
    ) -> Result<T, ParseError> {
        if self.depth == MAX_DEPTH {
            return Err(self.mistake(start, TooDeep.into()));
        }
        self.depth += 1;
        let inside = read(self)?;
        self.depth -= 1;
        Ok(inside)
    }

    /// Takes a comma; in its stead the closing bracket may come, which stays.
    fn separator(&mut self, close: char, expected: &'static str) -> Result<(), ParseError> {
        if self.peek_token() == Some(close) || self.eat(',') { Ok(()) } else { Err(self.expected(expected)) }
    }

    /// Takes this token, if it is the next one.
    fn eat(&mut self, token: char) -> bool {
        let found = self.peek_token() == Some(token);
        if found {
            self.at += token.len_utf8();
        }
        found
    }

    fn peek_token(&mut self) -> Option<char> {
        self.skip_space();
        self.peek()
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn take_word(&mut self) -> &'a str {
        let word = word(self.rest());
        self.at += word.len();
        word
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn expected(&self, expected: &'static str) -> ParseError {
        self.expected_at(self.at, expected)
    }

    fn expected_at(&self, at: usize, expected: &'static str) -> ParseError {
        let rest = &self.text[at..];
        let found = match rest.chars().next() {
            None => None,
            Some(c) if in_word(c) => Some(excerpt(word(rest))),
            Some('\'' | '"') => rest.get(..1).map(Text::from),
            Some(c) => Some(c.escape_debug().to_string().into()),
        };
        self.mistake(at, Mistake::Expected { expected, found })
    }

    fn mistake(&self, at: usize, mistake: Mistake) -> ParseError {
        ParseError { character: self.character(at), offset: at, mistake }
    }

    fn character(&self, at: usize) -> usize {
        self.text[..at].chars().count() + 1
    }
}

/// The word that this begins with.
fn word(text: &str) -> &str {
    text.find(|c| !in_word(c)).map_or(text, |end| &text[..end])
}

/// So that an error does not hold, or print, a text of any length.
fn excerpt(text: &str) -> Text {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}..", &text[..end]).into(),
        None => text.into(),
    }
}
