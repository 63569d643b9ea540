//! From tokens with `~.` to a text without.
//!
//! Tokens are replaced one by one, so that all lines stay where they are, and each place is looked
//! at a fixed number of times.

use std::collections::HashMap;

use crate::tildot::TildotError;
use crate::tildot::tokens::{Kind, Token, line_of};

pub(super) fn rewrite(text: &str, tokens: &[Token]) -> Result<String, TildotError> {
    let mut rewriting = Rewriting {
        text,
        tokens,
        mates: mates(text, tokens),
        operands: HashMap::new(),
        before: HashMap::new(),
        instead: HashMap::new(),
        behind: HashMap::new(),
    };
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Wavy {
            rewriting.wavy(at)?;
        }
    }
    Ok(rewriting.written())
}

struct Rewriting<'t> {
    text: &'t str,
    tokens: &'t [Token],
    mates: Mates,
    /// Where the operand before a wavy dot begins.
    operands: HashMap<usize, usize>,
    /// Texts before a token: the last one comes first.
    before: HashMap<usize, Vec<String>>,
    instead: HashMap<usize, String>,
    behind: HashMap<usize, String>,
}

/// The brackets. A piece of a template between two holes closes one and opens the other.
struct Mates {
    /// For each that closes, what it closes.
    opened_by: Vec<Option<usize>>,
    /// For each that opens, what closes it.
    closed_by: Vec<Option<usize>>,
    /// For each token, the bracket around it.
    around: Vec<Option<usize>>,
}

fn mates(text: &str, tokens: &[Token]) -> Mates {
    let none = vec![None; tokens.len()];
    let mut mates = Mates { opened_by: none.clone(), closed_by: none.clone(), around: none };
    let mut open: Vec<usize> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let word = &text[token.start..token.end];
        let (closes, opens) = match token.kind {
            Kind::Punct => (matches!(word, ")" | "]" | "}"), matches!(word, "(" | "[" | "{")),
            Kind::Template => (word.starts_with('}'), word.ends_with("${")),
            _ => (false, false),
        };
        if closes && let Some(first) = open.pop() {
            mates.opened_by[at] = Some(first);
            mates.closed_by[first] = Some(at);
        }
        mates.around[at] = open.last().copied();
        if opens {
            open.push(at);
        }
    }
    mates
}

/// The key behind a wavy dot.
struct Key {
    /// The last token of it; the dot, if there is none.
    end: usize,
    is_there: bool,
}

impl Rewriting<'_> {
    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &self.text[token.start..token.end])
    }

    fn is_punct(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Punct) && self.word(at) == word
    }

    fn mistake(&self, at: usize) -> TildotError {
        let line = line_of(self.text, self.tokens[at].start);
        TildotError { line, what: "`~.` cannot join what stands around it" }
    }

    fn wavy(&mut self, wavy: usize) -> Result<(), TildotError> {
        let first = self.operand(wavy).ok_or_else(|| self.mistake(wavy))?;
        self.operands.insert(wavy, first);
        self.instead.insert(wavy, String::new());
        let key = self.key(wavy)?;
        let after = key.end + 1;
        if self.is_punct(after, "(") {
            let close = self.mates.closed_by[after].ok_or_else(|| self.mistake(wavy))?;
            let only = if self.is_statement(first, close) { "SendOnly" } else { "" };
            let what = if key.is_there { "Method" } else { "Function" };
            self.put_before(first, format!("HandledPromise.apply{what}{only}("));
            self.instead.insert(after, ", [".into());
            self.instead.insert(close, "])".into());
            return Ok(());
        }
        if !key.is_there {
            return Err(self.mistake(wavy));
        }
        if let Some(last) = self.assigned(after) {
            self.put_before(first, "HandledPromise.set(".into());
            self.instead.insert(after, ", ".into());
            self.behind.entry(last).or_default().push(')');
            return Ok(());
        }
        let deletes = first.checked_sub(1).filter(|&before| {
            self.word(before) == "delete" && self.tokens[before].kind == Kind::Name && !self.goes_on(after)
        });
        match deletes {
            Some(delete) => {
                self.instead.insert(delete, String::new());
                self.put_before(first, "HandledPromise.delete(".into());
            }
            None => self.put_before(first, "HandledPromise.get(".into()),
        }
        self.behind.entry(key.end).or_default().push(')');
        Ok(())
    }

    fn put_before(&mut self, at: usize, text: String) {
        self.before.entry(at).or_default().push(text);
    }

    /// Where the operand begins that ends just before a wavy dot.
    fn operand(&self, wavy: usize) -> Option<usize> {
        let mut at = wavy.checked_sub(1)?;
        loop {
            let token = self.tokens[at];
            if !token.ends_operand || self.is_punct(at, "}") {
                return None;
            }
            let first = self.first_of(at)?;
            let Some(before) = first.checked_sub(1) else { return Some(first) };
            let is_called = self.is_punct(first, "(")
                || self.is_punct(first, "[")
                || self.tokens[first].kind == Kind::Template;
            let previous = self.tokens[before];
            at = match self.word(before) {
                // All before it is known: chains of any length are walked once.
                _ if previous.kind == Kind::Wavy => return self.operands.get(&before).copied(),
                "." | "?." if previous.kind == Kind::Punct => before.checked_sub(1)?,
                "new" if previous.kind == Kind::Name => return Some(before),
                _ if is_called && previous.ends_operand && !self.is_punct(before, "}") => before,
                _ => return Some(first),
            };
        }
    }

    /// The first token of what ends with this one: of brackets the first, of a template its first
    /// piece.
    fn first_of(&self, at: usize) -> Option<usize> {
        let mut first = at;
        loop {
            let closes = match self.tokens[first].kind {
                Kind::Punct => matches!(self.word(first), ")" | "]"),
                Kind::Template => self.word(first).starts_with('}'),
                _ => false,
            };
            if !closes {
                return Some(first);
            }
            first = self.mates.opened_by[first]?;
            if self.tokens[first].kind == Kind::Punct {
                return Some(first);
            }
        }
    }

    /// The key behind the dot: a name, a computed name, or nothing but arguments.
    fn key(&mut self, wavy: usize) -> Result<Key, TildotError> {
        let next = wavy + 1;
        if self.is_punct(next, "(") {
            return Ok(Key { end: wavy, is_there: false });
        }
        if self.is_punct(next, "[") {
            let close = self.mates.closed_by[next].ok_or_else(|| self.mistake(wavy))?;
            if close == next + 1 {
                return Err(self.mistake(wavy));
            }
            self.instead.insert(next, ", (".into());
            self.instead.insert(close, ")".into());
            return Ok(Key { end: close, is_there: true });
        }
        let name = self.word(next).to_string();
        if self.tokens.get(next).is_none_or(|token| token.kind != Kind::Name) || name.contains(['#', '\\']) {
            return Err(self.mistake(wavy));
        }
        self.instead.insert(next, format!(", \"{name}\""));
        Ok(Key { end: next, is_there: true })
    }

    /// Whether a call is a whole statement, which ends in `;`.
    fn is_statement(&self, first: usize, close: usize) -> bool {
        let begins = match first.checked_sub(1) {
            None => true,
            Some(before) => ["{", "}", ";"].iter().any(|word| self.is_punct(before, word)),
        };
        let is_in_block = self.mates.around[first].is_none_or(|around| self.is_punct(around, "{"));
        begins && is_in_block && self.is_punct(close + 1, ";")
    }

    /// The last token of what is assigned, if `=` stands here.
    fn assigned(&self, at: usize) -> Option<usize> {
        if !self.is_punct(at, "=")
            || matches!(self.text.as_bytes().get(self.tokens[at].end), Some(b'=' | b'>'))
        {
            return None;
        }
        let mut last = at;
        let mut next = at + 1;
        while let Some(token) = self.tokens.get(next) {
            let word = self.word(next);
            let is_end = token.kind == Kind::Punct && matches!(word, "," | ";" | ")" | "]" | "}")
                || token.kind == Kind::Template && word.starts_with('}');
            let is_next_statement = last > at
                && token.is_on_new_line
                && self.tokens[last].ends_operand_or_block()
                && matches!(token.kind, Kind::Name | Kind::Number | Kind::Text)
                && !matches!(word, "in" | "instanceof");
            if is_end || is_next_statement {
                break;
            }
            last = self.mates.end_from(next);
            next = last + 1;
        }
        (last > at).then_some(last)
    }

    /// Whether an expression goes on here, so that `delete` is not about what stands before.
    fn goes_on(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| {
            token.kind == Kind::Wavy
                || token.kind == Kind::Template
                || matches!(self.word(at), "." | "?." | "[" | "(")
        })
    }

    fn written(&self) -> String {
        let mut written = String::with_capacity(self.text.len() * 2);
        let mut end = 0;
        for (at, token) in self.tokens.iter().enumerate() {
            written.push_str(&self.text[end..token.start]);
            for text in self.before.get(&at).into_iter().flatten().rev() {
                written.push_str(text);
            }
            written.push_str(self.instead.get(&at).map_or_else(|| self.word(at), String::as_str));
            written.push_str(self.behind.get(&at).map_or("", String::as_str));
            end = token.end;
        }
        written.push_str(&self.text[end..]);
        written
    }
}

impl Token {
    /// A statement may end here.
    const fn ends_operand_or_block(&self) -> bool {
        self.ends_operand || matches!(self.kind, Kind::Punct)
    }
}

impl Mates {
    /// The last token of what begins here: the last bracket, if this is the first.
    fn end_from(&self, first: usize) -> usize {
        let mut at = first;
        while let Some(close) = self.closed_by[at] {
            at = close;
        }
        at
    }
}
