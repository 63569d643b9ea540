//! The things that stay on their machine: each cause is a warning, and is counted.

use std::collections::BTreeMap;

use marketplace::prelude::*;

use crate::gateway::Gateway;

/// A warning of the gateway, as a message in its network: something stays on its machine, or two
/// programs do not fit. It is said at the first time, and at the 10th, the 100th and so on.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The cause, for people.
    pub text: Text,
    /// How often it has come to this so far.
    pub count: u64,
}

/// How many causes are told apart.
const CAUSES: usize = 1000;

/// How often it has come to what, by the cause.
#[derive(Default)]
pub(super) struct Warnings {
    by_cause: BTreeMap<Text, u64>,
    /// How often in all.
    count: u64,
}

impl Warnings {
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Counts, and tells at the first time, the 10th, the 100th and so on.
    pub(super) fn warn(&mut self, cause: &str, text: impl FnOnce() -> String) -> ActionTree<Gateway> {
        self.count += 1;
        let cause = Text::from(cause);
        if self.by_cause.len() >= CAUSES && !self.by_cause.contains_key(&cause) {
            return ActionTree::new();
        }
        let count = self.by_cause.entry(cause).or_default();
        *count += 1;
        if 10u64.pow(count.ilog10()) != *count {
            return ActionTree::new();
        }
        let warning = Warning { text: text().into(), count: *count };
        tracing::warn!(count = warning.count, "{}", &*warning.text);
        send_message(&warning).into()
    }

    /// Whether it has come to this.
    pub(super) fn knows(&self, cause: &str) -> bool {
        self.by_cause.contains_key(&Text::from(cause))
    }

    /// Tells, the first time only.
    pub(super) fn once(&mut self, cause: &str, text: impl FnOnce() -> String) -> ActionTree<Gateway> {
        if self.knows(cause) { ActionTree::new() } else { self.warn(cause, text) }
    }
}
