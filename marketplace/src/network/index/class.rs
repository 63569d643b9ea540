//! All endpoints under one label and arity, or one length, group by group.

use std::cell::Cell;

use super::body::Body;
use super::entries::{Entries, IndexEntry, Order};
use super::group::Group;
use super::runs::Runs;
use super::shape::{Fields, Kind, KindRef};
use super::sieve::Sieve;
use super::table::{Query, Room};
use super::trail::Trail;
use crate::conversation::topic::Topic;
use crate::data::slots::Slot;
use crate::data::value::Value;
use crate::network::endpoint::EndpointSlot;

/// With more groups than this, a sieve tells which of them to ask.
const MANY: usize = 8;

/// With no more groups than this, the sieve is given up.
const FEW: usize = 4;

/// The endpoints whose topics have one kind of root.
pub(super) struct Class {
    pub(super) kind: Kind,
    /// Some place is vacant only while there is a sieve, which knows the groups by their place.
    groups: Vec<Option<Group>>,
    sieve: Option<Box<Sieve>>,
    /// The endpoint that all its messages are for, if that is known, or [`Slot::NONE`].
    sole: Cell<EndpointSlot>,
}

impl Class {
    pub(super) fn new(kind: KindRef<'_>) -> Self {
        Self { kind: kind.cloned(), groups: Vec::new(), sieve: None, sole: Cell::new(Slot::NONE) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The group, if there is one only.
    #[inline]
    pub(super) fn only(&self) -> Option<&Group> {
        match (&self.sieve, &self.groups[..]) {
            (None, [group]) => group.as_ref(),
            _ => None,
        }
    }

    /// The endpoint that all its messages are for, if that is known.
    #[inline]
    pub(super) fn sole(&self) -> Option<EndpointSlot> {
        Some(self.sole.get()).filter(|slot| !slot.is_none())
    }

    /// The only endpoint that a value of the class finds, if a look at one of its fields tells.
    // A message to one of many topics takes 80 instructions less than by `matching`, in line.
    #[inline(always)]
    pub(super) fn sole_at_field(&self, body: &Value) -> Option<EndpointSlot> {
        self.only()?.sole_at_field(body.fields())
    }

    /// The entries of the only group, which match all values of the class. If there is one, it is
    /// remembered.
    #[inline(never)]
    pub(super) fn matching_all<'a>(&self, group: &'a Group, body: &Body<'_>) -> Option<&'a Entries> {
        let all = group.matching(body);
        if let Some(only) = all.and_then(Entries::only) {
            self.sole.set(only.slot);
        }
        all
    }

    /// Adds the entries that match a value.
    #[inline]
    pub(super) fn matching<'a>(&'a self, body: &Body<'_>, runs: &mut Runs<'a>) {
        match &self.sieve {
            None => self.groups().filter_map(|group| group.matching(body)).for_each(|run| runs.push(run)),
            Some(sieve) => self.matching_by(sieve, body, runs),
        }
    }

    #[inline(never)]
    fn matching_by<'a>(&'a self, sieve: &Sieve, body: &Body<'_>, runs: &mut Runs<'a>) {
        let ask = |at: usize| self.groups[at].as_ref().and_then(|group| group.matching(body));
        let candidates = sieve.candidates(Fields::Values(body.values));
        candidates.ones().filter_map(ask).for_each(|run| runs.push(run));
    }

    /// Appends the entries that meet a topic, as so many ascending runs.
    pub(super) fn meeting(&mut self, query: &Query<'_>, out: &mut Vec<IndexEntry>) -> usize {
        match &self.sieve {
            None => {
                self.groups.iter_mut().flatten().map(|group| usize::from(group.meeting(query, out))).sum()
            }
            Some(sieve) => {
                let ask = |at: usize| self.groups[at].as_mut().is_some_and(|group| group.meeting(query, out));
                sieve.candidates(query.fields).ones().map(ask).map(usize::from).sum()
            }
        }
    }

    /// Appends every entry, in no order.
    pub(super) fn append_to(&self, out: &mut Vec<IndexEntry>) {
        self.groups().for_each(|group| group.append_to(out));
    }

    #[inline]
    pub(super) fn add(
        &mut self,
        topic: &Topic,
        query: &Query<'_>,
        entry: IndexEntry,
        room: &mut Option<Room>,
    ) {
        self.sole.set(Slot::NONE);
        let at = self.group_of(query).unwrap_or_else(|| self.add_group(Group::new(query.fields)));
        let Some(group) = &mut self.groups[at] else { unreachable!("a group was found here") };
        if group.insert(topic, query, entry, room)
            && let Some(sieve) = &mut self.sieve
        {
            sieve.admit(at, group.shape(), query.fields);
        }
    }

    /// Adds an entry whose topic has these fields, if there is one group and its topics have one
    /// literal, in the same field as this one. Says whether it did.
    #[inline(always)]
    pub(super) fn add_at_field(
        &mut self,
        fields: &[Topic],
        entry: IndexEntry,
        room: &mut Option<Room>,
    ) -> bool {
        let (None, [Some(group)]) = (&self.sieve, &mut self.groups[..]) else { return false };
        let is_added = group.insert_at_field(fields, entry, room);
        if is_added {
            self.sole.set(Slot::NONE);
        }
        is_added
    }

    /// Removes an entry as [`Class::add_at_field`] adds one, if others stay in its group. Says
    /// whether it did.
    #[inline(always)]
    pub(super) fn remove_at_field(&mut self, fields: &[Topic], order: Order) -> bool {
        let (None, [Some(group)]) = (&self.sieve, &mut self.groups[..]) else { return false };
        let is_removed = group.remove_at_field(fields, order);
        if is_removed {
            self.sole.set(Slot::NONE);
        }
        is_removed
    }

    #[inline]
    pub(super) fn remove(&mut self, query: &Query<'_>, order: Order, room: &mut Option<Room>) {
        self.sole.set(Slot::NONE);
        let Some(at) = self.group_of(query) else { unreachable!("an entry is removed where it was added") };
        let Some(group) = &mut self.groups[at] else { unreachable!("a group was found here") };
        if group.remove(query, order)
            && let Some(sieve) = &mut self.sieve
        {
            sieve.dismiss(group.shape(), query.fields);
        }
        if group.is_empty() {
            let group = self.remove_group(at);
            *room = group.into_room().or(room.take());
        }
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().flatten()
    }

    #[cfg(test)]
    pub(super) fn sieved(&self) -> usize {
        self.sieve.as_ref().map_or(0, |sieve| sieve.literals())
    }

    /// The place of the group of this shape.
    #[inline]
    fn group_of(&self, query: &Query<'_>) -> Option<usize> {
        // Most classes have one group.
        match self.only() {
            Some(group) if group.has_shape_of(query) => Some(0),
            _ => self.find_group(query),
        }
    }

    #[inline(never)]
    fn find_group(&self, query: &Query<'_>) -> Option<usize> {
        let has_shape = |group: &Group| group.has_shape_of(query);
        match &self.sieve {
            None => self.groups.iter().position(|group| group.as_ref().is_some_and(has_shape)),
            Some(sieve) => {
                let is_at = |at: usize| self.groups[at].as_ref().is_some_and(has_shape);
                sieve.find(Trail::of(query.fields).places, is_at)
            }
        }
    }

    fn add_group(&mut self, group: Group) -> usize {
        let at = match &mut self.sieve {
            None => self.groups.len(),
            Some(sieve) => sieve.add(&group),
        };
        match self.groups.get_mut(at) {
            Some(vacant) => *vacant = Some(group),
            None => self.groups.push(Some(group)),
        }
        if self.sieve.is_none() && self.groups.len() > MANY {
            let sieve = Sieve::over(self.kind.as_ref(), self.groups());
            self.sieve = Some(Box::new(sieve));
        }
        at
    }

    fn remove_group(&mut self, at: usize) -> Group {
        let Some(sieve) = &mut self.sieve else {
            let Some(group) = self.groups.swap_remove(at) else { unreachable!("a group was found here") };
            return group;
        };
        let Some(group) = self.groups[at].take() else { unreachable!("a group was found here") };
        sieve.remove(at, group.places());
        if sieve.len() <= FEW {
            self.sieve = None;
            self.groups.retain(Option::is_some);
        }
        group
    }
}
