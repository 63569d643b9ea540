//! Dumps and turns as JSON for the page. Every text of the program has a bounded length.

mod dump;
mod references;
mod text;
mod turn;

use serde::{Deserialize, Serialize};

pub(super) use crate::host::inspector::shown::dump::{DumpedVat, ShownDump};
pub(super) use crate::host::inspector::shown::text::shown_state;
pub(super) use crate::host::inspector::shown::turn::ShownTurn;

use crate::conversation::pid::Pid;

/// A request to kill a process, with a reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kill {
    #[serde(default)]
    pub(super) vm: Vec<u64>,
    pub(super) pid: u64,
    #[serde(default)]
    pub(super) reason: String,
}

/// JSON in one line, whatever character its reader takes for the end of a line.
pub(super) fn json(what: &(impl Serialize + ?Sized)) -> String {
    let json = match serde_json::to_string(what) {
        Ok(json) => json,
        // It consists of structs, lists, texts and numbers.
        Err(error) => unreachable!("{error}"),
    };
    // These characters can only be in texts. The line ends of ASCII are escaped already.
    let ends = [('\u{85}', "\\u0085"), ('\u{2028}', "\\u2028"), ('\u{2029}', "\\u2029")];
    let escape =
        |json: String, (end, escaped)| if json.contains(end) { json.replace(end, escaped) } else { json };
    ends.into_iter().fold(json, escape)
}

fn numbers(vm: &[Pid]) -> Vec<u64> {
    vm.iter().copied().map(Pid::number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_one_line_for_whoever_reads_it() {
        let text = "a\nb\r\u{b}\u{c}\u{85}c\u{2028}d\u{2029}\u{1e}é";
        let json = json(text);
        assert!(json.chars().all(|c| c == 'é' || c.is_ascii() && !c.is_control()), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
