//! Topics: values with wildcards, and their intersections.

mod builder;
mod parts;

use std::fmt;

use smallvec::SmallVec;
use triomphe::Arc;

use self::builder::Builder;
use crate::data::bounded::write_bounded;
use crate::data::hash::Map;
use crate::data::symbol::{Label, Symbol};
use crate::data::value::{Nesting, Value, View, write_record};

/// A value with wildcards at any place of its records and sequences: an endpoint publishes or
/// subscribes to one.
///
/// A topic without a wildcard is the topic of one value; sets and maps are matched whole.
///
/// ```
/// use marketplace::{Message, Topic};
/// let any = Topic::any;
/// let value = |n: u8| Topic::from(n.to_value());
/// let a = Topic::sequence([value(1), any(), value(3), any()]);
/// let b = Topic::sequence([any(), value(2), any(), any()]);
/// assert_eq!(a.intersect(&b), Some(Topic::sequence([value(1), value(2), value(3), any()])));
/// assert!(a.matches(&vec![1u8, 5, 3, 7].to_value()));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Topic(Repr);

/// The contents of a [`Topic`], borrowed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum TopicView<'a> {
    /// The wildcard: anything.
    Any,
    /// Exactly this value.
    Literal(&'a Value),
    /// A record of this label with a wildcard somewhere in its fields.
    Record(&'a Symbol, &'a [Topic]),
    /// A sequence with a wildcard somewhere in its items.
    Sequence(&'a [Topic]),
}

/// Canonical: a record or sequence without any wildcard is a literal. So topics that mean the same
/// are equal. As large as a value.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Any,
    Literal(Value),
    /// The first part is the label.
    Record(Arc<[Topic]>),
    Sequence(Arc<[Topic]>),
}

impl Topic {
    /// The wildcard.
    #[must_use]
    pub const fn any() -> Self {
        Self(Repr::Any)
    }

    #[inline]
    pub(crate) const fn is_any(&self) -> bool {
        matches!(self.0, Repr::Any)
    }

    /// A record.
    ///
    /// # Panics
    /// If it would nest deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[must_use]
    pub fn record<I>(label: impl Into<Symbol>, fields: I) -> Self
    where
        I: IntoIterator<Item = Self>,
    {
        let (arity, field) = in_order(fields);
        Self::record_of(label.into(), arity, field)
    }

    /// A record with so many fields, which are asked for in order.
    #[inline]
    pub(crate) fn record_of(label: Symbol, arity: usize, mut field: impl FnMut(usize) -> Self) -> Self {
        let mut parts = Builder::new(arity + 1);
        parts.put(0, Value::from(label).into());
        (0..arity).for_each(|at| parts.put(at + 1, field(at)));
        parts.record()
    }

    /// A record with so many fields, of which these are given and the others wild.
    #[inline]
    pub(crate) fn record_with<const N: usize>(
        label: Symbol,
        arity: usize,
        given: [(usize, Self); N],
    ) -> Self {
        let mut parts = Builder::new(arity + 1);
        parts.put_wild();
        parts.put(0, Value::from(label).into());
        given.into_iter().for_each(|(at, field)| parts.put(at + 1, field));
        parts.record()
    }

    /// A sequence.
    ///
    /// # Panics
    /// If it would nest deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[must_use]
    pub fn sequence<I>(items: I) -> Self
    where
        I: IntoIterator<Item = Self>,
    {
        let (len, item) = in_order(items);
        Self::sequence_of(len, item)
    }

    /// A sequence of so many items, which are asked for in order.
    pub(crate) fn sequence_of(len: usize, mut item: impl FnMut(usize) -> Self) -> Self {
        let mut items = Builder::new(len);
        (0..len).for_each(|at| items.put(at, item(at)));
        items.sequence()
    }

    /// Drops it, if nothing in it has to be dropped: the next one is written in its place, if
    /// nobody else has it. Or else gives it back.
    #[inline]
    pub(crate) fn retire(self) -> Result<(), Self> {
        match self.0 {
            Repr::Record(parts) => parts::retire(parts).map_err(|parts| Self(Repr::Record(parts))),
            Repr::Sequence(items) => parts::retire(items).map_err(|items| Self(Repr::Sequence(items))),
            Repr::Literal(value) if value.owns() => Err(value.into()),
            Repr::Literal(_) | Repr::Any => Ok(()),
        }
    }

    /// Whether something is in it that has to be dropped.
    #[inline]
    fn owns(&self) -> bool {
        match &self.0 {
            Repr::Any => false,
            Repr::Literal(value) => value.owns(),
            Repr::Record(_) | Repr::Sequence(_) => true,
        }
    }

    /// The topic for somebody who only looks on: its references are shown, and keep nothing.
    pub(crate) fn seen(&self) -> Self {
        if self.nesting().has_references() { self.seen_with(&mut Map::default()) } else { self.clone() }
    }

    /// `known` has the parts that were seen already, by where they lie: they are shared again.
    fn seen_with(&self, known: &mut Map<usize, Arc<[Self]>>) -> Self {
        let mut each = |parts: &Arc<[Self]>| -> Arc<[Self]> {
            let at = parts.as_ptr().addr();
            if let Some(seen) = known.get(&at) {
                return seen.clone();
            }
            let seen: Arc<[Self]> = parts.iter().map(|part| part.seen_with(known)).collect();
            known.insert(at, seen.clone());
            seen
        };
        Self(match &self.0 {
            Repr::Any => Repr::Any,
            Repr::Literal(value) => Repr::Literal(value.seen()),
            Repr::Record(parts) => Repr::Record(each(parts)),
            Repr::Sequence(items) => Repr::Sequence(each(items)),
        })
    }

    /// How deep it nests, and whether references are in it. Found out each time: topics are flat as
    /// a rule, and so they stay small.
    #[inline]
    fn nesting(&self) -> Nesting {
        match &self.0 {
            Repr::Any => Nesting::ATOM,
            Repr::Literal(value) => value.nesting(),
            Repr::Record(_) | Repr::Sequence(_) => self.nesting_of_parts(),
        }
    }

    #[inline(never)]
    fn nesting_of_parts(&self) -> Nesting {
        self.nesting_within(&mut { FEW }, &mut Map::default())
    }

    /// If more parts than `left` are visited, those are noted in `known`, by where they lie: a
    /// topic that shares much with itself has more places than anybody can visit.
    fn nesting_within(&self, left: &mut usize, known: &mut Map<usize, Nesting>) -> Nesting {
        let parts = match &self.0 {
            Repr::Any => return Nesting::ATOM,
            Repr::Literal(value) => return value.nesting(),
            Repr::Record(parts) | Repr::Sequence(parts) => parts,
        };
        let at = parts.as_ptr().addr();
        *left = left.saturating_sub(parts.len());
        if *left == 0
            && let Some(nesting) = known.get(&at)
        {
            return *nesting;
        }
        let nesting = parts.iter().fold(Nesting::ATOM, |all, part| {
            let nesting = part.nesting_within(left, known);
            all.beside(nesting)
        });
        let nesting = nesting.around().unwrap_or_else(|_| unreachable!("it would not have been made"));
        if *left == 0 {
            known.insert(at, nesting);
        }
        nesting
    }

    /// Looks inside.
    #[must_use]
    #[inline]
    pub fn view(&self) -> TopicView<'_> {
        match &self.0 {
            Repr::Any => TopicView::Any,
            Repr::Literal(value) => TopicView::Literal(value),
            Repr::Record(parts) => match &**parts {
                [label, fields @ ..] => TopicView::Record(label.as_label(), fields),
                [] => unreachable!("a record has a label"),
            },
            Repr::Sequence(items) => TopicView::Sequence(items),
        }
    }

    /// The label and the fields, if it is a record with a wildcard.
    #[inline]
    pub(crate) fn record_parts(&self) -> Option<&[Self]> {
        match &self.0 {
            Repr::Record(parts) => Some(parts),
            _ => None,
        }
    }

    /// The topics at the places below, if there is a wildcard in any of them.
    #[inline]
    pub(crate) fn places(&self) -> &[Self] {
        match &self.0 {
            Repr::Any | Repr::Literal(_) => &[],
            Repr::Record(parts) => &parts[1..],
            Repr::Sequence(items) => items,
        }
    }

    /// The label and the arity of a record with fields, if the label is that of a constructor.
    #[inline]
    pub(crate) fn label_and_arity(&self) -> Option<(&'static Label, usize)> {
        match &self.0 {
            Repr::Literal(value) => value.label_and_arity(),
            Repr::Record(parts) => match &**parts {
                [Self(Repr::Literal(label)), fields @ ..] => {
                    Some((label.as_symbol()?.label()?, fields.len()))
                }
                _ => None,
            },
            Repr::Any | Repr::Sequence(_) => None,
        }
    }

    /// The label that it is, as the first part of a record.
    #[inline]
    pub(crate) fn as_label(&self) -> &Symbol {
        match self.as_value().and_then(Value::as_symbol) {
            Some(label) => label,
            None => unreachable!("a record starts with its label"),
        }
    }

    /// The one value it matches, if there is no wildcard in it.
    #[must_use]
    #[inline]
    pub fn as_value(&self) -> Option<&Value> {
        match &self.0 {
            Repr::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// How deep it nests: zero for a wildcard or an atom.
    #[must_use]
    #[inline]
    pub fn depth(&self) -> usize {
        self.nesting().depth()
    }

    /// Whether this topic matches that value.
    #[must_use]
    pub fn matches(&self, value: &Value) -> bool {
        match (self.view(), value.view()) {
            (TopicView::Any, _) => true,
            (TopicView::Literal(literal), _) => literal == value,
            (TopicView::Record(label, places), View::Record(other, fields)) => {
                places.len() == fields.len() && label == other && all_match(places, fields)
            }
            (TopicView::Sequence(places), View::Sequence(items)) => {
                places.len() == items.len() && all_match(places, items)
            }
            _ => false,
        }
    }

    /// Whether some value matches both topics.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        match (self.view(), other.view()) {
            (TopicView::Any, _) | (_, TopicView::Any) => true,
            (TopicView::Literal(value), _) => other.matches(value),
            (_, TopicView::Literal(value)) => self.matches(value),
            (TopicView::Record(a, x), TopicView::Record(b, y)) => {
                x.len() == y.len() && a == b && x.iter().zip(y).all(|(x, y)| x.meets(y))
            }
            (TopicView::Sequence(x), TopicView::Sequence(y)) => {
                x.len() == y.len() && x.iter().zip(y).all(|(x, y)| x.meets(y))
            }
            _ => false,
        }
    }

    /// The topic of exactly the values that match both, or `None` if there is none.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        match (self.view(), other.view()) {
            (TopicView::Any, _) => Some(other.clone()),
            (TopicView::Literal(value), _) => other.matches(value).then(|| self.clone()),
            (_, TopicView::Literal(value)) => self.matches(value).then(|| other.clone()),
            // As a rule one is a case of the other, and is shared.
            (TopicView::Record(..) | TopicView::Sequence(..), _) if self.covers(other) => Some(other.clone()),
            (TopicView::Record(..) | TopicView::Sequence(..), _) if other.covers(self) => Some(self.clone()),
            (TopicView::Record(a, x), TopicView::Record(b, y)) => {
                (x.len() == y.len() && a == b).then_some(())?;
                let fields: Vec<_> = x.iter().zip(y).map(|(x, y)| x.intersect(y)).collect::<Option<_>>()?;
                Some(Self::record(a.clone(), fields))
            }
            (TopicView::Sequence(x), TopicView::Sequence(y)) => {
                (x.len() == y.len()).then_some(())?;
                let items: Vec<_> = x.iter().zip(y).map(|(x, y)| x.intersect(y)).collect::<Option<_>>()?;
                Some(Self::sequence(items))
            }
            _ => None,
        }
    }

    /// Whether every value that matches the other topic matches this one, too.
    fn covers(&self, other: &Self) -> bool {
        match (self.view(), other.view()) {
            (TopicView::Any, _) => true,
            (_, TopicView::Literal(value)) => self.matches(value),
            (TopicView::Record(a, x), TopicView::Record(b, y)) => a == b && all_cover(x, y),
            (TopicView::Sequence(x), TopicView::Sequence(y)) => all_cover(x, y),
            _ => false,
        }
    }
}

/// How many there are, and one after the other.
fn in_order(topics: impl IntoIterator<Item = Topic>) -> (usize, impl FnMut(usize) -> Topic) {
    let topics: SmallVec<[Topic; 6]> = topics.into_iter().collect();
    let (len, mut topics) = (topics.len(), topics.into_iter());
    (len, move |_| topics.next().unwrap_or_else(|| unreachable!("there are that many")))
}

fn all_cover(a: &[Topic], b: &[Topic]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.covers(b))
}

fn all_match(places: &[Topic], values: &[Value]) -> bool {
    places.iter().zip(values).all(|(place, value)| place.matches(value))
}

/// How many parts are visited without a note of each.
const FEW: usize = 100;

impl From<Value> for Topic {
    fn from(value: Value) -> Self {
        Self(Repr::Literal(value))
    }
}

/// In the [notation](crate::notation) that `parse` reads.
impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.view() {
            TopicView::Any => f.write_str("_"),
            TopicView::Literal(value) => fmt::Debug::fmt(value, f),
            TopicView::Record(..) | TopicView::Sequence(_) => write_bounded(f, None, &Whole(self)),
        }
    }
}

/// A topic as it prints, with its whole text.
struct Whole<'t>(&'t Topic);

impl fmt::Debug for Whole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.view() {
            TopicView::Any => f.write_str("_"),
            TopicView::Literal(value) => fmt::Debug::fmt(value, f),
            TopicView::Record(label, fields) => write_record(f, label, fields.iter().map(Whole)),
            TopicView::Sequence(items) => f.debug_list().entries(items.iter().map(Whole)).finish(),
        }
    }
}

/// As by `Debug`.
impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::data::value::{MAX_DEPTH, TooDeep};

    #[test]
    fn a_topic_is_as_large_as_a_value() {
        assert_eq!(size_of::<Topic>(), size_of::<Value>());
    }

    /// Where the places of a topic lie.
    fn at(topic: &Topic) -> *const Topic {
        match topic.view() {
            TopicView::Record(_, places) | TopicView::Sequence(places) => places.as_ptr(),
            _ => std::ptr::null(),
        }
    }

    #[test]
    fn an_intersection_that_is_one_of_both_shares_it() {
        let one = || Topic::from(Value::from(1));
        let makes: [fn([Topic; 2]) -> Topic; 2] = [Topic::sequence, |places| Topic::record("R", places)];
        for make in makes {
            let case = make([one(), Topic::any()]);
            let all = make([Topic::any(), Topic::any()]);
            for (a, b) in [(&case, &all), (&all, &case), (&case, &Topic::any()), (&Topic::any(), &case)] {
                assert_eq!(a.intersect(b).as_ref().map(at), Some(at(&case)));
            }
            let other = make([Topic::any(), make([one(), Topic::any()])]);
            assert_eq!(case.intersect(&other), Some(make([one(), make([one(), Topic::any()])])));
        }
    }

    /// 200 lists that each have the one before twice: nobody visits all their places.
    #[test]
    fn a_topic_that_shares_with_itself_is_made_and_shown() {
        let (reference, _here) = crate::objects::reference::<()>();
        let bottom = Topic::sequence([Topic::any(), Value::from(reference.as_ref().clone()).into()]);
        let makes: [fn([Topic; 2]) -> Topic; 2] = [Topic::sequence, |places| Topic::record("R", places)];
        for make in makes {
            let shared = (0..200).fold(bottom.clone(), |half, _| make([half.clone(), half]));
            assert_eq!(shared.depth(), 201);
            let seen = shared.seen();
            assert_ne!(at(&seen), at(&shared));
            assert_eq!(at(&seen.places()[0]), at(&seen.places()[1]), "it is shared again");
            assert_eq!(seen.depth(), 201);
        }
    }

    #[test]
    fn a_topic_nests_as_deep_as_a_value_and_no_deeper() {
        let wraps: [fn(Topic) -> Topic; 3] = [
            |inner| Topic::sequence([inner]),
            |inner| Topic::record("R", [inner]),
            |inner| Topic::record("R", [Topic::any(), inner, Value::UNIT.into()]),
        ];
        for (wrap, bottom) in
            wraps.into_iter().flat_map(|wrap| [(wrap, Topic::any()), (wrap, Value::UNIT.into())])
        {
            let deepest = (0..MAX_DEPTH).fold(bottom, |inner, _| wrap(inner));
            assert_eq!(deepest.depth(), MAX_DEPTH);
            assert_eq!(deepest.intersect(&wrap(Topic::any())), Some(deepest.clone()));
            let deeper =
                catch_unwind(AssertUnwindSafe(|| wrap(deepest))).map_err(|said| said.downcast::<String>());
            assert!(matches!(deeper, Err(Ok(said)) if *said == TooDeep.to_string()));
        }
    }
}
