//! The numbers of a tower: one counter, from which everything that happens takes its number.

use std::cell::Cell;

/// The first number handed out on a thread on which no VM runs: far from those of any VM's counter.
const OUTSIDE: u64 = 1 << 63;

thread_local! {
    /// The next number of the tower whose turn is running, or of the thread when none is.
    static NEXT: Cell<u64> = const { Cell::new(OUTSIDE) };
    /// The turn that runs on this thread, or ran last, and its stamp.
    static TURN: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// A number never handed out before by the counter in force.
#[inline]
pub(crate) fn fresh() -> u64 {
    NEXT.with(|next| {
        let number = next.get();
        next.set(number + 1);
        number
    })
}

/// The number that [`fresh`] gives next: everything numbered so far is below it.
pub(crate) fn next() -> u64 {
    NEXT.get()
}

/// The number that [`fresh`] gives next, if the thread belongs to a tower.
#[inline]
pub(crate) fn next_inside() -> Option<u64> {
    Some(NEXT.get()).filter(|number| *number < OUTSIDE)
}

/// Puts another counter in force, which stands at this number. Gives the number at which the one
/// before stood.
pub(crate) fn replace(next: u64) -> u64 {
    NEXT.replace(next)
}

/// Notes that a turn begins on this thread, or that something happens in its name.
#[inline]
pub(crate) fn note_turn(turn: u64, stamp: u64) {
    TURN.with(|noted| noted.set((turn, stamp)));
}

/// The turn that runs on this thread, or ran last, and its stamp.
#[cfg(feature = "tokio")]
pub(crate) fn noted_turn() -> (u64, u64) {
    TURN.get()
}
