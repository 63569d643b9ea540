//! The work of a sample, in bursts, so that what is in flight stays bounded.

use std::future::Future;

use tokio::runtime::Builder;
use tokio::task::yield_now;

use crate::{Latch, MANY, Samples, Stopwatch};

/// How many deliveries are in flight at once in a fan-out.
const FANOUT_IN_FLIGHT: u64 = 10_000;
/// How many messages are in flight at once elsewhere, and how many processes are made before the
/// next message is waited for.
const IN_FLIGHT: u64 = 1_000;

/// The work of a sample: it sends a burst of messages, waits until all of them have been delivered,
/// and sends the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bursts {
    /// How many.
    pub bursts: u64,
    /// How many messages in each.
    pub messages: u64,
    /// To how many each message goes.
    pub deliveries: u64,
    /// How many operations that are.
    pub operations: u64,
}

impl Bursts {
    /// So many deliveries, or a few more, of messages that go to `n` each. A delivery is an
    /// operation.
    ///
    /// ```
    /// use harness::Bursts;
    /// let bursts = Bursts { bursts: 100, messages: 100, deliveries: 100, operations: 1_000_000 };
    /// assert_eq!(Bursts::of_deliveries(1_000_000, 100), bursts);
    /// ```
    pub fn of_deliveries(deliveries: u64, n: u64) -> Self {
        let messages = (FANOUT_IN_FLIGHT / n).max(1);
        let bursts = deliveries.div_ceil(messages * n);
        Self { bursts, messages, deliveries: n, operations: bursts * messages * n }
    }

    /// So many messages, or a few more, that go to `n` each. A message is an operation.
    ///
    /// ```
    /// use harness::Bursts;
    /// let bursts = Bursts { bursts: 2, messages: 1_000, deliveries: 2, operations: 2_000 };
    /// assert_eq!(Bursts::of_messages(1_500, 2), bursts);
    /// ```
    pub fn of_messages(messages: u64, n: u64) -> Self {
        let bursts = messages.div_ceil(IN_FLIGHT);
        Self { bursts, messages: IN_FLIGHT, deliveries: n, operations: bursts * IN_FLIGHT }
    }

    /// One burst of so many messages that go to `n` each: where a message takes so long that few
    /// are sent.
    pub fn of_few_messages(messages: u64, n: u64) -> Self {
        match messages {
            ..IN_FLIGHT => Self { bursts: 1, messages, deliveries: n, operations: messages },
            _ => Self::of_messages(messages, n),
        }
    }
}

impl Samples {
    /// Filled by bursts of what this sends, which counts down on the latch when it is delivered.
    pub async fn in_bursts(mut self, bursts: Bursts, latch: &Latch, mut send: impl AsyncFnMut(u64)) -> Self {
        while self.more() {
            let watch = Stopwatch::start();
            for _ in 0..bursts.bursts {
                latch.arm(bursts.messages * bursts.deliveries);
                for message in 0..bursts.messages {
                    send(message).await;
                }
                latch.wait().await;
            }
            self.push(watch.each_of(bursts.operations));
        }
        self
    }
}

impl Samples {
    /// Filled by what this begins, which hits the latch so many times when it is done.
    pub async fn of_work(
        mut self,
        operations: u64,
        hits: u64,
        latch: &Latch,
        mut begin: impl AsyncFnMut(),
    ) -> Self {
        while self.more() {
            latch.arm(hits);
            let watch = Stopwatch::start();
            begin().await;
            latch.wait().await;
            self.push(watch.each_of(operations));
        }
        self
    }
}

/// Runs it on a runtime of tokio with one thread, without clock and sockets.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    Builder::new_current_thread().build().expect("a runtime").block_on(work)
}

/// Waits until all of [`MANY`] new tasks have begun to wait for something.
pub async fn settle() {
    for _ in 0..MANY {
        yield_now().await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::Run;

    #[test]
    fn every_message_of_every_burst_is_sent() {
        let (latch, sent) = (Latch::new(), Cell::new(0));
        let run = Run {
            contender: "",
            version: String::new(),
            workload: String::new(),
            samples: 1,
            scale: 1.0,
            max_n: 1,
        };
        let samples = run.samples().in_bursts(Bursts::of_messages(3_000, 2), &latch, async |message| {
            assert!(message < 1_000);
            sent.set(sent.get() + 1);
            latch.hit();
            latch.hit();
        });
        block_on(samples);
        assert_eq!(sent.get(), 3_000);
    }
}
