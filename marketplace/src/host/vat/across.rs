//! From turn to turn, across vats.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::data::hash::Map;
use crate::data::lock::lock;
use crate::host::vat::{Vat, VatError, VatFuture, wait};
use crate::record::log::LoggedTurn;

/// When a set has so many vats, the vats that are gone are forgotten.
const MANY: usize = 64;

/// How long other vats may take to answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

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
    /// The causes of a turn, newest first, across vats: the cause of a message from another vat is
    /// looked up in that vat's log. The list ends at a vat that has ended, or that does not answer
    /// within 1 s.
    ///
    /// # Errors
    /// If the vat is not running; if the caller must not wait here.
    pub fn trace(&self, turn: u64) -> Result<Vec<(u64, LoggedTurn)>, VatError> {
        let mut found = Vec::new();
        let mut next = Some((self.clone(), turn));
        while let Some((vat, turn)) = next.take() {
            let asked = vat.inspect_async(move |debugger| -> Vec<LoggedTurn> {
                debugger.log().trace(turn).into_iter().cloned().collect()
            });
            let traced = match self.await_answer(&vat, asked, Instant::now() + PATIENCE)? {
                Some(traced) => traced,
                None if vat == *self => return Err(VatError::NotRunning),
                None => break,
            };
            let origin = traced.last().and_then(|first| first.origin);
            found.extend(traced.into_iter().map(|turn| (vat.id(), turn)));
            next = origin.and_then(|origin| Some((Self::find(origin.vat)?, origin.turn)));
        }
        Ok(found)
    }

    /// The causal tree of a turn, across vats: it begins at the first turn of its
    /// [trace](Vat::trace) and has every turn to which that led. `None` if the log does not have
    /// the turn. Turns of a vat that has ended, or that does not answer within 1 s, are missing.
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
        Ok(Some(tree_below(vat, first, self.logs_reached_from(vat)?)))
    }

    /// The logs of a vat and of the vats that anything has reached from it, however far.
    fn logs_reached_from(&self, first: u64) -> Result<Vec<(u64, LoggedTurn)>, VatError> {
        let mut logs = Vec::new();
        let mut known = BTreeSet::from([first]);
        let mut reached = vec![first];
        while !reached.is_empty() {
            let vats: Vec<_> = reached.drain(..).filter_map(Self::find).collect();
            let ask = |vat: Self| {
                let log = vat.inspect_async(|debugger| debugger.log().turns().cloned().collect::<Vec<_>>());
                (vat, log)
            };
            // All vats are asked before any is waited for: silent vats cost one time limit
            // together.
            let asked: Vec<_> = vats.into_iter().map(ask).collect();
            let end = Instant::now() + PATIENCE;
            for (vat, log) in asked {
                let Some(log) = self.await_answer(&vat, log, end)? else { continue };
                logs.extend(log.into_iter().map(|turn| (vat.id(), turn)));
                reached.extend(lock(&vat.0.reached).iter().filter(|vat| known.insert(**vat)));
            }
        }
        Ok(logs)
    }

    /// The answer of a vat. The caller waits for its own vat as long as it takes, and for another
    /// one until `end`. `None` if no answer comes in time, or the vat has ended.
    fn await_answer<T>(&self, vat: &Self, asked: VatFuture<T>, end: Instant) -> Result<Option<T>, VatError> {
        vat.may_wait()?;
        let heard =
            if vat == self { Some(wait::for_future(asked)) } else { wait::for_future_until(asked, end) };
        match heard {
            None | Some(Err(VatError::NotRunning)) => Ok(None),
            Some(heard) => heard.map(Some),
        }
    }

    /// Notes that something sent in this vat has arrived in the vat of this number.
    pub(crate) fn note_reached(&self, vat: u64) {
        note(&mut lock(&self.0.reached), vat);
    }
}

/// Notes the number of a vat; says whether it is new. If there are many numbers, those of vats that
/// are gone are removed.
pub(crate) fn note(vats: &mut BTreeSet<u64>, vat: u64) -> bool {
    if vats.contains(&vat) {
        return false;
    }
    if vats.len() >= MANY {
        let there: BTreeSet<_> = Vat::all().iter().map(Vat::id).collect();
        vats.retain(|vat| there.contains(vat));
    }
    vats.insert(vat)
}

fn tree_below(vat: u64, turn: LoggedTurn, mut logs: Vec<(u64, LoggedTurn)>) -> VatTree {
    let mut next: Map<(u64, u64), Vec<VatTree>> = Map::default();
    // In every vat, a cause is older than its turn. So, from the newest turn on, the turns to which
    // a turn led are complete when it is reached.
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

/// A turn with all turns to which it led.
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
    /// A tree may be as deep as the logs are long, so it is dropped without recursion.
    fn drop(&mut self) {
        let mut waiting = std::mem::take(&mut self.next);
        while let Some(mut tree) = waiting.pop() {
            waiting.append(&mut tree.next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vats_that_are_gone_are_forgotten() {
        let mut vats = BTreeSet::new();
        // No vat has these numbers.
        for vat in (u64::MAX - 1_000)..u64::MAX {
            assert!(note(&mut vats, vat));
            assert!(!note(&mut vats, vat));
            assert!(vats.len() <= MANY, "{}", vats.len());
        }
    }
}
