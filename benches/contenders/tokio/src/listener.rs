//! The task that adds up what it hears.

use std::hint::black_box;
use std::sync::Arc;

use harness::Latch;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::messages::Sum;

/// Adds up what it hears.
pub(crate) fn listener<M: Sum + Send + 'static>(latch: &Arc<Latch>) -> UnboundedSender<M> {
    let (to, mut from) = unbounded_channel::<M>();
    let latch = latch.clone();
    tokio::spawn(async move {
        let mut sum = 0u64;
        while let Some(message) = from.recv().await {
            sum = sum.wrapping_add(message.sum());
            latch.hit();
        }
        black_box(sum);
    });
    to
}
