//! The place where envelopes wait. Any number of threads put them there, and one takes them out.
//!
//! Closing it and dropping the waiting envelopes is one step, so that no sender waits for a result
//! that will never come. Channels do not promise that.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};

use crate::data::door;
use crate::data::lock::{self, lock};
use crate::host::vat::Envelope;

pub(super) struct Post {
    capacity: usize,
    waiting: Mutex<Waiting>,
    room: Condvar,
}

#[derive(Default)]
struct Waiting {
    urgent: VecDeque<Envelope>,
    others: VecDeque<Envelope>,
    closed: bool,
    /// Nobody can put anything there any more.
    deserted: bool,
    taker: Option<Waker>,
    /// The thread that took an envelope last, or tried to: it cannot wait for itself to make room.
    taken_on: Option<ThreadId>,
}

/// The end at which envelopes are put in.
pub(super) struct Sender(Arc<Post>);

/// The end at which envelopes are taken out.
pub(super) struct Inbox(Arc<Post>);

/// A post with room for so many envelopes. (An urgent one always has room.)
pub(super) fn post(capacity: usize) -> (Sender, Inbox) {
    let post = Arc::new(Post { capacity: capacity.max(1), waiting: Mutex::default(), room: Condvar::new() });
    (Sender(post.clone()), Inbox(post))
}

/// How a sender goes on when there is no room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum IfFull {
    Wait,
    Refuse,
}

/// The envelopes that may be taken out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Any,
    Urgent,
}

impl Sender {
    /// Puts an envelope there. It comes back if there is no room, or nobody takes it out any more.
    pub(super) fn put(&self, envelope: Envelope, if_full: IfFull) -> Result<(), Envelope> {
        let Post { capacity, waiting, room } = &*self.0;
        let mut waiting = lock(waiting);
        let may_wait = if_full == IfFull::Wait && waiting.taken_on != Some(thread::current().id());
        while !envelope.is_urgent() && !waiting.closed && waiting.others.len() >= *capacity && may_wait {
            waiting = lock::wait(room, waiting);
        }
        let has_room = envelope.is_urgent() || waiting.others.len() < *capacity;
        if waiting.closed || !has_room {
            return Err(envelope);
        }
        if envelope.is_urgent() {
            waiting.urgent.push_back(envelope);
        } else {
            waiting.others.push_back(envelope);
        }
        let taker = waiting.taker.take();
        drop(waiting);
        if let Some(taker) = taker {
            taker.wake();
        }
        Ok(())
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let mut waiting = lock(&self.0.waiting);
        waiting.deserted = true;
        let taker = waiting.taker.take();
        drop(waiting);
        if let Some(taker) = taker {
            taker.wake();
        }
    }
}

impl Inbox {
    /// The next of these envelopes; urgent ones come first. When none waits, the waker is called
    /// when one comes. `None` when none will come.
    pub(super) fn poll_take(&self, which: Which, cx: &Context<'_>) -> Poll<Option<Envelope>> {
        let mut waiting = lock(&self.0.waiting);
        waiting.taken_on = Some(thread::current().id());
        if let Some(urgent) = waiting.urgent.pop_front() {
            return Poll::Ready(Some(urgent));
        }
        if which == Which::Any
            && let Some(envelope) = waiting.others.pop_front()
        {
            drop(waiting);
            self.0.room.notify_one();
            return Poll::Ready(Some(envelope));
        }
        if which == Which::Any && waiting.deserted {
            return Poll::Ready(None);
        }
        match &mut waiting.taker {
            Some(taker) => taker.clone_from(cx.waker()),
            taker => *taker = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

impl Drop for Inbox {
    /// The waiting envelopes are dropped, which tells their senders; from now on none is taken.
    fn drop(&mut self) {
        let mut waiting = lock(&self.0.waiting);
        waiting.closed = true;
        let dropped = (std::mem::take(&mut waiting.urgent), std::mem::take(&mut waiting.others));
        waiting.taker = None;
        drop(waiting);
        self.0.room.notify_all();
        // A panic of what is in them has nobody to be told to.
        let _ = door::dispose_each(dropped.0.into_iter().chain(dropped.1));
    }
}
