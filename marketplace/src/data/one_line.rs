//! Text from outside, within a line.

use std::fmt::{self, Write};

/// Shows something in one line: a character that some reader takes for the end of a line, that is
/// invisible, or that turns the direction of writing is shown as an escape, such as `\n` and
/// `\u{2028}`. So an error that quotes what somebody sent cannot begin a line of its own in a log,
/// or move a terminal's cursor.
///
/// ```
/// let said = "no such user: eve\nINFO all is well\u{2028}\u{1b}[2J";
/// assert_eq!(marketplace::one_line(said).to_string(), r"no such user: eve\nINFO all is well\u{2028}\u{1b}[2J");
/// ```
pub fn one_line(shown: impl fmt::Display) -> impl fmt::Display {
    Shown(shown)
}

struct Shown<T>(T);

impl<T: fmt::Display> fmt::Display for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(OneLine(f), "{}", self.0)
    }
}

/// Text that is written through this stays in its line.
pub(crate) struct OneLine<W>(pub(crate) W);

impl<W: Write> Write for OneLine<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some((at, hidden)) = rest.char_indices().find(|(_, c)| is_hidden(*c)) {
            write!(self.0, "{}{}", &rest[..at], hidden.escape_default())?;
            rest = &rest[at + hidden.len_utf8()..];
        }
        self.0.write_str(rest)
    }
}

/// Whether some reader takes a character for the end of a line, or it is invisible, or turns the
/// direction of writing.
pub(crate) fn is_hidden(c: char) -> bool {
    let format = ['\u{ad}', '\u{61c}', '\u{feff}', '\u{2028}', '\u{2029}'];
    c.is_control()
        || format.contains(&c)
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}
