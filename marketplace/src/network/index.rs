//! Finds the endpoints that match a message, and those that meet a topic.
//!
//! Endpoints are grouped by the *shape* of their topic: where it has literals, where structure,
//! where wildcards. Each shape has one table keyed by the values at its literal places, so that a
//! message costs one probe per shape under its label and arity, however many endpoints there are.
//!
//! A topic may have a wildcard where a shape has a literal. To find the endpoints that it meets,
//! the shape has a further table, keyed by those places alone that have no wildcard in either. That
//! table is made when a topic first asks so, and maintained from then on.

mod body;
mod buckets;
mod class;
mod entries;
mod group;
mod known;
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
use self::known::Known;
pub(crate) use self::runs::Runs;
use self::shape::KindRef;
use self::table::{Query, Room};
use crate::conversation::topic::Topic;
use crate::data::symbol::Label;
use crate::data::value::Value;
use crate::network::endpoint::EndpointSlot;

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
    classes: Vec<Class>,
    /// The places of the classes.
    by_kind: HashTable<usize>,
    known: Known,
    /// The room of the last group that had any to leave.
    room: Option<Room>,
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
    #[inline]
    pub(crate) fn add(&mut self, topic: &Topic, entry: IndexEntry) {
        self.len += 1;
        if !self.add_at_field(topic, entry) {
            self.add_anywhere(topic, entry);
        }
    }

    /// Adds an entry, if its class is known and all topics there have one literal, in the same
    /// field as this one. Says whether it did.
    // With this and `remove_at_field` a process with one endpoint takes 180 instructions less.
    #[inline(always)]
    fn add_at_field(&mut self, topic: &Topic, entry: IndexEntry) -> bool {
        let Some(class) = Self::known_class_mut(&self.known, &mut self.classes, topic) else { return false };
        class.add_at_field(topic.places(), entry, &mut self.room)
    }

    /// The class of a topic, if it is known from its label.
    #[inline(always)]
    fn known_class_mut<'c>(known: &Known, classes: &'c mut [Class], topic: &Topic) -> Option<&'c mut Class> {
        let (label, arity) = topic.label_and_arity()?;
        classes.get_mut(known.find(label, arity)?)
    }

    #[inline(never)]
    fn add_anywhere(&mut self, topic: &Topic, entry: IndexEntry) {
        match Query::topic(topic) {
            Some(query) => {
                let at = self.place_of_new(query.kind);
                self.classes[at].add(topic, &query, entry, &mut self.room);
            }
            None => match &mut self.any {
                Some(entries) => entries.insert(entry),
                None => self.any = Some(Entries::one(entry)),
            },
        }
    }

    /// Removes an entry that was added with this topic and order.
    #[inline]
    pub(crate) fn remove(&mut self, topic: &Topic, order: Order) {
        self.len -= 1;
        if !self.remove_at_field(topic, order) {
            self.remove_anywhere(topic, order);
        }
    }

    /// Removes an entry as [`Index::add_at_field`] adds one, if others stay there. Says whether it
    /// did.
    #[inline(always)]
    fn remove_at_field(&mut self, topic: &Topic, order: Order) -> bool {
        let Some(class) = Self::known_class_mut(&self.known, &mut self.classes, topic) else { return false };
        class.remove_at_field(topic.places(), order)
    }

    #[inline(never)]
    fn remove_anywhere(&mut self, topic: &Topic, order: Order) {
        let Some(query) = Query::topic(topic) else {
            if self.any.as_mut().is_some_and(|entries| entries.remove(order)) {
                self.any = None;
            }
            return;
        };
        let found = self.place_of(query.kind).and_then(|at| Some((at, self.classes.get_mut(at)?)));
        let Some((at, class)) = found else { unreachable!("an entry is removed where it was added") };
        class.remove(&query, order, &mut self.room);
        if class.is_empty() {
            self.remove_class(at, query.kind);
        }
    }

    /// The last class takes the place of one that goes.
    fn remove_class(&mut self, at: usize, kind: KindRef<'_>) {
        self.move_class(kind, at, None);
        let last = self.classes.len() - 1;
        if at < last {
            let kind = self.classes[last].kind.clone();
            self.move_class(kind.as_ref(), last, Some(at));
        }
        self.classes.swap_remove(at);
        if self.classes.len() * 8 < self.classes.capacity() {
            let (room, classes) = (self.classes.len() * 2, &mut self.classes);
            classes.shrink_to(room);
            self.by_kind.shrink_to(room, |&at| classes[at].kind.as_ref().hash());
        }
    }

    /// Notes that the class at a place moves to another one, or goes.
    fn move_class(&mut self, kind: KindRef<'_>, from: usize, to: Option<usize>) {
        self.known.forget(kind);
        let Ok(mut found) = self.by_kind.find_entry(kind.hash(), |&at| at == from) else {
            unreachable!("each class is found by its kind")
        };
        match to {
            Some(to) => *found.get_mut() = to,
            None => drop(found.remove()),
        }
    }

    /// The only endpoint that a value finds, if that is known. If nothing is known,
    /// [`Index::matching`] has to be asked.
    // A message between two processes takes 100 instructions less than by `matching`. Out of line
    // it takes 25 more.
    #[inline(always)]
    pub(crate) fn sole(&self, body: &Value) -> Option<EndpointSlot> {
        let class = self.known_class(body).filter(|_| self.any.is_none())?;
        match class.sole() {
            Some(sole) => Some(sole),
            None => class.sole_at_field(body),
        }
    }

    /// The class of this value, if it is known from its label.
    #[inline]
    fn known_class(&self, body: &Value) -> Option<&Class> {
        let (label, arity) = body.label_and_arity()?;
        self.classes.get(self.known.find(label, arity)?)
    }

    #[inline(never)]
    fn find_class(&self, kind: KindRef<'_>) -> Option<&Class> {
        self.classes.get(self.place_of(kind)?)
    }

    /// The place of the class of this kind. If there is no such class, this may be a place that is
    /// empty.
    #[inline]
    fn place_of(&self, kind: KindRef<'_>) -> Option<usize> {
        self.known.find_kind(kind).or_else(|| self.find_place(kind))
    }

    #[inline(never)]
    fn find_place(&self, kind: KindRef<'_>) -> Option<usize> {
        let found = self.by_kind.find(kind.hash(), |&at| self.classes[at].kind.as_ref() == kind).copied();
        self.known.note(kind, found);
        found
    }

    /// The entries whose topic matches this value.
    #[inline]
    pub(crate) fn matching(&self, body: &Value) -> Runs<'_> {
        let class = self.known_class(body);
        let body = Body::new(body);
        let Some(class) = class.or_else(|| self.find_class(body.kind)) else {
            return Runs::One(self.any.as_ref());
        };
        match (class.only(), &self.any) {
            (Some(group), None) if group.shape().is_wild() => Runs::One(class.matching_all(group, &body)),
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

    /// Whether it is known that nothing meets a topic of this label and arity, or (`None`) of any
    /// other kind.
    // A process with one endpoint takes 190 instructions less than by `meeting`.
    #[inline(always)]
    pub(crate) fn knows_of_none(&self, root: impl Fn() -> Option<(&'static Label, usize)>) -> bool {
        let knows = |(label, arity)| self.known.find(label, arity).is_some_and(|at| at >= self.classes.len());
        self.len == 0 || self.any.is_none() && root().is_some_and(knows)
    }

    fn append_meeting(&mut self, topic: &Topic, out: &mut Vec<IndexEntry>) {
        let start = out.len();
        let mut runs = match Query::topic(topic) {
            Some(query) => {
                let found = self.place_of(query.kind).and_then(|at| self.classes.get_mut(at));
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

    /// Whether nothing is left of the entries that were ever added, but perhaps the room of a small
    /// table.
    #[cfg(test)]
    fn is_as_new(&self) -> bool {
        self.len == 0 && self.any.is_none() && self.classes.capacity() == 0 && self.by_kind.capacity() == 0
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

    /// The place of the class of this kind, which may be new.
    #[inline]
    fn place_of_new(&mut self, kind: KindRef<'_>) -> usize {
        let known = self.known.find_kind(kind).filter(|&at| at < self.classes.len());
        known.unwrap_or_else(|| self.find_place_of_new(kind))
    }

    #[inline(never)]
    fn find_place_of_new(&mut self, kind: KindRef<'_>) -> usize {
        let classes = &mut self.classes;
        let found = self.by_kind.entry(
            kind.hash(),
            |&at| classes[at].kind.as_ref() == kind,
            |&at| classes[at].kind.as_ref().hash(),
        );
        let at = *found
            .or_insert_with(|| {
                classes.push(Class::new(kind));
                classes.len() - 1
            })
            .get();
        // If its label was made at run time, a label with the same text may be known.
        self.known.forget(kind);
        self.known.note(kind, Some(at));
        at
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
