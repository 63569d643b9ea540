//! Takes hold of ducts and lets go of them, in the name of the code that runs on the thread.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::conversation::duct::Duct;
use crate::conversation::duct::node::Node;
use crate::data::contained;
use crate::data::numbers::{self, ActionId};

/// Whether ducts that are let go of are noted.
#[derive(Clone, Copy)]
struct Page {
    /// A caller waits for the notes.
    open: bool,
    /// There are notes.
    filled: bool,
}

/// The things that a turn has had to do with, and about which its process has to be asked later.
/// Most of the time it is nothing, which is one comparison.
#[derive(Clone, Copy)]
pub(crate) struct Touched(u32);

impl Touched {
    const DUCTS: u32 = 1;
    const ASKED: u32 = 2;
    /// The number of waits stands above the rest.
    const WAIT: u32 = 4;

    #[inline]
    pub(crate) const fn is_any(self) -> bool {
        self.0 != 0
    }

    /// Somebody has taken hold of a duct, or let go of one.
    pub(crate) const fn ducts(self) -> bool {
        self.0 & Self::DUCTS != 0
    }

    /// Something was asked for on which a promise depends.
    pub(crate) const fn asked(self) -> bool {
        self.0 & Self::ASKED != 0
    }

    /// For how many promises the process waits since then.
    pub(crate) const fn waits(self) -> u32 {
        self.0 / Self::WAIT
    }
}

thread_local! {
    static PAGE: Cell<Page> = const { Cell::new(Page { open: false, filled: false }) };
    pub(super) static NOTED: RefCell<Vec<LetGo>> = const { RefCell::new(Vec::new()) };
    static TOUCHED: Cell<Touched> = const { Cell::new(Touched(0)) };
}

/// A duct that a holder has let go of, before it is known whether the holder lives on or ends.
/// Until then the duct below is kept.
pub(crate) struct LetGo(Arc<Node>);

impl LetGo {
    /// A duct that is let go of by somebody who did not hold it. `None` if it is the empty duct.
    pub(crate) fn of(duct: &Duct) -> Option<Self> {
        duct.top.as_ref().map(Self::new)
    }

    pub(super) fn new(node: &Arc<Node>) -> Self {
        node.add_unsettled();
        Self(node.clone())
    }

    /// The holder lives on: nobody is told.
    fn settle(self) {
        self.0.note_let_go(numbers::counter_inside());
    }

    /// The code that runs on the thread lets go of it instead.
    pub(super) fn hand_on(self) {
        if is_noted() { self.note() } else { self.settle() }
    }

    fn note(self) {
        let mut noted = Some(self);
        let _ = NOTED.try_with(|list| list.borrow_mut().extend(noted.take()));
        match noted {
            // The thread ends: nobody asks for the notes.
            Some(unnoted) => unnoted.settle(),
            None => PAGE.set(Page { filled: true, ..PAGE.get() }),
        }
    }

    /// The action that pushed the top hop: no other duct of the tower has it.
    pub(crate) fn pushed_by(&self) -> ActionId {
        self.0.pushed_by
    }

    /// The identity of the duct, which tells it from every other one, equal ones included.
    pub(crate) fn identity(&self) -> *const Node {
        Arc::as_ptr(&self.0)
    }

    pub(super) fn node(&self) -> &Arc<Node> {
        &self.0
    }
}

impl Drop for LetGo {
    fn drop(&mut self) {
        self.0.settle();
    }
}

/// Whether the ducts that are let go of now are noted.
fn is_noted() -> bool {
    PAGE.get().open || is_in_turn()
}

/// Whether a turn runs of a process that has had nothing to do with ducts so far: the code that
/// takes the turn asks for the notes.
fn is_in_turn() -> bool {
    let in_turn = contained::is_in_turn();
    if in_turn {
        touch();
    }
    in_turn
}

impl Node {
    /// A holder lets go of it.
    pub(super) fn let_go(self: &Arc<Self>) {
        if is_noted() {
            self.unsettle();
            LetGo(self.clone()).note();
        } else {
            self.drop_hold(numbers::counter_inside());
        }
    }
}

/// The holders of these live on.
#[inline]
pub(crate) fn settle(let_go: Option<Vec<LetGo>>) {
    if let Some(let_go) = let_go {
        let_go.into_iter().for_each(LetGo::settle);
    }
}

/// The code that runs on the thread lets go of these instead.
pub(crate) fn hand_on(let_go: impl IntoIterator<Item = LetGo>) {
    let_go.into_iter().for_each(LetGo::hand_on);
}

/// Does this work, and gives the ducts that it lets go of, if there are any.
// Most of the time there are none. A `Vec` that is empty would be moved, asked and dropped: then
// a process that is spawned and exits takes 150 instructions more.
#[inline(always)]
pub(crate) fn letting_go<R>(work: impl FnOnce() -> R) -> (R, Option<Vec<LetGo>>) {
    let noting = Noting::begin();
    let result = work();
    (result, noting.end())
}

/// The ducts that the thread lets go of from now on are noted: [`letting_go`] in two steps, for
/// work whose result is large, and would be moved.
#[must_use = "its notes are to be taken"]
pub(crate) struct Noting {
    outer: Page,
    aside: Option<Vec<LetGo>>,
}

impl Noting {
    #[inline(always)]
    pub(crate) fn begin() -> Self {
        let outer = PAGE.replace(Page { open: true, filled: false });
        Self { outer, aside: outer.filled.then(|| NOTED.take()) }
    }

    /// Gives the ducts that were let go of, if there are any.
    #[inline(always)]
    pub(crate) fn end(self) -> Option<Vec<LetGo>> {
        let inner = PAGE.replace(self.outer);
        if inner.filled || self.aside.is_some() { take_noted(self.aside) } else { None }
    }
}

/// Takes the list of what is noted, and puts the other one in its place.
#[cold]
fn take_noted(aside: Option<Vec<LetGo>>) -> Option<Vec<LetGo>> {
    // The list is taken whole, so the thread does not keep its room.
    Some(NOTED.replace(aside.unwrap_or_default())).filter(|noted| !noted.is_empty())
}

/// The ducts that a process has let go of in its turn, if it had nothing to do with ducts before.
pub(crate) fn let_go_in_turn() -> Option<Vec<LetGo>> {
    let page = PAGE.get();
    if page.open || !page.filled {
        return None;
    }
    PAGE.set(Page { filled: false, ..page });
    Some(NOTED.take())
}

/// The things that the code has had to do with which ran since the last call. The note of them is
/// cleared.
#[inline]
pub(crate) fn take_touched() -> Touched {
    match TOUCHED.get() {
        Touched(0) => Touched(0),
        _ => TOUCHED.replace(Touched(0)),
    }
}

/// Notes that a process has asked for something on which a promise depends.
#[inline]
pub(crate) fn note_asked() {
    TOUCHED.set(Touched(TOUCHED.get().0 | Touched::ASKED));
}

/// Notes that the process of the turn that runs waits for a promise from now on.
#[inline]
pub(crate) fn note_wait() {
    // Not `TOUCHED.set`, which is a call.
    TOUCHED.with(|touched| touched.set(Touched(touched.get().0 + Touched::WAIT)));
}

/// Notes that somebody has, or that a process which is made next may have got a duct from its
/// parent.
#[inline]
pub(crate) fn touch() {
    TOUCHED.set(Touched(TOUCHED.get().0 | Touched::DUCTS));
}
