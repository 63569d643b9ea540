//! The parts of an event that clauses look at.

use crate::conversation::duct::Duct;
use crate::conversation::event::Event;
use crate::conversation::part::Part;
use crate::data::reason::Reason;

/// The message that this event is, as a part.
#[inline]
pub fn message<'a>(event: &Event<'a>) -> Option<Part<'a>> {
    event.body().map(Part::value)
}

/// The reply that this event is, as a part.
#[inline]
pub fn reply<'a>(event: &Event<'a>) -> Option<Part<'a>> {
    event.reply().map(Part::value)
}

/// The wire of a reply, or of its absence, as a part.
#[inline]
pub fn wire<'a>(event: &Event<'a>) -> Option<Part<'a>> {
    event.wire().map(Part::value)
}

/// The message that the reason of this event is, as a part.
#[inline]
pub fn reason<'a>(event: &Event<'a>) -> Option<Part<'a>> {
    match event.reason()? {
        Reason::Value(value) => Some(Part::value(value)),
        _ => None,
    }
}

/// The duct of this event, if it leads anywhere.
#[inline]
pub fn duct(event: &Event<'_>) -> Option<Duct> {
    Some(event.duct()).filter(|duct| !duct.is_empty()).cloned()
}
