//! A bounded stream out of a vat, which counts what it loses.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use crate::data::lock::lock;
use crate::host::vat::{arriving, here};
use crate::record::log::Origin;

/// How many events wait to be read.
const CAPACITY: usize = 1024;

/// The reader's end. Once it is dropped, the vat's events are dropped, too.
pub(super) struct Feed<T>(Arc<Mutex<Waiting<T>>>);

/// The vat's end. Once it is dropped, no more events come.
pub(super) struct Ear<T>(Arc<Mutex<Waiting<T>>>);

/// An item of a feed.
pub(super) enum Fed<T> {
    Event(T),
    /// So many events were missed here, because they were not read in time.
    Lagged(u64),
}

struct Waiting<T> {
    events: VecDeque<(Fed<T>, Option<Origin>)>,
    /// How many events did not fit since the last event that did.
    missed: u64,
    ended: bool,
    /// Nobody reads any more.
    deserted: bool,
    reader: Option<Waker>,
}

pub(super) fn feed<T>() -> (Ear<T>, Feed<T>) {
    let waiting = Waiting { events: VecDeque::new(), missed: 0, ended: false, deserted: false, reader: None };
    let waiting = Arc::new(Mutex::new(waiting));
    (Ear(waiting.clone()), Feed(waiting))
}

impl<T> Ear<T> {
    /// Whether there is still somebody to read.
    pub(super) fn is_read(&self) -> bool {
        !lock(&self.0).deserted
    }

    /// Adds an event of the turn that has the thread.
    pub(super) fn add(&self, event: T) {
        let mut waiting = lock(&self.0);
        if waiting.deserted {
            return;
        }
        // The note about missed events takes a place, too.
        let places = 1 + usize::from(waiting.missed > 0);
        if waiting.events.len() + places > CAPACITY {
            waiting.missed += 1;
            return;
        }
        waiting.put(event);
        let reader = waiting.reader.take();
        drop(waiting);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// Adds the last event, for which there always is room.
    pub(super) fn end(self, event: T) {
        let mut waiting = lock(&self.0);
        if !waiting.deserted {
            waiting.put(event);
        }
    }
}

impl<T> Waiting<T> {
    fn put(&mut self, event: T) {
        if self.missed > 0 {
            self.events.push_back((Fed::Lagged(self.missed), here()));
            self.missed = 0;
        }
        self.events.push_back((Fed::Event(event), here()));
    }
}

impl<T> Feed<T> {
    /// The next event. If a vat reads it, the event counts as arrived in that vat. `None`: no more
    /// events come.
    pub(super) fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Fed<T>>> {
        let mut waiting = lock(&self.0);
        if let Some((event, origin)) = waiting.events.pop_front() {
            drop(waiting);
            if let Some(origin) = origin {
                arriving(origin);
            }
            return Poll::Ready(Some(event));
        }
        // Every event that was heard has been read: the missed events would have come here.
        match std::mem::take(&mut waiting.missed) {
            0 if waiting.ended => Poll::Ready(None),
            0 => {
                waiting.reader = Some(cx.waker().clone());
                Poll::Pending
            }
            missed => Poll::Ready(Some(Fed::Lagged(missed))),
        }
    }
}

impl<T> Drop for Ear<T> {
    fn drop(&mut self) {
        let mut waiting = lock(&self.0);
        waiting.ended = true;
        let reader = waiting.reader.take();
        drop(waiting);
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

impl<T> Drop for Feed<T> {
    fn drop(&mut self) {
        let mut waiting = lock(&self.0);
        waiting.deserted = true;
        let unread = std::mem::take(&mut waiting.events);
        drop(waiting);
        drop(unread);
    }
}
