//! A room in which every member hears what every member says.

use std::sync::Arc;

use harness::{CHAT, Latch, Run, Stopwatch};
use marketplace::prelude::*;

use crate::{churn, with};

#[derive(Message, Clone)]
struct Says {
    who: u64,
    what: Text,
}

/// To a member: say this to all.
#[derive(Message, Clone)]
struct Speak {
    who: u64,
    what: Text,
}

pub(crate) fn run(run: &Run) {
    for n in run.sizes(&[CHAT]) {
        let latch = Latch::new();
        let mut vm = with((0..n).map(|who| member(who, latch.clone())));
        let mut samples = run.warm_samples();
        while samples.more() {
            latch.arm(n * n);
            let watch = Stopwatch::start();
            for who in 0..n {
                vm.send(&Speak { who, what: "good evening, everybody".into() });
            }
            churn(&mut vm);
            samples.push(watch.each_of(n * n));
            latch.is_done();
        }
        run.record(&[("n", n.into())], "delivery", samples);
    }
}

/// Says what it is told to say, and keeps how many letters it has heard from how many lines.
fn member(who: u64, latch: Arc<Latch>) -> Spawn<()> {
    spawn!(transition!(
        (0usize, 0usize),
        publisher!(Says { who, .. }),
        subscriber!(Speak { who, .. }, on_message!(Speak { who, what } => send_message!(Says { who, what }))),
        subscriber!(
            Says { .. },
            match_state!((lines, letters): (usize, usize) => on_message!(Says { what, .. } => {
                latch.hit();
                transition!((lines + 1, letters + what.len()))
            })),
        ),
    ))
}
