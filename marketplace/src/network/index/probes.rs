//! Counts the work of queries, for tests that state what it depends on.

use std::cell::Cell;

thread_local! {
    static PROBES: Cell<u64> = const { Cell::new(0) };
}

pub(super) fn count() {
    PROBES.set(PROBES.get() + 1);
}

/// How many tables were probed meanwhile, or looked at as a whole.
pub(super) fn during(work: impl FnOnce()) -> u64 {
    let before = PROBES.get();
    work();
    PROBES.get() - before
}
