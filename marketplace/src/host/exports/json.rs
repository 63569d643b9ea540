//! Writes JSON.

use std::fmt::Write;

/// The members of an object or the items of an array that is being written.
pub(super) struct Json<'t> {
    text: &'t mut String,
    first: bool,
}

/// The text of an object.
pub(super) fn object(members: impl FnOnce(&mut Json<'_>)) -> String {
    let mut text = String::new();
    Json::within(&mut text, ['{', '}'], members);
    text
}

impl Json<'_> {
    fn within(text: &mut String, [open, close]: [char; 2], parts: impl FnOnce(&mut Json<'_>)) {
        text.push(open);
        parts(&mut Json { text, first: true });
        text.push(close);
    }

    fn next(&mut self) {
        if !self.first {
            self.text.push(',');
        }
        self.first = false;
    }

    fn key(&mut self, key: &str) {
        self.next();
        write_text(self.text, key);
        self.text.push(':');
    }

    /// A member that is a text.
    pub(super) fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        write_text(self.text, text);
    }

    /// A member that is a number.
    pub(super) fn number(&mut self, key: &str, number: u64) {
        self.key(key);
        let _ = write!(self.text, "{number}");
    }

    /// A member that is an object.
    pub(super) fn object(&mut self, key: &str, members: impl FnOnce(&mut Json<'_>)) {
        self.key(key);
        Json::within(self.text, ['{', '}'], members);
    }

    /// A member that is an array.
    pub(super) fn array(&mut self, key: &str, items: impl FnOnce(&mut Json<'_>)) {
        self.key(key);
        Json::within(self.text, ['[', ']'], items);
    }

    /// An item that is a text.
    pub(super) fn text_item(&mut self, text: &str) {
        self.next();
        write_text(self.text, text);
    }

    /// An item that is an object, on a line of its own.
    pub(super) fn line(&mut self, members: impl FnOnce(&mut Json<'_>)) {
        self.next();
        self.text.push('\n');
        Json::within(self.text, ['{', '}'], members);
    }
}

fn write_text(to: &mut String, text: &str) {
    to.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => to.extend(['\\', c]),
            // A page may hold the text within a script.
            '<' | '>' | '&' | '\u{0}'..='\u{1f}' | '\u{7f}' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(to, "\\u{:04x}", u32::from(c));
            }
            _ => to.push(c),
        }
    }
    to.push('"');
}
