use std::collections::HashMap;

use harness::{IN_FLIGHT, Latch, Numbers, ROUTING, Run, Samples, Stopwatch};

use crate::block_on;
use crate::listener::listener;
use crate::messages::Says;

pub(crate) fn run(run: &Run) {
    for n in run.sizes_that_fit(&ROUTING, 2_000) {
        let samples = block_on(route(n, run.operations(300_000), run.warm_samples()));
        run.record(&[("n", n.into()), ("via", "map of senders".into())], "message", samples);
    }
}

async fn route(n: u64, messages: u64, mut samples: Samples) -> Samples {
    let latch = Latch::new();
    let topics: HashMap<_, _> = (0..n).map(|topic| (topic, listener(&latch))).collect();
    let bursts = messages.div_ceil(IN_FLIGHT);
    let mut numbers = Numbers::new();
    while samples.more() {
        let watch = Stopwatch::start();
        for _ in 0..bursts {
            latch.arm(IN_FLIGHT);
            for payload in 0..IN_FLIGHT {
                let topic = numbers.below(n);
                let _ = topics[&topic].send(Says { topic, payload });
            }
            latch.wait().await;
        }
        samples.push(watch.each_of(bursts * IN_FLIGHT));
    }
    samples
}
