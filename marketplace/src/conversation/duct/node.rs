//! The top of a duct, which counts who has it: as long as somebody has, it counts for the duct below it.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use crate::conversation::duct::{Duct, Ended, Hop};
use crate::data::numbers;
use crate::data::reason::Reason;

/// The top of a duct and what is below it.
pub(crate) struct Node {
    pub(super) hop: Hop,
    /// That of the action that pushed the hop.
    pub(super) number: u64,
    /// Not good by itself.
    pub(super) rest: Duct,
    pub(super) hops: usize,
    /// How many ducts with this top are good, those below the hop of a living process included.
    good: AtomicUsize,
    /// It counts for the duct below it: there may be an answer, with which its process gets that back.
    holds: AtomicBool,
    /// Its process has gone, or knows that there will be none.
    over: AtomicBool,
    /// A process that ends has let go of it: what comes of that is not settled yet.
    pending: AtomicBool,
    /// Its process is being told that there will be no answer.
    told: AtomicBool,
    /// The number that was next when a living process last let go of it.
    let_go_at: AtomicU64,
    /// The last end that was told to nobody, as somebody else still had it.
    owed: Mutex<Option<Box<Ended>>>,
    /// Known once somebody has hashed it.
    class: OnceLock<u64>,
}

/// The same processes wait on the same wires.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.hops == other.hops && self.hop == other.hop && self.rest == other.rest
    }
}

impl Node {
    #[inline]
    pub(super) const fn new(hop: Hop, number: u64, rest: Duct, hops: usize) -> Self {
        Self {
            hop,
            number,
            rest,
            hops,
            good: AtomicUsize::new(0),
            holds: AtomicBool::new(false),
            over: AtomicBool::new(false),
            pending: AtomicBool::new(false),
            told: AtomicBool::new(false),
            let_go_at: AtomicU64::new(0),
            owed: Mutex::new(None),
            class: OnceLock::new(),
        }
    }

    /// A number that those of the tower that are equal to it have, and no others.
    pub(super) fn class(self: &Arc<Self>) -> u64 {
        *self.class.get_or_init(|| self.hop.site.tower.classes().add(self))
    }

    /// One more duct with this top is good.
    #[inline]
    pub(super) fn count(&self) {
        if self.good.fetch_add(1, Ordering::AcqRel) == 0
            && !self.over.load(Ordering::Acquire)
            && let Some(below) = &self.rest.top
            && !self.holds.swap(true, Ordering::AcqRel)
        {
            below.count();
        }
    }

    /// One less is good. Says whether that was the last one.
    #[inline]
    pub(super) fn discount(&self) -> bool {
        self.good.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// Whether anybody could give on it.
    #[inline]
    pub(super) fn is_kept(&self) -> bool {
        self.good.load(Ordering::Acquire) > 0
    }

    /// A living process has let go of it, or the kernel, which had it in hand for one.
    pub(super) fn note_let_go(&self) {
        if let Some(now) = numbers::next_inside() {
            self.let_go_at.store(now, Ordering::Release);
        }
    }

    pub(super) fn owe(&self, ended: Ended) {
        *self.owed() = Some(Box::new(ended));
    }

    fn owed(&self) -> MutexGuard<'_, Option<Box<Ended>>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why no answer comes, if that was because a process ended. Who looked on has let go of it last, whose process had it
    /// at this number, and perhaps `ended` with it. If a living one let go of it after the end, there is nothing to say.
    pub(super) fn why_over(&self, had: u64, ended: Option<&Ended>) -> Option<Reason> {
        let let_go_at = self.let_go_at.load(Ordering::Acquire);
        let with_it = ended.filter(|ended| ended.at >= let_go_at);
        let owed = self.owed();
        let before = owed.as_deref().filter(|ended| ended.at >= let_go_at.max(had));
        with_it.into_iter().chain(before).max_by_key(|ended| ended.at).map(|ended| ended.reason.clone())
    }

    #[inline]
    fn let_go(&self) {
        if self.holds.swap(false, Ordering::AcqRel) {
            self.rest.release();
        }
    }

    /// Nobody has it, and nobody is told.
    #[inline]
    pub(super) fn let_go_quietly(&self) {
        if !self.pending.load(Ordering::Acquire) {
            self.let_go();
        }
    }

    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Release);
        self.let_go();
    }

    #[inline]
    pub(super) fn set_pending(&self, pending: bool) {
        self.pending.store(pending, Ordering::Release);
    }

    /// Notes that its process is told. Says whether it was before.
    pub(super) fn note_told(&self) -> bool {
        self.told.swap(true, Ordering::AcqRel)
    }

    pub(super) fn set_untold(&self) {
        self.told.store(false, Ordering::Release);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.let_go();
    }
}

/// A hop that a process has pushed on a duct: for whoever waits for the process in turn.
pub(crate) struct Pushed(Weak<Node>);

impl Pushed {
    #[inline]
    pub(super) fn on(node: &Arc<Node>) -> Self {
        Self(Arc::downgrade(node))
    }

    pub(crate) fn is_there(&self) -> bool {
        self.0.strong_count() > 0
    }
}

impl Drop for Pushed {
    /// The process has ended: no answer gets past it.
    fn drop(&mut self) {
        if let Some(node) = self.0.upgrade() {
            node.end();
        }
    }
}
