use std::sync::Arc;

use harness::{IN_FLIGHT, Latch, Run, SHAPES, Stopwatch};
use marketplace::Topic;
use marketplace::prelude::*;

use crate::{churn, with};

/// Eight places that topics look at.
#[derive(Message, Clone)]
struct Wide(u64, u64, u64, u64, u64, u64, u64, u64, u64);

/// N topics, each with the literal 1 at places of its own. What is sent has none of them: it goes to the one without literals.
pub(crate) fn run(run: &Run) {
    for n in run.sizes(&SHAPES) {
        let latch = Latch::new();
        let mut vm = with((0..n).map(|places| listener(places, &latch)));
        let bursts = run.operations(100_000).div_ceil(IN_FLIGHT);
        let mut samples = run.warm_samples();
        while samples.more() {
            let watch = Stopwatch::start();
            for _ in 0..bursts {
                latch.arm(IN_FLIGHT);
                (0..IN_FLIGHT).for_each(|payload| vm.send(&Wide(0, 0, 0, 0, 0, 0, 0, 0, payload)));
                churn(&mut vm);
                latch.is_done();
            }
            samples.push(watch.each_of(bursts * IN_FLIGHT));
        }
        run.record(&[("n", n.into())], "message", samples);
    }
}

fn listener(places: u64, latch: &Arc<Latch>) -> Spawn<()> {
    let latch = latch.clone();
    spawn!(transition!(
        0u64,
        subscriber!(
            topic = shape(places),
            match_state!(sum: u64 => on_message!(Wide(.., payload) => {
                latch.hit();
                transition!(sum.wrapping_add(payload))
            })),
        ),
    ))
}

/// The literal 1 where there is a bit.
fn shape(places: u64) -> Topic {
    let place = |n: u32| if places >> n & 1 == 1 { topic!(1u64) } else { Topic::any() };
    Topic::record("Wide", (0..8).map(place).chain([Topic::any()]))
}
