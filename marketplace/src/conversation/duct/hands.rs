//! What whoever has the thread takes hold of, and lets go of.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::conversation::duct::Duct;
use crate::conversation::duct::node::Node;
use crate::data::contained;
use crate::data::numbers;

/// Where it is noted what is let go of.
#[derive(Clone, Copy)]
struct Page {
    /// Somebody waits for what is noted on it.
    open: bool,
    /// Something is.
    filled: bool,
}

thread_local! {
    static PAGE: Cell<Page> = const { Cell::new(Page { open: false, filled: false }) };
    pub(super) static NOTED: RefCell<Vec<LetGo>> = const { RefCell::new(Vec::new()) };
    static TOUCHED: Cell<bool> = const { Cell::new(false) };
}

/// A duct of which a holder has let go, which has not said whether it goes on or ends. Until then
/// what is below is kept.
pub(crate) struct LetGo(Arc<Node>);

impl LetGo {
    /// Of a duct that whoever lets go of it did not hold. `None` of the empty duct.
    pub(crate) fn of(duct: &Duct) -> Option<Self> {
        duct.top.as_ref().map(Self::new)
    }

    pub(super) fn new(node: &Arc<Node>) -> Self {
        node.add_unsettled();
        Self(node.clone())
    }

    /// Whoever let go of it goes on: that is told to nobody.
    fn settle(self) {
        self.0.note_let_go(numbers::next_inside());
    }

    /// Whoever has the thread lets go of it instead.
    pub(super) fn hand_on(self) {
        if is_noted() { self.note() } else { self.settle() }
    }

    fn note(self) {
        let mut noted = Some(self);
        let _ = NOTED.try_with(|list| list.borrow_mut().extend(noted.take()));
        match noted {
            // The thread ends: nobody asks.
            Some(unnoted) => unnoted.settle(),
            None => PAGE.set(Page { filled: true, ..PAGE.get() }),
        }
    }

    /// The number of the action that pushed the top hop: no other duct of the tower has it.
    pub(crate) fn number(&self) -> u64 {
        self.0.number
    }

    /// What tells the duct from every other one, equal ones included.
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

/// Whether what is let go of now is noted for somebody.
fn is_noted() -> bool {
    PAGE.get().open || is_in_turn()
}

/// In a turn of a process that has had nothing to do with ducts so far: whoever takes the turn
/// asks.
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
            self.drop_hold(numbers::next_inside());
        }
    }
}

/// Whoever let go of these goes on.
pub(crate) fn settle(let_go: Vec<LetGo>) {
    let_go.into_iter().for_each(LetGo::settle);
}

/// Whoever has the thread lets go of these instead.
pub(crate) fn hand_on(let_go: Vec<LetGo>) {
    let_go.into_iter().for_each(LetGo::hand_on);
}

/// Does this, and says of which ducts it lets go.
#[inline]
pub(crate) fn letting_go<R>(work: impl FnOnce() -> R) -> (R, Vec<LetGo>) {
    let outer = PAGE.replace(Page { open: true, filled: false });
    let aside = if outer.filled { NOTED.take() } else { Vec::new() };
    let result = work();
    let let_go = match PAGE.replace(outer) {
        // Taken whole, the thread does not keep the room.
        inner if inner.filled || outer.filled => NOTED.replace(aside),
        _ => Vec::new(),
    };
    (result, let_go)
}

/// Of which ducts a process has let go in its turn that had nothing to do with ducts before.
pub(crate) fn let_go_in_turn() -> Vec<LetGo> {
    let page = PAGE.get();
    if page.open || !page.filled {
        return Vec::new();
    }
    PAGE.set(Page { filled: false, ..page });
    NOTED.take()
}

/// Whether somebody has taken hold of a duct, or let go of one in a turn, since this was last
/// asked.
#[inline]
pub(crate) fn was_touched() -> bool {
    TOUCHED.replace(false)
}

/// Somebody has; or whoever is made next may have got one from who makes it.
#[inline]
pub(crate) fn touch() {
    TOUCHED.set(true);
}
