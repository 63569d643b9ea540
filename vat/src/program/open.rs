//! Whether a text of JavaScript goes on: a bracket, a template or a comment is not closed yet.

use std::iter::Peekable;
use std::str::Chars;

/// Whether something in the text is still open. In a text that is wrong, nothing is: then it is for
/// the engine to say what is wrong.
pub(crate) fn is_open(text: &str) -> bool {
    let mut reader = Reader { rest: text.chars().peekable(), open: Vec::new(), last: Last::Operator };
    reader.ends_inside() || !reader.open.is_empty()
}

/// A bracket or a text that is open.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    /// A bracket that this one closes.
    Bracket(char),
    /// The code in a template.
    Hole,
}

/// The token that stands before: after a value, `/` divides; elsewhere a regular expression begins.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    Value,
    Operator,
}

struct Reader<'t> {
    rest: Peekable<Chars<'t>>,
    open: Vec<Open>,
    last: Last,
}

impl Reader<'_> {
    /// Reads to the end, or to a bracket that closes nothing. Says whether the text ends in a
    /// template or a comment.
    fn ends_inside(&mut self) -> bool {
        while let Some(at) = self.rest.next() {
            match at {
                '\'' | '"' => self.string(at),
                '`' if !self.template() => return true,
                '`' => {}
                '/' => match self.rest.peek().copied() {
                    Some('/') => while self.rest.next_if(|at| *at != '\n').is_some() {},
                    Some('*') if !self.comment() => return true,
                    Some('*') => {}
                    _ if self.last == Last::Operator => self.expression(),
                    _ => self.last = Last::Operator,
                },
                '(' | '[' | '{' => {
                    self.open.push(Open::Bracket(match at {
                        '(' => ')',
                        '[' => ']',
                        _ => '}',
                    }));
                    self.last = Last::Operator;
                }
                ')' | ']' | '}' => match self.open.pop() {
                    Some(Open::Bracket(close)) if close == at => {
                        self.last = if at == '}' { Last::Operator } else { Last::Value };
                    }
                    Some(Open::Hole) if at == '}' => {
                        if !self.template() {
                            return true;
                        }
                    }
                    _ => {
                        self.open.clear();
                        return false;
                    }
                },
                at if at.is_alphanumeric() || at == '_' || at == '$' => self.word(at),
                at if at.is_whitespace() => {}
                _ => self.last = Last::Operator,
            }
        }
        false
    }

    fn word(&mut self, first: char) {
        let mut word = String::from(first);
        while let Some(at) = self.rest.next_if(|at| at.is_alphanumeric() || *at == '_' || *at == '$') {
            word.push(at);
        }
        let goes_on = matches!(
            &*word,
            "return"
                | "typeof"
                | "case"
                | "in"
                | "of"
                | "await"
                | "yield"
                | "void"
                | "delete"
                | "throw"
                | "new"
        );
        self.last = if goes_on { Last::Operator } else { Last::Value };
    }

    /// A string ends on its line.
    fn string(&mut self, quote: char) {
        while let Some(at) = self.rest.next() {
            match at {
                '\\' => drop(self.rest.next()),
                at if at == quote || at == '\n' => break,
                _ => {}
            }
        }
        self.last = Last::Value;
    }

    /// A template, to its end or to a hole. Says whether it came there.
    fn template(&mut self) -> bool {
        while let Some(at) = self.rest.next() {
            match at {
                '\\' => drop(self.rest.next()),
                '`' => {
                    self.last = Last::Value;
                    return true;
                }
                '$' if self.rest.next_if_eq(&'{').is_some() => {
                    self.open.push(Open::Hole);
                    self.last = Last::Operator;
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    /// A comment in asterisks. Says whether it ends.
    fn comment(&mut self) -> bool {
        self.rest.next();
        let mut before = ' ';
        for at in self.rest.by_ref() {
            if (before, at) == ('*', '/') {
                return true;
            }
            before = at;
        }
        false
    }

    /// A regular expression ends on its line. In a class, `/` does not end it.
    fn expression(&mut self) {
        let mut in_class = false;
        while let Some(at) = self.rest.next() {
            match at {
                '\\' => drop(self.rest.next()),
                '[' => in_class = true,
                ']' => in_class = false,
                '\n' => break,
                '/' if !in_class => break,
                _ => {}
            }
        }
        self.last = Last::Value;
    }
}

#[cfg(test)]
mod tests {
    use super::is_open;

    #[test]
    fn a_text_with_an_open_bracket_template_or_comment_goes_on() {
        for open in
            ["f(1,", "{ a: [1, 2", "`two", "`a ${b", "`a ${`b`} c", "/* so", "x = () => {\n  1;\n", "a / (b"]
        {
            assert!(is_open(open), "{open}");
        }
    }

    #[test]
    fn a_bracket_in_a_text_a_comment_or_an_expression_is_none() {
        for closed in [
            "f(1)",
            "'('",
            "\"[\"",
            "`{`",
            "1 // {",
            "/* ( */ 1",
            "/[(/]/.test(x)",
            "x = /\\(/",
            "a / b / (c)",
        ] {
            assert!(!is_open(closed), "{closed}");
        }
        assert!(!is_open("`a ${ { b: `}` }.b } c`"));
        assert!(!is_open("'an open string ("));
    }

    #[test]
    fn a_text_that_is_wrong_does_not_go_on() {
        for wrong in [")", "f(]", "{ )", "`${ ) }"] {
            assert!(!is_open(wrong), "{wrong}");
        }
    }
}
