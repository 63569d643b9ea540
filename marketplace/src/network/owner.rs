//! The types of slots that say which process and handler an endpoint belongs to. The tables
//! themselves lie further up.

use crate::data::slots::Slot;

pub(crate) use crate::conversation::pid::OfProcess;

/// A process's place in the table of its VM.
pub(crate) type ProcessSlot = Slot<OfProcess>;

/// The key type of slots of handlers, for code that does not know the state of their process.
pub(crate) enum OfHandler {}

/// A handler's place in its process.
pub(crate) type HandlerSlot = Slot<OfHandler>;

/// The process that has an endpoint, and the handler of the process that hears the events.
#[derive(Clone, Copy)]
pub(crate) struct Owner {
    pub(crate) process: ProcessSlot,
    pub(crate) handler: HandlerSlot,
}
