//! Events: what happened, as an endpoint hears it.

use std::fmt;

use crate::conversation::duct::Duct;
use crate::conversation::part::Part;
use crate::conversation::role::{InterestType, Orientation, Role};
use crate::data::message::Message;
use crate::data::reason::Reason;
use crate::data::value::Value;

/// Something that an endpoint's handler hears: the presence or absence of a peer, that there is no
/// peer, or a message; or an answer to a message that its process has passed, or that no answer
/// will come.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    kind: Kind<'a>,
    orientation: Orientation,
    interest: InterestType,
    conversation: Part<'a>,
    duct: &'a Duct,
}

#[derive(Clone, Copy)]
enum Kind<'a> {
    Presence {
        first: bool,
    },
    Absence {
        reason: &'a Reason,
        last: bool,
        refusal: bool,
    },
    Vacancy,
    Shutdown,
    Release,
    Message(&'a Value),
    Reply {
        wire: &'a Value,
        body: &'a Value,
    },
    /// Without a wire: an answer that the process gave did not arrive.
    DuctAbsence {
        wire: Option<&'a Value>,
        reason: &'a Reason,
    },
}

/// The duct of most events.
static NO_DUCT: Duct = Duct::EMPTY;
static NOTHING: Value = Value::UNIT;

impl<'a> Event<'a> {
    #[inline]
    pub(crate) fn presence(orientation: Orientation, interest: InterestType, conversation: Part<'a>) -> Self {
        Self { kind: Kind::Presence { first: false }, orientation, interest, conversation, duct: &NO_DUCT }
    }

    #[inline]
    pub(crate) fn absence(
        orientation: Orientation,
        interest: InterestType,
        conversation: Part<'a>,
        reason: &'a Reason,
    ) -> Self {
        let kind = Kind::Absence { reason, last: false, refusal: false };
        Self { kind, orientation, interest, conversation, duct: &NO_DUCT }
    }

    /// The absence of a publisher that was never there.
    pub(crate) fn refusal(conversation: Part<'a>, reason: &'a Reason) -> Self {
        let kind = Kind::Absence { reason, last: false, refusal: true };
        Self {
            kind,
            orientation: Orientation::Publisher,
            interest: InterestType::Participant,
            conversation,
            duct: &NO_DUCT,
        }
    }

    pub(crate) fn vacancy(orientation: Orientation, conversation: Part<'a>) -> Self {
        Self {
            kind: Kind::Vacancy,
            orientation,
            interest: InterestType::Participant,
            conversation,
            duct: &NO_DUCT,
        }
    }

    /// The program is about to end.
    pub(crate) fn shutdown() -> Self {
        Self { kind: Kind::Shutdown, ..Self::message(Orientation::Publisher, &NOTHING) }
    }

    /// Nobody has the object any more.
    pub(crate) fn release() -> Self {
        Self { kind: Kind::Release, ..Self::message(Orientation::Publisher, &NOTHING) }
    }

    #[inline]
    pub(crate) fn message(orientation: Orientation, body: &'a Value) -> Self {
        Self {
            kind: Kind::Message(body),
            orientation,
            interest: InterestType::Participant,
            conversation: Part::value(body),
            duct: &NO_DUCT,
        }
    }

    /// A message for one process, which may answer on this duct.
    pub(crate) fn passed(body: &'a Value, duct: &'a Duct) -> Self {
        Self { duct, ..Self::message(Orientation::Publisher, body) }
    }

    /// An answer, and the duct on which the message had been passed.
    pub(crate) fn reply_to(wire: &'a Value, body: &'a Value, duct: &'a Duct) -> Self {
        Self { kind: Kind::Reply { wire, body }, duct, ..Self::message(Orientation::Publisher, body) }
    }

    /// No answer will come (on this wire), or the answer that the process gave did not arrive (on
    /// this duct).
    pub(crate) fn duct_absence(wire: Option<&'a Value>, duct: &'a Duct, reason: &'a Reason) -> Self {
        let kind = Kind::DuctAbsence { wire, reason };
        Self { kind, duct, ..Self::message(Orientation::Publisher, &NOTHING) }
    }

    /// Says that this presence is the first of its conversation, or this absence the last.
    #[inline]
    pub(crate) fn at_edge(mut self) -> Self {
        self.set_edge(true);
        self
    }

    /// Says whether it is at the edge.
    // In place: the event would be moved otherwise.
    #[inline]
    pub(crate) const fn set_edge(&mut self, edge: bool) {
        match &mut self.kind {
            Kind::Presence { first } => *first = edge,
            Kind::Absence { last, .. } => *last = edge,
            _ => {}
        }
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

    /// The conversation that the endpoint and its peer have in common; the message itself, if this
    /// is one.
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

    /// A supplier refused: an absence that had no presence before. (An absence after a presence may
    /// carry the reason of a refusal; that is no refusal.)
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

    /// The program is about to end: a last word can be said.
    #[must_use]
    pub fn is_shutdown(&self) -> bool {
        matches!(self.kind, Kind::Shutdown)
    }

    /// Nobody has a reference to the object any more, so this is its last turn. Only an object that
    /// is made of clauses hears it.
    #[must_use]
    pub fn is_release(&self) -> bool {
        matches!(self.kind, Kind::Release)
    }

    /// No answer will come to a message that the process passed, or an answer that it gave did not
    /// arrive, because its receiver has gone. In the first case the event has the
    /// [wire](Event::wire), in the second the [duct](Event::duct), and the reason is the symbol
    /// `gone`.
    #[must_use]
    pub fn is_duct_absence(&self) -> bool {
        matches!(self.kind, Kind::DuctAbsence { .. })
    }

    /// Why the peer is gone, or no answer comes.
    #[must_use]
    pub fn reason(&self) -> Option<&'a Reason> {
        match self.kind {
            Kind::Absence { reason, .. } | Kind::DuctAbsence { reason, .. } => Some(reason),
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

    /// The duct on which an answer to this event goes. For a message that was passed, it leads to
    /// its sender. For a reply or the absence of one, it leads to the process that waits for this
    /// process in turn. For an answer that did not arrive, it is the duct on which that answer was
    /// given. It is empty when nobody waits.
    #[must_use]
    pub fn duct(&self) -> &'a Duct {
        self.duct
    }

    /// The wire that this process named when it passed the message to which this event is the
    /// answer, or the absence of an answer.
    #[must_use]
    pub fn wire(&self) -> Option<&'a Value> {
        match self.kind {
            Kind::Reply { wire, .. } => Some(wire),
            Kind::DuctAbsence { wire, .. } => wire,
            _ => None,
        }
    }

    /// The answer to a message that this process passed.
    #[must_use]
    pub fn reply(&self) -> Option<&'a Value> {
        match self.kind {
            Kind::Reply { body, .. } => Some(body),
            _ => None,
        }
    }

    /// Whether it is a message that was passed to this process alone, with a duct.
    pub(crate) fn is_passed(&self) -> bool {
        matches!(self.kind, Kind::Message(_)) && !self.duct.is_empty()
    }

    /// Whether the process hears it whatever its endpoints subscribe to.
    pub(crate) fn is_of_ducts(&self) -> bool {
        self.is_passed() || matches!(self.kind, Kind::Reply { .. } | Kind::DuctAbsence { .. })
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
            Kind::Shutdown => f.write_str("shutdown"),
            Kind::Release => f.write_str("release"),
            Kind::Message(body) => write!(f, "message {body:?} of {who:?}"),
            Kind::Reply { wire, body } => write!(f, "reply {body:?} on {wire:?}"),
            Kind::DuctAbsence { wire: Some(wire), reason } => write!(f, "no reply on {wire:?} ({reason})"),
            Kind::DuctAbsence { wire: None, reason } => write!(f, "what was given did not arrive ({reason})"),
        }
    }
}
