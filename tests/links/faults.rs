//! C7, C10: machines that stop, wires that are cut, and what is no machine.

use std::io::{Read, Write};
use std::net::TcpStream;

use rustix::process::Signal;

use crate::program::{Cluster, LEASE, Machine};

pub(crate) fn pair(cluster: &Cluster) -> [Machine; 2] {
    let mut both = ["ann", "bob"].map(|name| cluster.start(name, "member"));
    both[0].hears("there is bob");
    both[1].hears("there is ann");
    both
}

const UNREACHABLE: &str = "Lost.Unreachable";

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

#[test]
fn what_is_no_machine_is_turned_away_with_a_warning_and_harms_nobody() {
    let cluster = Cluster::new(&["ann", "bob"]);
    let [ann, bob] = pair(&cluster);
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"\0\0\0\x05hello", &[0xff; 100_000]] {
        let mut stream = TcpStream::connect(cluster.wire("ann").at).expect("it listens");
        // It may have closed before it has read all.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert_eq!(answer, b"");
    }
    let said = ann.kill();
    let warning = "WARN marketplace_cluster::links::told: a connection with 127.0.0.1:";
    assert!(said.contains(warning) && said.contains("what it says is not as links say it"), "{said}");
    assert!(said.contains("what it says is no greeting of a machine"), "{said}");
    assert!(!bob.kill().contains("a connection with"));
}
