//! Promises that wait for each other.

use crate::data::hash::Map;
use crate::data::reference::Reference;
use crate::vm::dump::objects::{DumpedDecider, DumpedPromise};

/// The promises that wait for each other, in rings: each waits for the next, the last for the
/// first.
pub(crate) fn rings(promises: &[DumpedPromise]) -> Vec<Vec<&Reference>> {
    let next: Map<&Reference, &Reference> = promises
        .iter()
        .filter_map(|promise| Some((&promise.reference, waited_for(&promise.decider)?)))
        .collect();
    let mut known: Map<&Reference, usize> = Map::default();
    let mut rings = Vec::new();
    for (walk, promise) in promises.iter().enumerate() {
        let mut way = Vec::new();
        let mut at = Some(&promise.reference);
        while let Some(here) = at {
            at = match known.get(here) {
                None => {
                    known.insert(here, walk);
                    way.push(here);
                    next.get(here).copied()
                }
                Some(&other) => {
                    // The way has come back to where it has been.
                    if other == walk
                        && let Some(begin) = way.iter().position(|known| *known == here)
                    {
                        rings.push(way.split_off(begin));
                    }
                    None
                }
            };
        }
    }
    rings
}

/// The promise that is to be settled before the one that this settles.
pub(super) const fn waited_for(decider: &DumpedDecider) -> Option<&Reference> {
    match decider {
        DumpedDecider::When { on, .. } => on.as_ref(),
        DumpedDecider::Follows(next) | DumpedDecider::Waiting(next) => Some(next),
        _ => None,
    }
}
