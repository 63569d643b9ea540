//! The FIFO of pending actions.

use std::mem;
use std::num::NonZeroU32;

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
    /// An empty place of the queue.
    Nothing,
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
pub(crate) struct Under(NonZeroU32);

impl Under {
    pub(crate) const fn new(place: u32) -> Self {
        // No table has that many places.
        Self(NonZeroU32::MIN.saturating_add(place))
    }

    pub(crate) const fn place(self) -> u32 {
        self.0.get() - 1
    }
}

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

impl Pending {
    const NOTHING: Self = Self { work: Work::Nothing, slot: 0, pid: Pid::BOOT, id: 0, cause: 0 };

    /// Fills an empty place: nothing is there that would have to be dropped.
    #[inline]
    fn fill(&mut self, pending: Self) {
        mem::forget(mem::replace(self, pending));
    }
}

/// A ring, whose places are written and emptied where they are: what a handler answers is moved once on its way in, and once on its way out.
pub(crate) struct Queue {
    /// As many as a power of two, or none.
    places: Vec<Pending>,
    /// Where the front is, and how many places are full from there on.
    front: usize,
    full: usize,
    /// How many of them are of processes that still live.
    live: usize,
    pub(crate) limit: usize,
}

impl Queue {
    pub(crate) const fn new(limit: usize) -> Self {
        Self { places: Vec::new(), front: 0, full: 0, live: 0, limit }
    }

    /// How many actions wait to be performed.
    pub(crate) const fn len(&self) -> usize {
        self.live
    }

    /// The place that many places behind the front.
    #[inline]
    const fn place(&self, behind: usize) -> usize {
        self.front.wrapping_add(behind) & self.places.len().wrapping_sub(1)
    }

    #[inline]
    pub(crate) fn front(&self) -> Option<&Pending> {
        if self.full == 0 { None } else { self.places.get(self.front) }
    }

    #[inline]
    pub(crate) fn pop_front(&mut self) -> Option<Pending> {
        if self.full == 0 {
            return None;
        }
        let next = self.place(1);
        let place = self.places.get_mut(self.front)?;
        (self.front, self.full) = (next, self.full - 1);
        let &mut Pending { slot, pid, id, cause, .. } = place;
        Some(Pending { work: mem::replace(&mut place.work, Work::Nothing), slot, pid, id, cause })
    }

    /// The actions from this one on, counted from the front.
    pub(crate) fn since(&self, at: usize) -> impl Iterator<Item = &Pending> {
        (at..self.full).map(|behind| &self.places[self.place(behind)])
    }

    /// How many there are, those of processes that are gone included.
    pub(crate) const fn end(&self) -> usize {
        self.full
    }

    /// Drops the actions of a process that ends.
    pub(crate) fn forget(&mut self, slot: u32, pid: Pid) {
        // Each goes round once.
        for _ in 0..self.full {
            let Some(pending) = self.pop_front() else { return };
            if pending.slot == slot && pending.pid == pid {
                self.live -= 1;
                if let Work::Give(giving) = &pending.work {
                    giving.lose();
                }
                let _ = door::dispose(pending);
            } else {
                self.append(pending);
            }
        }
    }

    /// At the front again.
    pub(crate) fn put_back(&mut self, pending: Pending) {
        self.make_room();
        self.live += 1;
        self.full += 1;
        self.front = self.place(usize::MAX);
        self.places[self.front].fill(pending);
    }

    #[inline]
    pub(crate) fn push_back(&mut self, pending: Pending) {
        self.live += 1;
        self.append(pending);
    }

    fn append(&mut self, pending: Pending) {
        self.make_room();
        let at = self.place(self.full);
        self.full += 1;
        self.places[at].fill(pending);
    }

    /// The place at the end, to be filled, if there is one without more room being made.
    #[inline]
    fn next_place(&mut self) -> Option<&mut Pending> {
        if self.live >= self.limit || self.full == self.places.len() {
            return None;
        }
        let at = self.place(self.full);
        let place = self.places.get_mut(at)?;
        (self.full, self.live) = (self.full + 1, self.live + 1);
        Some(place)
    }

    #[inline]
    fn make_room(&mut self) {
        if self.full == self.places.len() {
            self.grow();
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let room = (self.full * 2).max(8);
        let mut places = Vec::with_capacity(room);
        places.extend(std::iter::from_fn(|| self.pop_front()));
        (self.front, self.full) = (0, places.len());
        places.resize_with(room, || Pending::NOTHING);
        self.places = places;
    }

    /// So many of the actions are nothing any more: performed, or their process is gone.
    pub(crate) fn settle(&mut self, actions: usize) {
        self.live -= actions;
    }

    /// Drops everything.
    pub(crate) fn clear(&mut self) {
        self.live = 0;
        while let Some(pending) = self.pop_front() {
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

    /// Queues a message, which most actions are, where that is easy; or else gives it back.
    #[inline]
    pub(crate) fn push_message(&mut self, body: Value) -> Result<(), Value> {
        let Some(place) = self.queue.next_place() else { return Err(body) };
        let (slot, pid, id, cause) = (self.slot, self.pid, door::fresh_number(), self.turn);
        place.fill(Pending { work: Work::Message(body), slot, pid, id, cause });
        Ok(())
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
