//! How many connections a listener has.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::Context;

use futures_util::task::AtomicWaker;

/// Places for connections: one is free again when its connection is gone.
pub(super) struct Places {
    free: AtomicUsize,
    acceptor: AtomicWaker,
}

/// The place of a connection.
pub(super) struct Place(Arc<Places>);

impl Places {
    pub(super) fn new(places: usize) -> Arc<Self> {
        Arc::new(Self { free: AtomicUsize::new(places), acceptor: AtomicWaker::new() })
    }

    /// Whether a place is free; the task is woken when one is.
    pub(super) fn any_free(&self, cx: &Context<'_>) -> bool {
        // The task is registered first, so that a place that becomes free from here on is not
        // missed.
        self.acceptor.register(cx.waker());
        self.free.load(Relaxed) > 0
    }

    /// Takes a free place. No other task takes any between the question and this: there is one
    /// acceptor.
    pub(super) fn take(self: &Arc<Self>) -> Place {
        self.free.fetch_sub(1, Relaxed);
        Place(self.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.0.free.fetch_add(1, Relaxed) == 0 {
            self.0.acceptor.wake();
        }
    }
}
