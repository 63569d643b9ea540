//! Processes that are made, hear a message and end.

use std::sync::Arc;

use harness::{Bursts, Latch, Run, SPAWN_AMONG, Stopwatch};
use marketplace::prelude::*;

use crate::listener::{Says, listener};
use crate::{churn, with};

pub(crate) fn run(run: &Run) {
    for n in run.sizes(&SPAWN_AMONG) {
        let latch = Latch::new();
        let mut vm = with((0..n).map(|other| listener(u64::MAX - other, &latch)));
        let alive = vm.stats().processes;
        let bursts = Bursts::of_messages(run.operations(100_000), 1);
        let mut samples = run.warm_samples();
        while samples.more() {
            let watch = Stopwatch::start();
            for _ in 0..bursts.bursts {
                latch.arm(bursts.messages);
                (0..bursts.messages).for_each(|topic| vm.spawn(guest(topic, latch.clone())));
                churn(&mut vm);
                (0..bursts.messages).for_each(|topic| vm.send(&Says { topic, payload: 0 }));
                churn(&mut vm);
                latch.is_done();
            }
            samples.push(watch.each_of(bursts.operations));
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
