//! Who lets go of ducts: a process that ends, of which those hear who wait; or one that goes on, which is told to nobody.

use std::cell::{Cell, RefCell};

use crate::conversation::duct::{Duct, touch};
use crate::data::contained;

thread_local! {
    /// Whether somebody lets go of ducts of whom it is noted, and of how many in all that is under way.
    static LETS_GO: Cell<bool> = const { Cell::new(false) };
    static LOST_SO_FAR: Cell<usize> = const { Cell::new(0) };
    pub(super) static LOST: RefCell<Vec<Duct>> = const { RefCell::new(Vec::new()) };
}

/// A process has let go of these and goes on: what is below them nobody has.
pub(crate) fn settle(let_go: &[Duct]) {
    for duct in let_go {
        if let Some(node) = &duct.top {
            node.note_let_go();
            if !node.is_kept() {
                node.let_go_quietly();
            }
        }
    }
}

/// Does this in the name of a process that may end over it. Gives the ducts of which it lets go: somebody else may still have them.
#[inline]
pub(crate) fn letting_go<R>(work: impl FnOnce() -> R) -> (R, Vec<Duct>) {
    let (outer, before) = (LETS_GO.replace(true), LOST_SO_FAR.get());
    let result = work();
    LETS_GO.with(|lets_go| lets_go.set(outer));
    let lost = match LOST_SO_FAR.replace(before) {
        now if now == before => Vec::new(),
        // Taken whole, the thread does not keep the room.
        _ if before == 0 => LOST.take(),
        _ => LOST.with_borrow_mut(|lost| lost.split_off(before)),
    };
    (result, lost)
}

/// Those of which a process has let go in its turn that had nothing to do with ducts before.
pub(crate) fn let_go_in_turn() -> Vec<Duct> {
    if LETS_GO.get() {
        return Vec::new();
    }
    LOST_SO_FAR.set(0);
    LOST.take()
}

/// In a turn in which nobody expected that: it is noted for whoever takes the turn.
fn is_first_in_turn() -> bool {
    let in_turn = contained::is_in_turn();
    if in_turn {
        touch();
    }
    in_turn
}

impl Duct {
    #[inline]
    pub(super) fn release(&self) {
        if let Some(node) = &self.top {
            let last = node.discount();
            // Nobody has it: whoever is told of a process's end may get back what is below; otherwise nobody does.
            let noted = || LOST.try_with(|lost| lost.borrow_mut().push(self.shown())).is_ok();
            if (LETS_GO.get() || is_first_in_turn()) && noted() {
                LOST_SO_FAR.set(LOST_SO_FAR.get() + 1);
                return;
            }
            node.note_let_go();
            if last {
                node.let_go_quietly();
            }
        }
    }
}
