//! Makes topics of their parts.

use std::mem;

use triomphe::{Arc, UniqueArc};

use super::{Repr, Topic, parts};
use crate::data::value::{Nesting, Value};

/// A topic in the making: its parts, in one allocation.
pub(super) struct Builder {
    parts: UniqueArc<[Topic]>,
    /// How many of those that were put are literals, and how all of them nest.
    literals: usize,
    nesting: Nesting,
}

impl Builder {
    #[inline]
    pub(super) fn new(len: usize) -> Self {
        Self { parts: parts::spare(len), literals: 0, nesting: Nesting::ATOM }
    }

    /// Makes all parts wild.
    #[inline]
    pub(super) fn put_wild(&mut self) {
        // Nothing is there yet that has to be dropped.
        self.parts.iter_mut().for_each(|place| mem::forget(mem::replace(place, Topic::any())));
    }

    /// Puts a part where nothing is yet, or a wildcard.
    #[inline]
    pub(super) fn put(&mut self, at: usize, part: Topic) {
        self.literals += usize::from(part.as_value().is_some());
        self.nesting = self.nesting.beside(part.nesting());
        mem::forget(mem::replace(&mut self.parts[at], part));
    }

    /// The parts, if there is a wildcard in any of them.
    ///
    /// # Panics
    /// If there is, and something around them would nest deeper than [`MAX_DEPTH`].
    #[inline]
    fn build(self) -> Result<Arc<[Topic]>, UniqueArc<[Topic]>> {
        if self.literals == self.parts.len() {
            return Err(self.parts);
        }
        match self.nesting.around() {
            Ok(_) => Ok(self.parts.shareable()),
            Err(error) => panic!("{error}"),
        }
    }

    /// The record of these parts, of which the first is the label.
    #[inline]
    pub(super) fn record(self) -> Topic {
        match self.build() {
            Ok(parts) => Topic(Repr::Record(parts)),
            Err(parts) => match &*parts {
                [label, fields @ ..] => Value::record(label.as_label().clone(), values(fields)).into(),
                [] => unreachable!("a record has a label"),
            },
        }
    }

    #[inline]
    pub(super) fn sequence(self) -> Topic {
        match self.build() {
            Ok(items) => Topic(Repr::Sequence(items)),
            Err(items) => Value::sequence(values(&items)).into(),
        }
    }
}

fn values(literals: &[Topic]) -> impl Iterator<Item = Value> {
    literals.iter().filter_map(Topic::as_value).cloned()
}
