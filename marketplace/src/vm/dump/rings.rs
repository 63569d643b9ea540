//! Promises that wait for each other.

use crate::data::hash::Map;
use crate::data::reference::Reference;
use crate::vm::dump::objects::{DumpedDecider, DumpedPromise, DumpedWaiter};

/// The promises that wait for each other, in rings: each waits for the next, the last for the
/// first. Nothing else will settle one of them.
pub(crate) fn rings(promises: &[DumpedPromise]) -> Vec<Vec<&Reference>> {
    let waits = in_vain(promises);
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
                    waits.get(here).and_then(|others| others.first()).copied()
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

/// The promises that lead to rings, and those for which each of them waits, which lead to rings,
/// too.
fn in_vain(promises: &[DumpedPromise]) -> Map<&Reference, Vec<&Reference>> {
    let mut waits = waits(promises);
    let mut waiters: Map<&Reference, Vec<&Reference>> = Map::default();
    for (promise, others) in &waits {
        for other in others {
            waiters.entry(*other).or_default().push(*promise);
        }
    }
    let mut free: Vec<&Reference> =
        waiters.keys().filter(|promise| !waits.contains_key(*promise)).copied().collect();
    while let Some(promise) = free.pop() {
        for waiter in waiters.get(promise).into_iter().flatten() {
            if waits.remove(waiter).is_some() {
                free.push(*waiter);
            }
        }
    }
    waits
}

/// The promises for which each promise waits. Each of several can settle the one that waits for
/// them: the first of a `race`, and one of `all` that breaks. So these count only if all are in
/// sight.
fn waits(promises: &[DumpedPromise]) -> Map<&Reference, Vec<&Reference>> {
    let (mut waits, mut several): (Map<_, Vec<_>>, Map<_, _>) = Default::default();
    for promise in promises {
        match promise.decider {
            DumpedDecider::Several { missing } => drop(several.insert(&promise.reference, missing)),
            _ => waits.extend(waited_for(&promise.decider).map(|next| (&promise.reference, vec![next]))),
        }
    }
    for promise in promises {
        for waiter in &promise.waits {
            if let DumpedWaiter::Promise(waiter) = waiter
                && several.contains_key(waiter)
            {
                waits.entry(waiter).or_default().push(&promise.reference);
            }
        }
    }
    waits.retain(|promise, others| several.get(promise).is_none_or(|missing| others.len() == *missing));
    waits
}

/// The promise that is to be settled before the one that this settles.
pub(super) const fn waited_for(decider: &DumpedDecider) -> Option<&Reference> {
    match decider {
        DumpedDecider::When { on, .. } => on.as_ref(),
        DumpedDecider::Follows(next) | DumpedDecider::Waiting(next) => Some(next),
        _ => None,
    }
}
