//! Tasks that are made, hear a message and end.

use std::hint::black_box;

use harness::{Bursts, Latch, Run, SPAWN_AMONG, Samples, block_on};
use tokio::sync::mpsc::unbounded_channel;

use crate::listener::listener;
use crate::messages::Says;

pub(crate) fn run(run: &Run) {
    for n in run.sizes(&SPAWN_AMONG) {
        let samples = block_on(come_and_go(n, run.operations(100_000), run.warm_samples()));
        run.record(&[("n", n.into())], "process", samples);
    }
}

async fn come_and_go(n: u64, tasks: u64, samples: Samples) -> Samples {
    let latch = Latch::new();
    let others: Vec<_> = (0..n).map(|_| listener::<Says>(&latch)).collect();
    let spawn = async |payload| {
        let (to, mut from) = unbounded_channel::<u64>();
        let latch = latch.clone();
        tokio::spawn(async move {
            black_box(from.recv().await);
            latch.hit();
        });
        let _ = to.send(payload);
    };
    let samples = samples.in_bursts(Bursts::of_messages(tasks, 1), &latch, spawn).await;
    drop(others);
    samples
}
