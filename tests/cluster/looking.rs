//! C14: the cluster as an operator sees it.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace_cluster::{self as cluster, ClusterMetrics, ClusterSim, ClusterState, Faults, PeerState};

use crate::stage::*;

/// The part of a machine in its cluster, as data and as a prompt prints it.
fn look(sim: &mut ClusterSim, at: &str) -> (ClusterState, String) {
    let dump = sim.at(at).dump();
    let gateway = dump.processes.iter().find(|process| process.name == Some(Symbol::new("cluster").into()));
    let pid = gateway.map(|process| process.pid).unwrap_or_else(|| panic!("no gateway in {dump}"));
    let seen = sim.at(at).peek(&[], pid).unwrap_or_else(|| panic!("{pid} shows nothing"));
    let state = seen.downcast_ref::<ClusterState>().cloned();
    (state.unwrap_or_else(|| panic!("{seen:?}")), format!("{seen:#?}"))
}

fn peer(sim: &mut ClusterSim, at: &str) -> PeerState {
    look(sim, at).0.peers[0].clone()
}

/// The counts that the gateway tells who asks.
fn metrics(sim: &mut ClusterSim, at: &str) -> ClusterMetrics {
    let before = sim.at(at).messages_of::<ClusterMetrics>().len();
    sim.at(at).spawn(process(cluster::measure()));
    settle(sim);
    let told = sim.at(at).messages_of::<ClusterMetrics>();
    assert_eq!(told.len(), before + 1);
    told[before]
}

fn delays(millis: u64) -> Faults {
    Faults { delay: Duration::from_millis(millis)..Duration::from_millis(millis), ..Faults::default() }
}

#[test]
fn c14_a_gateway_shows_its_peers_and_what_they_announce() {
    let mut sim = cluster::sim(1);
    sim.set_faults(delays(3));
    sim.start("a", idle);
    sim.start("b", |config| cluster::join(shares_x(config).version("b 1.0"), nothing()));
    sim.advance(SECOND * 2);
    spawn_at(
        &mut sim,
        "b",
        (silent(publisher("x(1)")), silent(Role::observer_of_publishers(topic("x(_, 2)")))),
    );
    spawn_at(&mut sim, "a", silent(subscriber("x(_)")));
    sim.advance(SECOND * 3);
    let (state, printed) = look(&mut sim, "a");
    assert_eq!((&*state.name, state.epoch), ("a", 1));
    assert_eq!(state.shared, [topic("x(_)"), topic("x(_, _)")]);
    assert_eq!(state.awaited, [Text::from("c")], "c has never come");
    let bob = &state.peers[0];
    assert_eq!((&*bob.name, bob.epoch, bob.version.as_deref(), bob.link), ("b", 2, Some("b 1.0"), "stands"));
    // Three packets make a link; what is seen is what was there at the last item.
    let up = bob.up.unwrap_or_default();
    assert!(up > SECOND * 3 && up < SECOND * 6, "{up:?}");
    assert_eq!(bob.round_trip, Some(Duration::from_millis(6)));
    assert_eq!((bob.announces, bob.announced.len()), (2, 2));
    assert_eq!((bob.queued, bob.under_way, bob.gaps, bob.resets), (0, 0, 0, 0));
    // Its picture, and its endpoints.
    assert_eq!((bob.said, bob.heard), (2, 3));
    let lines = [
        "a , epoch 1",
        "shares x(_), x(_, _)",
        "announced: 1, kept here: 0",
        "messages: 0 sent, 0 heard; 0 gaps, 0 resets, 0 warnings",
        "waits for the pictures of c",
        "machines that are up: 1 of 1",
    ];
    assert!(printed.starts_with(&lines.join("\n")), "{printed}");
    assert!(
        printed.contains("\n  b b 1.0, epoch 2: stands for ") && printed.contains(" s, round trip 6.0 ms\n")
    );
    let ends = "\n    announces 2\n      publisher x(1)\n      subscriber x(_, 2) as observer";
    assert!(printed.ends_with(ends), "{printed}");
}

#[test]
fn c14_queues_gaps_and_resets_are_counted() {
    let mut sim = machines(&["a", "b"]);
    spawn_at(&mut sim, "b", silent(subscriber("x(_)")));
    sim.set_faults(Faults { lost: 1000, ..Faults::default() });
    let large = Value::record("x", ["y".repeat(900_000).into()]);
    for _ in 0..9 {
        sim.at("a").send(&large);
    }
    settle(&mut sim);
    let bob = peer(&mut sim, "a");
    assert_eq!((bob.queued, bob.under_way, bob.said), (5, 4, 10), "4 MiB may be under way");
    assert!(bob.queued_bytes > 4_500_000 && bob.queued_bytes < 4_501_000, "{}", bob.queued_bytes);
    let counts = metrics(&mut sim, "a");
    assert_eq!((counts.queued, counts.queued_bytes), (5, bob.queued_bytes as u64));
    assert_eq!((counts.peers, counts.presences, counts.announced, counts.sent), (1, 1, 0, 9));
    sim.set_faults(Faults::default());
    sim.advance(SECOND * 3);
    let (there, here) = (peer(&mut sim, "b"), peer(&mut sim, "a"));
    assert_eq!((there.gaps, there.resets, here.gaps, here.resets), (1, 1, 0, 1), "the receiver sees it");
    assert_eq!((here.link, here.queued, here.under_way), ("stands", 0, 0));
    send(&mut sim, "a", "x(1)");
    let (sent, heard) = (metrics(&mut sim, "a"), metrics(&mut sim, "b"));
    assert_eq!((sent.sent, sent.heard, heard.sent, heard.heard), (10, 0, 0, 1));
    assert_eq!((heard.gaps, heard.resets, sent.resets), (1, 1, 1));
    // The counts go on when the machine starts again.
    sim.restart("a");
    sim.advance(SECOND * 7);
    let (link, counts) = (peer(&mut sim, "b").link, metrics(&mut sim, "b"));
    assert_eq!((link, counts.gaps, counts.resets, counts.peers), ("stands", 1, 2, 1));
}

#[test]
fn c14_a_link_that_does_not_stand_says_how_it_is() {
    let mut sim = machines(&["a", "b"]);
    sim.set_faults(Faults { lost: 1000, ..Faults::default() });
    sim.advance(SECOND * 6);
    let bob = peer(&mut sim, "a");
    assert_eq!((bob.link, bob.up, bob.round_trip, bob.version), ("greets", None, None, None));
    sim.set_faults(Faults::default());
    sim.advance(SECOND * 3);
    sim.at("b").spawn(process(cluster::leave()));
    settle(&mut sim);
    assert_eq!(peer(&mut sim, "a").link, "no way");
    assert_eq!(metrics(&mut sim, "a").peers, 0);
}

#[test]
fn c14_the_round_trip_leaves_out_how_long_the_other_waits_and_what_comes_twice() {
    let mut sim = machines(&["a", "b"]);
    for millis in [40, 1, 400] {
        sim.set_faults(Faults { repeated: 1000, ..delays(millis) });
        sim.advance(SECOND * 4);
        let times = [peer(&mut sim, "a").round_trip, peer(&mut sim, "b").round_trip];
        assert_eq!(times, [Some(Duration::from_millis(2 * millis)); 2]);
    }
}

#[test]
fn c14_a_log_keeps_the_counts_of_before_each_turn() {
    let mut sim = machines(&["a", "b"]);
    sim.at("a").log_mut().turn_on();
    spawn_at(&mut sim, "b", silent(subscriber("x(_)")));
    let log = sim.at("a").log();
    let states = log.turns().filter_map(|turn| turn.snapshot.as_ref()?.downcast_ref::<ClusterState>());
    let presences: Vec<_> = states.map(|state| state.metrics.presences).collect();
    assert_eq!((presences.first(), presences.last()), (Some(&0), Some(&1)));
}
