//! The numbers of a tower: one counter, from which everything that happens takes its number.

use std::cell::Cell;

/// The first number handed out on a thread on which no VM runs: far from those of any VM's counter.
const OUTSIDE: u64 = 1 << 63;

thread_local! {
    /// The next number of the tower whose turn is running, or of the thread when none is.
    static NEXT: Cell<u64> = const { Cell::new(OUTSIDE) };
    /// The turn that runs on this thread, or ran last, and its stamp.
    static TURN: Cell<(TurnId, Stamp)> = const { Cell::new((TurnId::NONE, Stamp::ZERO)) };
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
    NEXT.with(|next| {
        let number = next.get();
        next.set(number + 1);
        number
    })
}

/// Where the counter in force stands.
pub(crate) fn counter() -> Counter {
    Counter(NEXT.get())
}

/// The same, if the thread belongs to a tower.
#[inline]
pub(crate) fn counter_inside() -> Option<Counter> {
    Some(NEXT.get()).filter(|number| *number < OUTSIDE).map(Counter)
}

/// Puts another counter in force. Gives the one before.
pub(crate) fn replace(counter: Counter) -> Counter {
    Counter(NEXT.replace(counter.0))
}

/// Notes that a turn begins on this thread, or that something happens in its name.
#[inline]
pub(crate) fn note_turn(turn: TurnId, stamp: Stamp) {
    TURN.with(|noted| noted.set((turn, stamp)));
}

/// The turn that runs on this thread, or ran last, and its stamp.
#[cfg(feature = "tokio")]
pub(crate) fn noted_turn() -> (TurnId, Stamp) {
    TURN.get()
}
