//! Ours, as a user writes it. Every delivery is counted on a latch, as the others must.

mod asking;
mod chat;
mod fanout;
mod held;
mod links;
mod listener;
mod memory;
mod nesting;
mod pingpong;
mod presence;
mod routing;
mod shapes;
mod spawn;
mod timers;
mod vats;
mod watched;

use std::process::ExitCode;

use harness::Work::{CanNot, Does};
use harness::{Bursts, Latch, Samples, Stopwatch};
use marketplace::GroundVm;
use marketplace::prelude::*;

fn main() -> ExitCode {
    harness::contend(
        "marketplace",
        &[
            ("pingpong", Does(pingpong::run)),
            ("fanout", Does(fanout::run)),
            ("routing", Does(routing::exact)),
            ("wildcard", Does(routing::wildcard)),
            ("shapes", Does(shapes::run)),
            ("presence", Does(presence::run)),
            ("spawn", Does(spawn::run)),
            ("idle", CanNot("a process without endpoints could never hear anything, and is ended")),
            ("subscribed", Does(memory::subscribed)),
            ("chat", Does(chat::run)),
            ("ask", Does(asking::ask)),
            ("tell", Does(asking::tell)),
            ("pipeline", Does(asking::pipeline)),
            ("chain", Does(asking::chain)),
            ("held", Does(held::run)),
            ("links", Does(links::run)),
            ("nesting", Does(nesting::run)),
            ("counted", Does(presence::counted)),
            ("log", Does(watched::run)),
            ("timers", Does(timers::run)),
            ("vats", Does(vats::run)),
        ],
    )
}

/// A VM in which nothing is but what its host puts in.
fn empty() -> GroundVm {
    GroundVm::new(|_| transition_no_state!())
}

/// With these processes, all at rest.
fn with(processes: impl IntoIterator<Item = Spawn<()>>) -> GroundVm {
    let mut vm = empty();
    for (n, process) in processes.into_iter().enumerate() {
        vm.spawn(process);
        if n % 1000 == 999 {
            churn(&mut vm);
        }
    }
    churn(&mut vm);
    vm
}

/// Until there is nothing left to do.
fn churn(vm: &mut GroundVm) {
    vm.run(usize::MAX);
    while vm.poll().is_some() {}
}

/// Bursts of what this sends.
fn in_bursts(
    mut vm: GroundVm,
    bursts: Bursts,
    latch: &Latch,
    mut samples: Samples,
    mut send: impl FnMut(&mut GroundVm, u64),
) -> Samples {
    while samples.more() {
        let watch = Stopwatch::start();
        for _ in 0..bursts.bursts {
            latch.arm(bursts.messages * bursts.deliveries);
            (0..bursts.messages).for_each(|message| send(&mut vm, message));
            churn(&mut vm);
            latch.is_done();
        }
        samples.push(watch.each_of(bursts.operations));
    }
    samples
}
