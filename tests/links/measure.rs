//! How long it takes until faults are heard: the figures of `docs/cluster.md`.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::faults::pair;
use crate::program::{Cluster, Machine};

fn tell(what: &str, times: Vec<Duration>) {
    let mut times = times;
    times.sort();
    println!("{what}: {:?} to {:?}, median {:?}", times[0], times[times.len() - 1], times[times.len() / 2]);
}

/// From now until a machine says this.
fn until(machine: &mut Machine, beginning: &str, from: Instant) -> Duration {
    machine.hears(beginning).0.saturating_duration_since(from)
}

fn times(many: usize, mut one: impl FnMut() -> Duration) -> Vec<Duration> {
    (0..many).map(|_| one()).collect()
}

#[test]
#[ignore = "it measures"]
fn faults_are_heard_after() {
    let five = || Cluster::new(&["ann", "bob"]).lease(Duration::from_secs(5));
    tell(
        "kill -9",
        times(9, || {
            let cluster = five();
            let [mut ann, bob] = pair(&cluster);
            let from = Instant::now();
            bob.kill();
            until(&mut ann, "gone is bob", from)
        }),
    );
    tell(
        "a program that ends",
        times(9, || {
            let cluster = five();
            let [mut ann, bob] = pair(&cluster);
            let from = Instant::now();
            bob.signal(Signal::TERM);
            until(&mut ann, "gone is bob", from)
        }),
    );
    tell(
        "started again, from when it listens",
        times(9, || {
            let cluster = five();
            let [mut ann, bob] = pair(&cluster);
            bob.kill();
            ann.hears("gone is bob");
            let mut bob = cluster.start("bob", "member");
            let from = Instant::now();
            bob.hears("there is ann");
            until(&mut ann, "there is bob", from)
        }),
    );
    tell(
        "a wire that is cut",
        times(9, || {
            let cluster = five();
            let [mut ann, _bob] = pair(&cluster);
            let from = Instant::now();
            ["ann", "bob"].iter().for_each(|name| _ = cluster.wire(name).cut());
            until(&mut ann, "gone is bob", from)
        }),
    );
    tell(
        "SIGSTOP",
        times(3, || {
            let cluster = five();
            let [mut ann, bob] = pair(&cluster);
            let from = Instant::now();
            bob.signal(Signal::STOP);
            until(&mut ann, "gone is bob", from)
        }),
    );
    tell(
        "SIGCONT",
        times(3, || {
            let cluster = five();
            let [mut ann, bob] = pair(&cluster);
            bob.signal(Signal::STOP);
            ann.hears("gone is bob");
            let from = Instant::now();
            bob.signal(Signal::CONT);
            until(&mut ann, "there is bob", from)
        }),
    );
    tell(
        "a wire on which nothing goes",
        times(3, || {
            let cluster = five();
            let [mut ann, _bob] = pair(&cluster);
            let from = Instant::now();
            ["ann", "bob"].iter().for_each(|name| cluster.wire(name).fall_silent());
            until(&mut ann, "gone is bob", from)
        }),
    );
    tell(
        "a machine that takes nothing",
        times(3, || {
            let cluster = five();
            let mut ann = cluster.start("ann", "floods");
            let mut bob = cluster.start("bob", "hangs");
            let from = bob.hears("hangs").0;
            let (at, why) = ann.hears("gone: ");
            #[cfg(target_os = "linux")]
            println!("  {why}, ann has had {} MiB", ann.peak());
            at.saturating_duration_since(from)
        }),
    );
    tell(
        "a name that is taken",
        times(3, || {
            let cluster = five();
            let [_ann, _bob] = pair(&cluster);
            let mut second = cluster.start_apart("bob", "member", &[]);
            let from = Instant::now();
            until(&mut second, "down is bob", from)
        }),
    );
    tell(
        "100,000 messages",
        times(3, || {
            let cluster = five();
            let _ann = cluster.start("ann", "sends");
            let mut bob = cluster.start("bob", "counts");
            let from = Instant::now();
            until(&mut bob, "counted", from)
        }),
    );
}
