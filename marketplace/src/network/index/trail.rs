//! Walks that hash: the places that are determined, and their values.

use super::shape::{Determined, Fields, KindRef, Places, Shape, Sight};
use crate::data::hash::{mix, then};
use crate::data::value::Value;
use crate::data::value::hashed::hash_value;

/// Two hashes taken in one walk: of the places, and of the values at the literal ones.
#[derive(Clone, Copy)]
pub(super) struct Trail<'a> {
    pub(super) places: u64,
    pub(super) values: u64,
    /// The last literal; the only one, if there is one.
    pub(super) value: Option<&'a Value>,
}

impl<'a> Trail<'a> {
    pub(super) const START: Self = Self { places: 0, values: 0, value: None };

    /// Of all the fields.
    pub(super) fn of(fields: Fields<'a>) -> Self {
        let mut trail = Self::START;
        trail.follow(fields);
        trail
    }

    /// Of the overlay of that shape and the query: `None` if no topic of that shape meets the
    /// query.
    #[inline]
    pub(super) fn of_overlay(shape: &Shape, query: Fields<'a>) -> Option<Self> {
        let mut trail = Self::START;
        trail.overlay(shape, query)?;
        Some(trail)
    }

    #[inline]
    pub(super) fn literal(&mut self, value: &'a Value) {
        self.values = then(self.values, hash_value(value));
        self.value = Some(value);
    }

    fn follow(&mut self, fields: Fields<'a>) {
        fields.known().for_each(|(at, sight)| self.see(at, sight));
    }

    fn see(&mut self, at: u32, sight: Sight<'a>) {
        match sight {
            Sight::Any => {}
            Sight::Value(value) => {
                self.step(at, 0);
                self.literal(value);
            }
            Sight::Node(kind, topics) => self.enter(at, kind, |trail| {
                trail.follow(Fields::Topics(topics));
            }),
        }
    }

    fn overlay(&mut self, shape: &Shape, query: Fields<'a>) -> Option<()> {
        for (at, place) in shape.iter() {
            match (place, query.at(*at)) {
                (_, Sight::Any) => {}
                (Determined::Literal, sight) => self.see(*at, sight),
                (Determined::Node(kind, inner), sight) => {
                    let fields = sight.inside(kind.as_ref())?;
                    self.enter(*at, kind.as_ref(), |trail| trail.overlay(inner, fields))?;
                }
            }
        }
        Some(())
    }

    fn enter<R>(&mut self, at: u32, kind: KindRef<'_>, inside: impl FnOnce(&mut Self) -> R) -> R {
        self.step(at, kind.hash() | 1);
        let result = inside(self);
        self.step(u32::MAX, 0);
        result
    }

    #[inline]
    fn step(&mut self, at: u32, what: u64) {
        self.places = mix(mix(self.places, u64::from(at) + 1), what);
    }
}
