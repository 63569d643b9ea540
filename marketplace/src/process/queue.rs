//! The FIFO of pending actions.

mod lane;
mod pending;
#[cfg(test)]
mod tests;

use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::conversation::pid::Pid;
use crate::conversation::promise::falling::Mark;
use crate::conversation::promise::sending::{Sending, Waits};
use crate::data::door;
use crate::data::hash::Map;
use crate::data::numbers::{ActionId, Cause};
use crate::data::reason::Reason;
use crate::data::slots::Slot;
use crate::data::value::Value;
use crate::network::owner::ProcessSlot;
use crate::process::limits::Limits;
use crate::record::trace::{Asked, Performed};

pub(crate) use self::lane::Lane;
pub(crate) use self::pending::{Pending, Work};

/// The place in the table that stands for the host: it asks for actions, but is no process.
pub(crate) const HOST: ProcessSlot = Slot::NONE;

/// A ring. Its entries are written and read in place, so an action is moved once on its way in, and
/// once on its way out.
///
/// The place before the front is always empty. It says whose the action was that was taken from the
/// front last: so a process that acts is known, and a step notes nothing for it.
pub(crate) struct Queue {
    /// The places: their number is a power of two, or 0.
    places: Vec<Pending>,
    /// Where the front is, and how many places are full from there on.
    front: usize,
    full: usize,
    /// How many places may be full: one fewer than there are.
    most: usize,
    /// How many of them are of processes that are gone; and for each of these processes how many,
    /// and the reason for which it ended.
    gone: usize,
    orphans: Map<Pid, (usize, Reason)>,
    /// How many more bytes the values in them may take; negative, if they take more already.
    pub(crate) room: isize,
    /// How many bytes have been freed that messages took which waited at promises.
    freed: Arc<AtomicU64>,
    limits: Limits,
    /// While fewer actions than this wait, there is a place for one more, and the limit allows it.
    easy: usize,
    /// For which promises the process waits since the turn that runs: while somebody looks on.
    waits: Option<Vec<Waited>>,
}

/// A process waits for a promise since a turn of its own.
pub(crate) struct Waited {
    id: ActionId,
    cause: Cause,
    pid: Pid,
    on: Value,
}

impl Asked for Waited {
    fn id(&self) -> ActionId {
        self.id
    }
    fn cause(&self) -> Cause {
        self.cause
    }
    fn pid(&self) -> Option<Pid> {
        Some(self.pid)
    }
    fn action(&self) -> Performed {
        Performed::When(self.on.clone())
    }
    fn has_begun(&self) -> bool {
        false
    }
}

impl Queue {
    pub(crate) fn new(limits: Limits) -> Self {
        let room = bytes_within(&limits);
        Self {
            places: Vec::new(),
            front: 0,
            full: 0,
            most: 0,
            gone: 0,
            orphans: Map::default(),
            room,
            freed: Arc::default(),
            limits,
            easy: 0,
            waits: None,
        }
    }

    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn set_limits(&mut self, limits: Limits) {
        self.room += bytes_within(&limits) - bytes_within(&self.limits);
        self.limits = limits;
        self.easy = self.most.min(limits.queued);
    }

    /// Notes from now on for what processes wait since their turns.
    pub(crate) fn note_waits(&mut self) {
        self.waits = Some(Vec::new());
    }

    /// Takes the notes.
    pub(crate) fn take_waits(&mut self) -> Vec<Waited> {
        self.waits.take().unwrap_or_default()
    }

    /// Whether no action is there, not even of a process that is gone.
    pub(crate) const fn is_empty(&self) -> bool {
        self.full == 0
    }

    /// Whether none is there but those of processes that are gone.
    pub(crate) const fn is_done(&self) -> bool {
        self.full == self.gone
    }

    /// How many actions wait to be performed.
    pub(crate) const fn len(&self) -> usize {
        self.full - self.gone
    }

    /// How many bytes the values in it take, those of processes that are gone included.
    pub(crate) fn bytes(&self) -> usize {
        let freed = self.freed.load(Ordering::Relaxed) as isize;
        (bytes_within(&self.limits) - self.room - freed) as usize
    }

    /// Counts the bytes of a message that is to wait at a promise.
    pub(crate) fn charge(&mut self, sending: &mut Sending, sent: ActionId) {
        sending.go_on();
        sending.owed.let_go();
        self.room -= sending.bytes as isize;
        sending.waits = Some(Waits::new(self.freed.clone(), sent));
    }

    /// Counts the bytes of messages that do not wait any more as free. Gives how many they are.
    fn reclaim(&mut self) -> isize {
        let freed = self.freed.swap(0, Ordering::Relaxed) as isize;
        self.room += freed;
        freed
    }

    /// The last place.
    #[inline]
    fn last_mut(&mut self) -> Option<&mut Pending> {
        let last = self.place(self.full.checked_sub(1)?);
        self.places.get_mut(last)
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

    /// Counts the front place out. The caller has to empty it.
    #[inline]
    pub(crate) fn pop_place(&mut self) -> Option<&mut Pending> {
        if self.full == 0 {
            return None;
        }
        let next = self.place(1);
        let place = self.places.get_mut(self.front)?;
        (self.front, self.full) = (next, self.full - 1);
        self.room += place.bytes as isize;
        Some(place)
    }

    #[inline]
    pub(crate) fn pop_front(&mut self) -> Option<Pending> {
        self.pop_place().map(Pending::take)
    }

    /// Begins at the first place again, now that nothing is in it: the places that were used last
    /// are those that are near the processor.
    #[inline]
    pub(crate) fn rewind(&mut self) {
        if self.front > 1 && self.full == 0 {
            self.begin_again();
        }
    }

    #[inline(never)]
    fn begin_again(&mut self) {
        let popped = self.before_front().map_or(Pending::NOTHING, Pending::trace);
        self.places[0].fill(popped);
        self.front = 1;
    }

    /// The action that was taken from the front last, and whose it was. That is not known once an
    /// action has been put back.
    pub(crate) fn popped(&self) -> Option<(ActionId, ProcessSlot, Pid)> {
        self.before_front().map(|place| (place.id, place.slot, place.pid))
    }

    fn before_front(&self) -> Option<&Pending> {
        self.places.get(self.place(usize::MAX))
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
    pub(crate) fn forget(&mut self, slot: ProcessSlot, pid: Pid) {
        let popped = self.before_front().map(Pending::trace);
        for _ in 0..self.full {
            let Some(pending) = self.pop_front() else { unreachable!("each goes round once") };
            if pending.slot == slot && pending.pid == pid {
                pending.give_up();
            } else {
                self.push_back(pending);
            }
        }
        if let Some(popped) = popped {
            let before = self.place(usize::MAX);
            self.places[before].fill(popped);
        }
    }

    /// At the front again.
    pub(crate) fn put_back(&mut self, pending: Pending) {
        self.make_room();
        self.full += 1;
        self.front = self.place(usize::MAX);
        self.room -= pending.bytes as isize;
        self.places[self.front].fill(pending);
    }

    #[inline]
    pub(crate) fn push_back(&mut self, pending: Pending) {
        self.room -= pending.bytes as isize;
        self.place_at_end().fill(pending);
    }

    /// A new place at the end, to be filled.
    #[inline]
    fn place_at_end(&mut self) -> &mut Pending {
        self.make_room();
        let at = self.place(self.full);
        self.full += 1;
        &mut self.places[at]
    }

    /// Whether there is a place for an action of so many bytes without growing, and the limits
    /// allow it.
    #[inline]
    pub(crate) const fn has_place(&self, bytes: u32) -> bool {
        self.full < self.easy && self.room >= bytes as isize
    }

    /// The place at the end, for an action of so many bytes: if there is a place without growing,
    /// and the limits allow it.
    #[inline]
    fn next_place(&mut self, bytes: u32) -> Option<&mut Pending> {
        let room = self.room - bytes as isize;
        if self.full >= self.easy || room < 0 {
            return None;
        }
        let at = self.place(self.full);
        let place = self.places.get_mut(at)?;
        (self.full, self.room) = (self.full + 1, room);
        Some(place)
    }

    #[inline]
    fn make_room(&mut self) {
        if self.full == self.most {
            self.grow();
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let room = (self.places.len() * 2).max(8);
        let popped = self.before_front().map_or(Pending::NOTHING, Pending::trace);
        let mut places = Vec::with_capacity(room);
        let left = self.room;
        places.extend(std::iter::from_fn(|| self.pop_front()));
        (self.front, self.full, self.most, self.room) = (0, places.len(), room - 1, left);
        places.resize_with(room - 1, || Pending::NOTHING);
        places.push(popped);
        self.places = places;
        self.easy = self.most.min(self.limits.queued);
    }

    /// Counts so many actions as those of a process that is gone for this reason.
    #[inline]
    pub(crate) fn orphan(&mut self, pid: Pid, actions: usize, reason: &Reason) {
        if actions > 0 {
            self.gone += actions;
            self.orphans.insert(pid, (actions, reason.clone()));
        }
    }

    /// Drops the front action, whose process is gone: a failing destructor can fail no process any
    /// more.
    pub(crate) fn drop_orphan(&mut self) {
        let Some(orphan) = self.pop_front() else { return };
        let pid = orphan.pid;
        let mark = Mark::set();
        let _ = door::dispose(orphan);
        self.gone -= 1;
        if let Some((left, reason)) = self.orphans.get_mut(&pid) {
            mark.blame_undone(reason);
            *left -= 1;
            if *left == 0 {
                self.orphans.remove(&pid);
            }
        }
    }

    /// Takes out the actions from this one on, counted from the front.
    fn drain_from(&mut self, at: usize) -> Vec<Pending> {
        let last = self.full;
        self.full = at;
        let mut drained = Vec::new();
        for behind in at..last {
            let place = self.place(behind);
            let pending = mem::replace(&mut self.places[place], Pending::NOTHING);
            self.room += pending.bytes as isize;
            drained.push(pending);
        }
        drained
    }

    /// Drops everything.
    pub(crate) fn clear(&mut self) {
        self.gone = 0;
        self.orphans.clear();
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

/// How many bytes may wait, as a signed number.
fn bytes_within(limits: &Limits) -> isize {
    isize::try_from(limits.queued_bytes).unwrap_or(isize::MAX)
}
