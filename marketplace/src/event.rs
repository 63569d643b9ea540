//! What an endpoint is told.

use std::fmt;

use crate::message::Message;
use crate::part::Part;
use crate::reason::Reason;
use crate::role::{InterestType, Orientation, Role};
use crate::value::Value;

/// Something that an endpoint's handler hears: the presence or absence of a peer, that there is no peer, or a message.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    kind: Kind<'a>,
    orientation: Orientation,
    interest: InterestType,
    conversation: Part<'a>,
}

#[derive(Clone, Copy)]
enum Kind<'a> {
    Presence { first: bool },
    Absence { reason: &'a Reason, last: bool, refusal: bool },
    Vacancy,
    Message(&'a Value),
}

impl<'a> Event<'a> {
    pub(crate) fn presence(orientation: Orientation, interest: InterestType, conversation: Part<'a>) -> Self {
        Self { kind: Kind::Presence { first: false }, orientation, interest, conversation }
    }

    pub(crate) fn absence(
        orientation: Orientation,
        interest: InterestType,
        conversation: Part<'a>,
        reason: &'a Reason,
    ) -> Self {
        let kind = Kind::Absence { reason, last: false, refusal: false };
        Self { kind, orientation, interest, conversation }
    }

    /// The absence of a publisher that was never there.
    pub(crate) fn refusal(conversation: Part<'a>, reason: &'a Reason) -> Self {
        let kind = Kind::Absence { reason, last: false, refusal: true };
        Self { kind, orientation: Orientation::Publisher, interest: InterestType::Participant, conversation }
    }

    pub(crate) fn vacancy(orientation: Orientation, conversation: Part<'a>) -> Self {
        Self { kind: Kind::Vacancy, orientation, interest: InterestType::Participant, conversation }
    }

    pub(crate) fn message(orientation: Orientation, body: &'a Value) -> Self {
        Self {
            kind: Kind::Message(body),
            orientation,
            interest: InterestType::Participant,
            conversation: Part::value(body),
        }
    }

    /// Says that this presence is the first of its conversation, or this absence the last.
    pub(crate) fn at_edge(mut self) -> Self {
        match &mut self.kind {
            Kind::Presence { first } => *first = true,
            Kind::Absence { last, .. } => *last = true,
            Kind::Vacancy | Kind::Message(_) => {}
        }
        self
    }

    /// The peer's orientation; of a message, its sender's.
    #[must_use]
    pub fn orientation(&self) -> Orientation {
        self.orientation
    }

    /// The peer's interest type; of a message, participant.
    #[must_use]
    pub fn interest_type(&self) -> InterestType {
        self.interest
    }

    /// What the endpoint and its peer have in common; the message itself, if this is one.
    #[must_use]
    #[inline]
    pub fn conversation(&self) -> Part<'a> {
        self.conversation
    }

    /// The peer's role, with the topic that it shares with the endpoint.
    #[must_use]
    pub fn role(&self) -> Role {
        Role::new(self.orientation, self.conversation.to_topic(), self.interest)
    }

    /// A peer is there.
    #[must_use]
    pub fn is_presence(&self) -> bool {
        matches!(self.kind, Kind::Presence { .. })
    }

    /// A peer is there, the first one of its conversation; only an endpoint that counts is told.
    #[must_use]
    pub fn is_first_presence(&self) -> bool {
        matches!(self.kind, Kind::Presence { first: true })
    }

    /// A peer is gone, or refused.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        matches!(self.kind, Kind::Absence { .. })
    }

    /// A supplier said no: an absence that had no presence before. One whose reason is merely that of a refusal had one.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self.kind, Kind::Absence { refusal: true, .. })
    }

    /// A peer is gone, the last one of its conversation; only an endpoint that counts is told.
    #[must_use]
    pub fn is_last_absence(&self) -> bool {
        matches!(self.kind, Kind::Absence { last: true, .. })
    }

    /// The endpoint is new and was shown no peer.
    #[must_use]
    pub fn is_vacancy(&self) -> bool {
        matches!(self.kind, Kind::Vacancy)
    }

    /// Why the peer is gone.
    #[must_use]
    pub fn reason(&self) -> Option<&'a Reason> {
        match self.kind {
            Kind::Absence { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// The message.
    #[must_use]
    #[inline]
    pub fn body(&self) -> Option<&'a Value> {
        match self.kind {
            Kind::Message(body) => Some(body),
            _ => None,
        }
    }

    /// The message as an `M`, if it is one.
    #[must_use]
    pub fn decode<M: Message>(&self) -> Option<M> {
        M::from_value(self.body()?)
    }
}

impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (who, topic) = (self.orientation, self.conversation);
        match self.kind {
            Kind::Presence { .. } => write!(f, "presence of {who:?} {topic:?}"),
            Kind::Absence { reason, .. } => write!(f, "absence of {who:?} {topic:?} ({reason})"),
            Kind::Vacancy => write!(f, "vacancy: no {who:?} {topic:?}"),
            Kind::Message(body) => write!(f, "message {body:?} of {who:?}"),
        }
    }
}
