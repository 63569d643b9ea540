//! The tokens of a JavaScript text.

use crate::tildot::TildotError;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Name,
    Number,
    Text,
    /// A template without holes, or one of the pieces between its holes.
    Template,
    Regex,
    Punct,
    Wavy,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// An operand may end here, so that `/` divides and `~.` joins.
    pub(crate) ends_operand: bool,
    /// A line ends before it.
    pub(crate) is_on_new_line: bool,
}

/// Names behind which an operand begins.
const BEFORE_OPERAND: [&str; 14] = [
    "return",
    "typeof",
    "instanceof",
    "in",
    "of",
    "new",
    "delete",
    "void",
    "throw",
    "case",
    "do",
    "else",
    "yield",
    "await",
];

/// Splits a text into tokens. Blanks and comments are none.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, TildotError> {
    let mut scanner = Scanner::new(text);
    scanner.run()?;
    Ok(scanner.found)
}

/// The tokens up to the first mistake.
pub(crate) fn tokens_so_far(text: &str) -> Vec<Token> {
    let mut scanner = Scanner::new(text);
    drop(scanner.run());
    scanner.found
}

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    found: Vec<Token>,
    open: Vec<Open>,
    is_on_new_line: bool,
}

/// A bracket that was opened and is not closed yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `(` of `if (..)` and the like: behind it a statement begins.
    Condition,
    Round,
    Square,
    /// `{` of a literal.
    Literal,
    /// `{` of a block.
    Block,
    Hole,
}

const fn is_name(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'_' | b'$' | b'#' | b'\\') || c >= 0x80
}

impl<'t> Scanner<'t> {
    const fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        Self { text, bytes, at: 0, found: Vec::new(), open: Vec::new(), is_on_new_line: true }
    }

    fn run(&mut self) -> Result<(), TildotError> {
        if self.text.starts_with("#!") {
            self.skip_line();
        }
        while let Some(&c) = self.bytes.get(self.at) {
            match c {
                b'\n' => {
                    self.is_on_new_line = true;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'/' if self.next_is(b'/') => self.skip_line(),
                b'/' if self.next_is(b'*') => self.skip_comment()?,
                _ => self.token(c)?,
            }
        }
        Ok(())
    }

    fn next_is(&self, c: u8) -> bool {
        self.bytes.get(self.at + 1) == Some(&c)
    }

    fn skip_line(&mut self) {
        self.at = self.text[self.at..].find('\n').map_or(self.bytes.len(), |n| self.at + n);
    }

    fn skip_comment(&mut self) -> Result<(), TildotError> {
        let rest = &self.text[self.at + 2..];
        let Some(length) = rest.find("*/") else { return Err(self.mistake("a comment has no end")) };
        self.is_on_new_line |= rest[..length].contains('\n');
        self.at += length + 4;
        Ok(())
    }

    fn mistake(&self, what: &'static str) -> TildotError {
        TildotError { line: line_of(self.text, self.at), what }
    }

    fn token(&mut self, c: u8) -> Result<(), TildotError> {
        match c {
            b'\'' | b'"' => self.string(c),
            b'`' => self.template(),
            b'}' if self.open.last() == Some(&Open::Hole) => {
                self.open.pop();
                self.template()
            }
            b'0'..=b'9' => {
                let end = self.end_of(|c| is_name(c) || c == b'.');
                self.push(Kind::Number, end, true);
                Ok(())
            }
            _ if is_name(c) => {
                let end = self.end_of(is_name);
                let ends_operand = !BEFORE_OPERAND.contains(&&self.text[self.at..end]) || self.is_property();
                self.push(Kind::Name, end, ends_operand);
                Ok(())
            }
            b'~' if self.next_is(b'.')
                && !matches!(self.bytes.get(self.at + 2), Some(b'0'..=b'9' | b'.')) =>
            {
                self.push(Kind::Wavy, self.at + 2, false);
                Ok(())
            }
            b'/' if !self.found.last().is_some_and(|last| last.ends_operand) => self.regex(),
            _ => {
                self.punct(c);
                Ok(())
            }
        }
    }

    fn end_of(&self, belongs: impl Fn(u8) -> bool) -> usize {
        let rest = &self.bytes[self.at..];
        self.at + rest.iter().position(|&c| !belongs(c)).unwrap_or(rest.len())
    }

    /// Whether what stands before is a dot, so that any name is one of a property.
    fn is_property(&self) -> bool {
        self.found.last().is_some_and(|last| {
            last.kind == Kind::Wavy || matches!(&self.text[last.start..last.end], "." | "?.")
        })
    }

    fn push(&mut self, kind: Kind, end: usize, ends_operand: bool) {
        let is_on_new_line = std::mem::take(&mut self.is_on_new_line);
        self.found.push(Token { kind, start: self.at, end, ends_operand, is_on_new_line });
        self.at = end;
    }

    fn string(&mut self, quote: u8) -> Result<(), TildotError> {
        let mut end = self.at + 1;
        loop {
            match self.bytes.get(end) {
                None | Some(b'\n') => return Err(self.mistake("a string has no end")),
                Some(b'\\') => end += 2,
                Some(&c) if c == quote => break,
                Some(_) => end += 1,
            }
        }
        self.push(Kind::Text, end + 1, true);
        Ok(())
    }

    /// A piece of a template, which begins with a backtick or behind a hole.
    fn template(&mut self) -> Result<(), TildotError> {
        let mut end = self.at + 1;
        let (length, is_last) = loop {
            match self.bytes.get(end) {
                None => return Err(self.mistake("a template has no end")),
                Some(b'\\') => end += 2,
                Some(b'`') => break (1, true),
                Some(b'$') if self.bytes.get(end + 1) == Some(&b'{') => break (2, false),
                Some(_) => end += 1,
            }
        };
        self.push(Kind::Template, end + length, is_last);
        if !is_last {
            self.open.push(Open::Hole);
        }
        Ok(())
    }

    fn regex(&mut self) -> Result<(), TildotError> {
        let start = self.at;
        let mut end = self.at + 1;
        let mut is_in_class = false;
        loop {
            match self.bytes.get(end) {
                None | Some(b'\n') => return Err(self.mistake("a regular expression has no end")),
                Some(b'\\') => end += 1,
                Some(b'[') => is_in_class = true,
                Some(b']') => is_in_class = false,
                Some(b'/') if !is_in_class => break,
                Some(_) => {}
            }
            end += 1;
        }
        self.at = end + 1;
        let flags = self.end_of(is_name);
        self.at = start;
        self.push(Kind::Regex, flags, true);
        Ok(())
    }

    fn punct(&mut self, c: u8) {
        let last = self.found.last().map_or("", |last| &self.text[last.start..last.end]);
        let ends_operand = match c {
            b'(' => {
                let is_condition = matches!(last, "if" | "while" | "for" | "with");
                self.open.push(if is_condition { Open::Condition } else { Open::Round });
                false
            }
            b'[' => {
                self.open.push(Open::Square);
                false
            }
            b'{' => {
                let begins =
                    matches!(last, "(" | "," | "=" | ":" | "[" | "?" | "&" | "|" | "+" | "!" | "return");
                self.open.push(if begins { Open::Literal } else { Open::Block });
                false
            }
            b')' | b']' | b'}' => !matches!(self.open.pop(), Some(Open::Condition | Open::Block)),
            _ => false,
        };
        let length = if self.text[self.at..].starts_with("?.") { 2 } else { 1 };
        self.push(Kind::Punct, self.at + length, ends_operand);
    }
}

/// The line of a place, from 1 on.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|&&c| c == b'\n').count() + 1
}
