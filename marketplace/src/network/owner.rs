//! Whose an endpoint is, in numbers: the tables lie further up.

use crate::data::slots::Slot;

/// Names the processes of a VM to those who keep their slots.
pub(crate) enum OfProcess {}

/// A process's place in the table of its VM.
pub(crate) type ProcessSlot = Slot<OfProcess>;

/// Names the handlers of a process, whatever its state is.
pub(crate) enum OfHandler {}

/// A handler's place in its process.
pub(crate) type HandlerSlot = Slot<OfHandler>;
