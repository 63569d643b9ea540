//! Messages that come out of VMs in VMs.

use std::sync::Arc;

use harness::{Latch, Run, Stopwatch};
use marketplace::prelude::*;

use crate::{churn, with};

/// Outside: to the process inside, how often it is to report.
#[derive(Message, Clone)]
struct Go(u64);

/// Inside: one report less.
#[derive(Message, Clone)]
struct Next(u64);

/// From inside to outside.
#[derive(Message, Clone)]
struct Report(u64);

/// A process tells itself to go on, once for each report; so what a level costs is the difference
/// to depth 0, divided by the depth.
pub(crate) fn run(run: &Run) {
    for depth in [0u64, 1, 2, 4] {
        let latch = Latch::new();
        let mut vm = with([at(depth), listener(latch.clone())]);
        let messages = run.operations(100_000);
        let mut samples = run.warm_samples();
        while samples.more() {
            latch.arm(messages);
            let watch = Stopwatch::start();
            vm.send(&Go(messages));
            churn(&mut vm);
            samples.push(watch.each_of(messages));
            latch.is_done();
        }
        run.record(&[("depth", depth.into())], "message", samples);
    }
}

fn listener(latch: Arc<Latch>) -> Spawn<()> {
    spawn!(transition!(
        0u64,
        subscriber!(
            Report(_),
            match_state!(sum: u64 => on_message!(Report(n) => {
                latch.hit();
                transition!(sum.wrapping_add(n))
            })),
        ),
    ))
}

/// A process so many VMs deep.
fn at(depth: u64) -> Spawn<()> {
    match depth {
        0 => spawn!(transition_no_state!(
            subscriber!(Go(_), on_message!(Go(n) => send_message!(Next(n)))),
            subscriber!(
                Next(_),
                on_message!(Next(n) if n > 0 => (
                    send_message!(Report(n)),
                    send_message!(Next(n - 1)),
                ))
            ),
        )),
        1 => spawn_vm!(spawn!(transition_no_state!(
            at_meta_level!(subscriber!(Go(_), on_message!(Go(n) => send_message!(Next(n))))),
            subscriber!(
                Next(_),
                on_message!(Next(n) if n > 0 => (
                    at_meta_level!(send_message!(Report(n))),
                    send_message!(Next(n - 1)),
                ))
            ),
        ))),
        2 => spawn_vm!(spawn_vm!(spawn!(transition_no_state!(
            at_meta_level!(at_meta_level!(subscriber!(Go(_), on_message!(Go(n) => send_message!(Next(n)))))),
            subscriber!(
                Next(_),
                on_message!(Next(n) if n > 0 => (
                    at_meta_level!(at_meta_level!(send_message!(Report(n)))),
                    send_message!(Next(n - 1)),
                ))
            ),
        )))),
        _ => spawn_vm!(spawn_vm!(spawn_vm!(spawn_vm!(spawn!(transition_no_state!(
            at_meta_level!(at_meta_level!(at_meta_level!(at_meta_level!(subscriber!(
                Go(_),
                on_message!(Go(n) => send_message!(Next(n)))
            ))))),
            subscriber!(
                Next(_),
                on_message!(Next(n) if n > 0 => (
                    at_meta_level!(at_meta_level!(at_meta_level!(at_meta_level!(send_message!(Report(n)))))),
                    send_message!(Next(n - 1)),
                ))
            ),
        )))))),
    }
}
