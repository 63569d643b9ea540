//! The run queue, as SwingSet shows it.

use marketplace::Dump;
use marketplace_js::Tables;

/// The run queue as JSON.
pub(super) fn run_queue(_dump: &Dump, _tables: &Tables) -> String {
    "[]".into()
}
