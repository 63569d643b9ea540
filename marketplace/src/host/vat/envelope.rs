//! Envelopes: requests to a vat from outside.

use std::fmt;

use crate::conversation::role::Orientation;
use crate::data::value::Value;
use crate::host::ground::host::Host;
use crate::record::log::Origin;

/// A request to a vat: a message for its network, or work in it; when it was sent; and whether the
/// sender waits for the result.
///
/// A host of a vat gets envelopes, and hands them to its [`Churn`](super::Churn), in order, on the
/// thread that turns it. A result finds its way to the sender by itself. If an envelope is dropped
/// instead, its sender is told that the vat is not running.
pub struct Envelope {
    pub(super) content: Content,
    origin: Option<Origin>,
    wants_result: bool,
}

pub(super) enum Content {
    Message(Value, Orientation),
    /// Work that needs a turn.
    Work(Box<dyn FnOnce(&mut Host) + Send>),
    /// Work that may be done between any two turns, also while the vat is stopped.
    Order(Box<dyn FnOnce(&mut Host) + Send>),
    /// A source may be able to go on.
    Wake,
}

impl Envelope {
    pub(super) fn new(content: Content, wants_result: bool) -> Self {
        Self { content, origin: super::here(), wants_result }
    }

    pub(super) const fn wake() -> Self {
        Self { content: Content::Wake, origin: None, wants_result: false }
    }

    /// The message, if it carries one.
    #[must_use]
    pub const fn message(&self) -> Option<&Value> {
        match &self.content {
            Content::Message(body, _) => Some(body),
            _ => None,
        }
    }

    /// When the envelope was sent, in the logical time of the vat that sent it; 0 if it comes from
    /// outside every vat.
    #[must_use]
    pub fn stamp(&self) -> u64 {
        self.origin.map_or(0, |origin| origin.stamp)
    }

    /// Where the envelope was sent, if in a vat.
    #[must_use]
    pub const fn origin(&self) -> Option<Origin> {
        self.origin
    }

    /// Whether the sender waits for the result.
    #[must_use]
    pub const fn wants_result(&self) -> bool {
        self.wants_result
    }

    /// Whether the envelope may be opened between any two turns, also while the vat is stopped: so
    /// it may overtake others.
    #[must_use]
    pub const fn is_urgent(&self) -> bool {
        matches!(self.content, Content::Order(_) | Content::Wake)
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Envelope");
        match &self.content {
            Content::Message(body, Orientation::Publisher) => shown.field("message", body),
            Content::Message(body, Orientation::Subscriber) => shown.field("feedback", body),
            Content::Work(_) => shown.field("work", &"a turn"),
            Content::Order(_) => shown.field("work", &"between turns"),
            Content::Wake => shown.field("work", &"wake"),
        };
        shown.field("stamp", &self.stamp()).field("wants_result", &self.wants_result).finish()
    }
}
