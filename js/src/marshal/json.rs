//! JSON, as a tree. It reads what `JSON.parse` reads, but for half characters and numbers that are
//! too great.

use std::collections::HashMap;

use crate::marshal::Unreadable;

/// How deep it may nest. A value that nests as deep as it may takes three levels for each.
const MAX_NESTING: usize = 1024;

/// A tree of JSON.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    /// The part with this name.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(parts) => parts.iter().find(|(key, _)| key == name).map(|(_, part)| part),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

pub(super) fn parse(text: &str) -> Result<Json, Unreadable> {
    let mut parser = Parser { text, at: 0, nesting: 0 };
    let json = parser.value()?;
    parser.blanks();
    if parser.at == text.len() { Ok(json) } else { Err(Unreadable::Json("there is more behind it")) }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    nesting: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    fn takes(&mut self, c: u8) -> bool {
        self.blanks();
        let takes = self.peek() == Some(c);
        self.at += usize::from(takes);
        takes
    }

    fn value(&mut self) -> Result<Json, Unreadable> {
        self.blanks();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => Ok(Json::Text(self.string()?)),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => Err(Unreadable::Json("no value begins so")),
            None => Err(Unreadable::Json("it ends too early")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Json, Unreadable>) -> Result<Json, Unreadable> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(Unreadable::Json("it nests too deep"));
        }
        self.at += 1;
        let json = read(self);
        self.nesting -= 1;
        json
    }

    fn word(&mut self, word: &str, json: Json) -> Result<Json, Unreadable> {
        if !self.text[self.at..].starts_with(word) {
            return Err(Unreadable::Json("no value begins so"));
        }
        self.at += word.len();
        Ok(json)
    }

    fn list(&mut self) -> Result<Json, Unreadable> {
        let mut items = Vec::new();
        if self.takes(b']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value()?);
            if self.takes(b']') {
                return Ok(Json::List(items));
            }
            if !self.takes(b',') {
                return Err(Unreadable::Json("a list has no end"));
            }
        }
    }

    fn object(&mut self) -> Result<Json, Unreadable> {
        let mut parts: Vec<(String, Json)> = Vec::new();
        let mut places = HashMap::new();
        if self.takes(b'}') {
            return Ok(Json::Object(parts));
        }
        loop {
            self.blanks();
            let key = self.string()?;
            if !self.takes(b':') {
                return Err(Unreadable::Json("a key has no value"));
            }
            let part = self.value()?;
            // Of two parts with one name the last counts, in the place of the first.
            let at = *places.entry(key.clone()).or_insert(parts.len());
            match parts.get_mut(at) {
                Some((_, earlier)) => *earlier = part,
                None => parts.push((key, part)),
            }
            if self.takes(b'}') {
                return Ok(Json::Object(parts));
            }
            if !self.takes(b',') {
                return Err(Unreadable::Json("an object has no end"));
            }
        }
    }

    fn string(&mut self) -> Result<String, Unreadable> {
        if self.peek() != Some(b'"') {
            return Err(Unreadable::Json("a key is a string"));
        }
        self.at += 1;
        let mut read = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(|c| matches!(c, '"' | '\\') || c < ' ');
            let plain = plain.ok_or(Unreadable::Json("a string has no end"))?;
            read.push_str(&rest[..plain]);
            self.at += plain + 1;
            match rest.as_bytes()[plain] {
                b'"' => return Ok(read),
                b'\\' => read.push(self.escaped()?),
                _ => return Err(Unreadable::Json("a control character stands in a string")),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Unreadable> {
        let c = self.peek().ok_or(Unreadable::Json("a string has no end"))?;
        self.at += 1;
        Ok(match c {
            b'"' | b'\\' | b'/' => char::from(c),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(Unreadable::Json("there is no such escape")),
        })
    }

    fn unicode(&mut self) -> Result<char, Unreadable> {
        const HALF: Unreadable = Unreadable::Json("half of a character stands in a string");
        let first = self.hex()?;
        if !(0xD800..0xE000).contains(&first) {
            return char::from_u32(first).ok_or(HALF);
        }
        if first >= 0xDC00 || !self.text[self.at..].starts_with("\\u") {
            return Err(HALF);
        }
        self.at += 2;
        let second = self.hex()?;
        if !(0xDC00..0xE000).contains(&second) {
            return Err(HALF);
        }
        char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)).ok_or(HALF)
    }

    fn hex(&mut self) -> Result<u32, Unreadable> {
        let digits = self.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|c| c.is_ascii_hexdigit()));
        let digits = digits.ok_or(Unreadable::Json("there is no such escape"))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| Unreadable::Json("there is no such escape"))
    }

    /// An integer is one that is safe, and written as one; the others are numbers as JavaScript has
    /// them.
    fn number(&mut self) -> Result<Json, Unreadable> {
        const NO_NUMBER: Unreadable = Unreadable::Json("this is no number");
        let begin = self.at;
        self.skips(b'-');
        if !self.skips(b'0') && !self.digits() {
            return Err(NO_NUMBER);
        }
        if self.skips(b'.') && !self.digits() {
            return Err(NO_NUMBER);
        }
        if self.skips(b'e') || self.skips(b'E') {
            let _ = self.skips(b'+') || self.skips(b'-');
            if !self.digits() {
                return Err(NO_NUMBER);
            }
        }
        // Nothing that a number is made of stands behind one.
        if let Some(b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E') = self.peek() {
            return Err(NO_NUMBER);
        }
        let digits = &self.text[begin..self.at];
        let number: f64 = digits.parse().map_err(|_| NO_NUMBER)?;
        if !number.is_finite() {
            return Err(Unreadable::Json("the number is too great"));
        }
        match digits.parse::<i128>() {
            Ok(int) if super::is_safe(int) && digits != "-0" => Ok(Json::Int(int)),
            _ => Ok(Json::Float(number)),
        }
    }

    /// Goes past this, if it stands here. Says whether it did.
    fn skips(&mut self, c: u8) -> bool {
        let skips = self.peek() == Some(c);
        self.at += usize::from(skips);
        skips
    }

    /// Goes past digits. Says whether there were any.
    fn digits(&mut self) -> bool {
        let begin = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at > begin
    }
}
