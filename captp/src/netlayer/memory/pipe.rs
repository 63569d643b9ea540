//! One direction of a connection.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use crate::netlayer::memory::lock;

/// More than this may not wait.
const LIMIT: usize = 64 * 1024 * 1024;

/// Bytes on their way.
#[derive(Default)]
pub(super) struct Pipe(Mutex<State>);

#[derive(Default)]
struct State {
    queue: VecDeque<Bytes>,
    waiting: usize,
    /// Nothing more is written.
    ended: bool,
    /// Nothing more is read.
    unread: bool,
    reader: Option<Waker>,
}

/// More waits than may.
pub(super) struct Overrun;

impl Pipe {
    pub(super) fn push(&self, bytes: Bytes) -> Result<(), Overrun> {
        let mut state = lock(&self.0);
        if state.ended || state.unread || bytes.is_empty() {
            return Ok(());
        }
        state.waiting += bytes.len();
        state.queue.push_back(bytes);
        let overrun = state.waiting > LIMIT;
        wake(state.reader.take());
        if overrun { Err(Overrun) } else { Ok(()) }
    }

    /// Nothing more is written.
    pub(super) fn end(&self) {
        let mut state = lock(&self.0);
        state.ended = true;
        wake(state.reader.take());
    }

    /// Nothing more is read.
    pub(super) fn leave(&self) {
        let mut state = lock(&self.0);
        *state = State { unread: true, ended: state.ended, ..State::default() };
    }

    /// The next bytes; `None` at the end.
    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<Option<Bytes>> {
        let mut state = lock(&self.0);
        match state.queue.pop_front() {
            Some(bytes) => {
                state.waiting -= bytes.len();
                Poll::Ready(Some(bytes))
            }
            None if state.ended => Poll::Ready(None),
            None => {
                state.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Whether there is something to read, or the end.
    pub(super) fn is_ready(&self) -> bool {
        let state = lock(&self.0);
        state.ended || !state.queue.is_empty()
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}
