//! Promises that nobody has any more, to be used again.
//!
//! Nobody keeps the promise of most answers. A spare one saves an allocation, and so 170
//! instructions of a message.

use crate::conversation::promise::Referent;
use crate::data::reference::{Reference, ReferenceId};
use crate::data::spare::Spare;

thread_local! {
    /// Promises that are open, and at which nothing waits. Nobody has them.
    static SPARE: Spare<Reference> = const { Spare::new() };
}

/// A promise, made of one that is spare, if there is one.
#[inline]
pub(super) fn renew() -> Option<Reference> {
    let mut promise = SPARE.try_with(Spare::take).ok()??;
    let id = ReferenceId::fresh();
    promise.renew::<Referent>(id)?.id = id;
    Some(promise)
}

/// Nobody has this promise any more, which is open, and in which nothing is.
#[inline]
pub(super) fn retire(promise: Reference) {
    // A thread that is ending makes no promise any more.
    let _ = SPARE.try_with(|spare| spare.put(promise));
}
