//! The imports of a module, as its text says.

use crate::tildot::tokens::{Kind, Token, line_of, tokens_so_far};

/// An import.
pub(super) struct Import<'t> {
    pub(super) specifier: &'t str,
    pub(super) line: usize,
}

/// The imports of a module, and what it exports of others. An `import()` is none: what is not
/// linked beforehand cannot be imported.
pub(super) fn imports(text: &str) -> Vec<Import<'_>> {
    let tokens = tokens_so_far(text);
    let word = |token: &Token| &text[token.start..token.end];
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let is_start = token.kind == Kind::Name
            && at.checked_sub(1).is_none_or(|before| !matches!(word(&tokens[before]), "." | "?."));
        let rest = &tokens[at + 1..];
        let from = match word(token) {
            "import" if is_start => match rest.first() {
                Some(next) if next.kind == Kind::Text => Some(next),
                _ => from(rest, &word),
            },
            "export" if is_start && rest.first().is_some_and(|next| matches!(word(next), "*" | "{")) => {
                from(rest, &word)
            }
            _ => None,
        };
        if let Some(from) = from {
            let quoted = word(from);
            let specifier = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
            found.push(Import { specifier, line: line_of(text, from.start) });
        }
    }
    found
}

/// The text behind `from`, if names and commas stand before it, and nothing else.
fn from<'a, 't>(tokens: &'a [Token], word: &impl Fn(&Token) -> &'t str) -> Option<&'a Token> {
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        if word(token) == "from"
            && let Some(next) = next
            && next.kind == Kind::Text
        {
            return Some(next);
        }
        let belongs = match token.kind {
            Kind::Name | Kind::Text => true,
            Kind::Punct => matches!(word(token), "{" | "}" | "," | "*"),
            _ => false,
        };
        if !belongs {
            return None;
        }
    }
    None
}
