//! The words in the log.
//!
//! Threads of Zenoh have no log unless the program has one for all threads. So words are kept here
//! until the host polls the engine.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Display;

use marketplace::one_line;

/// How much is told of a cause, in characters: there may be words of others in it.
const LONGEST: usize = 300;

/// How many words are kept. Further ones are lost.
const KEPT: usize = 100;

/// The words that are to be told, and how often each kind of them was.
#[derive(Default)]
pub(crate) struct LogWords {
    counts: BTreeMap<&'static str, u64>,
    words: VecDeque<String>,
}

impl LogWords {
    /// Warns at the first time, the 10th, the 100th and so on, for each kind. Says whether there is
    /// something to be told.
    pub(crate) fn warn(&mut self, kind: &'static str, why: impl FnOnce() -> String) -> bool {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let tells = 10u64.pow(count.ilog10()) == *count && self.words.len() < KEPT;
        if tells {
            let count = if *count == 1 { String::new() } else { format!(" ({count} times)") };
            self.words.push_back(format!("{kind}{count}: {}", short(&why())));
        }
        tells
    }

    /// Words of this machine, that are told in full. Says whether there is room for them.
    pub(crate) fn all(&mut self, words: &str) -> bool {
        let has_room = self.words.len() < KEPT;
        if has_room {
            self.words.push_back(one_line(words).to_string());
        }
        has_room
    }

    /// The next words that are to be told.
    pub(crate) fn next(&mut self) -> Option<String> {
        self.words.pop_front()
    }
}

/// The beginning of a text, in one line.
fn short(why: &str) -> impl Display {
    let end = why.char_indices().nth(LONGEST).map(|(end, _)| end);
    one_line(match end {
        Some(end) => format!("{}…", &why[..end]),
        None => why.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_that_come_again_are_told_ever_less_often() {
        let mut told = LogWords::default();
        for _ in 0..2000 {
            told.warn("it is late", || "again".to_string());
        }
        told.warn("it is early", || "no\nWARN all is well".to_string());
        let said: Vec<_> = std::iter::from_fn(|| told.next()).collect();
        let expected = [
            "it is late: again",
            "it is late (10 times): again",
            "it is late (100 times): again",
            "it is late (1000 times): again",
            r"it is early: no\nWARN all is well",
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn words_of_others_stay_short_and_in_one_line() {
        let told = short(&format!("no\nWARN all is well{}", "é".repeat(4000))).to_string();
        assert!(told.starts_with(r"no\nWARN all is wellé") && told.ends_with("é…"), "{told}");
        assert_eq!(told.chars().count(), LONGEST + 2);
    }
}
