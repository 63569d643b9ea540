//! Lines as they come in.

use std::io::{self, BufRead, Read};

/// How long a line may be, in bytes, with its line feed.
const LIMIT: u64 = 64 * 1024;

/// A line that came in.
pub(super) enum Line {
    Text(String),
    /// A line that is no command, and what to say of it.
    Wrong(&'static str),
}

/// The text for a line that is not UTF-8.
pub(super) const NOT_UTF8: &str = "this line is not UTF-8";

const TOO_LONG: &str = "this line is too long: a line has at most 64 KiB";

/// The next line, without its terminator; `None` at the end. A line that is wrong is read to its
/// end.
pub(super) fn next(from: &mut impl BufRead) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    from.by_ref().take(LIMIT).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.len() as u64 == LIMIT && !line.ends_with(b"\n") {
        from.skip_until(b'\n')?;
        return Ok(Some(Line::Wrong(TOO_LONG)));
    }
    if line.ends_with(b"\n") {
        line.pop();
        line.truncate(line.len() - usize::from(line.ends_with(b"\r")));
    }
    Ok(Some(String::from_utf8(line).map_or(Line::Wrong(NOT_UTF8), Line::Text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(mut bytes: &[u8]) -> Vec<String> {
        let shown = |line| match line {
            Line::Text(text) => text,
            Line::Wrong(why) => format!("! {why}"),
        };
        std::iter::from_fn(|| next(&mut bytes).unwrap()).map(shown).collect()
    }

    #[test]
    fn a_wrong_line_is_said_and_the_next_one_is_read() {
        let long = [[b'x'; LIMIT as usize].as_slice(), b"x\nb\n"].concat();
        assert_eq!(lines(&long), [&format!("! {TOO_LONG}"), "b"]);
        assert_eq!(lines(b"a\r\n\xff\xfe\nb"), ["a", &format!("! {NOT_UTF8}"), "b"]);
        assert_eq!(lines(b"\xff"), [format!("! {NOT_UTF8}")]);
    }
}
