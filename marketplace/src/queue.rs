//! The FIFO of pending actions.

use std::collections::VecDeque;

use crate::action::{Deletion, EndpointSpec, Giving, Passing, Pre, SpawnSpec};
use crate::door;
use crate::duct::Duct;
use crate::pid::Pid;
use crate::reason::Reason;
use crate::topic::Topic;
use crate::value::Value;
use crate::vm::Vm;

/// An action in the queue. What is typed by the process's state stays in the process, under a number.
pub(crate) enum Work {
    Message(Value),
    Feedback(Value),
    Add(Box<EndpointSpec>, Under),
    Delete(Box<Deletion>, Option<Under>),
    Refuse(Box<(Topic, Value)>),
    Spawn(Box<SpawnSpec>, Option<Under>),
    Quit(Option<Pid>, Option<Box<Ending>>),
    Pass(Box<Passing>),
    Give(Box<Giving>),
    /// To be handed to the container.
    MessageOut(Value),
    FeedbackOut(Value),
    /// To be handed to the container, with everything inside entering this VM.
    Meta(Box<Pre<Vm>>),
    /// Under this number in the process; as the turn of the second number, once that has begun.
    Resume(Under, Option<u64>),
}

impl Work {
    /// Whether it passes something, or answers, here or further out.
    pub(crate) fn is_of_ducts(&self) -> bool {
        match self {
            Self::Pass(_) | Self::Give(_) => true,
            Self::Meta(pre) => matches!(pre.innermost(), Pre::Pass(_) | Pre::Give(_)),
            _ => false,
        }
    }
}

/// The number under which something stays in the process. It fills a word, so that actions are moved in whole words: what was written in
/// pieces and is read in others is slow.
#[derive(Clone, Copy)]
#[repr(align(8))]
pub(crate) struct Under(pub(crate) u32);

/// How a process quits, if there is more to say than that it does.
#[derive(Default)]
pub(crate) struct Ending {
    pub(crate) reason: Option<Reason>,
    /// The duct on which the process quits instead of answering.
    pub(crate) instead: Option<Duct>,
}

impl Ending {
    pub(crate) fn because(reason: Reason) -> Option<Box<Self>> {
        Some(Box::new(Self { reason: Some(reason), instead: None }))
    }
}

/// Who wants what, and why.
pub(crate) struct Pending {
    pub(crate) work: Work,
    /// The acting process's place in the table, and its PID: the place may be somebody else's by now.
    pub(crate) slot: u32,
    pub(crate) pid: Pid,
    pub(crate) id: u64,
    /// The turn that asked for it; 0 when the host did.
    pub(crate) cause: u64,
}

pub(crate) struct Queue {
    pending: VecDeque<Pending>,
    /// How many of them are of processes that still live.
    live: usize,
    pub(crate) limit: usize,
}

impl Queue {
    pub(crate) const fn new(limit: usize) -> Self {
        Self { pending: VecDeque::new(), live: 0, limit }
    }

    /// How many actions wait to be performed.
    pub(crate) const fn len(&self) -> usize {
        self.live
    }

    pub(crate) fn front(&self) -> Option<&Pending> {
        self.pending.front()
    }

    pub(crate) fn pop_front(&mut self) -> Option<Pending> {
        self.pending.pop_front()
    }

    /// The actions from this one on, counted from the front.
    pub(crate) fn since(&self, at: usize) -> impl Iterator<Item = &Pending> {
        self.pending.range(at..)
    }

    /// How many there are, those of processes that are gone included.
    pub(crate) fn end(&self) -> usize {
        self.pending.len()
    }

    /// Drops the actions of a process that ends.
    pub(crate) fn forget(&mut self, slot: u32, pid: Pid) {
        for pending in std::mem::take(&mut self.pending) {
            if pending.slot == slot && pending.pid == pid {
                self.live -= 1;
                if let Work::Give(giving) = &pending.work {
                    giving.lose();
                }
                let _ = door::dispose(pending);
            } else {
                self.pending.push_back(pending);
            }
        }
    }

    /// At the front again.
    pub(crate) fn put_back(&mut self, pending: Pending) {
        self.live += 1;
        self.pending.push_front(pending);
    }

    #[inline]
    pub(crate) fn push_back(&mut self, pending: Pending) {
        self.live += 1;
        self.pending.push_back(pending);
    }

    /// So many of the actions are nothing any more: performed, or their process is gone.
    pub(crate) fn settle(&mut self, actions: usize) {
        self.live -= actions;
    }

    /// Drops everything.
    pub(crate) fn clear(&mut self) {
        self.live = 0;
        while let Some(pending) = self.pending.pop_front() {
            // Nobody is left whose failure this could be: their process is gone, or the whole VM is.
            let _ = door::dispose(pending);
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The queue, as one process's turn writes to it.
pub(crate) struct Lane<'q> {
    pub(crate) queue: &'q mut Queue,
    pub(crate) slot: u32,
    pub(crate) pid: Pid,
    pub(crate) turn: u64,
}

impl Lane<'_> {
    /// Whether so many more actions fit; if not, how many do at all.
    pub(crate) const fn room_for(&self, actions: usize) -> Result<(), usize> {
        if self.queue.live + actions <= self.queue.limit { Ok(()) } else { Err(self.queue.limit) }
    }

    #[inline]
    pub(crate) fn push(&mut self, work: Work) {
        self.push_numbered(door::fresh_number(), self.turn, work);
    }

    #[inline]
    pub(crate) fn push_numbered(&mut self, id: u64, cause: u64, work: Work) {
        self.queue.push_back(Pending { work, slot: self.slot, pid: self.pid, id, cause });
    }
}

/// A pending action fills a cache line.
const _: () = assert!(size_of::<Pending>() <= 64);
