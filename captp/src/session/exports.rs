//! Our objects and promises that the peer has, and how often it was told of each.

use std::collections::{BTreeMap, HashMap};

use marketplace::objects::Reference;

use crate::session::SessionError;
use crate::session::tables::{Row, sorted};
use crate::wire::Import;

/// The table of exports. Positions are given from 1 on, and none is given twice.
pub(super) struct Exports {
    table: HashMap<u64, Export>,
    positions: HashMap<Reference, u64>,
    next: u64,
    bound: usize,
}

struct Export {
    what: Exported,
    /// How often the peer was told of it, less what it has let go of.
    count: u64,
}

/// A thing that the peer has.
pub(super) enum Exported {
    Object(Reference),
    Promise(Reference),
    /// By it the peer says how something is settled. Nothing else here knows it.
    Resolver(Settles),
    /// A resolver that was used.
    Spent,
}

/// A promise that the peer settles by a resolver of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settles {
    /// The question that had this serial number at this place.
    Question { question: u64, serial: u64 },
    /// The promise that had this number at this position.
    Import { position: u64, number: u64 },
}

/// There is no place for one more.
pub(super) struct Full;

impl Exports {
    /// A table in which this is at 0.
    pub(super) fn new(bootstrap: Reference, bound: usize) -> Self {
        let positions = HashMap::from([(bootstrap.clone(), 0)]);
        let table = HashMap::from([(0, Export { what: Exported::Object(bootstrap), count: 0 })]);
        Self { table, positions, next: 1, bound }
    }

    /// How many there are. The bootstrap object does not count.
    pub(super) fn len(&self) -> usize {
        self.table.len() - 1
    }

    /// Whether there is a place for so many more.
    pub(super) fn has_room(&self, more: usize) -> bool {
        self.len().saturating_add(more) <= self.bound
    }

    pub(super) fn at(&self, position: u64) -> Option<&Exported> {
        self.table.get(&position).map(|export| &export.what)
    }

    /// Whether this is a promise that the peer has.
    pub(super) fn has_promise(&self, reference: &Reference) -> bool {
        let position = self.positions.get(reference);
        matches!(position.and_then(|position| self.at(*position)), Some(Exported::Promise(_)))
    }

    /// The peer will be told of this once more, if it is in the table.
    pub(super) fn again(&mut self, reference: &Reference) -> Option<Import> {
        let position = *self.positions.get(reference)?;
        let export = self.table.get_mut(&position)?;
        export.count += 1;
        Some(match export.what {
            Exported::Promise(_) => Import::Promise(position),
            _ => Import::Object(position),
        })
    }

    /// The peer will be told of this for the first time.
    pub(super) fn add(&mut self, what: Exported) -> Result<u64, Full> {
        if self.has_room(1) { Ok(self.add_anyway(what)) } else { Err(Full) }
    }

    /// Adds it, though the table may be full.
    pub(super) fn add_anyway(&mut self, what: Exported) -> u64 {
        let position = self.next;
        self.next += 1;
        if let Exported::Object(reference) | Exported::Promise(reference) = &what {
            self.positions.insert(reference.clone(), position);
        }
        self.table.insert(position, Export { what, count: 1 });
        position
    }

    /// The position that the next thing has of which the peer is told for the first time.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    /// The peer was not told of these after all, of which those from `next` on were new.
    pub(super) fn take_back(&mut self, told: &[u64], next: u64) {
        for position in told {
            if *position >= next {
                self.forget(*position);
            } else if let Some(export) = self.table.get_mut(position) {
                export.count -= 1;
            }
        }
        self.next = next;
    }

    /// The resolver has been used. Gives what it settles.
    pub(super) fn spend(&mut self, position: u64) -> Option<Settles> {
        let export = self.table.get_mut(&position)?;
        let Exported::Resolver(settles) = export.what else { return None };
        export.what = Exported::Spent;
        Some(settles)
    }

    /// The peer has let go of these, so often. Gives what it can never settle now.
    pub(super) fn release(&mut self, released: &[(u64, u64)]) -> Result<Vec<Settles>, SessionError> {
        let mut sums = BTreeMap::new();
        for &(position, delta) in released {
            let Some(export) = self.table.get(&position) else {
                return Err(SessionError::Nothing(format!("export {position}")));
            };
            let sum = sums.entry(position).or_insert(0u64);
            *sum = sum.saturating_add(delta);
            if *sum > export.count {
                return Err(SessionError::Overreleased(position));
            }
        }
        let mut abandoned = Vec::new();
        for (position, sum) in sums {
            let Some(export) = self.table.get_mut(&position) else { unreachable!("it was found") };
            export.count -= sum;
            if export.count == 0 && position != 0 {
                abandoned.extend(self.spend(position));
                self.forget(position);
            }
        }
        Ok(abandoned)
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        sorted(self.table.iter().map(|(&place, export)| {
            let (kind, reference) = match &export.what {
                Exported::Object(reference) => ("object", Some(reference.shown())),
                Exported::Promise(reference) => ("promise", Some(reference.shown())),
                Exported::Resolver(_) => ("resolver", None),
                Exported::Spent => ("resolver, used", None),
            };
            Row { place, kind, reference, count: export.count }
        }))
    }

    /// How many references lead to a position.
    #[cfg(test)]
    pub(super) fn references(&self) -> usize {
        self.positions.len()
    }

    fn forget(&mut self, position: u64) {
        if let Some(Export { what: Exported::Object(reference) | Exported::Promise(reference), .. }) =
            self.table.remove(&position)
        {
            self.positions.remove(&reference);
        }
    }
}
