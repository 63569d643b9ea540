use std::sync::Arc;

use harness::{Latch, Run, SPAWN_AMONG, SPAWN_BATCH, Stopwatch};
use marketplace::prelude::*;

use crate::listener::{Says, listener};
use crate::{churn, with};

pub(crate) fn run(run: &Run) {
    for n in run.sizes(&SPAWN_AMONG) {
        let latch = Latch::new();
        let mut vm = with((0..n).map(|other| listener(u64::MAX - other, &latch)));
        let alive = vm.stats().processes;
        let batches = run.operations(100_000).div_ceil(SPAWN_BATCH);
        let mut samples = run.warm_samples();
        while samples.more() {
            let watch = Stopwatch::start();
            for batch in 0..batches {
                let topics = batch * SPAWN_BATCH..(batch + 1) * SPAWN_BATCH;
                latch.arm(SPAWN_BATCH);
                topics.clone().for_each(|topic| vm.spawn(guest(topic, latch.clone())));
                churn(&mut vm);
                topics.for_each(|topic| vm.send(&Says { topic, payload: 0 }));
                churn(&mut vm);
                latch.is_done();
            }
            samples.push(watch.each_of(batches * SPAWN_BATCH));
            assert_eq!(vm.stats().processes, alive, "they have ended");
        }
        run.record(&[("n", n.into())], "process", samples);
    }
}

/// Ends when it hears anything.
fn guest(topic: u64, latch: Arc<Latch>) -> Spawn<()> {
    spawn!(transition_no_state!(subscriber!(
        Says { topic, .. },
        on_message!(_ => {
            latch.hit();
            quit()
        }),
    )))
}
