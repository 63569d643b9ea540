//! The reader: one thing after the other, with the brackets around it on a stack of its own.

use bytes::Bytes;
use im::OrdMap;

use crate::conversation::notation::error::{Mistake, ParseError};
use crate::conversation::topic::Topic;
use crate::data::numbers::TowerId;
use crate::data::reference::{Reference, ReferenceId};
use crate::data::symbol::Symbol;
use crate::data::text::Text;
use crate::data::value::{MAX_DEPTH, TooDeep, Value};
use crate::data::words::{BAR, begins_label, in_word};

mod brackets;
mod numbers;
mod quotes;

use brackets::Brackets;

pub(super) fn value(text: &str) -> Result<Value, ParseError> {
    let reader = Reader::new(text, Within::Value);
    let begin = reader.mistake(0, Mistake::WildcardInValue);
    // The reader has found every wildcard already, and reported it.
    reader.whole("a value")?.as_value().cloned().ok_or(begin)
}

/// Reads a value. A reference as it prints is one with this number that is only shown, of no tower.
#[cfg(feature = "shell")]
pub(super) fn value_with_references(text: &str) -> Result<Value, ParseError> {
    let reader = Reader::new(text, Within::ValueOfReferences);
    let begin = reader.mistake(0, Mistake::WildcardInValue);
    reader.whole("a value")?.as_value().cloned().ok_or(begin)
}

pub(super) fn topic(text: &str) -> Result<Topic, ParseError> {
    Reader::new(text, Within::Topic).whole("a topic")
}

/// The state of the reader. It has read `text[..at]` so far.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    within: Within,
}

/// The surroundings in which a wildcard may be found.
#[derive(Clone, Copy)]
enum Within {
    Topic,
    Value,
    /// A value in which there may be references as they print: at the shell.
    #[cfg_attr(not(feature = "shell"), expect(dead_code, reason = "only the shell reads them"))]
    ValueOfReferences,
    /// A set or a map of a topic.
    Collection,
}

enum Begun {
    Whole(Topic),
    /// The opening bracket has been read: its contents come next.
    Brackets(Brackets),
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, within: Within) -> Self {
        Self { text, at: 0, within }
    }

    fn whole(mut self, expected: &'static str) -> Result<Topic, ParseError> {
        let whole = self.topic(expected)?;
        if self.peek_token().is_none() { Ok(whole) } else { Err(self.expected("the end")) }
    }

    fn topic(&mut self, expected: &'static str) -> Result<Topic, ParseError> {
        let mut open: Vec<Brackets> = Vec::new();
        loop {
            self.skip_space();
            let read =
                if let Some(closed) = open.pop_if(|brackets| brackets.close().is_some_and(|c| self.eat(c))) {
                    closed.finish(self)?
                } else {
                    if let Some(brackets) = open.last_mut() {
                        brackets.thing = self.at;
                    }
                    match self.begin(open.len(), open.last().map_or(expected, Brackets::expected))? {
                        Begun::Whole(read) => read,
                        Begun::Brackets(brackets) => {
                            open.push(brackets);
                            continue;
                        }
                    }
                };
            match open.last_mut() {
                Some(brackets) => brackets.put(read, self)?,
                None => return Ok(read),
            }
        }
    }

    /// Reads one thing, inside this many brackets, or the beginning of it.
    fn begin(&mut self, depth: usize, expected: &'static str) -> Result<Begun, ParseError> {
        let start = self.at;
        let value = match self.peek() {
            Some('[') => {
                self.open('[', depth)?;
                return Ok(Begun::Brackets(Brackets::sequence(start)));
            }
            Some('{') => return self.braces(depth),
            Some('(') => self.unit()?,
            Some('"') => Text::from(self.quoted("text")?).into(),
            Some('b') if self.rest().starts_with("b\"") => Bytes::from(self.bytes()?).into(),
            Some('\'') => self.symbol()?.into(),
            Some(BAR) => {
                let label = self.quoted("name")?;
                return self.record(label.into(), depth);
            }
            Some('#') => return Err(self.mistake(start, Mistake::Opaque)),
            Some('-' | '0'..='9') => self.number()?,
            Some(c) if begins_label(c) => return self.word(depth),
            _ => return Err(self.expected(expected)),
        };
        Ok(Begun::Whole(value.into()))
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
    fn word(&mut self, depth: usize) -> Result<Begun, ParseError> {
        let start = self.at;
        let value: Value = match self.take_word() {
            "_" => return self.wildcard(start).map(Begun::Whole),
            "true" => true.into(),
            "false" => false.into(),
            "inf" => f64::INFINITY.into(),
            "NaN" => f64::from_bits(self.nan_bits()?).into(),
            "fresh" if self.peek() == Some('#') => return Err(self.mistake(start, Mistake::Fresh)),
            "ref" if self.peek() == Some('#') => self.reference(start)?.into(),
            label => return self.record(label.into(), depth),
        };
        Ok(Begun::Whole(value.into()))
    }

    /// Reads the number of a reference.
    fn reference(&mut self, start: usize) -> Result<Reference, ParseError> {
        if !matches!(self.within, Within::ValueOfReferences) {
            return Err(self.mistake(start, Mistake::Reference));
        }
        // No space here: it is one token.
        self.at += 1;
        let at = self.at;
        let number = self.take_word();
        let digits = number.strip_prefix('x').unwrap_or(number);
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(self.expected_at(at, "the number of a reference"));
        }
        match ReferenceId::printed(number) {
            Some(id) => Ok(Reference::shown_as(id, TowerId::NONE)),
            None => Err(self.mistake(at, Mistake::NoReference)),
        }
    }

    fn wildcard(&self, start: usize) -> Result<Topic, ParseError> {
        match self.within {
            Within::Topic => Ok(Topic::any()),
            Within::Value | Within::ValueOfReferences => Err(self.mistake(start, Mistake::WildcardInValue)),
            Within::Collection => Err(self.mistake(start, Mistake::WildcardInCollection)),
        }
    }

    /// Reads the fields of a record, after its label.
    fn record(&mut self, label: Symbol, depth: usize) -> Result<Begun, ParseError> {
        let fields = self.peek_token();
        let start = self.at;
        match fields {
            Some('{') => return Err(self.mistake(start, Mistake::NamedFields)),
            Some('(') => self.at += 1,
            _ => return Ok(Begun::Whole(Topic::record(label, []))),
        }
        // A record without fields does not nest.
        if self.eat(')') {
            return Ok(Begun::Whole(Topic::record(label, [])));
        }
        self.at = start;
        self.open('(', depth)?;
        Ok(Begun::Brackets(Brackets::record(start, label)))
    }

    fn braces(&mut self, depth: usize) -> Result<Begun, ParseError> {
        let start = self.at;
        self.open('{', depth)?;
        if !self.eat(':') {
            let around = self.within;
            if matches!(around, Within::Topic) {
                self.within = Within::Collection;
            }
            return Ok(Begun::Brackets(Brackets::braces(start, around)));
        }
        if !self.eat('}') {
            return Err(self.expected("`}`: an empty map is {:}"));
        }
        let map = Value::map(OrdMap::new()).map_err(|error| self.mistake(start, error.into()))?;
        Ok(Begun::Whole(map.into()))
    }

    /// Takes an opening bracket that has this many around it.
    fn open(&mut self, bracket: char, depth: usize) -> Result<(), ParseError> {
        if depth >= MAX_DEPTH {
            return Err(self.mistake(self.at, TooDeep.into()));
        }
        self.eat(bracket);
        Ok(())
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

/// The beginning of a text, so that an error neither holds nor prints a long one.
fn excerpt(text: &str) -> Text {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}..", &text[..end]).into(),
        None => text.into(),
    }
}
