//! Roles: which side of a conversation an endpoint takes, and who hears whom.

use std::fmt;

use crate::conversation::part::Part;
use crate::conversation::topic::Topic;
use crate::data::message::Message;

/// The side of a conversation.
#[derive(marketplace_macros::Message, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Orientation {
    /// Sends messages, hears feedback.
    Publisher,
    /// Hears messages, sends feedback.
    Subscriber,
}

impl Orientation {
    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Publisher => Self::Subscriber,
            Self::Subscriber => Self::Publisher,
        }
    }
}

/// How far an endpoint takes part, and so which peers hear of it and of which it hears.
///
/// | this endpoint, below; the peer, right | participant | observer | everything |
/// |---|---|---|---|
/// | participant | hears it | no | no |
/// | observer | hears it | no | no |
/// | everything | hears it | hears it | hears it |
#[derive(marketplace_macros::Message, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InterestType {
    /// Takes part: peers hear of it.
    Participant,
    /// Looks on: only [`InterestType::Everything`] hears of it.
    Observer,
    /// Looks on, and hears of observers too.
    Everything,
}

impl InterestType {
    /// Whether an endpoint of this type hears the presence and absence of a peer of that type.
    ///
    /// ```
    /// use marketplace::InterestType::*;
    /// assert!(Observer.hears(Participant));
    /// assert!(!Participant.hears(Observer));
    /// assert!(Everything.hears(Observer));
    /// ```
    #[must_use]
    pub const fn hears(self, peer: Self) -> bool {
        matches!((self, peer), (_, Self::Participant) | (Self::Everything, _))
    }
}

/// The role of an endpoint in its network: an orientation, a topic and an interest type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Role {
    /// The side it takes.
    pub orientation: Orientation,
    /// The topic of which it hears and speaks.
    pub topic: Topic,
    /// How far it takes part.
    pub interest: InterestType,
}

impl Role {
    /// The role for somebody who only looks on: its references are shown, and keep nothing.
    pub(crate) fn seen(&self) -> Self {
        Self { topic: self.topic.seen(), ..*self }
    }

    /// A participant that publishes.
    pub fn publisher(topic: impl Into<Topic>) -> Self {
        Self::new(Orientation::Publisher, topic, InterestType::Participant)
    }

    /// A participant that subscribes.
    pub fn subscriber(topic: impl Into<Topic>) -> Self {
        Self::new(Orientation::Subscriber, topic, InterestType::Participant)
    }

    /// An observer of publishers: it is on the subscribers' side.
    pub fn observer_of_publishers(topic: impl Into<Topic>) -> Self {
        Self::new(Orientation::Subscriber, topic, InterestType::Observer)
    }

    /// An observer of subscribers: it is on the publishers' side.
    pub fn observer_of_subscribers(topic: impl Into<Topic>) -> Self {
        Self::new(Orientation::Publisher, topic, InterestType::Observer)
    }

    /// Any role.
    pub fn new(orientation: Orientation, topic: impl Into<Topic>, interest: InterestType) -> Self {
        Self { orientation, topic: topic.into(), interest }
    }

    /// The topic as an `M`; `None` when there is a wildcard in it or it is none.
    ///
    /// ```
    /// use marketplace::prelude::*;
    ///
    /// #[derive(Message, Clone, Debug, PartialEq)]
    /// struct InRoom { room: Symbol, user: Symbol }
    ///
    /// let ann = InRoom { room: Symbol::new("hall"), user: Symbol::new("ann") };
    /// assert_eq!(Role::publisher(ann.to_value()).decode(), Some(ann));
    /// assert_eq!(Role::publisher(topic!(InRoom { .. })).decode::<InRoom>(), None);
    /// ```
    #[must_use]
    pub fn decode<M: Message>(&self) -> Option<M> {
        Part::topic(&self.topic).decode()
    }

    /// Field `at` of the topic's record, or item `at` of its sequence, as an `F`; `None` when there
    /// is no such place, a wildcard is in it, or it is no `F`. The other places may have wildcards.
    ///
    /// ```
    /// use marketplace::prelude::*;
    ///
    /// #[derive(Message, Clone, Debug, PartialEq)]
    /// struct Says { user: Symbol, what: Text }
    ///
    /// let user = Symbol::new("ann");
    /// let role = Role::publisher(topic!(Says { user: user.clone(), .. }));
    /// assert_eq!(role.field(0), Some(user));
    /// assert_eq!(role.field::<Text>(1), None);
    /// ```
    #[must_use]
    pub fn field<F: Message>(&self, at: usize) -> Option<F> {
        Part::topic(&self.topic).field(at)?.decode()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.orientation {
            Orientation::Publisher => "publisher",
            Orientation::Subscriber => "subscriber",
        };
        match self.interest {
            InterestType::Participant => write!(f, "{side} {}", self.topic),
            InterestType::Observer => write!(f, "{side} {} as observer", self.topic),
            InterestType::Everything => {
                write!(f, "{side} {} as observer of everything", self.topic)
            }
        }
    }
}
