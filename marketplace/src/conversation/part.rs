//! A place in the topic of an event, looked at without building that topic.

#[cfg(test)]
mod tests;

use std::fmt;

use crate::conversation::topic::{Topic, TopicView};
use crate::data::message::Message;
use crate::data::symbol::Symbol;
use crate::data::value::{Value, View};

/// A part of the topic of an event: of a message, or of the intersection of two topics that is not
/// built unless asked for.
#[derive(Clone, Copy)]
pub struct Part<'a>(Repr<'a>);

#[derive(Clone, Copy)]
enum Repr<'a> {
    Value(&'a Value),
    /// Not a literal.
    Topic(&'a Topic),
    /// Two topics that meet. They are looked at when somebody asks; most clauses about peers do not
    /// ask.
    Both(&'a Topic, &'a Topic),
}

impl<'a> Part<'a> {
    #[inline]
    pub(crate) fn value(value: &'a Value) -> Self {
        Self(Repr::Value(value))
    }

    #[inline]
    pub(crate) fn topic(topic: &'a Topic) -> Self {
        Self(match topic.as_value() {
            Some(value) => Repr::Value(value),
            None => Repr::Topic(topic),
        })
    }

    /// The intersection of these two topics, which meet.
    #[inline]
    pub(crate) fn both(a: &'a Topic, b: &'a Topic) -> Self {
        Self(Repr::Both(a, b))
    }

    /// The intersection of these two topics, which meet: one of the two, if it is known at a look.
    // A literal is asked for first: as a rule it is the peer's, and the endpoint's place is wild.
    #[inline]
    fn met(a: &'a Topic, b: &'a Topic) -> Self {
        match (a.as_value(), b.as_value()) {
            (_, Some(value)) | (Some(value), None) => Self(Repr::Value(value)),
            (None, None) if a.is_any() => Self(Repr::Topic(b)),
            (None, None) if b.is_any() => Self(Repr::Topic(a)),
            (None, None) => Self(Repr::Both(a, b)),
        }
    }

    /// The value here, if there is no wildcard in it. Borrowed values are not copied.
    #[must_use]
    #[inline(never)]
    pub fn to_value(self) -> Option<Value> {
        match self.known().0 {
            Repr::Value(value) => Some(value.clone()),
            Repr::Topic(_) => None,
            Repr::Both(..) => self.to_topic().as_value().cloned(),
        }
    }

    /// The topic here.
    #[must_use]
    pub fn to_topic(self) -> Topic {
        match self.known().0 {
            Repr::Value(value) => value.clone().into(),
            Repr::Topic(topic) => topic.clone(),
            Repr::Both(a, b) => a.intersect(b).unwrap_or_else(|| unreachable!("the topics of an event meet")),
        }
    }

    /// The value here as a `T`; `None` when there is a wildcard in it or it does not fit.
    // In line: fan-out takes 9 % more otherwise, ping-pong 3 %.
    #[must_use]
    #[inline(always)]
    pub fn decode<T: Message>(self) -> Option<T> {
        match self.0 {
            Repr::Value(value) => T::from_value(value),
            _ => T::from_value(&self.to_value()?),
        }
    }

    /// The parts of a record with this label and arity.
    // In line, where it is known that this is a value, or two topics: a message takes 45
    // instructions less, and a notification 40.
    #[must_use]
    #[inline(always)]
    pub fn record(self, label: &Symbol, arity: usize) -> Option<Parts<'a>> {
        match self.0 {
            Repr::Value(value) => record_of(value, label, arity),
            // Topics that meet are records of one label and arity, if both are records. That of the
            // peer, of whom many are told, is nearer to the processor.
            Repr::Both(a, b) => match (a.record_parts(), b.record_parts()) {
                (Some([_, a @ ..]), Some([other, b @ ..])) => {
                    let other = other.as_value().and_then(Value::as_symbol);
                    let fits = b.len() == arity && other == Some(label);
                    fits.then_some(Parts::Both(a, b))
                }
                _ => self.record_of_topic(label, arity),
            },
            Repr::Topic(_) => self.record_of_topic(label, arity),
        }
    }

    #[inline(never)]
    fn record_of_topic(self, label: &Symbol, arity: usize) -> Option<Parts<'a>> {
        match self.known().0 {
            Repr::Value(value) => record_of(value, label, arity),
            Repr::Topic(topic) => match topic.view() {
                TopicView::Record(other, fields) if fields.len() == arity && other == label => {
                    Some(Parts::Topics(fields))
                }
                _ => None,
            },
            Repr::Both(..) => None,
        }
    }

    /// One of two topics, if it is known at a look that it is their intersection.
    #[inline]
    fn known(self) -> Self {
        match self.0 {
            Repr::Both(a, b) => Self::met(a, b),
            _ => self,
        }
    }

    /// The parts of a sequence of this length.
    #[must_use]
    #[inline]
    pub fn sequence(self, len: usize) -> Option<Parts<'a>> {
        match self.0 {
            Repr::Value(value) => sequence_of(value, len),
            _ => self.sequence_of_topics(len),
        }
    }

    #[inline(never)]
    fn sequence_of_topics(self, len: usize) -> Option<Parts<'a>> {
        match self.known().0 {
            Repr::Value(value) => sequence_of(value, len),
            Repr::Topic(topic) => match topic.view() {
                TopicView::Sequence(items) if items.len() == len => Some(Parts::Topics(items)),
                _ => None,
            },
            Repr::Both(a, b) => match a.view() {
                TopicView::Sequence(places) if places.len() == len => Some(Parts::Both(places, b.places())),
                _ => None,
            },
        }
    }

    /// Field `at` of a record or item `at` of a sequence; `None` when there is no such place (a
    /// wildcard has none).
    #[must_use]
    pub fn field(self, at: usize) -> Option<Self> {
        let parts = match self.known().0 {
            Repr::Value(value) => match value.view() {
                View::Record(_, fields) | View::Sequence(fields) => Parts::Values(fields),
                _ => return None,
            },
            Repr::Topic(topic) => match topic.view() {
                TopicView::Record(_, fields) | TopicView::Sequence(fields) => Parts::Topics(fields),
                _ => return None,
            },
            Repr::Both(a, b) => Parts::Both(a.places(), b.places()),
        };
        (at < parts.len()).then(|| parts.at(at))
    }
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_topic(), f)
    }
}

/// The fields of a value, if it is a record with this label and arity.
#[inline(always)]
fn record_of<'a>(value: &'a Value, label: &Symbol, arity: usize) -> Option<Parts<'a>> {
    match value.view() {
        View::Record(other, fields) if fields.len() == arity && other == label => Some(Parts::Values(fields)),
        _ => None,
    }
}

/// The items of a value, if it is a sequence of this length.
#[inline]
fn sequence_of(value: &Value, len: usize) -> Option<Parts<'_>> {
    match value.view() {
        View::Sequence(items) if items.len() == len => Some(Parts::Values(items)),
        _ => None,
    }
}

/// The fields of a record, or the items of a sequence.
#[derive(Clone, Copy, Debug)]
pub enum Parts<'a> {
    /// Of a value.
    Values(&'a [Value]),
    /// Of a topic.
    Topics(&'a [Topic]),
    /// Of two topics that meet: the same number in each.
    Both(&'a [Topic], &'a [Topic]),
}

impl<'a> Parts<'a> {
    /// How many there are.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "nobody asks")]
    pub fn len(self) -> usize {
        match self {
            Self::Values(values) => values.len(),
            Self::Topics(topics) | Self::Both(topics, _) => topics.len(),
        }
    }

    /// The part at this place.
    ///
    /// # Panics
    /// If there is no such place.
    // For the literal of a peer, too, a notification takes 40 instructions less. In line, where it
    // is known that these are values: a message of five fields takes 45 more otherwise.
    #[must_use]
    #[inline(always)]
    pub fn at(self, at: usize) -> Part<'a> {
        match self {
            Self::Values(values) => Part::value(&values[at]),
            Self::Both(_, peer) => match peer[at].as_value() {
                Some(value) => Part::value(value),
                None => self.in_topics(at),
            },
            Self::Topics(_) => self.in_topics(at),
        }
    }

    #[inline(never)]
    fn in_topics(self, at: usize) -> Part<'a> {
        match self {
            Self::Values(values) => Part::value(&values[at]),
            Self::Topics(topics) => Part::topic(&topics[at]),
            Self::Both(a, b) => Part::met(&a[at], &b[at]),
        }
    }
}
