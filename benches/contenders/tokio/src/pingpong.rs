use std::hint::black_box;

use bytes::Bytes;
use harness::{Latch, Run, Samples, Stopwatch};
use tokio::sync::mpsc::unbounded_channel;

use crate::block_on;

/// A message that counts down.
trait Ball: Send + Sized + 'static {
    fn new(left: u64) -> Self;
    fn back(self) -> Option<Self>;
}

impl Ball for u64 {
    fn new(left: u64) -> Self {
        left
    }

    fn back(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

/// Five fields.
pub(crate) struct Order {
    pub(crate) number: u64,
    pub(crate) customer: u64,
    pub(crate) cents: i64,
    pub(crate) urgent: bool,
    pub(crate) left: u64,
}

impl Ball for Order {
    fn new(left: u64) -> Self {
        Self { number: 1, customer: 2, cents: -3, urgent: true, left }
    }

    fn back(self) -> Option<Self> {
        Some(Self { left: self.left.checked_sub(1)?, ..self })
    }
}

struct Packet {
    left: u64,
    data: Bytes,
}

impl Ball for Packet {
    fn new(left: u64) -> Self {
        Self { left, data: vec![7; 64 * 1024].into() }
    }

    fn back(self) -> Option<Self> {
        Some(Self { left: self.left.checked_sub(1)?, ..self })
    }
}

pub(crate) fn run(run: &Run) {
    let messages = run.operations(400_000);
    let row = |message: &str, samples: Samples| {
        run.record(&[("message", message.into()), ("via", "mpsc".into())], "message", samples);
    };
    row("integer", block_on(play::<u64>(messages, run.warm_samples())));
    row("record", block_on(play::<Order>(messages, run.warm_samples())));
    row("64 KiB", block_on(play::<Packet>(messages, run.warm_samples())));
}

async fn play<B: Ball>(messages: u64, mut samples: Samples) -> Samples {
    let latch = Latch::new();
    let ((to_a, from_b), (to_b, from_a)) = (unbounded_channel::<B>(), unbounded_channel::<B>());
    for (mut from, to) in [(from_b, to_b), (from_a, to_a.clone())] {
        let latch = latch.clone();
        tokio::spawn(async move {
            while let Some(ball) = from.recv().await {
                // All of it is looked at, as far as the compiler knows.
                match black_box(ball).back() {
                    Some(back) => drop(to.send(back)),
                    None => latch.hit(),
                }
            }
        });
    }
    while samples.more() {
        latch.arm(1);
        let watch = Stopwatch::start();
        to_a.send(B::new(messages)).ok().expect("a player listens");
        latch.wait().await;
        samples.push(watch.each_of(messages));
    }
    samples
}
