//! Promises that nobody has any more, to be used again.
//!
//! Nobody keeps the promise of most answers. A spare one saves an allocation, and so 170
//! instructions of a message.

use std::cell::{Cell, RefCell};

use crate::conversation::promise::Referent;
use crate::data::reference::{Reference, ReferenceId};

/// How many a thread keeps.
const MOST: usize = 32;

thread_local! {
    static SPARE: Spare = const { Spare { one: Cell::new(None), more: RefCell::new(Vec::new()) } };
}

/// Promises that are open, and at which nothing waits. Nobody has them.
struct Spare {
    /// Most of the time there is one: it is taken without a look at a list.
    one: Cell<Option<Reference>>,
    more: RefCell<Vec<Reference>>,
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

impl Spare {
    #[inline]
    fn take(&self) -> Option<Reference> {
        self.one.take().or_else(|| self.more.borrow_mut().pop())
    }

    #[inline]
    fn put(&self, promise: Reference) {
        if let Some(other) = self.one.replace(Some(promise)) {
            let mut more = self.more.borrow_mut();
            if more.len() < MOST {
                more.push(other);
            }
        }
    }
}
