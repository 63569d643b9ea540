use std::sync::Arc;

use harness::{IN_FLIGHT, Latch, Numbers, ROUTING, Run, Stopwatch};
use marketplace::GroundVm;
use marketplace::prelude::*;

use crate::listener::{Says, listener};
use crate::{churn, with};

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
    mut vm: GroundVm,
    latch: &Latch,
    (topics, each): (u64, u64),
    message: fn(u64, u64) -> M,
) {
    let bursts = run.operations(300_000).div_ceil(IN_FLIGHT);
    let mut numbers = Numbers::new();
    let mut samples = run.warm_samples();
    while samples.more() {
        let watch = Stopwatch::start();
        for _ in 0..bursts {
            latch.arm(IN_FLIGHT * each);
            for payload in 0..IN_FLIGHT {
                vm.send(&message(numbers.below(topics), payload));
            }
            churn(&mut vm);
            latch.is_done();
        }
        samples.push(watch.each_of(bursts * IN_FLIGHT));
    }
    run.record(&[("n", n.into())], "message", samples);
}
