//! An entry of the queue.

use std::mem;

use crate::conversation::pid::Pid;
use crate::conversation::promise::OfKept;
use crate::data::door;
use crate::data::numbers::{ActionId, Cause, TurnId};
use crate::data::slots::{Slot, SlotWord};
use crate::data::value::Value;
use crate::network::owner::ProcessSlot;
use crate::process::action::{Act, Stored};
use crate::process::objects::Arriving;
use crate::process::queue::HOST;
use crate::record::trace::{Asked, Performed};

/// An entry of the queue.
pub(crate) enum Work {
    Act(Act<Stored>),
    /// The continuation that the process keeps under this number is called; as the turn of the
    /// second number, once that has begun.
    Resume(SlotWord<OfKept>, Option<TurnId>),
    /// The process waits until a promise is settled.
    When(SlotWord<OfKept>),
    /// An object is made of clauses that the process keeps.
    Object(Box<Arriving>, SlotWord<OfKept>),
    /// An empty place of the queue.
    Nothing,
}

impl Work {
    /// How many bytes the values that it carries take.
    #[inline]
    pub(super) fn bytes(&self) -> u32 {
        match self {
            Self::Act(act) => act.bytes(),
            Self::Resume(..) | Self::When(_) | Self::Object(..) | Self::Nothing => 0,
        }
    }
}

impl From<&Work> for Performed {
    fn from(work: &Work) -> Self {
        match work {
            Work::Act(act) => act.into(),
            Work::Resume(..) => Self::Resume,
            Work::When(_) => Self::When(Value::UNIT),
            Work::Object(arriving, _) => Self::Object(arriving.reference().shown()),
            Work::Nothing => unreachable!("nothing waits in an empty place of the queue"),
        }
    }
}

/// An entry of the queue, its process and its cause.
pub(crate) struct Pending {
    pub(crate) work: Work,
    /// The acting process's place in the table, and its PID: another process may have the place by
    /// now.
    pub(crate) slot: ProcessSlot,
    /// How many bytes the values in it take.
    pub(super) bytes: u32,
    pub(crate) pid: Pid,
    pub(crate) id: ActionId,
    /// Its cause: most often the turn that asked for it.
    pub(crate) cause: Cause,
}

impl Asked for Pending {
    fn id(&self) -> ActionId {
        self.id
    }
    fn cause(&self) -> Cause {
        self.cause
    }
    fn pid(&self) -> Option<Pid> {
        (self.slot != HOST).then_some(self.pid)
    }
    fn action(&self) -> Performed {
        (&self.work).into()
    }
    fn has_begun(&self) -> bool {
        matches!(self.work, Work::Resume(_, Some(_)))
    }
}

impl Pending {
    pub(super) const NOTHING: Self = Self {
        work: Work::Nothing,
        slot: Slot::NONE,
        bytes: 0,
        pid: Pid::BOOT,
        id: ActionId::NONE,
        cause: Cause::HOST,
    };

    #[inline]
    pub(crate) fn new(work: Work, slot: ProcessSlot, pid: Pid, id: ActionId, cause: Cause) -> Self {
        let bytes = work.bytes();
        Self { work, slot, bytes, pid, id, cause }
    }

    /// Drops it because its process, or the whole VM, is gone: a failing destructor can fail no
    /// process any more.
    pub(super) fn give_up(self) {
        if let Work::Act(Act::Give(giving)) = &self.work {
            giving.lose();
        }
        let _ = door::dispose(self);
    }

    /// Empties the place, and gives everything that was in it.
    #[inline]
    pub(super) fn take(&mut self) -> Self {
        let &mut Self { slot, bytes, pid, id, cause, .. } = self;
        Self { work: self.take_work(), slot, bytes, pid, id, cause }
    }

    /// Empties the place, and gives the work that was in it.
    #[inline]
    pub(crate) const fn take_work(&mut self) -> Work {
        mem::replace(&mut self.work, Work::Nothing)
    }

    /// Empties the place. Nothing is left in it that would have to be dropped.
    #[inline]
    pub(crate) const fn forget_work(&mut self) {
        mem::forget(self.take_work());
    }

    /// An empty place that says whose this action was.
    pub(super) const fn trace(&self) -> Self {
        let &Self { slot, pid, id, cause, .. } = self;
        Self { work: Work::Nothing, slot, bytes: 0, pid, id, cause }
    }

    /// Fills an empty place: nothing is there that would have to be dropped.
    #[inline]
    pub(super) fn fill(&mut self, pending: Self) {
        mem::forget(mem::replace(self, pending));
    }
}
