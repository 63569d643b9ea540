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

    /// Drops it, as its process is gone, or the whole VM is: nobody is left whose failure that could be.
    fn give_up(self) {
        if let Work::Give(giving) = &self.work {
            giving.lose();
        }
        let _ = door::dispose(self);
    }

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
                pending.give_up();
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
            pending.give_up();
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

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    /// What happens to a queue, in the name of one of four processes.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Push(u32),
        Message(u32),
        PutBack(u32),
        Pop,
        Forget(u32),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0..4u32).prop_map(Step::Push),
            4 => (0..4u32).prop_map(Step::Message),
            1 => (0..4u32).prop_map(Step::PutBack),
            6 => Just(Step::Pop),
            1 => (0..4u32).prop_map(Step::Forget),
        ]
    }

    fn pending(slot: u32, id: u64) -> Pending {
        Pending { work: Work::Quit(None, None), slot, pid: Pid(slot.into()), id, cause: 0 }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// However often its front goes round, and whenever it grows.
        #[test]
        fn a_queue_is_a_list(steps in proptest::collection::vec(step(), 1..200)) {
            let (mut queue, mut list) = (Queue::new(usize::MAX), VecDeque::new());
            for (id, step) in steps.into_iter().enumerate() {
                let id = id as u64;
                match step {
                    Step::Push(slot) => {
                        queue.push_back(pending(slot, id));
                        list.push_back((slot, id));
                    }
                    Step::Message(slot) => {
                        let mut lane = Lane { queue: &mut queue, slot, pid: Pid(slot.into()), turn: 0 };
                        // Where that is not easy, nothing has changed.
                        if lane.push_message(Value::UNIT).is_ok() {
                            let last = queue.since(list.len()).next().map(|pending| pending.id);
                            list.push_back((slot, last.unwrap()));
                        }
                    }
                    Step::PutBack(slot) => {
                        queue.put_back(pending(slot, id));
                        list.push_front((slot, id));
                    }
                    Step::Pop => {
                        let popped = queue.pop_front().map(|pending| (pending.slot, pending.id));
                        prop_assert_eq!(popped, list.pop_front());
                        queue.settle(popped.iter().len());
                    }
                    Step::Forget(slot) => {
                        queue.forget(slot, Pid(slot.into()));
                        list.retain(|&(other, _)| other != slot);
                    }
                }
                prop_assert_eq!((queue.end(), queue.len()), (list.len(), list.len()));
                prop_assert_eq!(queue.front().map(|pending| pending.id), list.front().map(|&(_, id)| id));
                for at in [0, list.len() / 2, list.len()] {
                    let rest: Vec<_> = queue.since(at).map(|pending| (pending.slot, pending.id)).collect();
                    prop_assert_eq!(&rest[..], &list.make_contiguous()[at..]);
                }
            }
        }
    }

    #[test]
    fn a_message_waits_for_room_as_all_else_does() {
        let mut queue = Queue::new(2);
        let push = |queue: &mut Queue| {
            Lane { queue, slot: 0, pid: Pid::BOOT, turn: 0 }.push_message(Value::UNIT).is_ok()
        };
        assert!(!push(&mut queue), "there is no place yet");
        queue.push_back(pending(0, 0));
        assert!(push(&mut queue));
        assert!(!push(&mut queue), "no more are allowed");
        assert_eq!((queue.len(), queue.end()), (2, 2));
    }
}
