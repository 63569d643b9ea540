//! The one door to user code: every call of a handler, boot, continuation or destructor goes through here, and nothing
//! that happens behind it gets past it.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::reason::{Failed, Reason};
use crate::text::Text;

/// Who has the thread: user code (a turn), the kernel between turns, or neither.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Outside,
    Kernel,
    Turn,
    /// User code that is no part of a turn: a destructor that the kernel calls, or a clone for whoever looks on.
    Apart,
}

/// The first number handed out on a thread on which no VM runs: far from those of any VM's counter.
const OUTSIDE: u64 = 1 << 63;

thread_local! {
    static SIDE: Cell<Side> = const { Cell::new(Side::Outside) };
    /// The next number of the tower whose turn is running, or of the thread when none is.
    static NEXT: Cell<u64> = const { Cell::new(OUTSIDE) };
    /// The turn that runs on this thread, or ran last, and its stamp.
    static TURN: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
    /// Whether what is cloned is only to be looked at.
    static LOOKS_ON: Cell<bool> = const { Cell::new(false) };
    /// Whether a destructor panicked in the kernel's hands, and what it said.
    static STRAYED: Cell<bool> = const { Cell::new(false) };
    static STRAY: RefCell<Option<Text>> = const { RefCell::new(None) };
}

/// A number never handed out before by the counter in force.
#[inline]
pub(crate) fn fresh_number() -> u64 {
    NEXT.with(|next| {
        let number = next.get();
        next.set(number + 1);
        number
    })
}

/// The number that [`fresh_number`] gives next: everything numbered so far is below it.
pub(crate) fn next_number() -> u64 {
    NEXT.get()
}

/// The same, if the thread belongs to a tower.
pub(crate) fn number_inside() -> Option<u64> {
    Some(NEXT.get()).filter(|number| *number < OUTSIDE)
}

/// While it lives the thread belongs to a tower of VMs, whose counter is in force. Restores what was, also on unwinding.
pub(crate) struct Tower {
    outer_next: u64,
    outer_side: Side,
}

impl Tower {
    pub(crate) fn enter(next: u64) -> Self {
        Self { outer_next: NEXT.replace(next), outer_side: SIDE.replace(Side::Kernel) }
    }

    /// Leaves the tower and says where its counter stands.
    pub(crate) fn leave(self) -> u64 {
        NEXT.get()
    }
}

impl Drop for Tower {
    fn drop(&mut self) {
        NEXT.with(|next| next.set(self.outer_next));
        SIDE.with(|side| side.set(self.outer_side));
    }
}

struct Restore(Side);

impl Drop for Restore {
    #[inline]
    fn drop(&mut self) {
        // Not `SIDE.set`, which is a call.
        SIDE.with(|side| side.set(self.0));
    }
}

/// Calls user code. A panic comes back as its reason.
#[inline]
pub(crate) fn enter<R>(user: impl FnOnce() -> R) -> Result<R, Failed> {
    enter_on(Side::Turn, user)
}

#[inline]
fn enter_on<R>(inside: Side, user: impl FnOnce() -> R) -> Result<R, Failed> {
    let side = SIDE.replace(inside);
    let outcome = {
        let _restore = Restore(side);
        catch_unwind(AssertUnwindSafe(user))
    };
    outcome.map_err(|payload| Box::new(Reason::Panic(panic_text(payload))))
}

/// A turn begins on this thread, or something happens in its name.
#[inline]
pub(crate) fn note_turn(turn: u64, stamp: u64) {
    TURN.with(|noted| noted.set((turn, stamp)));
}

/// The turn that runs on this thread, or ran last, and its stamp.
#[cfg(feature = "tokio")]
pub(crate) fn noted_turn() -> (u64, u64) {
    TURN.get()
}

/// Whether a VM has the thread: its turns, or the kernel between them.
#[cfg(feature = "tokio")]
pub(crate) fn is_inside() -> bool {
    SIDE.get() != Side::Outside
}

/// Calls user code that clones a state which is only to be looked at.
pub(crate) fn look_on<R>(user: impl FnOnce() -> R) -> Result<R, Failed> {
    LOOKS_ON.set(true);
    let result = enter_on(Side::Apart, user);
    LOOKS_ON.set(false);
    result
}

pub(crate) fn looks_on() -> bool {
    LOOKS_ON.get()
}

/// Runs kernel code inside a turn (a nested VM works while its container's turn runs).
#[inline]
pub(crate) fn kernel<R>(work: impl FnOnce() -> R) -> R {
    let _restore = Restore(SIDE.replace(Side::Kernel));
    work()
}

/// Whether a turn of a VM's process runs on this thread, and not the kernel in between.
#[inline]
pub(crate) fn is_in_turn() -> bool {
    SIDE.get() == Side::Turn && NEXT.get() < OUTSIDE
}

/// Drops what user code made. A panic of its destructor comes back as its reason.
pub(crate) fn dispose<T>(made: T) -> Result<(), Failed> {
    enter_on(Side::Apart, || drop(made))
}

/// Drops several such things, each by itself, since two panics at once would end the program. The first one is the reason.
pub(crate) fn dispose_each<T>(made: impl IntoIterator<Item = T>) -> Result<(), Failed> {
    made.into_iter().map(dispose).fold(Ok(()), Result::and)
}

/// What user code made, in hands that cannot say whose it was when they drop it: a panic of its destructor ends there.
pub(crate) struct Held<T>(Option<T>);

impl<T> Held<T> {
    pub(crate) const fn new(made: T) -> Self {
        Self(Some(made))
    }

    pub(crate) const fn take(&mut self) -> Option<T> {
        self.0.take()
    }

    pub(crate) fn get(&self) -> &T {
        self.0.as_ref().unwrap_or_else(|| unreachable!("it is not being dropped"))
    }
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        let _ = dispose(self.0.take());
    }
}

/// Drops the contents of an opaque value or an error, whose last clone may die anywhere. A panic in a turn goes its way, to the door, unless
/// another one unwinds already: two would end the program. In the kernel's hands it is kept for [`stray`]. A host that
/// lets go of what came out of a VM is not to blame either: the panic ends here.
pub(crate) fn dispose_shared<T>(made: T) {
    match SIDE.get() {
        Side::Turn | Side::Apart if !std::thread::panicking() => drop(made),
        Side::Kernel => {
            if let Err(failed) = dispose(made)
                && let Reason::Panic(text) = *failed
            {
                STRAYED.set(true);
                STRAY.with_borrow_mut(|stray| {
                    stray.get_or_insert(text);
                });
            }
        }
        Side::Turn | Side::Apart | Side::Outside => {
            let _ = dispose(made);
        }
    }
}

/// The panic of a shared value's destructor since the last call, if there was one.
#[inline]
pub(crate) fn stray() -> Option<Reason> {
    STRAYED.replace(false).then(|| STRAY.with_borrow_mut(Option::take).map(Reason::Panic)).flatten()
}

pub(crate) fn panic_text(payload: Box<dyn Any + Send>) -> Text {
    let text = match payload.downcast_ref::<&'static str>() {
        Some(text) => Text::from(*text),
        None => match payload.downcast_ref::<String>() {
            Some(text) => Text::from(text.as_str()),
            None => Text::from("a panic without text"),
        },
    };
    // The payload is the user's too: its destructor may panic. Nobody is left to tell, so the first panic is what counts. What that
    // one carries is not dropped: it could go on for ever.
    let _restore = Restore(SIDE.replace(Side::Turn));
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(another);
    }
    text
}
