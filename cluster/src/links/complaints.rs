//! The words in the log about machines that are not reached, or are refused.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::SocketAddr;

use marketplace::{Text, one_line};

use crate::links::refused::{Cause, Refused};

/// How much is told of a cause, in characters: there may be words of others in it.
const LONGEST: usize = 300;

/// The causes that were told.
#[derive(Default)]
pub(super) struct Complaints {
    /// Why a machine was not reached last.
    failed: BTreeMap<Text, String>,
    /// How often somebody was refused, by the cause, and by the machine if that is in the list. No
    /// words of others are among the keys: so the list bounds them, and nobody can use them up.
    refused: BTreeMap<(Cause, Option<Text>), u64>,
}

impl Complaints {
    /// A machine of the list is not reached. It is said once for each cause, until it is reached.
    pub(super) fn failed(&mut self, name: &Text, why: &str) {
        if self.failed.get(name).is_some_and(|known| known == why) {
            return;
        }
        self.failed.insert(name.clone(), why.to_string());
        tracing::warn!("no link to {name}: {}", short(why));
    }

    pub(super) fn stands(&mut self, name: &Text) {
        self.failed.remove(name);
    }

    /// Somebody is refused. It is said at the first time, the 10th, the 100th and so on, for each
    /// cause.
    pub(super) fn refused(&mut self, at: SocketAddr, refused: &Refused) {
        let Refused { cause, machine, why } = refused;
        if let Some(count) = self.counts(*cause, machine.as_ref()) {
            tracing::warn!(count, "a connection with {at} has ended: {}", short(why));
        }
    }

    /// Counts it, and gives the number if it is to be told.
    fn counts(&mut self, cause: Cause, machine: Option<&Text>) -> Option<u64> {
        let count = self.refused.entry((cause, machine.cloned())).or_default();
        *count += 1;
        (10u64.pow(count.ilog10()) == *count).then_some(*count)
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
    fn c11_made_up_names_leave_other_causes_to_be_told() {
        let mut complaints = Complaints::default();
        let lines = (0..2000).filter_map(|_| complaints.counts(Cause::Unlisted, None));
        assert_eq!(lines.collect::<Vec<_>>(), [1, 10, 100, 1000]);
        assert_eq!(complaints.counts(Cause::Key, Some(&"bob".into())), Some(1));
        assert_eq!(complaints.counts(Cause::Key, Some(&"cid".into())), Some(1));
    }

    #[test]
    fn c11_words_of_others_stay_short_and_in_one_line() {
        let forged = format!("no\nWARN all is well{}", "é".repeat(4000));
        let told = short(&forged).to_string();
        assert!(told.starts_with(r"no\nWARN all is wellé") && told.ends_with("é…"), "{told}");
        assert_eq!(told.chars().count(), LONGEST + 2);
        assert_eq!(short("it has gone").to_string(), "it has gone");
    }
}
