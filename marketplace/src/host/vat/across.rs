//! From turn to turn, across vats.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::hash::Map;
use crate::data::lock::lock;
use crate::host::vat::{Vat, VatError};
use crate::record::log::LoggedTurn;

/// From so many vats on, those that are gone are forgotten.
const MANY: usize = 64;

/// A turn of a vat, and the turns to which it led, in whatever vat: see [`Vat::tree`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VatTree {
    /// The number of the vat.
    pub vat: u64,
    /// The turn.
    pub turn: LoggedTurn,
    /// The turns that it led to, in the order of logical time.
    pub next: Vec<Self>,
}

impl Vat {
    /// How it came to a turn, newest first, across vats: what came from another vat is followed
    /// into that one's log.
    ///
    /// # Errors
    /// If the vat is not running; if the caller must not wait here.
    pub fn trace(&self, turn: u64) -> Result<Vec<(u64, LoggedTurn)>, VatError> {
        let mut found = Vec::new();
        let mut next = Some((self.clone(), turn));
        while let Some((vat, turn)) = next.take() {
            let traced: Vec<LoggedTurn> =
                vat.inspect(move |debugger| debugger.log().trace(turn).into_iter().cloned().collect())?;
            let origin = traced.last().and_then(|first| first.origin);
            found.extend(traced.into_iter().map(|turn| (vat.id(), turn)));
            // A vat that is gone, or halted, is a leaf.
            next = origin
                .and_then(|origin| Some((Self::find(origin.vat)?, origin.turn)))
                .filter(|(vat, _)| vat.is_running());
        }
        Ok(found)
    }

    /// All that has to do with a turn, across vats: from the first turn of its [trace](Vat::trace),
    /// everything to which that led. `None` if the log does not have the turn.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::vat::{Vat, VatEvent, VatOptions};
    ///
    /// let logged = || VatOptions { log: true, ..VatOptions::default() };
    /// let asker = Vat::spawn(logged(), |_| transition_no_state!()).unwrap();
    /// let greeter = Vat::spawn(logged(), |_| transition_no_state!(
    ///     subscriber!("hello", on_message!(_ => send_message!("welcome"))),
    /// )).unwrap();
    /// let mut said = greeter.subscribe::<Text>(topic!("welcome")).unwrap();
    /// let greets = greeter.clone();
    /// asker.call(move |_| greets.send(&Text::from("hello"))).unwrap().unwrap();
    /// while said.wait().unwrap() != Some(VatEvent::Message("welcome".into())) {}
    ///
    /// let last = asker.inspect(|debugger| debugger.log().turns().last().unwrap().id).unwrap();
    /// let tree = asker.tree(last).unwrap().unwrap();
    /// let heard: Vec<_> = tree.turns().into_iter().map(|(depth, vat, _)| (depth, vat)).collect();
    /// assert_eq!(heard, [(0, asker.id()), (1, greeter.id()), (2, greeter.id())]);
    /// ```
    ///
    /// # Errors
    /// If the vat is not running; if the caller must not wait here.
    pub fn tree(&self, turn: u64) -> Result<Option<VatTree>, VatError> {
        let Some((vat, first)) = self.trace(turn)?.pop() else { return Ok(None) };
        Ok(Some(tree_below(vat, first, logs_reached_from(vat)?)))
    }

    /// Something arrives in the vat of this number that was sent in this one.
    pub(crate) fn note_reached(&self, vat: u64) {
        let mut reached = lock(&self.0.reached);
        if reached.len() >= MANY {
            let there: BTreeSet<_> = Self::all().iter().map(Self::id).collect();
            reached.retain(|vat| there.contains(vat));
        }
        reached.insert(vat);
    }
}

/// What is in the logs of this vat and of those that anything has reached from it, however far.
fn logs_reached_from(first: u64) -> Result<Vec<(u64, LoggedTurn)>, VatError> {
    let mut logs = BTreeMap::new();
    let mut waiting = vec![first];
    while let Some(id) = waiting.pop() {
        let Some(vat) = Vat::find(id).filter(Vat::is_running) else { continue };
        if logs.contains_key(&id) {
            continue;
        }
        let log = vat.inspect(|debugger| debugger.log().turns().cloned().collect::<Vec<_>>());
        match log {
            // A vat that has ended meanwhile is a leaf, too.
            Err(VatError::NotRunning) => continue,
            log => logs.insert(id, log?),
        };
        waiting.extend(lock(&vat.0.reached).iter().copied());
    }
    Ok(logs.into_iter().flat_map(|(vat, log)| log.into_iter().map(move |turn| (vat, turn))).collect())
}

fn tree_below(vat: u64, turn: LoggedTurn, mut logs: Vec<(u64, LoggedTurn)>) -> VatTree {
    let mut next: Map<(u64, u64), Vec<VatTree>> = Map::default();
    // What leads to a turn is older, in every vat: so, from the newest on, what a turn leads to is
    // complete when its own time comes.
    logs.sort_by_key(|(vat, turn)| (turn.stamp, *vat));
    for (vat, later) in logs.into_iter().rev().take_while(|(_, later)| later.stamp > turn.stamp) {
        let cause = match (later.cause, later.origin) {
            (0, Some(origin)) => (origin.vat, origin.turn),
            (cause, _) => (vat, cause),
        };
        let later = with_next(&mut next, vat, later);
        next.entry(cause).or_default().push(later);
    }
    with_next(&mut next, vat, turn)
}

/// A turn with all that it led to.
fn with_next(next: &mut Map<(u64, u64), Vec<VatTree>>, vat: u64, turn: LoggedTurn) -> VatTree {
    let mut next = next.remove(&(vat, turn.id)).unwrap_or_default();
    next.reverse();
    VatTree { vat, turn, next }
}

impl VatTree {
    /// The turns of the tree, each before those to which it led, with how deep it lies (0 for the
    /// first) and the number of its vat.
    #[must_use]
    pub fn turns(&self) -> Vec<(usize, u64, &LoggedTurn)> {
        let mut turns = Vec::new();
        let mut waiting = vec![(0, self)];
        while let Some((depth, tree)) = waiting.pop() {
            turns.push((depth, tree.vat, &tree.turn));
            waiting.extend(tree.next.iter().rev().map(|next| (depth + 1, next)));
        }
        turns
    }
}

impl Drop for VatTree {
    /// A tree may be as deep as the logs are long: no recursion.
    fn drop(&mut self) {
        let mut waiting = std::mem::take(&mut self.next);
        while let Some(mut tree) = waiting.pop() {
            waiting.append(&mut tree.next);
        }
    }
}
