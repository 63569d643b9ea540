//! An endpoint that the ground VM has out here.

use crate::conversation::event::Event;
use crate::conversation::part::Part;
use crate::conversation::role::{InterestType, Orientation, Role};
use crate::conversation::topic::Topic;
use crate::data::reason::Reason;
use crate::data::slots::Place;
use crate::data::value::Value;
use crate::ground_vm::source::{Source, ground_topic};
use crate::network::index::Order;
use crate::process::action::Handler;
use crate::process::{Context, Turn};
use crate::vm::Vm;

/// It is half a cache line, since an item may find any of them.
#[repr(align(32))]
pub(super) struct Listener {
    pub(super) handler: Handler<Vm>,
    pub(super) once: bool,
    pub(super) counted: bool,
    /// It hears that the program is about to end.
    pub(super) heeds_shutdown: bool,
    pub(super) rest: Box<Rest>,
}

const _: () = assert!(Place::<Listener>::SIZE <= 32);

/// The things of a listener that an item does not need.
pub(super) struct Rest {
    pub(super) order: Order,
    pub(super) role: Role,
    pub(super) name: Value,
}

impl Listener {
    /// The source that it turns on.
    pub(super) fn demands(&self) -> Option<Source> {
        let role = &self.rest.role;
        (role.interest == InterestType::Participant).then(|| named_source(&role.topic)).flatten()
    }

    /// Whether it hears every item of one source, and nothing else.
    pub(super) fn is_plain(&self) -> bool {
        self.demands().is_some_and(|source| self.rest.role.topic == ground_topic(Some(&source)))
    }

    #[inline]
    pub(super) fn hear(&self, event: &Event<'_>, vm: &mut Option<Vm>, context: &mut Context) {
        let mut turn = Turn::new(vm, context);
        // A lifted handler is the kernel's own: it calls user code through the door, and never
        // fails itself.
        let _ = if self.counted {
            (self.handler)(&event.at_edge(), &mut turn)
        } else {
            (self.handler)(event, &mut turn)
        };
    }
}

/// The source that a ground topic names.
pub(super) fn named_source(topic: &Topic) -> Option<Source> {
    Part::topic(topic).field(0)?.decode()
}

pub(super) fn host_absence<'a>(topic: &'a Topic, ear: &'a Topic, reason: &'a Reason) -> Event<'a> {
    Event::absence(Orientation::Publisher, InterestType::Participant, Part::both(ear, topic), reason)
}

pub(super) fn host_presence<'a>(topic: &'a Topic, ear: &'a Topic) -> Event<'a> {
    Event::presence(Orientation::Publisher, InterestType::Participant, Part::both(ear, topic))
}
