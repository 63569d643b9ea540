//! The peer's objects and promises that somebody here has, and how often we were told of each.

use std::collections::{BTreeMap, HashMap};

use marketplace::objects::{Reference, WeakFar, cast, weak};

use crate::session::tables::{Row, sorted};

/// The table of imports. It keeps nothing of what stands here for the peer's things.
pub(super) struct Imports {
    table: HashMap<u64, Imported>,
    positions: HashMap<Reference, u64>,
    /// The number of the next thing here that stands for an import.
    next: u64,
    /// The positions that nobody here has any more, and how often we were told of each.
    released: BTreeMap<u64, u64>,
    bound: usize,
}

#[derive(Default)]
struct Imported {
    stand_in: Option<StandIn>,
    /// How often we were told of it.
    count: u64,
    /// How often it is still to hear how something is settled.
    awaits: u64,
}

/// The thing here that stands for the peer's thing.
struct StandIn {
    number: u64,
    shown: Reference,
    weak: WeakFar<()>,
}

/// A mention of an import by a message, until the message was read as a whole.
#[derive(Default)]
pub(super) struct Mention {
    /// How often it is mentioned.
    pub(super) count: u64,
    /// How often it is to hear how something is settled.
    pub(super) awaits: u64,
    /// The thing that stands for it, if something here speaks of it.
    pub(super) reference: Option<Reference>,
    /// The number of that thing, if it is new.
    pub(super) number: Option<u64>,
}

/// The mentions of imports by a message, by position.
pub(super) type Mentions = BTreeMap<u64, Mention>;

impl Imports {
    pub(super) fn new(bound: usize) -> Self {
        let (table, positions) = (HashMap::new(), HashMap::new());
        Self { table, positions, next: 0, released: BTreeMap::new(), bound }
    }

    /// How many there are. The bootstrap object does not count.
    pub(super) fn len(&self) -> usize {
        self.table.len() - usize::from(self.table.contains_key(&0))
    }

    /// Whether one can speak to what is there. The bootstrap object is always there.
    pub(super) fn contains(&self, position: u64) -> bool {
        position == 0 || self.table.contains_key(&position)
    }

    /// Whether there is a place for so many more.
    pub(super) fn has_room(&self, more: usize) -> bool {
        self.len().saturating_add(more) <= self.bound
    }

    /// The position for which this stands.
    pub(super) fn position(&self, reference: &Reference) -> Option<u64> {
        self.positions.get(reference).copied()
    }

    /// The thing that stands here for this position, if somebody has it.
    pub(super) fn living(&self, position: u64) -> Option<Reference> {
        let stand_in = self.table.get(&position)?.stand_in.as_ref()?;
        Some(stand_in.weak.upgrade()?.as_ref().clone())
    }

    /// The number of what stands here for this position.
    pub(super) fn number(&self, position: u64) -> Option<u64> {
        Some(self.table.get(&position)?.stand_in.as_ref()?.number)
    }

    /// A number that nothing has had.
    pub(super) fn new_number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// A message that mentions these was read as a whole.
    pub(super) fn mentioned(&mut self, mentions: Mentions) {
        for (position, mention) in mentions {
            let imported = self.table.entry(position).or_default();
            imported.count += mention.count;
            imported.awaits += mention.awaits;
            let (Some(reference), Some(number)) = (mention.reference, mention.number) else { continue };
            let (shown, weak) = (reference.shown(), weak(&cast(&reference)));
            self.positions.insert(shown.clone(), position);
            // The one before it is falling. Its counts go with those of the new one.
            if let Some(before) = imported.stand_in.replace(StandIn { number, shown, weak }) {
                self.positions.remove(&before.shown);
            }
        }
    }

    /// The thing has fallen that stood for this position under this number.
    pub(super) fn fell(&mut self, position: u64, number: u64) {
        let Some(imported) = self.table.get_mut(&position) else { return };
        let Some(fallen) = imported.stand_in.take_if(|stand_in| stand_in.number == number) else { return };
        self.positions.remove(&fallen.shown);
        self.release(position);
    }

    /// Whether it is still to hear how something is settled. From now on it is once less.
    pub(super) fn hears(&mut self, position: u64) -> bool {
        let awaits = self.table.get_mut(&position).map(|imported| &mut imported.awaits);
        let Some(awaits) = awaits.filter(|awaits| **awaits > 0) else { return false };
        *awaits -= 1;
        true
    }

    /// Lets go of it if nobody here has it, and it is to hear nothing more.
    pub(super) fn release(&mut self, position: u64) {
        let unused = |imported: &Imported| imported.stand_in.is_none() && imported.awaits == 0;
        if !self.table.get(&position).is_some_and(unused) {
            return;
        }
        let count = self.table.remove(&position).map_or(0, |imported| imported.count);
        if count > 0 {
            *self.released.entry(position).or_insert(0) += count;
        }
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        sorted(self.table.iter().map(|(&place, imported)| {
            let reference = imported.stand_in.as_ref().map(|stand_in| stand_in.shown.clone());
            let kind = if imported.awaits > 0 { "awaits" } else { "import" };
            Row { place, kind, reference, count: imported.count }
        }))
    }

    /// How many references lead to a position.
    #[cfg(test)]
    pub(super) fn references(&self) -> usize {
        self.positions.len()
    }

    /// The positions that were let go of, and how often we were told of each.
    pub(super) fn released(&self) -> Vec<(u64, u64)> {
        self.released.iter().map(|(position, count)| (*position, *count)).collect()
    }

    pub(super) fn has_released(&self) -> bool {
        !self.released.is_empty()
    }

    /// Takes what was let go of, and how often we were told of it.
    pub(super) fn take_released(&mut self) -> Vec<(u64, u64)> {
        std::mem::take(&mut self.released).into_iter().collect()
    }
}
