//! The numbers of a tower: one counter, from which everything that happens takes its number.

use std::cell::Cell;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

/// The first number handed out on a thread on which no VM runs: far from those of any VM's counter.
const OUTSIDE: u64 = 1 << 63;

/// The counter in force, and whose it is.
struct Next {
    /// The next number of the tower whose turn is running, or of the thread when none is.
    number: Cell<u64>,
    /// The tower whose turn is running.
    tower: Cell<TowerId>,
    /// The turn that runs on this thread, or ran last, and its stamp.
    turn: Cell<(TurnId, Stamp)>,
}

thread_local! {
    static NEXT: Next = const {
        Next {
            number: Cell::new(OUTSIDE),
            tower: Cell::new(TowerId::NONE),
            turn: Cell::new((TurnId::NONE, Stamp::ZERO)),
        }
    };
}

/// Uses the counter in force.
// Not `NEXT.with`, which rustc makes a call at times: 20 instructions of each turn.
#[inline(always)]
fn with_next<R>(work: impl FnOnce(&Next) -> R) -> R {
    match NEXT.try_with(work) {
        Ok(result) => result,
        Err(_) => unreachable!("it has no destructor, so it is always there"),
    }
}

/// The number of the next tower. Towers are told apart on every thread of the program.
static NEXT_TOWER: AtomicU64 = AtomicU64::new(1);

/// The number of the next reference that is made outside of every tower, on whatever thread.
static NEXT_OUTSIDE: AtomicU64 = AtomicU64::new(OUTSIDE);

/// The number of a tower: a ground VM with all VMs in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TowerId(u64);

impl TowerId {
    /// No tower: something is done outside of every one.
    pub(crate) const NONE: Self = Self(0);

    /// The number of a new tower.
    pub(crate) fn fresh() -> Self {
        Self(NEXT_TOWER.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) const fn of(number: u64) -> Self {
        Self(number)
    }

    pub(super) const fn number(self) -> u64 {
        self.0
    }
}

/// The number of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TurnId(u64);

impl TurnId {
    /// No turn: the host does something.
    pub(crate) const NONE: Self = Self(0);

    #[inline]
    pub(crate) fn fresh() -> Self {
        Self(fresh())
    }

    /// The turn that a user calls by this number.
    pub(crate) const fn of(number: u64) -> Self {
        Self(number)
    }

    pub(crate) const fn number(self) -> u64 {
        self.0
    }

    /// Whether the counter had given this number when it stood there.
    pub(crate) const fn is_before(self, counter: Counter) -> bool {
        self.0 < counter.0
    }
}

/// The number of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ActionId(u64);

impl ActionId {
    /// No action: nothing is being performed.
    pub(crate) const NONE: Self = Self(0);

    #[inline]
    pub(crate) fn fresh() -> Self {
        Self(fresh())
    }

    /// The action that a test makes up.
    #[cfg(test)]
    pub(crate) const fn of(number: u64) -> Self {
        Self(number)
    }

    pub(crate) const fn number(self) -> u64 {
        self.0
    }

    /// Whether the counter had given this number when it stood there.
    #[inline]
    pub(crate) const fn is_before(self, counter: Counter) -> bool {
        self.0 < counter.0
    }

    /// The same number, as that of a turn: an action that the host performs counts as one.
    pub(crate) const fn as_turn(self) -> TurnId {
        TurnId(self.0)
    }
}

/// The cause of a turn or of an action: a turn, or an action that was being performed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cause(u64);

impl Cause {
    /// The host did it.
    pub(crate) const HOST: Self = Self(0);

    pub(crate) const fn number(self) -> u64 {
        self.0
    }

    /// Whether it is this action.
    pub(crate) const fn is_action(self, action: ActionId) -> bool {
        self.0 == action.0
    }

    /// The same number, as that of a turn: for a cause that is no action.
    pub(crate) const fn as_turn(self) -> TurnId {
        TurnId(self.0)
    }
}

impl From<TurnId> for Cause {
    #[inline]
    fn from(turn: TurnId) -> Self {
        Self(turn.0)
    }
}

impl From<ActionId> for Cause {
    #[inline]
    fn from(action: ActionId) -> Self {
        Self(action.0)
    }
}

/// The number that a counter gives next: everything that it has numbered so far is below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Counter(u64);

impl Counter {
    /// It has numbered nothing.
    pub(crate) const ZERO: Self = Self(0);
    /// That of a new tower.
    pub(crate) const FIRST: Self = Self(1);

    /// A counter that a user has been told.
    pub(crate) const fn of(number: u64) -> Self {
        Self(number)
    }

    pub(crate) const fn number(self) -> u64 {
        self.0
    }

    /// The action that is numbered next.
    pub(crate) const fn next_action(self) -> ActionId {
        ActionId(self.0)
    }

    /// The counter once it has numbered one more.
    #[inline]
    pub(crate) const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Logical (Lamport) time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp(u64);

impl Stamp {
    /// Before every turn.
    pub(crate) const ZERO: Self = Self(0);

    /// A time that a user, or another vat, has told.
    pub(crate) const fn of(number: u64) -> Self {
        Self(number)
    }

    pub(crate) const fn number(self) -> u64 {
        self.0
    }

    #[inline]
    pub(crate) const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// A number never handed out before by the counter in force.
#[inline]
pub(super) fn fresh() -> u64 {
    with_next(|next| {
        let number = next.number.get();
        next.number.set(number + 1);
        number
    })
}

/// The number of a reference that is made now: no other one of the tower has it. Outside of every
/// tower, no other one of the program.
#[inline]
pub(super) fn fresh_reference() -> u64 {
    let number = fresh();
    if is_outside(number) { NEXT_OUTSIDE.fetch_add(1, Ordering::Relaxed) } else { number }
}

/// Whether the number was given outside of every tower.
#[inline]
pub(super) const fn is_outside(number: u64) -> bool {
    number >= OUTSIDE
}

/// Stands before a number that was given outside of every tower: there is a counter of its own.
pub(super) const MARK: char = 'x';

/// A number for people: as `7`, or as `x7` if it was given outside of every tower.
pub(super) struct Shown(pub(super) u64);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_outside(self.0) {
            f.write_char(MARK)?;
        }
        write!(f, "{}", self.0 & !OUTSIDE)
    }
}

/// The number with that mark.
pub(super) const fn with_mark(number: u64) -> u64 {
    number | OUTSIDE
}

/// The tower whose turn is running, or [`TowerId::NONE`].
#[inline]
pub(crate) fn tower() -> TowerId {
    with_next(|next| next.tower.get())
}

/// Where the counter in force stands.
pub(crate) fn counter() -> Counter {
    Counter(with_next(|next| next.number.get()))
}

/// The counter of the tower to which the thread belongs, if it belongs to one.
#[inline]
pub(crate) fn counter_inside() -> Option<Counter> {
    Some(with_next(|next| next.number.get())).filter(|number| *number < OUTSIDE).map(Counter)
}

/// Does something whose numbers are given again: as if it had not been.
pub(crate) fn uncounted<R>(work: impl FnOnce() -> R) -> R {
    struct Restore(u64);
    impl Drop for Restore {
        fn drop(&mut self) {
            with_next(|next| next.number.set(self.0));
        }
    }
    let _restore = Restore(counter().0);
    work()
}

/// Puts another counter in force, that of this tower. Gives the counter before, and its tower.
#[inline]
pub(super) fn replace(tower: TowerId, counter: Counter) -> (TowerId, Counter) {
    with_next(|next| (next.tower.replace(tower), Counter(next.number.replace(counter.0))))
}

/// Does something outside of every tower, though one may have the thread: what is made is the
/// first one's that uses it.
#[cfg(feature = "tokio")]
pub(crate) fn outside<R>(work: impl FnOnce() -> R) -> R {
    thread_local! {
        /// Far from what the thread numbers when no VM has it.
        static APART: Cell<u64> = const { Cell::new(OUTSIDE | OUTSIDE >> 1) };
    }
    struct Inside(TowerId, Counter);
    impl Drop for Inside {
        fn drop(&mut self) {
            let (_, apart) = replace(self.0, self.1);
            APART.set(apart.0);
        }
    }
    let (tower, counter) = replace(TowerId::NONE, Counter(APART.get()));
    let _inside = Inside(tower, counter);
    work()
}

/// The number of a turn with this stamp, which begins now on this thread.
#[inline]
pub(crate) fn begin_turn(stamp: Stamp) -> TurnId {
    with_next(|next| {
        let turn = TurnId(next.number.get());
        next.number.set(turn.0 + 1);
        next.turn.set((turn, stamp));
        turn
    })
}

/// Notes that something happens on this thread in the name of this turn.
#[inline]
pub(crate) fn note_turn(turn: TurnId, stamp: Stamp) {
    with_next(|next| next.turn.set((turn, stamp)));
}

/// The turn that runs on this thread, or ran last, and its stamp.
#[cfg(feature = "tokio")]
pub(crate) fn noted_turn() -> (TurnId, Stamp) {
    with_next(|next| next.turn.get())
}
