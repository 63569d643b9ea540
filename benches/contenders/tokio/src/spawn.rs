use std::hint::black_box;

use harness::{Latch, Run, SPAWN_AMONG, SPAWN_BATCH, Samples, Stopwatch};
use tokio::sync::mpsc::unbounded_channel;

use crate::block_on;
use crate::listener::listener;
use crate::messages::Says;

pub(crate) fn run(run: &Run) {
    for n in run.sizes(&SPAWN_AMONG) {
        let samples = block_on(come_and_go(n, run.operations(100_000), run.warm_samples()));
        run.record(&[("n", n.into())], "process", samples);
    }
}

async fn come_and_go(n: u64, tasks: u64, mut samples: Samples) -> Samples {
    let latch = Latch::new();
    let others: Vec<_> = (0..n).map(|_| listener::<Says>(&latch)).collect();
    let batches = tasks.div_ceil(SPAWN_BATCH);
    while samples.more() {
        let watch = Stopwatch::start();
        for _ in 0..batches {
            latch.arm(SPAWN_BATCH);
            for payload in 0..SPAWN_BATCH {
                let (to, mut from) = unbounded_channel::<u64>();
                let latch = latch.clone();
                tokio::spawn(async move {
                    black_box(from.recv().await);
                    latch.hit();
                });
                let _ = to.send(payload);
            }
            latch.wait().await;
        }
        samples.push(watch.each_of(batches * SPAWN_BATCH));
    }
    drop(others);
    samples
}
