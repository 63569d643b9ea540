//! Ping-pong and fan-out in a VM with its log on, or with a line for each action.

use harness::Run;
use marketplace::GroundVm;

use crate::{fanout, pingpong};

/// Named for how the VM is watched.
type Watch = (&'static str, fn(&mut GroundVm));

const WATCHES: [Watch; 4] = [
    ("off", |_| {}),
    ("256", |vm| vm.log_mut().turn_on()),
    ("1000000", |vm| {
        vm.log_mut().turn_on();
        vm.log_mut().resize(1_000_000);
    }),
    ("verb", |vm| vm.set_verb(true)),
];

pub(crate) fn run(run: &Run) {
    for (how, watch) in WATCHES {
        let samples = pingpong::integers(run.operations(400_000), run.warm_samples(), watch);
        run.record(&[("how", how.into()), ("of", "pingpong".into())], "message", samples);
    }
    for (how, watch) in WATCHES {
        let samples = fanout::integers(run, 100, watch);
        run.record(&[("how", how.into()), ("of", "fanout to 100".into())], "delivery", samples);
    }
}
