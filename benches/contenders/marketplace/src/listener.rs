//! The process that adds up what is said about its topic, and the message that says it.

use std::sync::Arc;

use harness::Latch;
use marketplace::prelude::*;

#[derive(Message, Clone)]
pub(crate) struct Says {
    pub(crate) topic: u64,
    pub(crate) payload: u64,
}

/// Adds up what is said about its topic.
pub(crate) fn listener(topic: u64, latch: &Arc<Latch>) -> Spawn<()> {
    let latch = latch.clone();
    spawn!(transition!(
        0u64,
        subscriber!(
            Says { topic, .. },
            match_state!(sum: u64 => on_message!(Says { payload, .. } => {
                latch.hit();
                transition!(sum.wrapping_add(payload))
            })),
        ),
    ))
}
