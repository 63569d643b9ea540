//! How much memory a task takes, alone and with a topic.

use std::collections::HashMap;
use std::hint::black_box;

use crate::listener::listener;
use crate::messages::Says;
use harness::{Latch, MANY, Run, block_on, resident, settle};

pub(crate) fn idle(run: &Run) {
    let bytes = block_on(async {
        let latch = Latch::new();
        let before = resident();
        let all: Vec<_> = (0..MANY).map(|_| listener::<Says>(&latch)).collect();
        each(before, all).await
    });
    run.record_bytes(&[], "process", bytes);
}

/// A topic is an entry in the map.
pub(crate) fn subscribed(run: &Run) {
    let bytes = block_on(async {
        let latch = Latch::new();
        let before = resident();
        let all: HashMap<_, _> = (0..MANY).map(|topic| (topic, listener::<Says>(&latch))).collect();
        each(before, all).await
    });
    run.record_bytes(&[], "process", bytes);
}

/// When all have begun to wait: what each takes.
async fn each<T>(before: u64, all: T) -> f64 {
    settle().await;
    let bytes = resident().saturating_sub(before) as f64 / MANY as f64;
    black_box(all);
    bytes
}
