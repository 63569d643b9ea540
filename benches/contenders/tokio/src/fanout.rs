//! One message for many tasks: a copy to each, or a broadcast channel.

use std::collections::HashMap;
use std::hint::black_box;

use harness::{Bursts, FANOUT, Latch, Run, Samples, block_on};
use tokio::sync::broadcast;

use crate::listener::listener;
use crate::messages::{Order, Packet, Says, Sum};

pub(crate) fn run(run: &Run) {
    let deliveries = run.operations(1_000_000);
    let row = |n: u64, message: &str, via: &str, samples: Samples| {
        let parameters = [("n", n.into()), ("message", message.into()), ("via", via.into())];
        run.record(&parameters, "delivery", samples);
    };
    let integer = |payload| Says { topic: 7, payload };
    for n in run.sizes(&FANOUT) {
        row(n, "integer", "mpsc", block_on(one_by_one(n, deliveries, integer, run.warm_samples())));
        row(n, "integer", "broadcast", block_on(broadcast(n, deliveries, integer, run.warm_samples())));
    }
    for n in run.sizes(&[100]) {
        row(n, "record", "mpsc", block_on(one_by_one(n, deliveries, Order::new, run.warm_samples())));
        let packet = Packet::new(0);
        let packet = move |_| packet.clone();
        row(n, "64 KiB", "mpsc", block_on(one_by_one(n, deliveries, packet, run.warm_samples())));
    }
}

/// A map from a topic to the senders of those who listen.
async fn one_by_one<M: Sum + Clone + Send + 'static>(
    n: u64,
    deliveries: u64,
    message: impl Fn(u64) -> M,
    samples: Samples,
) -> Samples {
    let latch = Latch::new();
    let listeners: Vec<_> = (0..n).map(|_| listener(&latch)).collect();
    let topics = HashMap::from([(7, listeners)]);
    let bursts = Bursts::of_deliveries(deliveries, n);
    let send = async |payload| {
        let message = message(payload);
        for listener in &topics[&7] {
            let _ = listener.send(message.clone());
        }
    };
    samples.in_bursts(bursts, &latch, send).await
}

/// A channel from one to all, which keeps each message once. Listeners who are too slow lose
/// messages.
async fn broadcast<M: Sum + Clone + Send + 'static>(
    n: u64,
    deliveries: u64,
    message: impl Fn(u64) -> M,
    samples: Samples,
) -> Samples {
    let latch = Latch::new();
    let bursts = Bursts::of_deliveries(deliveries, n);
    let (to, _) = broadcast::channel::<M>(bursts.messages.next_power_of_two() as usize);
    for _ in 0..n {
        let (mut from, latch) = (to.subscribe(), latch.clone());
        tokio::spawn(async move {
            let mut sum = 0u64;
            while let Ok(message) = from.recv().await {
                sum = sum.wrapping_add(message.sum());
                latch.hit();
            }
            black_box(sum);
        });
    }
    let send = async |payload| drop(to.send(message(payload)));
    samples.in_bursts(bursts, &latch, send).await
}
