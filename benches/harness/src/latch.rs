//! Counts deliveries, and tells when the last one has arrived.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// Counts deliveries down. Every contender counts every delivery, so none can lose one unseen.
#[derive(Debug, Default)]
pub struct Latch {
    left: AtomicU64,
    done: Notify,
}

impl Latch {
    /// One that expects nothing.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Expects so many.
    pub fn arm(&self, deliveries: u64) {
        self.left.store(deliveries, Ordering::SeqCst);
    }

    /// One has arrived.
    #[inline]
    pub fn hit(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.done.notify_one();
        }
    }

    /// Waits for the last one.
    pub async fn wait(&self) {
        self.done.notified().await;
        self.is_done();
    }

    /// Panics unless as many have arrived as were expected.
    pub fn is_done(&self) {
        let left = self.left.load(Ordering::SeqCst);
        assert_eq!(left, 0, "as many deliveries as expected");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(hits: u64) {
        let latch = Latch::new();
        latch.arm(2);
        (0..hits).for_each(|_| latch.hit());
        latch.is_done();
    }

    #[test]
    fn as_many_as_expected() {
        after(2);
    }

    #[test]
    #[should_panic(expected = "as many deliveries as expected")]
    fn one_that_is_lost_is_noticed() {
        after(1);
    }

    #[test]
    #[should_panic(expected = "as many deliveries as expected")]
    fn one_too_many_is_noticed() {
        after(3);
    }
}
