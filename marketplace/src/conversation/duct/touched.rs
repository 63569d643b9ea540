//! Whether somebody has had to do with ducts.

use std::cell::Cell;

thread_local! {
    static TOUCHED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a duct has come into somebody's hands, or was let go of in a turn, since this was last asked.
#[inline]
pub(crate) fn was_touched() -> bool {
    TOUCHED.replace(false)
}

/// One has, or has been let go of; or whoever is made next may have got one from who makes it.
#[inline]
pub(crate) fn touch() {
    TOUCHED.set(true);
}
