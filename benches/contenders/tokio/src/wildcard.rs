use std::collections::HashMap;

use harness::{IN_FLIGHT, Latch, Numbers, ROUTING, Run, Samples, Stopwatch};
use tokio::sync::mpsc::UnboundedSender;

use crate::block_on;
use crate::listener::listener;
use crate::messages::Says;

pub(crate) fn run(run: &Run) {
    for n in run.sizes_that_fit(&ROUTING, 2_500) {
        let samples = block_on(route(n, run.operations(300_000), run.warm_samples()));
        run.record(&[("n", n.into()), ("via", "trie".into())], "message", samples);
    }
}

/// What one writes for topics with open places: in each place a map, and a branch for any.
#[derive(Default)]
struct Trie {
    listeners: Vec<UnboundedSender<Says>>,
    exact: HashMap<u64, Self>,
    any: Option<Box<Self>>,
}

impl Trie {
    fn add(&mut self, topic: &[Option<u64>], listener: UnboundedSender<Says>) {
        match topic.split_first() {
            None => self.listeners.push(listener),
            Some((Some(place), rest)) => self.exact.entry(*place).or_default().add(rest, listener),
            Some((None, rest)) => self.any.get_or_insert_default().add(rest, listener),
        }
    }

    fn send(&self, topic: &[u64], message: Says) {
        match topic.split_first() {
            None => {
                for listener in &self.listeners {
                    let _ = listener.send(message);
                }
            }
            Some((place, rest)) => {
                for branch in self.exact.get(place).into_iter().chain(self.any.as_deref()) {
                    branch.send(rest, message);
                }
            }
        }
    }
}

async fn route(n: u64, messages: u64, mut samples: Samples) -> Samples {
    let latch = Latch::new();
    let mut trie = Trie::default();
    for topic in 0..n / 2 {
        trie.add(&[Some(1), Some(topic), Some(9)], listener(&latch));
        trie.add(&[Some(1), Some(topic), None], listener(&latch));
    }
    let bursts = messages.div_ceil(IN_FLIGHT);
    let mut numbers = Numbers::new();
    while samples.more() {
        let watch = Stopwatch::start();
        for _ in 0..bursts {
            latch.arm(IN_FLIGHT * 2);
            for payload in 0..IN_FLIGHT {
                let topic = numbers.below(n / 2);
                trie.send(&[1, topic, 9], Says { topic, payload });
            }
            latch.wait().await;
        }
        samples.push(watch.each_of(bursts * IN_FLIGHT));
    }
    samples
}
