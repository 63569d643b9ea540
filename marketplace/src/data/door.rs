//! The one door to user code: every call of a handler, boot, continuation or destructor goes
//! through here, and no panic gets past it.

use std::cell::Cell;

use crate::data::contained::{self, Side};
use crate::data::reason::{Failed, Reason};

thread_local! {
    /// Whether a state is being cloned only to be looked at.
    static LOOKS_ON: Cell<bool> = const { Cell::new(false) };
}

/// Calls user code. A panic comes back as its reason.
#[inline]
pub(crate) fn enter<R>(user: impl FnOnce() -> R) -> Result<R, Failed> {
    enter_on(Side::Turn, user)
}

#[inline]
fn enter_on<R>(side: Side, user: impl FnOnce() -> R) -> Result<R, Failed> {
    contained::call(side, user).map_err(|text| Box::new(Reason::Panic(text)))
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

/// Drops what user code made. A panic of its destructor comes back as its reason.
pub(crate) fn dispose<T>(made: T) -> Result<(), Failed> {
    enter_on(Side::Apart, || drop(made))
}

/// Drops several such things, each by itself, since two panics at once would end the program. The
/// first one is the reason.
pub(crate) fn dispose_each<T>(made: impl IntoIterator<Item = T>) -> Result<(), Failed> {
    made.into_iter().map(dispose).fold(Ok(()), Result::and)
}

/// Drops several such things as part of the turn that runs, which fails if one of them does: each
/// by itself, too.
#[cold]
pub(crate) fn drop_each<T>(made: impl IntoIterator<Item = T>) -> Result<(), Failed> {
    made.into_iter().map(|made| enter(|| drop(made))).fold(Ok(()), Result::and)
}

/// A value that user code made, held by code that cannot say whose it was: if its destructor
/// panics, the panic ends there.
pub(crate) struct Held<T>(Option<T>);

impl<T> Held<T> {
    #[inline]
    pub(crate) const fn new(made: T) -> Self {
        Self(Some(made))
    }

    #[inline]
    pub(crate) const fn take(&mut self) -> Option<T> {
        self.0.take()
    }

    pub(crate) fn get(&self) -> &T {
        self.0.as_ref().unwrap_or_else(|| unreachable!("it is not being dropped"))
    }

    #[inline]
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.as_mut().unwrap_or_else(|| unreachable!("it is not being dropped"))
    }
}

impl<T> Drop for Held<T> {
    #[inline]
    fn drop(&mut self) {
        // A call of an object ends with nothing in it, which costs nothing so.
        if let Some(made) = self.0.take() {
            let _ = dispose(made);
        }
    }
}

/// The panic of a shared value's destructor that the kernel ran since the last call, if there was
/// one.
#[inline]
pub(crate) fn take_stray() -> Option<Reason> {
    contained::take_stray().map(Reason::Panic)
}
