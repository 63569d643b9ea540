//! The queue, as a turn writes to it.

use std::sync::Arc;

use crate::conversation::duct::{Site, note_wait};
use crate::conversation::pid::Pid;
use crate::conversation::promise::OfKept;
use crate::conversation::promise::owed::Owed;
use crate::conversation::promise::sending::Sending;
use crate::conversation::promise::when::Waiter;
use crate::data::door;
use crate::data::numbers::{ActionId, Cause};
use crate::data::reason::{Failed, Reason};
use crate::data::reference::Reference;
use crate::data::slots::Slot;
use crate::data::value::Value;
use crate::network::owner::ProcessSlot;
use crate::process::action::Act;
use crate::process::error::VmError;
use crate::process::queue::{Pending, Queue, Waited, Work};

/// The queue, as one process's turn writes to it.
pub(crate) struct Lane<'q> {
    pub(crate) queue: &'q mut Queue,
    pub(crate) slot: ProcessSlot,
    pub(crate) pid: Pid,
    /// The cause of the actions that are queued.
    pub(crate) cause: Cause,
}

impl Lane<'_> {
    /// Whether the limits allow so many more actions.
    #[inline]
    pub(crate) fn places_for(&self, actions: usize) -> Result<(), Failed> {
        let limit = self.queue.limits.queued;
        if self.queue.len() + actions <= limit { Ok(()) } else { Err(crossed(VmError::QueueFull { limit })) }
    }

    /// Whether the bytes queued since the queue had this much room cross the limit.
    #[inline]
    pub(crate) fn is_too_much(&mut self, room: isize) -> bool {
        self.queue.room < 0 && self.is_too_much_still(room)
    }

    #[cold]
    fn is_too_much_still(&mut self, room: isize) -> bool {
        let freed = self.queue.reclaim();
        // If too many bytes waited before, this turn may not have added any.
        self.queue.room < 0 && self.queue.room < room + freed
    }

    /// Takes back the actions that were queued since the queue had this end. Gives the reason for
    /// which the process fails.
    #[cold]
    #[inline(never)]
    pub(crate) fn take_back(&mut self, end: usize) -> Failed {
        self.drop_since(end).err().unwrap_or_else(|| self.too_large())
    }

    /// Drops the actions that were queued since the queue had this end. A panic of a destructor
    /// comes back as its reason.
    #[cold]
    #[inline(never)]
    pub(crate) fn drop_since(&mut self, end: usize) -> Result<(), Failed> {
        let drop_one = |pending: Pending| {
            door::enter(|| {
                // An answer on a duct that was given by a process further in is lost. An answer of
                // this turn is let go of by the turn itself.
                if pending.cause != self.cause
                    && let Work::Act(Act::Give(giving)) = &pending.work
                {
                    giving.lose();
                }
                drop(pending);
            })
        };
        self.queue.drain_from(end).into_iter().map(drop_one).fold(Ok(()), Result::and)
    }

    #[cold]
    fn too_large(&self) -> Failed {
        crossed(VmError::QueueTooLarge { limit: self.queue.limits.queued_bytes })
    }

    /// Notes that the process waits for this promise since the turn that runs.
    #[inline]
    pub(crate) fn note_wait(&mut self, on: &Value) {
        let id = ActionId::fresh();
        note_wait();
        if let Some(waits) = &mut self.queue.waits {
            waits.push(Waited { id, cause: self.cause, pid: self.pid, on: on.seen() });
        }
    }

    /// Queues a message, which most actions are, if there is room for it at once; or else gives it
    /// back.
    #[inline]
    pub(crate) fn push_message(&mut self, body: Value) -> Result<(), Value> {
        self.push_message_numbered(body, ActionId::fresh)
    }

    /// Queues a message, as [`Lane::push_message`] does, with the number that it gets if there is
    /// room.
    #[inline(always)]
    pub(crate) fn push_message_numbered(
        &mut self,
        body: Value,
        number: impl FnOnce() -> ActionId,
    ) -> Result<(), Value> {
        let Some(bytes) = body.bytes_of_record() else { return Err(body) };
        let Some(place) = self.queue.next_place(bytes) else { return Err(body) };
        let (slot, pid, id, cause) = (self.slot, self.pid, number(), self.cause);
        let work = Work::Act(Act::Message(body.by_words()));
        place.fill(Pending { work, slot, bytes, pid, id, cause });
        Ok(())
    }

    /// Queues a message to an object, if there is room for it at once; or else gives it back.
    #[inline]
    pub(crate) fn push_send(&mut self, sending: Box<Sending>) -> Result<(), Box<Sending>> {
        let bytes = sending.bytes;
        let Some(place) = self.queue.next_place(bytes) else { return Err(sending) };
        let (slot, pid, id, cause) = (self.slot, self.pid, ActionId::fresh(), self.cause);
        place.fill(Pending { work: Work::Act(Act::Send(sending)), slot, bytes, pid, id, cause });
        Ok(())
    }

    /// Lets the process wait for the answer to the message that this turn has queued last, if `on`
    /// is the promise of that, and nobody else has it. Says whether it waits.
    #[inline]
    pub(crate) fn let_wait(&mut self, on: &Reference, kept: Slot<OfKept>, site: &Arc<Site>) -> bool {
        let (pid, process, turn) = (self.pid, self.slot, self.cause);
        match self.queue.last_mut() {
            Some(Pending { work: Work::Act(Act::Send(sending)), cause, .. }) if *cause == turn => {
                sending.let_wait(on, || Waiter { site: site.clone(), pid, process, kept })
            }
            _ => false,
        }
    }

    /// Queues an answer that is owed.
    ///
    /// # Errors
    /// If that crosses a limit: then it is owed still.
    #[inline]
    pub(crate) fn push_answer(
        &mut self,
        owed: &mut Owed,
        result: Result<Value, Reason>,
    ) -> Result<(), Failed> {
        let bytes = result.as_ref().map_or(0, Value::bytes);
        if !self.queue.has_place(bytes) {
            self.within(bytes)?;
        }
        self.push_sized(Work::Act(Act::Answer(owed.give(result))), bytes);
        Ok(())
    }

    /// Queues work whose values take so many bytes, also if there is no place for it yet.
    ///
    /// # Errors
    /// If that crosses a limit: then the caller takes it back, with all that the turn has queued.
    #[cold]
    #[inline(never)]
    pub(crate) fn push_within(&mut self, work: Work, bytes: u32) -> Result<(), Failed> {
        let within = self.within(bytes);
        self.push_sized(work, bytes);
        within
    }

    /// Whether the limits allow one more action, whose values take so many bytes.
    #[cold]
    #[inline(never)]
    fn within(&mut self, bytes: u32) -> Result<(), Failed> {
        self.places_for(1)?;
        let bytes = bytes as isize;
        if bytes > 0 && self.queue.room < bytes {
            self.queue.reclaim();
            if self.queue.room < bytes {
                return Err(self.too_large());
            }
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn push(&mut self, work: Work) {
        self.push_numbered(ActionId::fresh(), self.cause, work);
    }

    #[inline]
    pub(crate) fn push_numbered(&mut self, id: ActionId, cause: Cause, work: Work) {
        let bytes = work.bytes();
        self.push_as(id, cause, work, bytes);
    }

    /// Queues work whose values take so many bytes.
    #[inline(always)]
    pub(crate) fn push_sized(&mut self, work: Work, bytes: u32) {
        self.push_as(ActionId::fresh(), self.cause, work, bytes);
    }

    #[inline(always)]
    fn push_as(&mut self, id: ActionId, cause: Cause, work: Work, bytes: u32) {
        let (slot, pid) = (self.slot, self.pid);
        self.queue.room -= bytes as isize;
        self.queue.place_at_end().fill(Pending { work, slot, bytes, pid, id, cause });
    }
}

/// A pending action fills a cache line.
const _: () = assert!(size_of::<Pending>() <= 64);

/// A limit is the reason for which a process fails.
#[cold]
#[inline(never)]
fn crossed(error: VmError) -> Failed {
    Box::new(Reason::error(error))
}
