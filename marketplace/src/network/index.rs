//! Finds the endpoints that match a message, and those that meet a topic.
//!
//! Endpoints are grouped by the *shape* of their topic: where it has literals, where structure,
//! where wildcards. Each shape has one table keyed by the values at its literal places, so that a
//! message costs one probe per shape under its label and arity, however many endpoints there are. A
//! topic may leave wild what the shape has literal: then the question is answered by a table of
//! that shape keyed by the places that are determined in both, made when a topic first asks so and
//! maintained from then on.

mod body;
mod class;
mod entries;
mod group;
mod hash;
#[cfg(test)]
mod probes;
mod runs;
mod shape;
mod sieve;
mod table;
#[cfg(test)]
mod tests;
mod trail;

use hashbrown::HashTable;

use self::body::Body;
use self::class::Class;
use self::entries::Entries;
pub(crate) use self::entries::{IndexEntry, Order};
pub(crate) use self::runs::Runs;
use self::shape::KindRef;
use self::table::Query;
use crate::conversation::topic::Topic;
use crate::data::value::Value;

/// The endpoints of one orientation, by topic.
///
/// With `s` shapes under one label and arity and `m` results, [`Index::matching`] and
/// [`Index::meeting`] take O(s + m) time and [`Index::add`] and [`Index::remove`] O(log n) for each
/// table of that shape; the first query that determines a new set of places takes time proportional
/// to the endpoints of the shapes that it meets.
#[derive(Default)]
pub(crate) struct Index {
    /// The endpoints whose topic is the wildcard alone.
    any: Option<Entries>,
    classes: HashTable<Class>,
    len: usize,
}

impl Index {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// How many shapes there are.
    pub(crate) fn shapes(&self) -> usize {
        let classes: usize = self.classes.iter().map(|class| class.groups().count()).sum();
        classes + usize::from(self.any.is_some())
    }

    /// Adds an entry. Its order is unique, but need not be the newest.
    pub(crate) fn add(&mut self, topic: &Topic, entry: IndexEntry) {
        self.len += 1;
        match Query::topic(topic) {
            Some(query) => self.class_mut(query.kind).add(topic, &query, entry),
            None => match &mut self.any {
                Some(entries) => entries.insert(entry),
                None => self.any = Some(Entries::one(entry)),
            },
        }
    }

    /// Removes an entry that was added with this topic and order.
    pub(crate) fn remove(&mut self, topic: &Topic, order: Order) {
        self.len -= 1;
        let Some(query) = Query::topic(topic) else {
            if self.any.as_mut().is_some_and(|entries| entries.remove(order)) {
                self.any = None;
            }
            return;
        };
        let found = self.classes.find_entry(query.kind.hash(), |class| class.kind.as_ref() == query.kind);
        let Ok(mut found) = found else { unreachable!("an entry is removed where it was added") };
        found.get_mut().remove(&query, order);
        if found.get().is_empty() {
            found.remove();
        }
        if self.classes.len() * 8 < self.classes.capacity() {
            self.classes.shrink_to(self.classes.len() * 2, |class| class.kind.as_ref().hash());
        }
    }

    /// The entries whose topic matches this value.
    #[inline]
    pub(crate) fn matching(&self, body: &Value) -> Runs<'_> {
        let body = Body::new(body);
        let class = self.classes.find(body.kind.hash(), |class| class.kind.as_ref() == body.kind);
        let Some(class) = class else { return Runs::One(self.any.as_ref()) };
        match (class.only(), &self.any) {
            (Some(group), None) => Runs::One(group.matching(&body)),
            (_, any) => matching_in(class, any.as_ref(), &body),
        }
    }

    /// Appends the entries whose topic has a value in common with this one, in ascending order.
    #[inline]
    pub(crate) fn meeting(&mut self, topic: &Topic, out: &mut Vec<IndexEntry>) {
        if self.len > 0 {
            self.append_meeting(topic, out);
        }
    }

    fn append_meeting(&mut self, topic: &Topic, out: &mut Vec<IndexEntry>) {
        let start = out.len();
        let mut runs = match Query::topic(topic) {
            Some(query) => {
                let hash = query.kind.hash();
                let found = self.classes.find_mut(hash, |class| class.kind.as_ref() == query.kind);
                found.map_or(0, |class| class.meeting(&query, out))
            }
            None => {
                self.classes.iter().for_each(|class| class.append_to(out));
                2
            }
        };
        if let Some(any) = &self.any {
            any.append_to(out);
            runs += 1;
        }
        // Each is in order.
        if runs > 1 {
            out[start..].sort_by_key(|entry| entry.order);
        }
    }

    /// Whether nothing is left of the entries that were ever added.
    #[cfg(test)]
    fn is_as_new(&self) -> bool {
        self.len == 0 && self.any.is_none() && self.classes.is_empty() && self.classes.capacity() == 0
    }

    #[cfg(test)]
    fn tables(&self) -> usize {
        self.classes.iter().flat_map(Class::groups).map(group::Group::tables).sum()
    }

    /// How many literals are kept to choose among many shapes.
    #[cfg(test)]
    fn sieved(&self) -> usize {
        self.classes.iter().map(Class::sieved).sum()
    }

    fn class_mut(&mut self, kind: KindRef<'_>) -> &mut Class {
        let found = self.classes.entry(
            kind.hash(),
            |class| class.kind.as_ref() == kind,
            |class| class.kind.as_ref().hash(),
        );
        found.or_insert_with(|| Class::new(kind)).into_mut()
    }
}

/// The entries that match in a class and, perhaps, as a wildcard.
// This is a function of its own, so that the way of most messages is short.
#[inline(never)]
fn matching_in<'a>(class: &'a Class, any: Option<&'a Entries>, body: &Body<'_>) -> Runs<'a> {
    let mut runs = Runs::One(None);
    class.matching(body, &mut runs);
    any.into_iter().for_each(|any| runs.push(any));
    runs
}
