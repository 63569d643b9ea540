//! Vats: what two of them bring, and what it costs to talk to one.
//!
//! `cargo bench --bench vats`. Figures of one run compare with each other only.

use std::thread;
use std::time::{Duration, Instant};

use marketplace::prelude::*;
use marketplace::vat::{Vat, VatEvent, VatOptions};
use marketplace_drivers::vat_link;

const ROUNDS: usize = 7;
const TURNS: u64 = 1_000_000;
const ENVELOPES: u64 = 200_000;
const CALLS: u64 = 20_000;

#[derive(Message, Clone, Debug, PartialEq)]
struct Count {
    left: u64,
}

/// Counts down by messages to itself, and says when it is done.
fn counter() -> Transition<()> {
    transition_no_state!(subscriber!(
        Count { .. },
        on_message!(
            Count { left: 0 } => send_message!("done"),
            Count { left } => send_message!(Count { left: left - 1 }),
        )
    ))
}

fn counting() -> Vat {
    Vat::spawn(VatOptions::default(), |_| transition_no_state!(spawn!(counter()))).expect("a thread")
}

/// So many turns, one after another, in one vat.
fn count(vat: &Vat, turns: u64) {
    let mut done = vat.subscribe::<Text>(topic!("done")).expect("it runs");
    vat.call(|_| ()).expect("it runs");
    vat.send(&Count { left: turns }).expect("it runs");
    while done.wait() != Some(VatEvent::Message("done".into())) {}
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn nanos(of: Duration, by: u64) -> f64 {
    of.as_nanos() as f64 / by as f64
}

fn main() {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    println!("{cores} cores, medians of {ROUNDS} rounds");
    let (one, two) = (counting(), counting());
    let (mut alone, mut together) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.push(timed(|| {
            count(&one, TURNS);
            count(&one, TURNS);
        }));
        together.push(timed(|| {
            thread::scope(|scope| {
                scope.spawn(|| count(&one, TURNS));
                scope.spawn(|| count(&two, TURNS));
            });
        }));
    }
    let (alone, together) = (median(alone), median(together));
    println!("{:<40}{:>9.0} ms", "two million turns in one vat", alone.as_secs_f64() * 1e3);
    println!(
        "{:<40}{:>9.0} ms   {:.2} times as fast",
        "the same in two vats",
        together.as_secs_f64() * 1e3,
        alone.as_secs_f64() / together.as_secs_f64()
    );

    let row = |what: &str, unit: &str, operations: u64, work: &dyn Fn()| {
        let times = (0..ROUNDS).map(|_| timed(work)).collect();
        println!("{what:<40}{:>9.0} ns {unit}", nanos(median(times), operations));
    };
    row("send from a thread", "an envelope", ENVELOPES, &|| {
        (0..ENVELOPES).for_each(|n| one.send(&n).expect("it runs"));
        one.call(|_| ()).expect("it runs");
    });
    row("call, and wait for the result", "a call", CALLS, &|| {
        (0..CALLS).for_each(|_| one.call(|_| ()).expect("it runs"));
    });

    // Whoever hears "done" knows that the link has been made.
    let far = Vat::spawn(VatOptions::default(), |_| {
        transition_no_state!(spawn!(counter()), publisher!("done", on_presence!(send_message!("done"))))
    })
    .expect("a thread");
    let near = {
        let far = far.clone();
        Vat::spawn(VatOptions::default(), move |_| {
            transition_no_state!(
                vat_link::link(&far, topic!(Count { .. })),
                vat_link::link(&far, topic!("done"))
            )
        })
        .expect("a thread")
    };
    let mut counts = near.subscribe::<Text>(topic!("done")).expect("it runs");
    let heard = near.subscribe::<Count>(topic!(Count { .. })).expect("it runs");
    while !matches!(counts.wait(), Some(VatEvent::Message(_))) {}
    const CARRIED: u64 = 20_000;
    let counts = std::cell::RefCell::new(counts);
    row("a message over a link", "a message", CARRIED, &|| {
        far.send(&Count { left: CARRIED }).expect("it runs");
        while !matches!(counts.borrow_mut().wait(), Some(VatEvent::Message(_))) {}
    });
    drop(heard);
}
