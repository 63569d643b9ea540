//! A table from the values at some places to the entries that have them there.

#[cfg(test)]
mod tests;

use super::body::Body;
use super::buckets::Buckets;
use super::entries::{Entries, IndexEntry, Order};
use super::shape::{Determined, Fields, KindRef, Shape, Sight, places};
use super::trail::Trail;
use crate::conversation::topic::{Topic, TopicView};
use crate::data::hash::then;
use crate::data::value::hashed::{hash_kept, hash_value};
use crate::data::value::{Value, View};
use crate::network::endpoint::EndpointSlot;

/// A topic that is more than a wildcard, as a question.
#[derive(Clone, Copy)]
pub(super) struct Query<'a> {
    pub(super) kind: KindRef<'a>,
    pub(super) fields: Fields<'a>,
    /// The place of a literal, if all others are wild, and the literal.
    pub(super) only: Option<(u32, &'a Value)>,
}

impl<'a> Query<'a> {
    /// `None` for the wildcard, which asks for everything.
    // In line: a process with one endpoint takes 60 instructions more otherwise.
    #[inline(always)]
    pub(super) fn topic(topic: &'a Topic) -> Option<Self> {
        let (kind, fields) = match Sight::of(topic) {
            Sight::Any => return None,
            Sight::Value(value) => {
                let (kind, fields) = places(value);
                (kind, Fields::Values(fields))
            }
            Sight::Node(kind, topics) => (kind, Fields::Topics(topics)),
        };
        Some(Self { kind, fields, only: fields.only() })
    }
}

/// The entries of one shape by their values at the literal places of a shape that it determines,
/// the `filter`.
pub(super) struct Table {
    filter: Shape,
    keyed: Keyed,
    buckets: Buckets<Bucket>,
    /// Some bucket has, or had, several entries.
    crowded: bool,
    /// How many buckets have gone since an eighth of the room was in use.
    sparse: usize,
}

/// Of no more topics than this, each is looked at for a query that leaves all of them open.
const FEW: usize = 16;

/// Nor is it in a table of more places than this: it was larger once, and each place is looked at.
const FEW_PLACES: usize = 4 * FEW;

/// How many places a table has at most whose room is kept when it goes.
const MOST_PLACES: usize = 256;

/// A table that grows takes the room of another one if that is no more than so many times its own.
/// So few entries that stay do not keep the room of many.
const MOST_GROWTH: usize = 8;

/// The room of a table that has gone, for the next one that grows: endpoints that come and go in
/// waves may all be gone in between. A process takes 360 instructions less, if a hundred come and
/// go.
pub(super) struct Room(Buckets<Bucket>);

/// The kind of key that a bucket keeps.
#[derive(Clone, Copy)]
enum Keyed {
    /// Nothing: no place is literal, so that there is one bucket.
    Nothing,
    /// The value at the only literal place, which is this one below the root.
    Field(u32),
    /// The value at the only literal place, which is deeper.
    One,
    /// The topic, which all entries of the bucket have.
    Whole,
    /// The sequence of the values at the literal places.
    Row,
}

struct Bucket {
    key: Topic,
    entries: Entries,
}

impl Table {
    /// An empty table; `exact` if the filter is the whole shape of every topic in it.
    pub(super) fn new(filter: Shape, exact: bool) -> Self {
        let keyed = match (filter.literals(), filter.only()) {
            (0, _) => Keyed::Nothing,
            (1, Some(place)) => Keyed::Field(place),
            (1, None) => Keyed::One,
            _ if exact => Keyed::Whole,
            _ => Keyed::Row,
        };
        Self { filter, keyed, buckets: Buckets::new(), crowded: false, sparse: 0 }
    }

    /// If the table is full, it moves to the room of another one, unless that is far too large. A
    /// table of one bucket stays small: all its entries are found by a look at its places.
    #[inline]
    pub(super) fn furnish(&mut self, room: &mut Option<Room>) {
        if self.buckets.len() == self.buckets.capacity() && room.is_some() {
            self.move_to(room);
        }
    }

    #[inline(never)]
    fn move_to(&mut self, room: &mut Option<Room>) {
        let own = self.buckets.places();
        let fits = |room: &mut Room| {
            let places = room.0.places();
            places > own && places <= own * MOST_GROWTH
        };
        if matches!(self.keyed, Keyed::Nothing) {
            return;
        }
        if let Some(Room(larger)) = room.take_if(fits) {
            self.buckets.move_to(larger);
        }
    }

    /// The room of a table that is empty, if another one may well need as much.
    pub(super) fn into_room(self) -> Option<Room> {
        let is_small = self.buckets.capacity() > 0 && self.buckets.places() <= MOST_PLACES;
        (is_small && !matches!(self.keyed, Keyed::Nothing)).then_some(Room(self.buckets))
    }

    /// The only literal place, if it is just below the root and all others are wild.
    #[inline]
    pub(super) const fn field(&self) -> Option<u32> {
        match self.keyed {
            Keyed::Field(place) => Some(place),
            _ => None,
        }
    }

    pub(super) fn filter(&self) -> &Shape {
        &self.filter
    }

    pub(super) fn is_empty(&self) -> bool {
        self.buckets.len() == 0
    }

    /// The only entry that matches the value with these fields, if a look at one of them tells. A
    /// table with several entries in a bucket is not asked, since it would be asked twice.
    #[inline(always)]
    pub(super) fn sole_at_field(&self, fields: &[Value]) -> Option<EndpointSlot> {
        let place = match self.keyed {
            Keyed::Field(place) if !self.crowded => place,
            Keyed::Whole if !self.crowded => return self.sole_at_fields(fields),
            _ => return None,
        };
        let value = fields.get(place as usize)?;
        let entries = self.probe(hash_value(value), |key| key.as_value() == Some(value))?;
        Some(entries.only()?.slot)
    }

    /// That entry, if the topics have several literals, all of them just below the root.
    // A message by two addresses takes 200 instructions less than by `matching`.
    #[inline(never)]
    fn sole_at_fields(&self, fields: &[Value]) -> Option<EndpointSlot> {
        let mut trail = 0;
        for (at, place) in self.filter.iter() {
            let Determined::Literal = place else { return None };
            let value = fields.get(*at as usize)?;
            // Such values are often records that keep their hash.
            trail = then(trail, value.kept_hash().map_or_else(|| hash_value(value), hash_kept));
        }
        let is_it = |key: &Topic| {
            let (places, mut literals) = (key.places(), self.filter.iter());
            literals.all(|(at, _)| match (places.get(*at as usize), fields.get(*at as usize)) {
                (Some(own), Some(value)) => own.as_value().is_some_and(|own| own.is_one_with(value)),
                _ => false,
            })
        };
        let entries = self.probe(trail, is_it)?;
        Some(entries.only()?.slot)
    }

    /// The entries whose topic matches this value; for tables whose filter is the whole shape.
    #[inline]
    pub(super) fn matching(&self, body: &Body<'_>) -> Option<&Entries> {
        match self.keyed {
            Keyed::Nothing if self.filter.is_wild() => {
                #[cfg(test)]
                super::probes::count();
                self.buckets.iter().next().map(|bucket| &bucket.entries)
            }
            Keyed::Field(place) => {
                let value = &body.values[place as usize];
                self.probe(body.hash(place), |key| key.as_value() == Some(value))
            }
            _ => self.probe(body.trail(&self.filter)?, |key| self.is_key_of(key, body)),
        }
    }

    // In line, as `hash_word` is: a message to one of many topics takes 25 instructions more
    // otherwise.
    #[inline(always)]
    fn probe(&self, hash: u64, is_it: impl Fn(&Topic) -> bool) -> Option<&Entries> {
        #[cfg(test)]
        super::probes::count();
        self.buckets.find(hash, |bucket| is_it(&bucket.key)).map(|bucket| &bucket.entries)
    }

    /// Whether the topics with this key match a value that has their shape.
    #[inline]
    fn is_key_of(&self, key: &Topic, body: &Body<'_>) -> bool {
        match self.keyed {
            Keyed::Nothing => true,
            Keyed::Whole => match key.view() {
                TopicView::Record(_, places) | TopicView::Sequence(places) => {
                    self.filter.agree(places, body.values)
                }
                _ => Query::topic(key).is_some_and(|key| self.filter.agree(key.fields, body.values)),
            },
            _ => {
                let mut only = None;
                self.filter.project(Fields::Values(body.values), &mut |value| only = Some(value));
                key.as_value() == only
            }
        }
    }

    /// The values of these fields at the literal places, hashed; `None` if the fields do not fit.
    #[inline]
    pub(super) fn trail<'a>(&self, fields: Fields<'a>) -> Option<Trail<'a>> {
        let mut trail = Trail::START;
        self.filter.project(fields, &mut |value| trail.literal(value)).then_some(trail)
    }

    /// The entries that have the values of that trail.
    #[inline]
    pub(super) fn find(&self, query: &Query<'_>, trail: &Trail<'_>) -> Option<&Entries> {
        self.probe(trail.values, |key| self.is_key(key, query, trail))
    }

    /// Adds an entry with the topic `query`; true if nothing had these values.
    pub(super) fn insert(
        &mut self,
        topic: &Topic,
        query: &Query<'_>,
        trail: &Trail<'_>,
        entry: IndexEntry,
    ) -> bool {
        let (filter, keyed) = (&self.filter, self.keyed);
        let found =
            self.buckets.place_of(trail.values, |bucket| keyed.is_key(filter, &bucket.key, query, trail));
        if let Some(at) = found {
            self.add_at(at, entry);
            return false;
        }
        let key = keyed.key(filter, topic, query, trail);
        self.buckets.insert(trail.values, Bucket { key, entries: Entries::one(entry) });
        true
    }

    /// Adds an entry to those of a bucket.
    #[inline(never)]
    fn add_at(&mut self, at: usize, entry: IndexEntry) {
        let Some(bucket) = self.buckets.get_mut(at) else { unreachable!("it was found there") };
        bucket.entries.insert(entry);
        self.crowded = true;
    }

    /// Adds an entry whose topic has these fields, if all topics here have one literal, in the same
    /// field as this one. Says whether it did.
    #[inline(always)]
    pub(super) fn insert_at_field(
        &mut self,
        fields: &[Topic],
        entry: IndexEntry,
        room: &mut Option<Room>,
    ) -> bool {
        let Some(value) = self.value_at_field(fields) else { return false };
        let Keyed::Field(place) = self.keyed else { return false };
        let is_open = |(at, field): (usize, &Topic)| at == place as usize || field.is_any();
        if !fields.iter().enumerate().all(is_open) {
            return false;
        }
        let hash = hash_value(value);
        match self.buckets.place_of(hash, |bucket| bucket.key.as_value() == Some(value)) {
            Some(at) => self.add_at(at, entry),
            None => {
                self.furnish(room);
                let key = value.clone().into();
                self.buckets.insert(hash, Bucket { key, entries: Entries::one(entry) });
            }
        }
        true
    }

    /// The value in the only literal field of the topics here.
    #[inline(always)]
    fn value_at_field<'f>(&self, fields: &'f [Topic]) -> Option<&'f Value> {
        let Keyed::Field(place) = self.keyed else { return None };
        fields.get(place as usize)?.as_value()
    }

    /// Removes an entry with the topic `query`; true if nothing is left that has these values.
    pub(super) fn remove(&mut self, query: &Query<'_>, trail: &Trail<'_>, order: Order) -> bool {
        let (filter, keyed) = (&self.filter, self.keyed);
        let found =
            self.buckets.place_of(trail.values, |bucket| keyed.is_key(filter, &bucket.key, query, trail));
        self.remove_at(found, order)
    }

    /// Removes the entry of this order from the bucket that was found; true if nothing is left
    /// there.
    #[inline(always)]
    fn remove_at(&mut self, found: Option<usize>, order: Order) -> bool {
        let bucket = found.and_then(|at| Some((at, self.buckets.get_mut(at)?)));
        let Some((at, bucket)) = bucket else { unreachable!("an entry is removed where it was added") };
        let is_gone = bucket.entries.remove(order);
        if is_gone {
            drop(self.buckets.remove(at));
            self.thin();
        }
        is_gone
    }

    /// Removes an entry whose topic has these fields, as [`Table::insert_at_field`] adds one, if
    /// another topic stays. Says whether it did.
    #[inline(always)]
    pub(super) fn remove_at_field(&mut self, fields: &[Topic], order: Order) -> bool {
        let Some(value) = self.value_at_field(fields).filter(|_| self.buckets.len() > 1) else {
            return false;
        };
        let found = self.buckets.place_of(hash_value(value), |bucket| bucket.key.as_value() == Some(value));
        self.remove_at(found, order);
        true
    }

    /// Notes that a bucket has gone. The table does not shrink at once: entries that come and go in
    /// waves would make it anew each time.
    #[inline(always)]
    fn thin(&mut self) {
        match self.buckets.len() * 8 < self.buckets.capacity() {
            true => self.is_sparse(),
            false => self.sparse = 0,
        }
    }

    #[inline(never)]
    fn is_sparse(&mut self) {
        self.sparse += 1;
        if self.sparse > self.buckets.capacity() {
            self.buckets.shrink_to(self.buckets.len() * 2);
        }
    }

    #[inline]
    fn is_key(&self, key: &Topic, query: &Query<'_>, trail: &Trail<'_>) -> bool {
        self.keyed.is_key(&self.filter, key, query, trail)
    }

    pub(super) fn append_to(&self, out: &mut Vec<IndexEntry>) {
        self.buckets.iter().for_each(|bucket| bucket.entries.append_to(out));
    }

    /// Appends every entry, in order, if there are few. Says whether it did.
    // With a table of all of them instead, ten who join a room take 3 % more, and 5 % when they
    // leave.
    #[inline]
    pub(super) fn append_few(&self, out: &mut Vec<IndexEntry>) -> bool {
        let topics = self.buckets.len();
        if topics > 1 && (topics > FEW || self.crowded) || self.buckets.places() > FEW_PLACES {
            return false;
        }
        #[cfg(test)]
        super::probes::count();
        let start = out.len();
        self.append_to(out);
        if topics > 1 {
            out[start..].sort_unstable_by_key(|entry| entry.order);
        }
        true
    }

    /// Every topic with its entries; for tables whose filter is the whole shape of these topics.
    pub(super) fn topics(&self, kind: KindRef<'_>) -> impl Iterator<Item = (Topic, &Entries)> {
        let kind = kind.cloned();
        self.buckets.iter().map(move |bucket| {
            let topic = match self.keyed {
                Keyed::Whole => bucket.key.clone(),
                _ => self.filter.fill(&kind, bucket.key.as_value()),
            };
            (topic, &bucket.entries)
        })
    }
}

impl Keyed {
    #[inline]
    fn is_key(self, filter: &Shape, key: &Topic, query: &Query<'_>, trail: &Trail<'_>) -> bool {
        match self {
            Self::Nothing => true,
            Self::Field(_) | Self::One => match (key.as_value(), trail.value) {
                (Some(key), Some(value)) => key == value,
                _ => false,
            },
            Self::Whole => Query::topic(key).is_some_and(|key| filter.agree(key.fields, query.fields)),
            Self::Row => {
                let Some(View::Sequence(values)) = key.as_value().map(Value::view) else { return false };
                let (mut values, mut same) = (values.iter(), true);
                filter.project(query.fields, &mut |value| same = same && values.next() == Some(value)) && same
            }
        }
    }

    fn key(self, filter: &Shape, topic: &Topic, query: &Query<'_>, trail: &Trail<'_>) -> Topic {
        match (self, trail.value) {
            (Self::Field(_) | Self::One, Some(value)) => value.clone().into(),
            (Self::Whole, _) => topic.clone(),
            (Self::Row, _) => {
                let mut values = Vec::new();
                filter.project(query.fields, &mut |value| values.push(value.clone()));
                Value::sequence(values).into()
            }
            _ => Topic::any(),
        }
    }
}
