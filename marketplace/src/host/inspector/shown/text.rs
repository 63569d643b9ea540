//! Texts of the program, of a bounded length.

use std::fmt::{self, Write};

use crate::data::door;
use crate::data::reference::Reference;
use crate::record::log::Snapshot;

/// How many bytes of a text are shown.
const TEXT_LIMIT: usize = 2_000;

/// How many bytes of a name or a topic are shown: there may be thousands of them.
const NAME_LIMIT: usize = 200;

/// How many bytes of the state of a process are shown to a person who asks for it.
const STATE_LIMIT: usize = 64 * 1024;

pub(super) fn shown(what: &impl fmt::Display) -> String {
    clipped(what, TEXT_LIMIT)
}

pub(super) fn shown_name(what: &impl fmt::Display) -> String {
    clipped(what, NAME_LIMIT)
}

/// In lines, as at a prompt.
pub(in crate::host::inspector) fn shown_state(state: &Snapshot) -> String {
    clipped(&format_args!("{state:#?}"), STATE_LIMIT)
}

/// As it is in messages.
pub(super) fn shown_reference(reference: &Reference) -> String {
    format!("{reference:?}")
}

/// The `Display` may be the user's and fail, and its text may be megabytes long: it is written only
/// up to the limit.
fn clipped(what: &impl fmt::Display, limit: usize) -> String {
    let mut text = Clipped { text: String::new(), limit };
    match door::look_on(|| write!(text, "{what}")) {
        Ok(Ok(())) => {}
        Ok(Err(fmt::Error)) => text.text.push('…'),
        Err(_) => text.text.push_str("(cannot be shown)"),
    }
    text.text
}

struct Clipped {
    text: String,
    limit: usize,
}

impl Write for Clipped {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let left = self.limit - self.text.len().min(self.limit);
        let fits = (0..=left.min(more.len())).rev().find(|&at| more.is_char_boundary(at)).unwrap_or(0);
        self.text.push_str(&more[..fits]);
        if fits == more.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_clipped_between_characters() {
        let text = "é".repeat(TEXT_LIMIT);
        assert_eq!(shown(&text), "é".repeat(TEXT_LIMIT / 2) + "…");
        assert_eq!(clipped(&"aé", 2), "a…");
        assert_eq!(clipped(&"aé", 3), "aé");
    }

    #[test]
    fn a_long_state_is_clipped() {
        let state = Snapshot::new(vec![7; STATE_LIMIT]);
        assert_eq!(shown_state(&state).len(), STATE_LIMIT + "…".len());
    }

    #[test]
    fn what_fails_to_show_itself_is_told() {
        struct Fails;
        impl fmt::Display for Fails {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("so far ")?;
                panic!("no further")
            }
        }
        assert_eq!(shown(&Fails), "so far (cannot be shown)");
    }
}
