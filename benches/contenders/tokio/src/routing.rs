//! Messages about many topics, by a map.

use std::collections::HashMap;

use harness::{Bursts, Latch, Numbers, ROUTING, Run, Samples, block_on};

use crate::listener::listener;
use crate::messages::Says;

pub(crate) fn run(run: &Run) {
    for n in run.sizes_that_fit(&ROUTING, 2_000) {
        let samples = block_on(route(n, run.operations(300_000), run.warm_samples()));
        run.record(&[("n", n.into()), ("via", "map of senders".into())], "message", samples);
    }
}

async fn route(n: u64, messages: u64, samples: Samples) -> Samples {
    let latch = Latch::new();
    let topics: HashMap<_, _> = (0..n).map(|topic| (topic, listener(&latch))).collect();
    let mut numbers = Numbers::new();
    let send = async |payload| {
        let topic = numbers.below(n);
        let _ = topics[&topic].send(Says { topic, payload });
    };
    samples.in_bursts(Bursts::of_messages(messages, 1), &latch, send).await
}
