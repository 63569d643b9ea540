//! Messages about topics with open places, by a trie of maps.

use std::collections::HashMap;

use harness::{Bursts, Latch, Numbers, ROUTING, Run, Samples, block_on};
use tokio::sync::mpsc::UnboundedSender;

use crate::listener::listener;
use crate::messages::Says;

pub(crate) fn run(run: &Run) {
    for n in run.sizes_that_fit(&ROUTING, 2_500) {
        let samples = block_on(route(n, run.operations(300_000), run.warm_samples()));
        run.record(&[("n", n.into()), ("via", "trie".into())], "message", samples);
    }
}

/// Topics with open places, as one writes them by hand: in each place a map, and a branch for any.
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

async fn route(n: u64, messages: u64, samples: Samples) -> Samples {
    let latch = Latch::new();
    let mut trie = Trie::default();
    for topic in 0..n / 2 {
        trie.add(&[Some(1), Some(topic), Some(9)], listener(&latch));
        trie.add(&[Some(1), Some(topic), None], listener(&latch));
    }
    let mut numbers = Numbers::new();
    let send = async |payload| {
        let topic = numbers.below(n / 2);
        trie.send(&[1, topic, 9], Says { topic, payload });
    };
    samples.in_bursts(Bursts::of_messages(messages, 2), &latch, send).await
}
