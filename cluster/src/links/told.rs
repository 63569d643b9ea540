//! The words in the log about machines that are not reached, or are refused.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use marketplace::{Text, one_line};

/// How many causes are told apart.
const CAUSES: usize = 1000;

/// The causes that were told.
#[derive(Default)]
pub(super) struct Told {
    /// Why a machine was not reached last.
    failed: BTreeMap<Text, String>,
    /// How often somebody was refused, by the cause.
    refused: BTreeMap<String, u64>,
}

impl Told {
    /// A machine of the list is not reached. It is said once for each cause, until it is reached.
    pub(super) fn failed(&mut self, name: &Text, why: &str) {
        if self.failed.get(name).is_some_and(|known| known == why) {
            return;
        }
        self.failed.insert(name.clone(), why.to_string());
        tracing::warn!("no link to {name}: {}", one_line(why));
    }

    pub(super) fn stands(&mut self, name: &Text) {
        self.failed.remove(name);
    }

    /// Somebody is refused. It is said at the first time, the 10th, the 100th and so on, for each
    /// cause.
    pub(super) fn refused(&mut self, at: SocketAddr, why: &str) {
        if self.refused.len() >= CAUSES && !self.refused.contains_key(why) {
            return;
        }
        let count = self.refused.entry(why.to_string()).or_default();
        *count += 1;
        if 10u64.pow(count.ilog10()) == *count {
            tracing::warn!(count, "a connection with {at} has ended: {}", one_line(why));
        }
    }
}
