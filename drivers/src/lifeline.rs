//! A lifeline: a topic that two processes share, so that each hears when the other ends.
//!
//! Each end fills a place that the other leaves open. A stranger that looks at everything, say,
//! meets either end but fills no place; and no other process can name the key.

use marketplace::Event;
use marketplace::prelude::*;

/// The name that two processes share: the key, from the process that made it, and the thing that it
/// is about.
pub(crate) struct Lifeline {
    pub(crate) label: &'static str,
    pub(crate) key: Fresh,
    pub(crate) about: u64,
}

/// An end of a lifeline, by the place that it fills.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    First,
    Second,
}

impl Lifeline {
    /// The topic of this end, which fills its place with `filled`.
    pub(crate) fn end(&self, end: End, filled: &impl Message) -> Topic {
        let filled = Topic::from(filled.to_value());
        let (first, second) = match end {
            End::First => (filled, Topic::any()),
            End::Second => (Topic::any(), filled),
        };
        Topic::record(self.label, [self.key.to_value().into(), self.about.to_value().into(), first, second])
    }
}

/// Why the other end is gone, and with what it had filled its place. `None`, if this event says
/// something else or is a stranger's.
pub(crate) fn gone<'a>(event: &Event<'a>, other: End) -> Option<(Value, &'a Reason)> {
    let reason = event.reason().filter(|_| !event.is_refusal())?;
    let place = if other == End::First { 2 } else { 3 };
    Some((event.conversation().field(place)?.to_value()?, reason))
}
