//! Two processes that send a message back and forth: an integer, a record, a packet of 64 KiB.

use bytes::Bytes;
use harness::{Latch, Run, Samples, Stopwatch};
use marketplace::GroundVm;
use marketplace::prelude::*;

use crate::{churn, with};

#[derive(Message, Clone)]
struct Ping(u64);

#[derive(Message, Clone)]
struct Pong(u64);

/// Five fields, and which way it goes.
#[derive(Message, Clone)]
enum Order {
    There { number: u64, customer: u64, cents: i64, urgent: bool, left: u64 },
    Back { number: u64, customer: u64, cents: i64, urgent: bool, left: u64 },
}

#[derive(Message, Clone)]
enum Packet {
    There { left: u64, data: Bytes },
    Back { left: u64, data: Bytes },
}

pub(crate) fn run(run: &Run) {
    let messages = run.operations(400_000);
    let row =
        |message: &str, samples: Samples| run.record(&[("message", message.into())], "message", samples);
    row("integer", integers(messages, run.warm_samples(), |_| {}));
    row("record", records(messages, run.warm_samples()));
    row("64 KiB", packets(messages, run.warm_samples()));
}

/// In a VM that is first prepared somehow.
pub(crate) fn integers(messages: u64, samples: Samples, prepare: fn(&mut GroundVm)) -> Samples {
    let latch = Latch::new();
    let last = latch.clone();
    let ping = spawn!(transition_no_state!(subscriber!(
        Ping(_),
        on_message!(
            Ping(0) => last.hit(),
            Ping(n) => send_message!(Pong(n - 1)),
        ),
    )));
    let last = latch.clone();
    let pong = spawn!(transition_no_state!(subscriber!(
        Pong(_),
        on_message!(
            Pong(0) => last.hit(),
            Pong(n) => send_message!(Ping(n - 1)),
        ),
    )));
    let mut vm = with([ping, pong]);
    prepare(&mut vm);
    play(vm, messages, samples, &latch, Ping)
}

fn records(messages: u64, samples: Samples) -> Samples {
    let latch = Latch::new();
    let last = latch.clone();
    let there = spawn!(transition_no_state!(subscriber!(
        Order::There { .. },
        on_message!(
            Order::There { left: 0, .. } => last.hit(),
            Order::There { number, customer, cents, urgent, left } =>
                send_message!(Order::Back { number, customer, cents, urgent, left: left - 1 }),
        ),
    )));
    let last = latch.clone();
    let back = spawn!(transition_no_state!(subscriber!(
        Order::Back { .. },
        on_message!(
            Order::Back { left: 0, .. } => last.hit(),
            Order::Back { number, customer, cents, urgent, left } =>
                send_message!(Order::There { number, customer, cents, urgent, left: left - 1 }),
        ),
    )));
    play(with([there, back]), messages, samples, &latch, |left| Order::There {
        number: 1,
        customer: 2,
        cents: -3,
        urgent: true,
        left,
    })
}

fn packets(messages: u64, samples: Samples) -> Samples {
    let latch = Latch::new();
    let last = latch.clone();
    let there = spawn!(transition_no_state!(subscriber!(
        Packet::There { .. },
        on_message!(
            Packet::There { left: 0, .. } => last.hit(),
            Packet::There { left, data } => send_message!(Packet::Back { left: left - 1, data }),
        ),
    )));
    let last = latch.clone();
    let back = spawn!(transition_no_state!(subscriber!(
        Packet::Back { .. },
        on_message!(
            Packet::Back { left: 0, .. } => last.hit(),
            Packet::Back { left, data } => send_message!(Packet::There { left: left - 1, data }),
        ),
    )));
    let data = Bytes::from(vec![7; 64 * 1024]);
    play(with([there, back]), messages, samples, &latch, |left| Packet::There { left, data: data.clone() })
}

fn play<M: Message>(
    mut vm: GroundVm,
    messages: u64,
    mut samples: Samples,
    latch: &Latch,
    first: impl Fn(u64) -> M,
) -> Samples {
    while samples.more() {
        latch.arm(1);
        let watch = Stopwatch::start();
        vm.send(&first(messages));
        churn(&mut vm);
        samples.push(watch.each_of(messages));
        latch.is_done();
    }
    samples
}
