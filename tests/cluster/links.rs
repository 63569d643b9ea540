//! C5, C6, C7: links that fail.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace_cluster::{ClusterSim, Faults, Lost};

use crate::stage::*;

/// Two machines, each with a publisher and an observer that knows why it goes.
fn watched() -> (ClusterSim, [Log; 2]) {
    let mut sim = machines(&["a", "b"]);
    let logs = [Log::default(), Log::default()];
    for (name, log) in ["a", "b"].iter().zip(&logs) {
        let sees = log.endpoint(name, Role::observer_of_publishers(topic("x(_)")));
        spawn_at(&mut sim, name, silent(publisher(&format!("x({name})"))));
        spawn_at(&mut sim, name, sees);
    }
    logs.iter().for_each(|log| drop(log.take()));
    (sim, logs)
}

fn presence(at: &str, of: &str) -> String {
    format!("{at}: presence of publisher x({of})")
}

fn absence(at: &str, of: &str, lost: Lost) -> String {
    format!("{at}: absence of publisher x({of}) ({})", Reason::from(lost))
}

#[test]
fn c5_a_gap_resets_the_link_and_both_sides_hear_it() {
    let (mut sim, [a, b]) = watched();
    sim.set_faults(Faults { lost: 1000, ..Faults::default() });
    send(&mut sim, "a", "x(1)");
    sim.set_faults(Faults::default());
    assert_eq!(b.take(), [""; 0]);
    // The message found nobody at `b`, but an idle stream says what its last number is, within a
    // quarter of the lease.
    spawn_at(&mut sim, "b", silent(subscriber("x(_)")));
    sim.set_faults(Faults { lost: 1000, ..Faults::default() });
    send(&mut sim, "a", "x(2)");
    sim.set_faults(Faults::default());
    sim.advance(Duration::from_millis(1260));
    assert_eq!(
        a.take(),
        [
            "a: message x(1)".to_string(),
            "a: message x(2)".into(),
            absence("a", "b", Lost::LinkReset),
            presence("a", "b")
        ]
    );
    assert_eq!(b.take(), [absence("b", "a", Lost::LinkReset), presence("b", "a")]);
    send(&mut sim, "a", "x(3)");
    assert_eq!(b.take(), ["b: message x(3)"]);
}

#[test]
fn c5_what_comes_twice_is_heard_once() {
    let (mut sim, [a, b]) = watched();
    sim.set_faults(Faults { repeated: 1000, ..Faults::default() });
    for n in 1..=3 {
        send(&mut sim, "a", &format!("x({n})"));
    }
    sim.advance(SECOND * 3);
    assert_eq!(b.take(), [1, 2, 3].map(|n| format!("b: message x({n})")));
    assert_eq!(a.take().len(), 3, "its own");
}

#[test]
fn c6_whoever_was_started_again_is_told_from_whoever_cannot_be_reached() {
    let (mut sim, [a, _]) = watched();
    sim.restart("b");
    sim.advance(SECOND * 6);
    let told = a.take();
    let either = [absence("a", "b", Lost::Unreachable), absence("a", "b", Lost::Restart)];
    assert!(told.len() == 1 && either.contains(&told[0]), "{told:?}");
    // Nobody says that the old one is gone, so the new one waits for the lease.
    let (mut sim, [a, _]) = watched();
    sim.cut("a", "b");
    sim.restart("b");
    sim.heal("a", "b");
    sim.advance(SECOND * 7);
    let told = a.take();
    assert!(told.len() == 1 && either.contains(&told[0]), "{told:?}");
    spawn_at(&mut sim, "b", silent(publisher("x(c)")));
    assert_eq!(a.take(), [presence("a", "c")]);
}

#[test]
fn c7_both_sides_of_a_partition_hear_it_within_the_lease_and_go_on_and_meet_again() {
    for _ in 0..2 {
        let (mut sim, [a, b]) = watched();
        sim.cut("a", "b");
        sim.advance(SECOND * 5 + SECOND / 100);
        assert_eq!(a.take(), [absence("a", "b", Lost::Unreachable)]);
        assert_eq!(b.take(), [absence("b", "a", Lost::Unreachable)]);
        send(&mut sim, "a", "x(1)");
        assert_eq!((a.take().len(), b.take().len()), (1, 0));
        sim.advance(SECOND * 60);
        sim.heal("a", "b");
        sim.advance(SECOND * 2);
        assert_eq!(a.take(), [presence("a", "b")]);
        assert_eq!(b.take(), [presence("b", "a")]);
    }
}

#[test]
fn c7_a_machine_that_both_sides_reach_is_there_for_both() {
    let mut sim = machines(&["a", "b", "c"]);
    let log = Log::default();
    spawn_at(&mut sim, "c", log.endpoint("c", Role::observer_of_publishers(topic("x(_)"))));
    spawn_at(&mut sim, "a", silent(publisher("x(a)")));
    spawn_at(&mut sim, "b", silent(publisher("x(b)")));
    sim.cut("a", "b");
    sim.advance(SECOND * 10);
    let told = ["c: vacancy: no publisher x(_)".to_string(), presence("c", "a"), presence("c", "b")];
    assert_eq!(log.take(), told);
    assert_eq!(sim.running().count(), 3);
}
