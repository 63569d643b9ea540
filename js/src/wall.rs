//! The wall between a vat's language and its process: two calls in, a few out.
//!
//! At the wall a value is a text, the body, and the slots that it names: `o+0` is an object of the
//! vat, `o-50` one that it was given; `p+5` and `p-60` are promises in the same way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A value at the wall.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) text: String,
    pub(crate) slots: Vec<String>,
}

/// An event that comes in, with which a turn begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A message to an object of the vat, and the promise of its answer, if one is wanted.
    Deliver { target: String, method: Option<String>, arguments: Body, result: Option<String> },
    /// News of a promise to which the vat has subscribed.
    Notify { promise: String, news: Settled, body: Body },
}

/// How a promise is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// With a value.
    Data,
    /// With an object, the one slot of the body.
    Presence,
    /// It is broken; the body says why.
    Rejected,
}

/// A vat's language: two calls.
pub(crate) trait Wall: Send {
    /// Runs a turn that begins with this. All that the turn asks for goes to the [`Syscalls`].
    ///
    /// # Errors
    /// If the turn went over a limit, which is named.
    fn turn(&mut self, input: Input) -> Result<(), String>;
}

/// The calls of a vat. An error is told to the vat; one that ends the vat is noted besides.
pub(crate) trait Syscalls: Send {
    fn send(
        &mut self,
        target: &str,
        method: Option<&str>,
        arguments: &Body,
        result: Option<String>,
    ) -> Result<(), String>;
    fn subscribe(&mut self, promise: &str) -> Result<(), String>;
    fn settle(&mut self, promise: &str, how: Settled, body: &Body) -> Result<(), String>;
    /// The vat has settled a promise, or was told how it is settled, and speaks of it no more.
    fn retire(&mut self, promise: &str);
    /// Objects of the vat that nobody else has any more.
    fn take_released(&mut self) -> Vec<String>;
    /// The line of a shell calls for a step or a run.
    fn want(&mut self, what: String);
}

/// The calls, shared by the engine and the process.
pub(crate) type Shared<T> = Arc<Mutex<T>>;

pub(crate) fn lock<T: ?Sized>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
