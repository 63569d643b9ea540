//! Shapes: where a topic has literals, where structure, and what two topics determine both.

use std::slice;

use crate::conversation::topic::{Topic, TopicView};
use crate::data::hash::{mix, then};
use crate::data::symbol::Symbol;
use crate::data::value::{Value, View};

/// The kind of a node: two nodes of one kind have the same places, which can be compared one by
/// one.
#[derive(Clone, Copy)]
pub(super) enum Kind<S = Symbol> {
    /// A label and how many fields.
    Record(S, usize),
    /// How many items.
    Sequence(usize),
    /// Anything without places: it is its own only place.
    Other,
}

pub(super) type KindRef<'a> = Kind<&'a Symbol>;

impl Kind {
    #[inline]
    pub(super) fn as_ref(&self) -> KindRef<'_> {
        match self {
            Self::Record(label, arity) => Kind::Record(label, *arity),
            Self::Sequence(len) => Kind::Sequence(*len),
            Self::Other => Kind::Other,
        }
    }
}

impl PartialEq for KindRef<'_> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Record(a, m), Self::Record(b, n)) => m == n && a == b,
            (Self::Sequence(m), Self::Sequence(n)) => m == n,
            (Self::Other, Self::Other) => true,
            _ => false,
        }
    }
}

impl KindRef<'_> {
    #[inline]
    pub(super) fn hash(self) -> u64 {
        match self {
            Self::Record(label, arity) => then(arity as u64, label.hash_code()),
            Self::Sequence(len) => mix(1, len as u64),
            Self::Other => mix(2, 0),
        }
    }

    pub(super) fn cloned(self) -> Kind {
        match self {
            Self::Record(label, arity) => Kind::Record(label.clone(), arity),
            Self::Sequence(len) => Kind::Sequence(len),
            Self::Other => Kind::Other,
        }
    }
}

/// The places below one node of a value or a topic.
#[derive(Clone, Copy)]
pub(super) enum Fields<'a> {
    Values(&'a [Value]),
    Topics(&'a [Topic]),
}

/// The content of one place.
#[derive(Clone, Copy)]
pub(super) enum Sight<'a> {
    Any,
    Value(&'a Value),
    Node(KindRef<'a>, &'a [Topic]),
}

impl<'a> Sight<'a> {
    #[inline]
    pub(super) fn of(topic: &'a Topic) -> Self {
        match topic.view() {
            TopicView::Any => Self::Any,
            TopicView::Literal(value) => Self::Value(value),
            TopicView::Record(label, fields) => Self::Node(Kind::Record(label, fields.len()), fields),
            TopicView::Sequence(items) => Self::Node(Kind::Sequence(items.len()), items),
        }
    }

    /// The places below, if this is a node, or a literal, of that kind.
    #[inline]
    pub(super) fn inside(self, kind: KindRef<'_>) -> Option<Fields<'a>> {
        match self {
            Self::Any => None,
            Self::Value(value) => {
                let (own, fields) = places(value);
                (own == kind).then_some(Fields::Values(fields))
            }
            Self::Node(own, topics) => (own == kind).then_some(Fields::Topics(topics)),
        }
    }
}

/// A value taken apart once.
#[inline]
pub(super) fn places(value: &Value) -> (KindRef<'_>, &[Value]) {
    match value.view() {
        View::Record(label, fields) => (Kind::Record(label, fields.len()), fields),
        View::Sequence(items) => (Kind::Sequence(items.len()), items),
        _ => (Kind::Other, slice::from_ref(value)),
    }
}

/// Places below one node, of which it may be known what kind they are.
pub(super) trait Places<'a>: Copy {
    fn at(self, place: u32) -> Sight<'a>;
    /// The value at a place, if there is one.
    fn value(self, place: u32) -> Option<&'a Value>;
}

impl<'a> Places<'a> for &'a [Value] {
    #[inline]
    fn at(self, place: u32) -> Sight<'a> {
        Sight::Value(&self[place as usize])
    }
    #[inline]
    fn value(self, place: u32) -> Option<&'a Value> {
        self.get(place as usize)
    }
}

impl<'a> Places<'a> for &'a [Topic] {
    #[inline]
    fn at(self, place: u32) -> Sight<'a> {
        Sight::of(&self[place as usize])
    }
    #[inline]
    fn value(self, place: u32) -> Option<&'a Value> {
        self.get(place as usize)?.as_value()
    }
}

impl<'a> Places<'a> for Fields<'a> {
    #[inline]
    fn at(self, place: u32) -> Sight<'a> {
        match self {
            Self::Values(values) => values.at(place),
            Self::Topics(topics) => topics.at(place),
        }
    }
    #[inline]
    fn value(self, place: u32) -> Option<&'a Value> {
        match self {
            Self::Values(values) => values.value(place),
            Self::Topics(topics) => topics.value(place),
        }
    }
}

impl<'a> Fields<'a> {
    /// How many places are not wildcards.
    #[inline]
    fn known_places(self) -> usize {
        match self {
            Self::Values(values) => values.len(),
            Self::Topics(topics) => topics.iter().filter(|topic| !topic.is_any()).count(),
        }
    }

    /// The place of a literal, if all others are wild, and the literal.
    #[inline]
    pub(super) fn only(self) -> Option<(u32, &'a Value)> {
        let topics = match self {
            Self::Values([value]) => return Some((0, value)),
            Self::Values(_) => return None,
            Self::Topics(topics) => topics,
        };
        let mut only = None;
        for (at, topic) in topics.iter().enumerate() {
            match topic.as_value() {
                Some(value) if only.is_none() => only = Some((at as u32, value)),
                None if topic.is_any() => {}
                _ => return None,
            }
        }
        only
    }

    /// Every place that is not a wildcard.
    pub(super) fn known(self) -> impl Iterator<Item = (u32, Sight<'a>)> {
        let len = match self {
            Self::Values(values) => values.len(),
            Self::Topics(topics) => topics.len(),
        };
        (0..len as u32)
            .map(move |place| (place, self.at(place)))
            .filter(|(_, sight)| !matches!(sight, Sight::Any))
    }
}

/// Where the places of one node are determined, ascending; the places that are not listed are wild.
#[derive(Clone)]
pub(super) struct Shape(Box<[(u32, Determined)]>);

/// A place that is determined.
#[derive(Clone)]
pub(super) enum Determined {
    /// A value.
    Literal,
    /// Structure with a wildcard in it.
    Node(Kind, Shape),
}

impl Shape {
    /// The shape of these fields. A literal counts as a whole, however deep.
    pub(super) fn of(fields: Fields<'_>) -> Self {
        let place = |(place, sight)| match sight {
            Sight::Node(kind, topics) => {
                (place, Determined::Node(kind.cloned(), Self::of(Fields::Topics(topics))))
            }
            _ => (place, Determined::Literal),
        };
        Self(fields.known().map(place).collect())
    }

    /// Whether these fields have this shape.
    pub(super) fn is_of(&self, fields: Fields<'_>) -> bool {
        let is_there = |(at, place): &(u32, Determined)| match place {
            Determined::Literal => fields.value(*at).is_some(),
            Determined::Node(own, inner) => match fields.at(*at) {
                Sight::Node(kind, topics) => own.as_ref() == kind && inner.is_of(Fields::Topics(topics)),
                _ => false,
            },
        };
        self.0.len() == fields.known_places() && self.iter().all(is_there)
    }

    /// Whether nothing is determined.
    #[inline]
    pub(super) fn is_wild(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> slice::Iter<'_, (u32, Determined)> {
        self.0.iter()
    }

    /// The place that is literal while all others are wild.
    pub(super) fn only(&self) -> Option<u32> {
        match *self.0 {
            [(place, Determined::Literal)] => Some(place),
            _ => None,
        }
    }

    pub(super) fn literals(&self) -> usize {
        let count = |(_, place): &(u32, Determined)| match place {
            Determined::Literal => 1,
            Determined::Node(_, inner) => inner.literals(),
        };
        self.0.iter().map(count).sum()
    }

    /// Hands out the values at the literal places; false, perhaps after some, if the fields do not
    /// fit.
    #[inline]
    pub(super) fn project<'a>(&self, fields: Fields<'a>, each: &mut impl FnMut(&'a Value)) -> bool {
        for (at, place) in self.iter() {
            match place {
                Determined::Literal => match fields.value(*at) {
                    Some(value) => each(value),
                    None => return false,
                },
                Determined::Node(kind, inner) if inner.project_inside(kind, fields.at(*at), each) => {}
                Determined::Node(..) => return false,
            }
        }
        true
    }

    #[inline(never)]
    fn project_inside<'a>(&self, kind: &Kind, sight: Sight<'a>, each: &mut impl FnMut(&'a Value)) -> bool {
        sight.inside(kind.as_ref()).is_some_and(|fields| self.project(fields, each))
    }

    /// Whether both have the same values at the literal places.
    #[inline]
    pub(super) fn agree<'a>(&self, a: impl Places<'a>, b: impl Places<'a>) -> bool {
        for (at, place) in self.iter() {
            let same = match place {
                // Values that are sent again and again are often shared: what is the same is
                // not compared.
                Determined::Literal => {
                    matches!((a.value(*at), b.value(*at)), (Some(a), Some(b)) if a.shares(b) || a == b)
                }
                Determined::Node(kind, inner) => inner.agree_inside(kind, a.at(*at), b.at(*at)),
            };
            if !same {
                return false;
            }
        }
        true
    }

    #[inline(never)]
    fn agree_inside(&self, kind: &Kind, a: Sight<'_>, b: Sight<'_>) -> bool {
        match (a.inside(kind.as_ref()), b.inside(kind.as_ref())) {
            (Some(a), Some(b)) => self.agree(a, b),
            _ => false,
        }
    }

    /// The part of this shape that a query determines too. Where this is literal and the query a
    /// node, it is the node's shape; where this is a node and the query literal, this one's. `None`
    /// if no topic of this shape meets the query.
    pub(super) fn overlay(&self, query: Fields<'_>) -> Option<Self> {
        let mut both = Vec::new();
        for (at, place) in self.iter() {
            let common = match (place, query.at(*at)) {
                (_, Sight::Any) => continue,
                (Determined::Literal, Sight::Value(_)) => Determined::Literal,
                (Determined::Literal, Sight::Node(kind, topics)) => {
                    Determined::Node(kind.cloned(), Self::of(Fields::Topics(topics)))
                }
                (Determined::Node(kind, inner), sight) => {
                    Determined::Node(kind.clone(), inner.overlay(sight.inside(kind.as_ref())?)?)
                }
            };
            both.push((*at, common));
        }
        Some(Self(both.into()))
    }

    /// Whether a query determines nothing of it: then it meets every topic of this shape.
    #[inline]
    pub(super) fn is_left_open_by(&self, query: Fields<'_>) -> bool {
        self.iter().all(|(at, _)| matches!(query.at(*at), Sight::Any))
    }

    /// Whether this is what `overlay` makes of that shape and query.
    pub(super) fn is_overlay(&self, shape: &Self, query: Fields<'_>) -> bool {
        let mut own = self.iter();
        shape.iter().all(|(at, place)| {
            let sight = query.at(*at);
            if matches!(sight, Sight::Any) {
                return true;
            }
            let Some((_, common)) = own.next().filter(|(place, _)| place == at) else { return false };
            match (place, sight, common) {
                (Determined::Literal, Sight::Value(_), Determined::Literal) => true,
                (Determined::Literal, Sight::Node(kind, topics), Determined::Node(other, inner)) => {
                    other.as_ref() == kind && inner.is_of(Fields::Topics(topics))
                }
                (Determined::Node(kind, shape), _, Determined::Node(other, inner)) => {
                    other.as_ref() == kind.as_ref()
                        && sight.inside(kind.as_ref()).is_some_and(|fields| inner.is_overlay(shape, fields))
                }
                _ => false,
            }
        }) && own.next().is_none()
    }

    /// The topic of this shape with this value at its literal place; at most one is literal.
    pub(super) fn fill(&self, kind: &Kind, value: Option<&Value>) -> Topic {
        let (Kind::Record(_, len) | Kind::Sequence(len)) = *kind else {
            return value.map_or_else(Topic::any, |value| value.clone().into());
        };
        let mut fields = vec![Topic::any(); len];
        for (at, place) in self.iter() {
            fields[*at as usize] = match (place, value) {
                (Determined::Node(kind, inner), _) => inner.fill(kind, value),
                (Determined::Literal, Some(value)) => value.clone().into(),
                (Determined::Literal, None) => unreachable!("a literal place has a value"),
            };
        }
        match kind {
            Kind::Record(label, _) => Topic::record(label.clone(), fields),
            _ => Topic::sequence(fields),
        }
    }
}
