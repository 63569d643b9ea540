//! When which machine is dialled.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use marketplace::Text;
use tokio::task::AbortHandle;

/// The pause after the first failure. It is doubled each time, up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// The machines that are dialled, or were.
#[derive(Default)]
pub(super) struct Dials(BTreeMap<Text, Dial>);

#[derive(Default)]
struct Dial {
    task: Option<AbortHandle>,
    /// How often it has failed in a row.
    failures: u32,
}

impl Dials {
    pub(super) fn is_dialled(&self, name: &Text) -> bool {
        self.0.get(name).is_some_and(|dial| dial.task.is_some())
    }

    pub(super) fn begins(&mut self, name: &Text, task: AbortHandle) {
        self.0.entry(name.clone()).or_default().task = Some(task);
    }

    pub(super) fn is_over(&mut self, name: &Text) {
        if let Some(dial) = self.0.get_mut(name) {
            dial.task = None;
        }
    }

    /// A connection has come: there is nothing to dial.
    pub(super) fn stop(&mut self, name: &Text) {
        if let Some(task) = self.0.get_mut(name).and_then(|dial| dial.task.take()) {
            task.abort();
        }
    }

    pub(super) fn stop_all(&mut self) {
        self.0.values_mut().filter_map(|dial| dial.task.take()).for_each(|task| task.abort());
    }

    /// It has failed, or a connection has ended soon.
    pub(super) fn failed(&mut self, name: &Text) {
        let dial = self.0.entry(name.clone()).or_default();
        dial.failures = dial.failures.saturating_add(1);
    }

    /// A connection has stood for a while.
    pub(super) fn did_well(&mut self, name: &Text) {
        self.0.remove(name);
    }

    /// How long to wait before it is dialled. Many that lose a machine at once come back one by
    /// one: half of the pause is up to chance.
    pub(super) fn pause(&self, name: &Text) -> Duration {
        let failures = self.0.get(name).map_or(0, |dial| dial.failures);
        // The keys of the standard library's hash maps are random.
        let random = RandomState::new().build_hasher().finish() % 1000;
        pause_after(failures, random)
    }
}

/// `random` is below 1000.
fn pause_after(failures: u32, random: u64) -> Duration {
    let Some(doublings) = failures.checked_sub(1) else { return Duration::ZERO };
    let whole = SHORTEST.saturating_mul(1 << doublings.min(16)).min(LONGEST);
    whole / 2 + whole.mul_f64(random as f64 / 2000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_become_longer_and_differ() {
        let range = |failures| [0, 999].map(|random| pause_after(failures, random).as_millis());
        assert_eq!(range(0), [0, 0]);
        assert_eq!(range(1), [50, 99]);
        assert_eq!(range(3), [200, 399]);
        assert_eq!(range(7), [2500, 4997]);
        assert_eq!(range(u32::MAX), [2500, 4997]);
    }
}
