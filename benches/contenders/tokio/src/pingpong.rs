//! Two tasks that send a message back and forth.

use harness::{Latch, Run, Samples, Stopwatch, block_on};
use tokio::sync::mpsc::unbounded_channel;

use crate::messages::{Order, Packet};

/// A message that counts down.
trait Ball: Send + Sized + 'static {
    /// It goes back, or that was the last.
    fn back(self) -> Option<Self>;
}

impl Ball for u64 {
    fn back(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

impl Ball for Order {
    fn back(self) -> Option<Self> {
        let Self { number, customer, cents, urgent, payload } = self;
        Some(Self { number, customer, cents, urgent, payload: payload.checked_sub(1)? })
    }
}

impl Ball for Packet {
    fn back(self) -> Option<Self> {
        let Self { payload, data } = self;
        Some(Self { payload: payload.checked_sub(1)?, data })
    }
}

pub(crate) fn run(run: &Run) {
    let messages = run.operations(400_000);
    let row = |message: &str, samples: Samples| {
        run.record(&[("message", message.into()), ("via", "mpsc".into())], "message", samples);
    };
    row("integer", block_on(play(messages, |left| left, run.warm_samples())));
    row("record", block_on(play(messages, Order::new, run.warm_samples())));
    row("64 KiB", block_on(play(messages, Packet::new, run.warm_samples())));
}

async fn play<B: Ball>(messages: u64, first: fn(u64) -> B, mut samples: Samples) -> Samples {
    let latch = Latch::new();
    let ((to_a, from_b), (to_b, from_a)) = (unbounded_channel::<B>(), unbounded_channel::<B>());
    for (mut from, to) in [(from_b, to_b), (from_a, to_a.clone())] {
        let latch = latch.clone();
        tokio::spawn(async move {
            while let Some(ball) = from.recv().await {
                match ball.back() {
                    Some(back) => drop(to.send(back)),
                    None => latch.hit(),
                }
            }
        });
    }
    while samples.more() {
        latch.arm(1);
        let watch = Stopwatch::start();
        let _ = to_a.send(first(messages));
        latch.wait().await;
        samples.push(watch.each_of(messages));
    }
    samples
}
