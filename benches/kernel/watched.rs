//! What it costs to be watched: the same work with the log and verb off and on.

use std::time::Duration;

use marketplace::GroundVm;

use crate::{ROUNDS, median, ours};

/// Named for how the VM is watched.
type Watch = (&'static str, fn(&mut GroundVm));

const WATCHES: [Watch; 4] = [
    ("log off", |_| {}),
    ("log on", |vm| vm.log_mut().turn_on()),
    ("log on, 1,000,000", |vm| {
        vm.log_mut().turn_on();
        vm.log_mut().resize(1_000_000);
    }),
    ("verb on", |vm| vm.set_verb(true)),
];

/// What is done, of which size, how many operations that are, and what one is called.
type Row = (&'static str, fn(u64, fn(&mut GroundVm)) -> Duration, u64, u64, &'static str);

const ROWS: [Row; 2] = [
    ("ping-pong", ours::watched_ping_pong, 400_000, 400_000, "ns a message"),
    ("fan-out to 100", ours::watched_fan_out, 100, 1_000_000, "ns a delivery"),
];

pub(crate) fn print() {
    println!("{:<34} {:>20} {:>12} {:>8}  unit", "watched", "how", "marketplace", "ratio");
    for (name, work, size, operations, unit) in ROWS {
        let mut samples = WATCHES.map(|_| Vec::new());
        for _ in 0..ROUNDS {
            for ((_, watch), samples) in WATCHES.iter().zip(&mut samples) {
                samples.push(work(size, *watch).as_nanos() as f64 / operations as f64);
            }
        }
        let medians = samples.map(median);
        for ((how, _), time) in WATCHES.iter().zip(medians) {
            println!("{name:<34} {how:>20} {time:>12.1} {:>8.2}  {unit}", time / medians[0]);
        }
    }
}
