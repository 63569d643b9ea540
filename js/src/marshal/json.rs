//! JSON, as a tree.

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
        let mut parts = Vec::new();
        if self.takes(b'}') {
            return Ok(Json::Object(parts));
        }
        loop {
            self.blanks();
            let key = self.string()?;
            if !self.takes(b':') {
                return Err(Unreadable::Json("a key has no value"));
            }
            parts.push((key, self.value()?));
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
            let plain = rest.find(['"', '\\']).ok_or(Unreadable::Json("a string has no end"))?;
            read.push_str(&rest[..plain]);
            self.at += plain + 1;
            if rest.as_bytes()[plain] == b'"' {
                return Ok(read);
            }
            read.push(self.escaped()?);
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
        const HALF: Unreadable = Unreadable::Malformed("whole character");
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

    /// An integer is one that is safe; the others are numbers as JavaScript has them.
    fn number(&mut self) -> Result<Json, Unreadable> {
        let rest = &self.text[self.at..];
        let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let end = rest.find(|c| !is_of_number(c)).unwrap_or(rest.len());
        let digits = &rest[..end];
        self.at += end;
        let number: f64 = digits.parse().map_err(|_| Unreadable::Json("this is no number"))?;
        if !number.is_finite() {
            return Err(Unreadable::Json("the number is too great"));
        }
        match digits.parse::<i128>() {
            Ok(int) if super::is_safe(int) && digits != "-0" => Ok(Json::Int(int)),
            _ => Ok(Json::Float(number)),
        }
    }
}
