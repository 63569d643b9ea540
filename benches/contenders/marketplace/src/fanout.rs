//! One message for many subscribers: an integer, a record of five fields, a packet of 64 KiB.

use std::sync::Arc;

use bytes::Bytes;
use harness::{Bursts, FANOUT, Latch, Run, Samples};
use marketplace::GroundVm;
use marketplace::prelude::*;

use crate::listener::{Says, listener};
use crate::{in_bursts, with};

#[derive(Message, Clone)]
struct Order {
    number: u64,
    customer: u64,
    cents: u64,
    urgent: bool,
    payload: u64,
}

#[derive(Message, Clone)]
struct Packet {
    topic: u64,
    data: Bytes,
}

pub(crate) fn run(run: &Run) {
    for n in run.sizes(&FANOUT) {
        row(run, n, "integer", integers(run, n, |_| {}));
    }
    for n in run.sizes(&[100]) {
        row(run, n, "record", records(run, n));
        row(run, n, "64 KiB", packets(run, n));
    }
}

fn row(run: &Run, n: u64, message: &str, samples: Samples) {
    run.record(&[("n", n.into()), ("message", message.into())], "delivery", samples);
}

/// In a VM that is first prepared somehow.
pub(crate) fn integers(run: &Run, n: u64, prepare: fn(&mut GroundVm)) -> Samples {
    let latch = Latch::new();
    let mut vm = with((0..n).map(|_| listener(7, &latch)));
    prepare(&mut vm);
    say(run, n, vm, &latch, |payload| Says { topic: 7, payload })
}

fn records(run: &Run, n: u64) -> Samples {
    fn listener(latch: Arc<Latch>) -> Spawn<()> {
        let number = 7u64;
        spawn!(transition!(
            0u64,
            subscriber!(
                Order { number, .. },
                match_state!(sum: u64 => on_message!(Order { number, customer, cents, urgent, payload } => {
                    latch.hit();
                    transition!(sum.wrapping_add(number + customer + cents + u64::from(urgent) + payload))
                })),
            ),
        ))
    }
    let latch = Latch::new();
    let vm = with((0..n).map(|_| listener(latch.clone())));
    say(run, n, vm, &latch, |payload| Order { number: 7, customer: 2, cents: 3, urgent: true, payload })
}

fn packets(run: &Run, n: u64) -> Samples {
    fn listener(latch: Arc<Latch>) -> Spawn<()> {
        let topic = 7u64;
        spawn!(transition!(
            0usize,
            subscriber!(
                Packet { topic, .. },
                match_state!(sum: usize => on_message!(Packet { data, .. } => {
                    latch.hit();
                    transition!(sum.wrapping_add(data.len()))
                })),
            ),
        ))
    }
    let latch = Latch::new();
    let vm = with((0..n).map(|_| listener(latch.clone())));
    let data = Bytes::from(vec![7; 64 * 1024]);
    say(run, n, vm, &latch, |_| Packet { topic: 7, data: data.clone() })
}

fn say<M: Message>(run: &Run, n: u64, vm: GroundVm, latch: &Latch, message: impl Fn(u64) -> M) -> Samples {
    let bursts = Bursts::of_deliveries(run.operations(1_000_000), n);
    in_bursts(vm, bursts, latch, run.warm_samples(), |vm, payload| vm.send(&message(payload)))
}
