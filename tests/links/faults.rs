//! C7: machines that stop, and wires that are cut.

use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::program::{Cluster, LEASE, MANY, Machine};

pub(crate) fn pair(cluster: &Cluster) -> [Machine; 2] {
    let mut both = ["ann", "bob"].map(|name| cluster.start(name, "member"));
    both[0].hears("there is bob");
    both[1].hears("there is ann");
    both
}

const UNREACHABLE: &str = "the machine cannot be reached";

#[test]
fn c7_a_machine_that_is_stopped_is_lost_after_the_lease_and_comes_back() {
    let cluster = Cluster::new(&["ann", "bob"]);
    let [mut ann, bob] = pair(&cluster);
    bob.signal(Signal::STOP);
    let stopped = std::time::Instant::now();
    let (at, why) = ann.hears("gone is bob: ");
    assert!(why.ends_with(UNREACHABLE), "{why}");
    // Its last frame may have come some time before.
    assert!(at - stopped > LEASE / 2, "after {:?}", at - stopped);
    bob.signal(Signal::CONT);
    ann.hears("there is bob");
}

#[test]
fn c5_a_machine_that_is_stopped_for_less_than_the_lease_misses_nothing() {
    let cluster = Cluster::new(&["ann", "bob"]).lease(Duration::from_secs(60));
    let _ann = cluster.start("ann", "sends");
    let mut bob = cluster.start("bob", "counts");
    bob.hears("counts");
    bob.signal(Signal::STOP);
    // So that what is sent does not find room any more. If it does, nothing is lost either.
    thread::sleep(Duration::from_millis(500));
    bob.signal(Signal::CONT);
    bob.hears(&format!("counted {MANY}"));
}

#[test]
fn c7_a_wire_that_is_cut_is_noticed_at_once_and_that_it_is_whole_again() {
    let cluster = Cluster::new(&["ann", "bob"]);
    let [mut ann, mut bob] = pair(&cluster);
    let ends = ["ann", "bob"].map(|name| (name, cluster.wire(name).cut()));
    for (machine, other) in [(&mut ann, "bob"), (&mut bob, "ann")] {
        let (_, why) = machine.hears(&format!("gone is {other}: "));
        assert!(why.ends_with(UNREACHABLE), "{why}");
    }
    ends.iter().for_each(|(name, machine)| cluster.wire(name).lead_to(*machine));
    ann.hears("there is bob");
    bob.hears("there is ann");
}

#[test]
fn c7_a_wire_on_which_nothing_goes_is_noticed_after_the_lease() {
    let cluster = Cluster::new(&["ann", "bob"]);
    let [mut ann, mut bob] = pair(&cluster);
    ["ann", "bob"].iter().for_each(|name| cluster.wire(name).fall_silent());
    for (machine, other) in [(&mut ann, "bob"), (&mut bob, "ann")] {
        let (_, why) = machine.hears(&format!("gone is {other}: "));
        assert!(why.ends_with(UNREACHABLE), "{why}");
    }
    ["ann", "bob"].iter().for_each(|name| cluster.wire(name).go_on());
    ann.hears("there is bob");
    bob.hears("there is ann");
}
