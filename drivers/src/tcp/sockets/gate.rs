//! What the two directions of a connection know of each other.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::task::Context;

use futures_util::task::AtomicWaker;
use tokio::net::tcp::OwnedWriteHalf;

/// Reading stops while more than this waits to be written.
const CONGESTED: usize = 64 * 1024;

/// Shared by the reader and the writer of a connection. One task polls both, so that the order of changes needs no care.
pub(super) struct Gate {
    /// Somebody has the connection.
    taken: AtomicBool,
    /// Somebody wants what comes.
    wanted: AtomicBool,
    /// Everything is written, and the direction shut down.
    shut: AtomicBool,
    /// How many bytes wait to be written.
    waiting: AtomicUsize,
    /// How many may.
    limit: usize,
    /// How many were written since the last acknowledgement.
    written: AtomicU64,
    /// The write direction of an outgoing connection, between connecting and its first use.
    connected: Mutex<Option<OwnedWriteHalf>>,
    reader: AtomicWaker,
}

impl Gate {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            taken: AtomicBool::new(false),
            wanted: AtomicBool::new(false),
            shut: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            limit,
            written: AtomicU64::new(0),
            connected: Mutex::new(None),
            reader: AtomicWaker::new(),
        }
    }

    /// The reader wants to be polled again when anything here changes.
    pub(super) fn register(&self, cx: &Context<'_>) {
        self.reader.register(cx.waker());
    }

    /// Somebody has the connection, and wants what comes or not.
    pub(super) fn want(&self, wanted: bool) {
        self.taken.store(true, Relaxed);
        self.wanted.store(wanted, Relaxed);
        self.reader.wake();
    }

    pub(super) fn is_taken(&self) -> bool {
        self.taken.load(Relaxed)
    }

    pub(super) fn may_read(&self) -> bool {
        self.wanted.load(Relaxed) && self.waiting.load(Relaxed) <= CONGESTED
    }

    /// So many bytes more are to be written. Says whether they may wait.
    pub(super) fn wait(&self, bytes: usize) -> bool {
        self.waiting.fetch_add(bytes, Relaxed) + bytes <= self.limit
    }

    /// So many bytes were written.
    pub(super) fn wrote(&self, bytes: usize) {
        let waited = self.waiting.fetch_sub(bytes, Relaxed);
        let written = self.written.fetch_add(bytes as u64, Relaxed) + bytes as u64;
        let eased = waited > CONGESTED && waited - bytes <= CONGESTED;
        if eased || written >= self.acknowledged_every() {
            self.reader.wake();
        }
    }

    /// How many bytes were written that are to be acknowledged now.
    pub(super) fn acknowledge(&self) -> Option<u64> {
        let due = self.written.load(Relaxed) >= self.acknowledged_every();
        due.then(|| self.written.swap(0, Relaxed))
    }

    fn acknowledged_every(&self) -> u64 {
        (self.limit as u64 / 4).max(1)
    }

    /// The write direction is done.
    pub(super) fn shut(&self) {
        self.shut.store(true, Relaxed);
        self.reader.wake();
    }

    pub(super) fn is_shut(&self) -> bool {
        self.shut.load(Relaxed)
    }

    /// The connection stands: the writer may have its direction.
    pub(super) fn connect(&self, write: OwnedWriteHalf) {
        *self.connected.lock().unwrap_or_else(PoisonError::into_inner) = Some(write);
    }

    pub(super) fn connected(&self) -> Option<OwnedWriteHalf> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
