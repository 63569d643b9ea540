//! The means that a turn uses, of those that it may use.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::options::Options;
use crate::wall::lock;

/// How many calls and jumps backwards are between two polls of the engine.
const POLL: u64 = 10_000;
/// The cost of an allocation besides its bytes, in polls.
const ALLOCATION: u64 = 8;
/// How many small allocations are between two looks at the clock. The engine multiplies integers of
/// any length in one piece, in 10 ms and more, and polls once in 10,000 of them.
const LOOK: u64 = 64;
/// The clock is looked at for each allocation of so many bytes.
const LARGE: usize = 1 << 12;

/// The means that a vat uses, of those that it may use. Its allocator and its engine write here,
/// the host reads.
pub(super) struct Meter {
    memory: usize,
    polls: u64,
    time: Duration,
    /// The polls that there are: without end, until a source is loaded. The engine's own beginnings
    /// and the prelude are not the vat's doing.
    most: AtomicU64,
    /// The memory that there is, likewise.
    room: AtomicUsize,
    bytes: AtomicUsize,
    used: AtomicU64,
    allocations: AtomicU64,
    deadline: Mutex<Option<Instant>>,
    out_of_memory: AtomicBool,
    out_of_polls: AtomicBool,
    out_of_time: AtomicBool,
}

impl Meter {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            memory: options.memory,
            polls: options.polls,
            time: options.deadline,
            most: AtomicU64::new(u64::MAX),
            room: AtomicUsize::new(usize::MAX),
            bytes: AtomicUsize::new(0),
            used: AtomicU64::new(0),
            allocations: AtomicU64::new(0),
            deadline: Mutex::new(None),
            out_of_memory: AtomicBool::new(false),
            out_of_polls: AtomicBool::new(false),
            out_of_time: AtomicBool::new(false),
        }
    }

    /// A turn begins, or the load of a source.
    pub(super) fn begin(&self) {
        self.used.store(0, Relaxed);
        self.most.store(self.polls, Relaxed);
        self.room.store(self.memory, Relaxed);
        self.out_of_memory.store(self.bytes.load(Relaxed) > self.memory, Relaxed);
        self.out_of_polls.store(false, Relaxed);
        self.out_of_time.store(false, Relaxed);
        *lock(&self.deadline) = Instant::now().checked_add(self.time);
    }

    /// The engine polls. Says whether the turn is over.
    pub(super) fn poll(&self) -> bool {
        self.look();
        self.charge(POLL)
    }

    /// Charges the turn for work that is done in one piece. Says whether the turn is over.
    pub(super) fn charge(&self, units: u64) -> bool {
        let used = self.used.load(Relaxed).saturating_add(units);
        self.used.store(used, Relaxed);
        if used > self.most.load(Relaxed) {
            self.out_of_polls.store(true, Relaxed);
        }
        self.is_over()
    }

    fn look(&self) {
        if lock(&self.deadline).is_some_and(|deadline| Instant::now() > deadline) {
            self.out_of_time.store(true, Relaxed);
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.out_of_memory.load(Relaxed) || self.out_of_polls.load(Relaxed) || self.out_of_time.load(Relaxed)
    }

    /// Takes bytes, if they are there. A turn that is over is refused.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let allocations = self.allocations.fetch_add(1, Relaxed);
        if allocations.is_multiple_of(LOOK) || bytes >= LARGE {
            self.look();
        }
        if self.charge(ALLOCATION + bytes as u64 / 64) {
            return false;
        }
        let used = self.bytes.load(Relaxed);
        match used.checked_add(bytes) {
            Some(all) if all <= self.room.load(Relaxed) => {
                self.bytes.store(all, Relaxed);
                true
            }
            _ => {
                self.out_of_memory.store(true, Relaxed);
                false
            }
        }
    }

    pub(super) fn give_back(&self, bytes: usize) {
        let used = self.bytes.load(Relaxed);
        self.bytes.store(used.saturating_sub(bytes), Relaxed);
    }

    /// Whether nearly all memory is in use.
    pub(super) fn is_full(&self) -> bool {
        self.bytes.load(Relaxed) > self.memory / 8 * 7
    }

    /// The limit that was reached, for people.
    pub(super) fn reached(&self) -> Option<String> {
        if self.out_of_memory.load(Relaxed) {
            return Some(format!("it wanted more than {} bytes of memory", self.memory));
        }
        if self.out_of_polls.load(Relaxed) {
            return Some(format!("a turn took more than {} polls", self.polls));
        }
        self.out_of_time
            .load(Relaxed)
            .then(|| format!("a turn took longer than {:?}, which depends on the machine", self.time))
    }
}
