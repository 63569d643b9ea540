//! Texts, names and bytes in quotes.

use super::Reader;
use crate::conversation::notation::error::{Mistake, ParseError};

impl Reader<'_> {
    /// Reads a text or a name; `what` is its name in errors. The opening quote comes next, and
    /// closes it, too.
    pub(super) fn quoted(&mut self, what: &'static str) -> Result<String, ParseError> {
        let start = self.at;
        let quote = self.take();
        let mut text = String::new();
        loop {
            let at = self.at;
            match self.take() {
                None => return Err(self.unclosed(what, start)),
                c if c == quote => return Ok(text),
                Some('\\') => text.push(self.escaped_character(at, what, start)?),
                Some(c) => text.push(c),
            }
        }
    }

    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, ParseError> {
        const WHAT: &str = "byte string";
        let start = self.at;
        self.at += "b\"".len();
        let mut bytes = Vec::new();
        loop {
            let at = self.at;
            match self.take() {
                None => return Err(self.unclosed(WHAT, start)),
                Some('"') => return Ok(bytes),
                Some('\\') => bytes.push(self.escaped_byte(at, start)?),
                Some(c) if c.is_ascii() => bytes.push(c as u8),
                Some(_) => return Err(self.expected_at(at, "an ASCII character, or an escape such as \\xff")),
            }
        }
    }

    /// Reads the rest of an escape, after its backslash.
    fn escaped_character(&mut self, at: usize, what: &'static str, start: usize) -> Result<char, ParseError> {
        match self.take() {
            None => Err(self.unclosed(what, start)),
            Some('u') => self
                .hexadecimal_in_braces()
                .and_then(char::from_u32)
                .ok_or_else(|| self.bad_escape(at, "the number of a Unicode character, as in \\u{e9}")),
            Some(c) => simple_escape(c)
                .ok_or_else(|| self.bad_escape(at, "one of \\0 \\t \\r \\n \\\\ \\\" \\' \\| \\u{e9}")),
        }
    }

    fn escaped_byte(&mut self, at: usize, start: usize) -> Result<u8, ParseError> {
        match self.take() {
            None => Err(self.unclosed("byte string", start)),
            Some('x') => {
                let digits = self.rest().get(..2).filter(|digits| is_hexadecimal(digits));
                let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                byte.inspect(|_| self.at += 2)
                    .ok_or_else(|| self.bad_escape(at, "two hexadecimal digits, as in \\xff"))
            }
            Some(c) => simple_escape(c)
                .map(|c| c as u8)
                .ok_or_else(|| self.bad_escape(at, "one of \\0 \\t \\r \\n \\\\ \\\" \\' \\| \\xff")),
        }
    }

    /// The number in `{1f600}`: one to six digits.
    fn hexadecimal_in_braces(&mut self) -> Option<u32> {
        let (digits, _) = self.rest().strip_prefix('{')?.split_once('}')?;
        if digits.len() > 6 || !is_hexadecimal(digits) {
            return None;
        }
        self.at += digits.len() + "{}".len();
        u32::from_str_radix(digits, 16).ok()
    }

    fn unclosed(&self, what: &'static str, start: usize) -> ParseError {
        self.mistake(self.at, Mistake::Unclosed { what, begins: self.character(start) })
    }

    /// A backslash is there, and a character after it.
    fn bad_escape(&self, at: usize, expected: &'static str) -> ParseError {
        let found: String = self.text[at..].chars().take(2).flat_map(shown).collect();
        self.mistake(at, Mistake::Expected { expected, found: Some(found.into()) })
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }
}

fn shown(c: char) -> impl Iterator<Item = char> {
    // The backslash is what there is to see.
    let escape = (c != '\\').then(|| c.escape_debug());
    let plain = (c == '\\').then_some(c);
    escape.into_iter().flatten().chain(plain)
}

fn simple_escape(c: char) -> Option<char> {
    match c {
        '0' => Some('\0'),
        't' => Some('\t'),
        'r' => Some('\r'),
        'n' => Some('\n'),
        '\\' | '"' | '\'' | '|' => Some(c),
        _ => None,
    }
}

fn is_hexadecimal(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
