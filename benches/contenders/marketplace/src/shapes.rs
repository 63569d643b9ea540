//! A message beside topics of many shapes that it does not match.

use std::sync::Arc;

use harness::{Bursts, Latch, Run, SHAPES};
use marketplace::Topic;
use marketplace::prelude::*;

use crate::{in_bursts, with};

/// Eight places that topics look at.
#[derive(Message, Clone)]
struct Wide(u64, u64, u64, u64, u64, u64, u64, u64, u64);

/// N topics, each with the literal 1 at places of its own. A message has none of these literals: it
/// goes to the topic without literals.
pub(crate) fn run(run: &Run) {
    for n in run.sizes(&SHAPES) {
        let latch = Latch::new();
        let vm = with((0..n).map(|places| listener(places, &latch)));
        let bursts = Bursts::of_messages(run.operations(100_000), 1);
        let samples = in_bursts(vm, bursts, &latch, run.warm_samples(), |vm, payload| {
            vm.send(&Wide(0, 0, 0, 0, 0, 0, 0, 0, payload));
        });
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
