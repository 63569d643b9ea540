//! What the two directions of a connection know of each other.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::task::Context;

use futures_util::task::AtomicWaker;
use tokio::net::tcp::OwnedWriteHalf;

use crate::tcp::messages::TcpMode;

/// Reading stops while more than this waits to be written.
pub(super) const CONGESTED: usize = 64 * 1024;

/// So many packets, and bytes, may be held back for what is answered to the lines that came with theirs.
pub(super) const HELD: usize = 32;
const HELD_BYTES: usize = 16 * 1024;

/// No credit was ever given: everything may be read.
const UNMETERED: u64 = u64::MAX;

/// Shared by the reader and the writer of a connection. One task polls both, so that the order of changes needs no care.
pub(super) struct Gate {
    /// Somebody has the connection.
    taken: AtomicBool,
    /// Somebody wants what comes.
    wanted: AtomicBool,
    /// How much more may be read.
    credit: AtomicU64,
    /// A packet is a line.
    lines: AtomicBool,
    /// The reader says something at once when it is asked again.
    more: AtomicBool,
    /// What could have been written was held back for that.
    held: AtomicBool,
    /// Everything is written, and the direction shut down.
    shut: AtomicBool,
    /// How many bytes wait to be written.
    waiting: AtomicUsize,
    /// How many may.
    limit: usize,
    /// How many were written since the last acknowledgement.
    written: AtomicU64,
    /// How many are acknowledged at once.
    acknowledged: u64,
    /// Something was written, or began to wait for the peer, since somebody asked.
    progress: AtomicBool,
    /// The write direction of an outgoing connection, between connecting and its first use.
    connected: Mutex<Option<OwnedWriteHalf>>,
    reader: AtomicWaker,
}

impl Gate {
    /// With so many bytes that may wait to be written, and so many that are acknowledged at once.
    pub(super) fn new(limit: usize, acknowledged: u64) -> Self {
        Self {
            taken: AtomicBool::new(false),
            wanted: AtomicBool::new(false),
            credit: AtomicU64::new(UNMETERED),
            lines: AtomicBool::new(false),
            more: AtomicBool::new(false),
            held: AtomicBool::new(false),
            shut: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            limit,
            written: AtomicU64::new(0),
            acknowledged,
            progress: AtomicBool::new(false),
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
        let could = self.may_read();
        self.wanted.store(wanted, Relaxed);
        self.wait_anew(could);
        self.reader.wake();
    }

    /// If nothing could be read and now it can, the peer keeps nobody waiting before now.
    fn wait_anew(&self, could: bool) {
        if !could && self.may_read() {
            self.progress.store(true, Relaxed);
        }
    }

    pub(super) fn is_taken(&self) -> bool {
        self.taken.load(Relaxed)
    }

    pub(super) fn may_read(&self) -> bool {
        self.wanted.load(Relaxed) && self.waiting() <= CONGESTED && self.credit() > 0
    }

    /// So much more may be read.
    pub(super) fn extend(&self, more: u64) {
        let (had, could) = (self.credit(), self.may_read());
        // The first credit takes the place of no limit. What adds up to no limit is very nearly none.
        let has = if had == UNMETERED { more } else { had.saturating_add(more) };
        self.credit.store(has.min(UNMETERED - 1), Relaxed);
        self.wait_anew(could);
        self.reader.wake();
    }

    /// How much may be read, in what a packet is counted in.
    pub(super) fn credit(&self) -> u64 {
        self.credit.load(Relaxed)
    }

    /// So much was read.
    pub(super) fn spend(&self, read: u64) {
        let had = self.credit();
        if had != UNMETERED {
            self.credit.store(had.saturating_sub(read), Relaxed);
        }
    }

    /// What a packet is from now on.
    pub(super) fn switch(&self, mode: TcpMode) {
        self.lines.store(mode == TcpMode::Lines, Relaxed);
        self.reader.wake();
    }

    pub(super) fn is_in_lines(&self) -> bool {
        self.lines.load(Relaxed)
    }

    /// How many bytes wait to be written.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Relaxed)
    }

    /// Whether anything was written, or began to wait for the peer, since this was asked last.
    pub(super) fn take_progress(&self) -> bool {
        self.progress.swap(false, Relaxed)
    }

    /// So many bytes more are to be written. Says whether they may wait.
    pub(super) fn wait(&self, bytes: usize) -> bool {
        let waited = self.waiting.fetch_add(bytes, Relaxed);
        if waited == 0 {
            // The peer keeps nobody waiting before now.
            self.progress.store(true, Relaxed);
        }
        waited + bytes <= self.limit
    }

    /// So many bytes were written.
    pub(super) fn wrote(&self, bytes: usize) {
        let waited = self.waiting.fetch_sub(bytes, Relaxed);
        let written = self.written.fetch_add(bytes as u64, Relaxed) + bytes as u64;
        self.progress.store(true, Relaxed);
        let eased = waited > CONGESTED && waited - bytes <= CONGESTED;
        if eased || written >= self.acknowledged {
            self.reader.wake();
        }
    }

    /// How many bytes were written that are to be acknowledged now.
    pub(super) fn acknowledge(&self) -> Option<u64> {
        let due = self.written.load(Relaxed) >= self.acknowledged;
        due.then(|| self.written.swap(0, Relaxed))
    }

    /// The reader says something at once when it is asked again, or not. Until it is, what is written may be held back.
    pub(super) fn expect(&self, more: bool) {
        self.more.store(more, Relaxed);
    }

    /// Whether to hold back so many packets: if the next line is here, so that its answer can go with them.
    pub(super) fn hold(&self, packets: usize) -> bool {
        let hold = self.more.load(Relaxed) && packets < HELD && self.waiting() < HELD_BYTES;
        self.held.store(hold, Relaxed);
        hold
    }

    /// Nothing more is expected. Says whether anything was held back, and is to be written now.
    pub(super) fn release(&self) -> bool {
        self.expect(false);
        self.held.swap(false, Relaxed)
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
