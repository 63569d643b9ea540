//! Chooses, from many groups, those that can have an endpoint for a query.

use hashbrown::HashTable;
use smallvec::SmallVec;

use super::group::Group;
use super::shape::{Determined, Fields, KindRef, Places, Shape, Sight};
use super::table::Query;
use crate::data::value::Value;
use crate::data::value::hashed::hash_value;

/// For each place below the root where some group is literal: the groups that are not, and the
/// groups that may have an endpoint with a given literal there. Where a query has values, both
/// together are the groups to ask.
///
/// It can name a group too many: a group whose last endpoint with that literal has gone, while
/// other groups still have one. It never leaves one out.
#[derive(Default)]
pub(super) struct Sieve {
    live: Bits,
    columns: Vec<Column>,
    /// The groups by the hash of their shape.
    shapes: HashTable<(u64, u32)>,
}

struct Column {
    place: u32,
    /// The groups that have no literal here.
    open: Bits,
    literals: HashTable<Literal>,
}

struct Literal {
    value: Value,
    /// How many topics have this literal here, over all groups.
    topics: usize,
    groups: Bits,
}

impl Sieve {
    /// Over groups that have their places in this order.
    pub(super) fn over<'a>(kind: KindRef<'_>, groups: impl Iterator<Item = &'a Group>) -> Self {
        let mut sieve = Self::default();
        for group in groups {
            let at = sieve.add(group);
            for topic in group.topics(kind) {
                Query::topic(&topic)
                    .into_iter()
                    .for_each(|query| sieve.admit(at, group.shape(), query.fields));
            }
        }
        sieve
    }

    /// How many groups there are.
    pub(super) fn len(&self) -> usize {
        self.shapes.len()
    }

    /// The group of this hash for which `is_it` holds.
    pub(super) fn find(&self, places: u64, is_it: impl Fn(usize) -> bool) -> Option<usize> {
        let found = self.shapes.find(places, |&(hash, at)| hash == places && is_it(at as usize));
        found.map(|&(_, at)| at as usize)
    }

    /// Adds a group without its topics; returns its place, the first vacant one.
    pub(super) fn add(&mut self, group: &Group) -> usize {
        let at = self.live.first_zero();
        for place in literal_places(group.shape()) {
            if let Err(column) = self.columns.binary_search_by_key(&place, |column| column.place) {
                let column_of = Column { place, open: self.live.clone(), literals: HashTable::new() };
                self.columns.insert(column, column_of);
            }
        }
        let mut literal = literal_places(group.shape()).peekable();
        for column in &mut self.columns {
            column.open.set(at, literal.next_if_eq(&column.place).is_none());
        }
        self.live.set(at, true);
        self.shapes.insert_unique(group.places(), (group.places(), at as u32), |&(hash, _)| hash);
        at
    }

    /// Removes a group whose topics are gone.
    pub(super) fn remove(&mut self, at: usize, places: u64) {
        self.live.set(at, false);
        if let Ok(found) = self.shapes.find_entry(places, |&(_, other)| other as usize == at) {
            found.remove();
        }
        self.columns.retain(|column| !column.literals.is_empty());
    }

    /// A topic that no endpoint of this group had.
    pub(super) fn admit(&mut self, at: usize, shape: &Shape, fields: Fields<'_>) {
        for (column, value) in columns(&mut self.columns, shape, fields) {
            let hash = hash_value(value);
            let literal =
                column.literals.entry(hash, |known| known.value == *value, |known| hash_value(&known.value));
            let mut literal = literal.or_insert_with(|| Literal::new(value));
            literal.get_mut().topics += 1;
            literal.get_mut().groups.set(at, true);
        }
    }

    /// A topic that no endpoint of its group has any more.
    pub(super) fn dismiss(&mut self, shape: &Shape, fields: Fields<'_>) {
        for (column, value) in columns(&mut self.columns, shape, fields) {
            let found = column.literals.find_entry(hash_value(value), |known| known.value == *value);
            let Ok(mut literal) = found else { unreachable!("a topic is dismissed where it was admitted") };
            literal.get_mut().topics -= 1;
            if literal.get().topics == 0 {
                literal.remove();
                if column.literals.len() * 8 < column.literals.capacity() {
                    column.literals.shrink_to(column.literals.len() * 2, |known| hash_value(&known.value));
                }
            }
        }
    }

    #[cfg(test)]
    pub(super) fn literals(&self) -> usize {
        self.columns.iter().map(|column| 1 + column.literals.len()).sum()
    }

    /// The groups to ask.
    #[inline]
    pub(super) fn candidates(&self, query: Fields<'_>) -> Bits {
        let mut candidates = self.live.clone();
        for Column { place, open, literals } in &self.columns {
            if let Sight::Value(value) = query.at(*place) {
                let literal = literals.find(hash_value(value), |known| known.value == *value);
                candidates.keep(open, literal.map(|literal| &literal.groups));
            }
        }
        candidates
    }
}

impl Literal {
    fn new(value: &Value) -> Self {
        Self { value: value.clone(), topics: 0, groups: Bits::default() }
    }
}

/// The places below the root that are literal.
fn literal_places(shape: &Shape) -> impl Iterator<Item = u32> {
    shape.iter().filter(|(_, place)| matches!(place, Determined::Literal)).map(|(at, _)| *at)
}

/// The literal places of these fields, each with its column.
fn columns<'s, 'q>(
    columns: &'s mut [Column],
    shape: &'s Shape,
    fields: Fields<'q>,
) -> impl Iterator<Item = (&'s mut Column, &'q Value)> {
    let mut places = literal_places(shape).peekable();
    columns.iter_mut().filter_map(move |column| {
        let place = places.next_if_eq(&column.place)?;
        match fields.at(place) {
            Sight::Value(value) => Some((column, value)),
            _ => None,
        }
    })
}

/// A set of places of groups.
#[derive(Clone, Default)]
pub(super) struct Bits(SmallVec<[u64; 4]>);

impl Bits {
    fn set(&mut self, at: usize, on: bool) {
        let (word, bit) = (at / 64, 1 << (at % 64));
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if on { self.0[word] |= bit } else { self.0[word] &= !bit }
    }

    fn first_zero(&self) -> usize {
        let full = self.0.iter().take_while(|&&word| word == u64::MAX).count();
        full * 64 + self.0.get(full).map_or(0, |word| word.trailing_ones() as usize)
    }

    /// Keeps the groups that are also in one of the others.
    #[inline]
    fn keep(&mut self, a: &Self, b: Option<&Self>) {
        for (at, word) in self.0.iter_mut().enumerate() {
            let b = b.and_then(|b| b.0.get(at)).copied().unwrap_or(0);
            *word &= a.0.get(at).copied().unwrap_or(0) | b;
        }
    }

    /// The places in it, ascending.
    pub(super) fn ones(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(at, &word)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    at * 64 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::topic::Topic;

    #[test]
    fn literals_that_stay_behind_give_the_room_back() {
        let says = |n: u64| Topic::record("Says", [Value::from(i128::from(n)).into(), Topic::any()]);
        let first = says(0);
        let group = Group::new(Query::topic(&first).unwrap().fields);
        let mut sieve = Sieve::default();
        assert_eq!(sieve.add(&group), 0);
        let admit = |sieve: &mut Sieve, n| {
            sieve.admit(0, group.shape(), Query::topic(&says(n)).unwrap().fields);
        };
        let dismiss = |sieve: &mut Sieve, n| {
            sieve.dismiss(group.shape(), Query::topic(&says(n)).unwrap().fields);
        };
        (0..1_000).for_each(|n| admit(&mut sieve, n));
        let room = sieve.columns[0].literals.num_buckets() as u64;
        (10..1_000).for_each(|n| dismiss(&mut sieve, n));
        // Perhaps not before others have come and gone.
        for n in 1_000..1_000 + 2 * room {
            admit(&mut sieve, n);
            dismiss(&mut sieve, n);
        }
        let room = sieve.columns[0].literals.num_buckets();
        assert!(room <= 64, "ten are left: {room}");
        (0..10).for_each(|n| dismiss(&mut sieve, n));
        assert_eq!(sieve.literals(), 1, "one column");
    }
}
