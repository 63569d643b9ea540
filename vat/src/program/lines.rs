//! Lines of the prompt: from a terminal with an editor, or from whatever stdin is.

use std::io::{self, BufRead, IsTerminal, Read, StdinLock};

use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Config, Editor};

use crate::program::print;

/// How long a line may be, in bytes, with its line feed.
const LIMIT: u64 = 1 << 20;

/// A line that came in.
pub(crate) enum Line {
    Text(String),
    /// It is no text, for this reason.
    Wrong(&'static str),
    /// The user wants to begin anew.
    Interrupted,
    /// There are no more.
    End,
}

pub(crate) enum Lines {
    Edited(Box<Editor<(), MemHistory>>),
    Plain(StdinLock<'static>),
}

impl Lines {
    pub(crate) fn new() -> rustyline::Result<Self> {
        if !io::stdin().is_terminal() {
            return Ok(Self::Plain(io::stdin().lock()));
        }
        let config = Config::builder().auto_add_history(true).build();
        Ok(Self::Edited(Box::new(Editor::with_history(config, MemHistory::new())?)))
    }

    pub(crate) fn next(&mut self, prompt: &str) -> rustyline::Result<Line> {
        match self {
            Self::Edited(editor) => match editor.readline(prompt) {
                Ok(line) => Ok(Line::Text(line)),
                Err(ReadlineError::Interrupted) => Ok(Line::Interrupted),
                Err(ReadlineError::Eof) => Ok(Line::End),
                Err(ReadlineError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => {
                    Ok(Line::Wrong(NOT_UTF8))
                }
                Err(error) => Err(error),
            },
            Self::Plain(input) => {
                print(prompt);
                Ok(plain(input)?)
            }
        }
    }
}

const NOT_UTF8: &str = "this line is not UTF-8";
const TOO_LONG: &str = "this line is too long: a line has at most 1 MiB";

/// A line that is wrong is read to its end.
fn plain(input: &mut impl BufRead) -> io::Result<Line> {
    let mut line = Vec::new();
    input.by_ref().take(LIMIT).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(Line::End);
    }
    if line.len() as u64 == LIMIT && !line.ends_with(b"\n") {
        input.skip_until(b'\n')?;
        return Ok(Line::Wrong(TOO_LONG));
    }
    if line.ends_with(b"\n") {
        line.pop();
        line.truncate(line.len() - usize::from(line.ends_with(b"\r")));
    }
    Ok(String::from_utf8(line).map_or(Line::Wrong(NOT_UTF8), Line::Text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_line_is_said_and_the_next_one_is_read() {
        let long = [vec![b'x'; LIMIT as usize], b"x\nb\r\n\xff\nc".to_vec()].concat();
        let mut input = long.as_slice();
        assert!(matches!(plain(&mut input), Ok(Line::Wrong(TOO_LONG))));
        assert!(matches!(plain(&mut input), Ok(Line::Text(line)) if line == "b"));
        assert!(matches!(plain(&mut input), Ok(Line::Wrong(NOT_UTF8))));
        assert!(matches!(plain(&mut input), Ok(Line::Text(line)) if line == "c"));
        assert!(matches!(plain(&mut input), Ok(Line::End)));
    }
}
