//! A line of IRC: `:prefix COMMAND argument argument :the last argument`.

pub(crate) struct Line<'a> {
    /// In capitals; empty if the line is.
    pub(crate) command: String,
    pub(crate) args: Vec<&'a str>,
}

impl<'a> Line<'a> {
    pub(crate) fn read(line: &'a str) -> Self {
        // To another client, whatever follows could be a line of its own.
        let line = line.split(['\r', '\n', '\0']).next().unwrap_or_default();
        let line = match line.strip_prefix(':') {
            Some(with_prefix) => with_prefix.split_once(' ').map_or("", |(_prefix, rest)| rest),
            None => line,
        };
        let (words, last) = match line.split_once(" :") {
            Some((words, last)) => (words, Some(last)),
            None => (line, None),
        };
        let mut words = words.split_ascii_whitespace();
        let command = words.next().unwrap_or_default().to_ascii_uppercase();
        Self { command, args: words.chain(last).collect() }
    }
}
