//! Messages about many topics: one subscriber to each, or two whose topics differ in shape.

use std::sync::Arc;

use harness::{Bursts, Latch, Numbers, ROUTING, Run};
use marketplace::GroundVm;
use marketplace::prelude::*;

use crate::listener::{Says, listener};
use crate::{in_bursts, with};

#[derive(Message, Clone)]
struct Sorted {
    topic: u64,
    sort: u64,
    payload: u64,
}

pub(crate) fn exact(run: &Run) {
    for n in run.sizes_that_fit(&ROUTING, 1_000) {
        let latch = Latch::new();
        let vm = with((0..n).map(|topic| listener(topic, &latch)));
        send(run, n, vm, &latch, (n, 1), |topic, payload| Says { topic, payload });
    }
}

pub(crate) fn wildcard(run: &Run) {
    for n in run.sizes_that_fit(&ROUTING, 1_000) {
        let latch = Latch::new();
        let both = |topic| [of_one_sort(topic, &latch), of_any_sort(topic, &latch)];
        let vm = with((0..n / 2).flat_map(both));
        send(run, n, vm, &latch, (n / 2, 2), |topic, payload| Sorted { topic, sort: 9, payload });
    }
}

fn of_one_sort(topic: u64, latch: &Arc<Latch>) -> Spawn<()> {
    let latch = latch.clone();
    spawn!(transition!(
        0u64,
        subscriber!(
            Sorted { topic, sort: 9, .. },
            match_state!(sum: u64 => on_message!(Sorted { payload, .. } => {
                latch.hit();
                transition!(sum.wrapping_add(payload))
            })),
        ),
    ))
}

fn of_any_sort(topic: u64, latch: &Arc<Latch>) -> Spawn<()> {
    let latch = latch.clone();
    spawn!(transition!(
        0u64,
        subscriber!(
            Sorted { topic, .. },
            match_state!(sum: u64 => on_message!(Sorted { payload, .. } => {
                latch.hit();
                transition!(sum.wrapping_add(payload))
            })),
        ),
    ))
}

/// Messages about so many topics, each for so many processes.
fn send<M: Message>(
    run: &Run,
    n: u64,
    vm: GroundVm,
    latch: &Latch,
    (topics, each): (u64, u64),
    message: fn(u64, u64) -> M,
) {
    let mut numbers = Numbers::new();
    let bursts = Bursts::of_messages(run.operations(300_000), each);
    let samples = in_bursts(vm, bursts, latch, run.warm_samples(), |vm, payload| {
        vm.send(&message(numbers.below(topics), payload));
    });
    run.record(&[("n", n.into())], "message", samples);
}
