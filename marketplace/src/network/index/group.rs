//! All endpoints whose topics have one shape.

use super::body::Body;
use super::entries::{Entries, IndexEntry, Order};
use super::shape::{Fields, KindRef, Shape};
use super::table::{Query, Room, Table};
use super::trail::Trail;
use crate::conversation::topic::Topic;
use crate::data::value::Value;
use crate::network::endpoint::EndpointSlot;

/// How many further tables a shape may have. The least recently used one makes room, and is built
/// again when asked for.
const TABLES: usize = 16;

/// Endpoints of one shape: a table by all their literals, and one for each other set of places that
/// a query determined.
pub(super) struct Group {
    /// The hash of the shape.
    places: u64,
    exact: Table,
    others: Vec<Other>,
    /// Counts uses of `others`.
    clock: u64,
}

struct Other {
    places: u64,
    used: u64,
    table: Table,
}

impl Group {
    pub(super) fn new(fields: Fields<'_>) -> Self {
        let exact = Table::new(Shape::of(fields), true);
        Self { places: Trail::of(fields).places, exact, others: Vec::new(), clock: 0 }
    }

    /// The room that an empty group leaves to the next one.
    pub(super) fn into_room(self) -> Option<Room> {
        self.exact.into_room()
    }

    pub(super) fn places(&self) -> u64 {
        self.places
    }

    pub(super) fn shape(&self) -> &Shape {
        self.exact.filter()
    }

    /// Whether the topic of this query has the shape.
    // Most topics have one literal: with this and `own_trail` a process with one endpoint takes 150
    // instructions less.
    #[inline]
    pub(super) fn has_shape_of(&self, query: &Query<'_>) -> bool {
        match (self.exact.field(), query.only) {
            (None, None) => self.shape().is_of(query.fields),
            (own, only) => own == only.map(|(place, _)| place),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.exact.is_empty()
    }

    /// True if no endpoint had that topic. A group that grows may move to the room of one that has
    /// gone.
    #[inline]
    pub(super) fn insert(
        &mut self,
        topic: &Topic,
        query: &Query<'_>,
        entry: IndexEntry,
        room: &mut Option<Room>,
    ) -> bool {
        for table in self.others.iter_mut().map(|other| &mut other.table) {
            if let Some(trail) = table.trail(query.fields) {
                table.insert(topic, query, &trail, entry);
            }
        }
        self.exact.furnish(room);
        let trail = self.own_trail(query);
        self.exact.insert(topic, query, &trail, entry)
    }

    /// True if no endpoint has that topic any more.
    #[inline]
    pub(super) fn remove(&mut self, query: &Query<'_>, order: Order) -> bool {
        for table in self.others.iter_mut().map(|other| &mut other.table) {
            if let Some(trail) = table.trail(query.fields) {
                table.remove(query, &trail, order);
            }
        }
        let trail = self.own_trail(query);
        self.exact.remove(query, &trail, order)
    }

    /// Adds an entry whose topic has these fields, if it is of this shape, which is one literal
    /// field, and there is one table. Says whether it did.
    #[inline(always)]
    pub(super) fn insert_at_field(
        &mut self,
        fields: &[Topic],
        entry: IndexEntry,
        room: &mut Option<Room>,
    ) -> bool {
        self.others.is_empty() && self.exact.insert_at_field(fields, entry, room)
    }

    /// Removes an entry whose topic has these fields, as [`Group::insert_at_field`] adds one, if
    /// another topic stays. Says whether it did.
    #[inline(always)]
    pub(super) fn remove_at_field(&mut self, fields: &[Topic], order: Order) -> bool {
        self.others.is_empty() && self.exact.remove_at_field(fields, order)
    }

    /// The literals of a topic of this shape.
    #[inline]
    fn own_trail<'q>(&self, query: &Query<'q>) -> Trail<'q> {
        if let Some((_, value)) = query.only {
            let mut trail = Trail::START;
            trail.literal(value);
            return trail;
        }
        let Some(trail) = self.exact.trail(query.fields) else {
            unreachable!("a topic has a value in each place of its shape")
        };
        trail
    }

    /// The entries that match a value.
    #[inline]
    pub(super) fn matching(&self, body: &Body<'_>) -> Option<&Entries> {
        self.exact.matching(body)
    }

    /// The only entry that matches the value with these fields, if a look at one of them tells.
    #[inline(always)]
    pub(super) fn sole_at_field(&self, fields: &[Value]) -> Option<EndpointSlot> {
        self.exact.sole_at_field(fields)
    }

    /// Appends the entries that meet a topic; true if there are any.
    pub(super) fn meeting(&mut self, query: &Query<'_>, out: &mut Vec<IndexEntry>) -> bool {
        if self.shape().is_left_open_by(query.fields) && self.exact.append_few(out) {
            return true;
        }
        let Some(trail) = Trail::of_overlay(self.shape(), query.fields) else { return false };
        let found = self.table_for(query, &trail).find(query, &trail);
        found.is_some_and(|entries| {
            entries.append_to(out);
            true
        })
    }

    /// Every topic that some endpoint has.
    pub(super) fn topics(&self, kind: KindRef<'_>) -> impl Iterator<Item = Topic> {
        self.exact.topics(kind).map(|(topic, _)| topic)
    }

    pub(super) fn append_to(&self, out: &mut Vec<IndexEntry>) {
        self.exact.append_to(out);
    }

    fn table_for(&mut self, query: &Query<'_>, trail: &Trail<'_>) -> &Table {
        let shape = self.exact.filter();
        let fits = |table: &Table| table.filter().is_overlay(shape, query.fields);
        if trail.places == self.places && fits(&self.exact) {
            return &self.exact;
        }
        let known = self.others.iter().position(|other| other.places == trail.places && fits(&other.table));
        let at = known.unwrap_or_else(|| self.build(query, trail.places));
        self.clock += 1;
        self.others[at].used = self.clock;
        &self.others[at].table
    }

    fn build(&mut self, query: &Query<'_>, places: u64) -> usize {
        let Some(filter) = self.shape().overlay(query.fields) else {
            unreachable!("what has a trail has an overlay");
        };
        let table = self.table_by(filter, query.kind);
        let oldest = (0..self.others.len()).min_by_key(|&at| self.others[at].used);
        if let (Some(oldest), true) = (oldest, self.others.len() >= TABLES) {
            self.others.swap_remove(oldest);
        }
        self.others.push(Other { places, used: 0, table });
        self.others.len() - 1
    }

    fn table_by(&self, filter: Shape, kind: KindRef<'_>) -> Table {
        let (mut topics, mut rows, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        for (topic, bucket) in self.exact.topics(kind) {
            bucket.append_to(&mut entries);
            rows.extend(entries.drain(..).map(|entry| (entry, topics.len())));
            topics.push(topic);
        }
        // In order, so that each bucket only grows at its end.
        rows.sort_unstable_by_key(|(entry, _)| entry.order);
        let mut table = Table::new(filter, false);
        for (entry, topic) in rows {
            let Some(query) = Query::topic(&topics[topic]) else { continue };
            if let Some(trail) = table.trail(query.fields) {
                table.insert(&topics[topic], &query, &trail, entry);
            }
        }
        table
    }

    #[cfg(test)]
    pub(super) fn tables(&self) -> usize {
        1 + self.others.len()
    }
}
