//! Vats: counts in one and in two, what is sent to one and asked of it, and a link.

use std::thread;

use harness::{Run, Stopwatch};
use marketplace::prelude::*;
use marketplace::vat::{Subscription, Vat, VatEvent, VatOptions};
use marketplace_drivers::vat_link;

#[derive(Message, Clone, Debug, PartialEq)]
struct Count {
    left: u64,
}

/// The gain of two VMs in two threads, and the cost of talking to one from outside.
pub(crate) fn run(run: &Run) {
    let turns = run.operations(500_000);
    let (one, two) = (counting(), counting());
    row(run, "two counts in one vat", "turn", 2 * turns, || {
        count(&one, turns);
        count(&one, turns);
    });
    row(run, "two counts in two vats", "turn", 2 * turns, || {
        thread::scope(|scope| {
            scope.spawn(|| count(&one, turns));
            scope.spawn(|| count(&two, turns));
        });
    });
    let envelopes = run.operations(200_000);
    row(run, "send", "envelope", envelopes, || {
        (0..envelopes).for_each(|n| one.send(&n).expect("it runs"));
        one.call(|_| ()).expect("it runs");
    });
    let calls = run.operations(20_000);
    row(run, "call", "call", calls, || (0..calls).for_each(|_| one.call(|_| ()).expect("it runs")));

    let (near, far) = linked();
    let mut done = near.subscribe::<Text>(topic!("done")).expect("it runs");
    let heard = near.subscribe::<Count>(topic!(Count { .. })).expect("it runs");
    wait(&mut done);
    let carried = run.operations(20_000);
    row(run, "link", "message", carried, || {
        far.send(&Count { left: carried }).expect("it runs");
        wait(&mut done);
    });
    drop(heard);
}

fn row(run: &Run, of: &str, what: &str, operations: u64, mut work: impl FnMut()) {
    let mut samples = run.samples();
    while samples.more() {
        let watch = Stopwatch::start();
        work();
        samples.push(watch.each_of(operations));
    }
    run.record_wall(&[("of", of.into())], what, samples);
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

/// So many turns, one after another.
fn count(vat: &Vat, turns: u64) {
    let mut done = vat.subscribe::<Text>(topic!("done")).expect("it runs");
    vat.call(|_| ()).expect("it runs");
    vat.send(&Count { left: turns }).expect("it runs");
    wait(&mut done);
}

/// Until it is said to be done.
fn wait(done: &mut Subscription<Text>) {
    while done.wait().expect("not in a turn") != Some(VatEvent::Message("done".into())) {}
}

/// A vat that counts, and one that hears of it. If "done" is heard there, they are linked.
fn linked() -> (Vat, Vat) {
    let far = Vat::spawn(VatOptions::default(), |_| {
        transition_no_state!(spawn!(counter()), publisher!("done", on_presence!(send_message!("done"))))
    })
    .expect("a thread");
    let near = Vat::spawn(VatOptions::default(), {
        let far = far.clone();
        move |_| {
            transition_no_state!(
                vat_link::link(&far, topic!(Count { .. })),
                vat_link::link(&far, topic!("done"))
            )
        }
    })
    .expect("a thread");
    (near, far)
}
