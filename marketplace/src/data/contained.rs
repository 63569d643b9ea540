//! Panics of user code end here. This module also knows which code runs on the thread.

use std::any::Any;
use std::cell::{Cell, RefCell};
#[cfg(feature = "tokio")]
use std::panic::PanicHookInfo;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::data::numbers::{self, Counter, TowerId};
use crate::data::text::Text;

/// The code that runs on the thread: user code (a turn), the kernel between turns, or neither.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Outside,
    Kernel,
    Turn,
    /// User code that is no part of a turn: a destructor that the kernel calls, or a clone for
    /// somebody who looks on.
    Apart,
}

/// The things that happened in a step and are to be dealt with when the step is over. Most of the
/// time it is nothing, which is one comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Noted(u8);

impl Noted {
    pub(crate) const NOTHING: Self = Self(0);
    /// A destructor panicked while the kernel ran it.
    const STRAY: Self = Self(1);
    /// A reference fell.
    const FALLEN: Self = Self(2);

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether a reference fell.
    pub(crate) const fn has_fallen(self) -> bool {
        self.has(Self::FALLEN)
    }
}

thread_local! {
    static SIDE: Cell<Side> = const { Cell::new(Side::Outside) };
    /// The things that are to be dealt with when the step is over.
    static NOTED: Cell<Noted> = const { Cell::new(Noted::NOTHING) };
    /// The text of the panic of a destructor that the kernel ran.
    static STRAY: RefCell<Option<Text>> = const { RefCell::new(None) };
    /// The text of the last panic, and where it was.
    static PLACE: RefCell<Option<(Text, Text)>> = const { RefCell::new(None) };
}

/// While it lives the thread belongs to a tower of VMs, whose counter is in force. Dropping it
/// restores the state before, also on unwinding.
pub(crate) struct Tower {
    outer: (TowerId, Counter),
    outer_side: Side,
}

impl Tower {
    #[inline]
    pub(crate) fn enter(tower: TowerId, next: Counter) -> Self {
        Self {
            outer: numbers::replace(tower, next),
            outer_side: SIDE.with(|side| side.replace(Side::Kernel)),
        }
    }

    /// Leaves the tower and says where its counter stands.
    #[inline]
    pub(crate) fn leave(self) -> Counter {
        numbers::counter()
    }
}

impl Drop for Tower {
    #[inline]
    fn drop(&mut self) {
        numbers::replace(self.outer.0, self.outer.1);
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

/// Calls user code on this side. A panic comes back as its text.
#[inline]
pub(crate) fn call<R>(side: Side, user: impl FnOnce() -> R) -> Result<R, Text> {
    let outer = SIDE.replace(side);
    let outcome = {
        let _restore = Restore(outer);
        catch_unwind(AssertUnwindSafe(user))
    };
    outcome.map_err(panic_text)
}

/// Runs kernel code inside a turn (a nested VM works while its container's turn runs).
#[inline]
pub(crate) fn kernel<R>(work: impl FnOnce() -> R) -> R {
    let _restore = Restore(SIDE.replace(Side::Kernel));
    work()
}

/// Whether a VM has the thread: its turns, or the kernel between them.
#[cfg(feature = "tokio")]
pub(crate) fn is_inside() -> bool {
    SIDE.get() != Side::Outside
}

/// Whether a turn of a VM's process runs on this thread, and not the kernel in between.
#[inline]
pub(crate) fn is_in_turn() -> bool {
    SIDE.get() == Side::Turn && numbers::counter_inside().is_some()
}

/// Whether the kernel runs on this thread, between turns.
pub(crate) fn is_in_kernel() -> bool {
    SIDE.with(Cell::get) == Side::Kernel
}

/// Drops the contents of an opaque value or an error, whose last clone may be dropped anywhere. In
/// a turn, a panic unwinds to the door, unless another one unwinds already: two would end the
/// program. In the kernel, it is kept for [`take_stray`]. In a host, which has a value that came
/// out of a VM and is not to blame, the panic ends here.
pub(crate) fn drop_shared<T>(made: T) {
    match SIDE.get() {
        Side::Turn | Side::Apart if !std::thread::panicking() => drop(made),
        Side::Kernel => {
            if let Err(text) = call(Side::Apart, || drop(made)) {
                NOTED.set(NOTED.get().and(Noted::STRAY));
                STRAY.with_borrow_mut(|stray| {
                    stray.get_or_insert(text);
                });
            }
        }
        Side::Turn | Side::Apart | Side::Outside => {
            let _ = call(Side::Apart, || drop(made));
        }
    }
}

/// The panic of a shared value's destructor since the last call, if there was one.
#[inline]
pub(crate) fn take_stray() -> Option<Text> {
    let noted = NOTED.get();
    if !noted.has(Noted::STRAY) {
        return None;
    }
    NOTED.set(noted.without(Noted::STRAY));
    STRAY.with_borrow_mut(Option::take)
}

/// The things that are to be dealt with, now that the step is over.
#[inline]
pub(crate) fn noted() -> Noted {
    NOTED.with(Cell::get)
}

/// Notes that a reference fell.
pub(crate) fn note_fallen() {
    // A thread that is ending has nobody to tell.
    let _ = NOTED.try_with(|noted| noted.set(noted.get().and(Noted::FALLEN)));
}

/// All that fell is being dealt with.
pub(crate) fn forget_fallen() {
    NOTED.set(NOTED.get().without(Noted::FALLEN));
}

/// A host has heard of a panic, in whoever's hands it is.
#[cfg(feature = "tokio")]
pub(crate) fn note_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(|location| Text::from(location.to_string()));
    // A thread that is ending has nobody to tell.
    let _ =
        PLACE.try_with(|noted| *noted.borrow_mut() = place.map(|place| (text_of(panic.payload()), place)));
}

/// Where the last panic on this thread was, if it said this.
pub(crate) fn place_of(text: &Text) -> Option<Text> {
    PLACE.with_borrow(|noted| noted.as_ref().filter(|(said, _)| said == text).map(|(_, place)| place.clone()))
}

fn text_of(payload: &dyn Any) -> Text {
    match payload.downcast_ref::<&'static str>() {
        Some(text) => Text::from(*text),
        None => match payload.downcast_ref::<String>() {
            Some(text) => Text::from(text.as_str()),
            None => Text::from("a panic without text"),
        },
    }
}

pub(crate) fn panic_text(payload: Box<dyn Any + Send>) -> Text {
    let text = text_of(&*payload);
    // The payload is the user's too, so its destructor may panic. Nobody is left to tell, so the
    // first panic counts. The payload of the second is not dropped: that could go on for ever.
    let _restore = Restore(SIDE.replace(Side::Turn));
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(another);
    }
    text
}
