//! The top of a duct, and its book: how many hold the duct, and what has been told.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};

use crate::conversation::duct::classes::DuctClass;
use crate::conversation::duct::{Duct, Ended, Hop};
use crate::data::lock::lock;
use crate::data::numbers::{ActionId, Counter};
use crate::data::reason::Reason;

/// The top of a duct and what is below it.
pub(crate) struct Node {
    pub(super) hop: Hop,
    /// The number of the action that pushed the hop.
    pub(super) pushed_by: ActionId,
    /// Not held by this field: the book says whether the node holds it.
    pub(super) rest: Duct,
    pub(super) hops: usize,
    book: Mutex<Book>,
    /// Set once the duct has been hashed.
    class: OnceLock<DuctClass>,
}

#[derive(Default)]
struct Book {
    /// How many hold the duct; the node of a hop that was pushed onto it is one of them.
    holders: usize,
    /// How many have let go of it without its being known yet whether they live on or end.
    unsettled: usize,
    /// The process of the hop has been told that no answer comes, or is being told.
    told: bool,
    /// No answer gets past the hop: its process has ended, or has heard that none comes.
    over: bool,
    /// The number that was next when a holder that lives on last let go of it.
    let_go_at: Counter,
    /// The last end of a process that was told to nobody, because somebody still held the duct.
    owed: Option<Box<Ended>>,
}

impl Book {
    /// Whether the node holds the duct below: an answer may come, and then its process gets that
    /// duct back.
    const fn holds_below(&self) -> bool {
        !self.over && self.holders + self.unsettled > 0
    }
}

/// Equal if the same processes wait on the same wires.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.hops == other.hops && self.hop == other.hop && self.rest == other.rest
    }
}

impl Node {
    #[inline]
    pub(super) fn new(hop: Hop, pushed_by: ActionId, rest: Duct, hops: usize) -> Self {
        Self { hop, pushed_by, rest, hops, book: Mutex::default(), class: OnceLock::new() }
    }

    /// The number of the duct's class: equal ducts of the tower have the same number, others
    /// another.
    pub(super) fn class(self: &Arc<Self>) -> DuctClass {
        *self.class.get_or_init(|| self.hop.site.tower.classes().add(self))
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        lock(&self.book)
    }

    /// The one place where the book changes. With the book, the node's hold on the duct below
    /// changes. Books are locked from the top down, so that no thread sees one change without the
    /// other. No code of a user runs meanwhile.
    #[inline]
    fn change<R>(&self, work: impl FnOnce(&mut Book) -> R) -> R {
        let mut book = self.book();
        let held = book.holds_below();
        let result = work(&mut book);
        if held != book.holds_below()
            && let Some(below) = &self.rest.top
        {
            if held { below.let_go() } else { below.hand() }
        }
        result
    }

    /// Counts one more holder.
    #[inline]
    pub(super) fn hand(&self) {
        self.change(|book| book.holders += 1);
    }

    /// A holder lets go of it; it is not known yet whether the holder lives on.
    pub(super) fn unsettle(&self) {
        self.change(|book| {
            book.holders -= 1;
            book.unsettled += 1;
        });
    }

    /// Somebody who did not hold it lets go of it; it is not known yet whether the process lives
    /// on.
    pub(super) fn add_unsettled(&self) {
        self.change(|book| book.unsettled += 1);
    }

    /// It is known now.
    pub(super) fn settle(&self) {
        self.change(|book| book.unsettled -= 1);
    }

    /// A holder lets go of it and lives on; `now`: the number that is next.
    #[inline]
    pub(super) fn drop_hold(&self, now: Option<Counter>) {
        self.change(|book| {
            book.holders -= 1;
            book.let_go_at = now.unwrap_or(book.let_go_at);
        });
    }

    /// Notes that a process which let go of it lives on.
    pub(super) fn note_let_go(&self, now: Option<Counter>) {
        self.change(|book| book.let_go_at = now.unwrap_or(book.let_go_at));
    }

    /// Whether anybody could give on it.
    pub(super) fn is_held(&self) -> bool {
        self.book().holders > 0
    }

    /// Notes that the process of the hop is being told that no answer comes, if nobody holds the
    /// duct. Says whether it is to be told now: true once.
    pub(super) fn begin_telling(&self) -> bool {
        self.change(|book| book.holders == 0 && !std::mem::replace(&mut book.told, true))
    }

    /// Notes that the process of the hop is being told that no answer comes, though somebody may
    /// hold the duct. Says whether it is to be told now: true once.
    pub(super) fn note_telling(&self) -> bool {
        self.change(|book| !std::mem::replace(&mut book.told, true))
    }

    /// Notes that the news for the process of the hop did not arrive.
    pub(super) fn set_untold(&self) {
        self.change(|book| book.told = false);
    }

    /// Notes that no answer gets past the hop.
    pub(super) fn end(&self) {
        self.change(|book| book.over = true);
    }

    /// Notes the end of a process that could have answered. While others hold the duct, nobody is
    /// told.
    pub(super) fn owe(&self, ended: Ended) {
        let ended = Some(Box::new(ended));
        // The replaced end is dropped when the book is closed.
        drop(
            self.change(
                |book| if book.holders > 0 { std::mem::replace(&mut book.owed, ended) } else { ended },
            ),
        );
    }

    /// The reason why no answer comes, if a process ended. The last holder was a snapshot, whose
    /// process held the duct at the number `had`, and perhaps ended with it (`ended`). `None` if a
    /// process that lives on let go of the duct after the end.
    pub(super) fn why_over(&self, had: Counter, ended: Option<&Ended>) -> Option<Reason> {
        let book = self.book();
        let with_it = ended.filter(|ended| ended.at >= book.let_go_at);
        let before = book.owed.as_deref().filter(|ended| ended.at >= book.let_go_at.max(had));
        with_it.into_iter().chain(before).max_by_key(|ended| ended.at).map(|ended| ended.reason.clone())
    }
}

/// A hop that a process has pushed on a duct for a process that waits for it in turn.
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
    /// The process has ended: no answer gets past its hop.
    fn drop(&mut self) {
        if let Some(node) = self.0.upgrade() {
            node.end();
        }
    }
}
