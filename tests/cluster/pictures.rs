//! C16, C18: the first picture, members, and leaving.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace_cluster::{self as cluster, ClusterSim, Config, Lost, Member, Settings};

use crate::stage::*;

/// A machine whose program notes what it hears.
fn noting(log: &Log, patience: u64) -> impl Fn(Config) -> Spawn<()> + Send + Sync + 'static {
    let log = log.clone();
    move |config| {
        let program = process(log.endpoint("s", subscriber("x(_)")));
        let patience = Duration::from_millis(patience);
        cluster::join(shares_x(config).settings(Settings { patience, ..Settings::default() }), program)
    }
}

#[test]
fn c16_a_program_starts_when_it_has_the_first_picture() {
    let mut sim = machines(&["a", "c"]);
    spawn_at(&mut sim, "a", silent(publisher("x(1)")));
    let log = Log::default();
    sim.start("b", noting(&log, 1000));
    sim.advance(SECOND);
    // No vacancy came first: whoever is there was there already.
    assert_eq!(log.take(), ["s: presence of publisher x(1)"]);
}

#[test]
fn c16_a_machine_that_is_silent_is_waited_for_so_long_and_no_longer() {
    let mut sim = machines(&["a"]);
    let log = Log::default();
    sim.start("b", noting(&log, 300));
    sim.advance(Duration::from_millis(299));
    assert_eq!(log.take(), [""; 0], "c is silent");
    sim.advance(Duration::from_millis(2));
    assert_eq!(log.take(), ["s: vacancy: no publisher x(_)"]);
}

#[test]
fn c16_a_machine_that_is_not_in_the_list_is_not_waited_for() {
    let mut sim = machines(&["a"]);
    let log = Log::default();
    let (noted, listed) = (log.clone(), ["b"]);
    sim.start("b", move |config| {
        let config = config.peers(listed).share(topic("x(_)"));
        cluster::join(config, process(noted.endpoint("s", subscriber("x(_)"))))
    });
    // A packet takes a millisecond at least.
    sim.advance(Duration::from_micros(500));
    assert_eq!(log.take(), ["s: vacancy: no publisher x(_)"]);
}

#[test]
fn c16_in_a_partition_the_picture_is_who_can_be_reached() {
    let mut sim = machines(&["a", "b"]);
    spawn_at(&mut sim, "a", silent(publisher("x(1)")));
    sim.cut("a", "b");
    sim.advance(SECOND * 6);
    let log = Log::default();
    spawn_at(&mut sim, "b", log.endpoint("s", subscriber("x(_)")));
    assert_eq!(log.take(), ["s: vacancy: no publisher x(_)"]);
    sim.heal("a", "b");
    sim.advance(SECOND * 2);
    assert_eq!(log.take(), ["s: presence of publisher x(1)"]);
}

/// A machine with a version.
fn versioned(config: Config) -> Spawn<()> {
    let version = format!("{} 1.0", &**config.name());
    cluster::join(shares_x(config).version(version), nothing())
}

fn member(name: &str) -> String {
    Member { name: name.into(), version: format!("{name} 1.0").into() }.to_value().to_string()
}

#[test]
fn c18_each_machine_that_is_up_is_a_member_and_goes_with_its_reason() {
    let mut sim = cluster::sim(1);
    ["a", "b", "c"].iter().for_each(|name| sim.start(*name, versioned));
    sim.advance(SECOND);
    let log = Log::default();
    let everybody = topic!(Member { name: _, version: _ });
    spawn_at(&mut sim, "a", log.endpoint("o", Role::observer_of_publishers(everybody)));
    let mut seen = log.take();
    seen.sort();
    assert_eq!(seen, ["a", "b", "c"].map(|name| format!("o: presence of publisher {}", member(name))));
    // One leaves, one ends, one is told to end.
    sim.at("b").spawn(spawn!(transition_no_state!(cluster::leave())));
    settle(&mut sim);
    assert_eq!(log.take(), [format!("o: absence of publisher {} (normal)", member("b"))]);
    sim.kill("c");
    settle(&mut sim);
    let lost = Reason::from(Lost::Unreachable);
    assert_eq!(log.take(), [format!("o: absence of publisher {} ({lost})", member("c"))]);
    sim.restart("c");
    sim.advance(SECOND * 7);
    sim.at("c").shutdown();
    settle(&mut sim);
    let member = member("c");
    let heard = [
        format!("o: presence of publisher {member}"),
        format!("o: absence of publisher {member} (shutdown)"),
    ];
    assert_eq!(log.take(), heard);
}

#[test]
fn c18_whoever_leaves_is_heard_to_the_end_and_goes_before_the_link_does() {
    let mut sim = machines(&["a", "b"]);
    let log = Log::default();
    spawn_at(&mut sim, "b", log.endpoint("s", subscriber("x(_)")));
    log.take();
    spawn_at(
        &mut sim,
        "a",
        (
            silent(publisher("x(1)")),
            send_message(&value("x(1)")),
            cluster::leave(),
            send_message(&value("x(2)")),
        ),
    );
    sim.advance(SECOND * 10);
    let heard = ["s: presence of publisher x(1)", "s: message x(1)", "s: absence of publisher x(1) (normal)"];
    assert_eq!(log.take(), heard);
    assert!(sim.at("a").is_done(), "the gateway has ended, and nothing else holds the program");
}

/// A program that has an endpoint until it is told to end.
fn guest(topic: &str) -> (AddEndpoint<()>, AddEndpoint<()>) {
    let end = AddEndpoint::new(subscriber("end"), |event, turn| {
        turn.act(event.body().map(|_| quit().because("enough")))
    });
    (silent(publisher(topic)), end)
}

/// Two machines; the program of `a` is this one. Gives what `b` hears from then on.
fn with_program(program: impl Fn() -> Spawn<cluster::Gateway> + Send + Sync + 'static) -> (ClusterSim, Log) {
    let mut sim = cluster::sim(1);
    let log = Log::default();
    sim.start("b", idle);
    sim.start("a", move |config| cluster::join(shares_x(config), program()));
    let everybody = Role::observer_of_publishers(topic!(Member { name: _, version: _ }));
    sim.advance(SECOND / 2);
    spawn_at(&mut sim, "b", log.endpoint("m", everybody));
    spawn_at(&mut sim, "b", log.endpoint("o", Role::observer_of_publishers(topic("x(_)"))));
    sim.advance(SECOND * 2);
    log.take();
    (sim, log)
}

fn ends(log: &Log, why: &str) {
    let member = Member { name: "a".into(), version: "".into() }.to_value();
    assert_eq!(log.take().last(), Some(&format!("m: absence of publisher {member} ({why})")));
}

#[test]
fn c18_a_gateway_ends_when_its_program_has_and_others_hear_why() {
    let (mut sim, log) = with_program(|| process(guest("x(1)")));
    sim.advance(SECOND * 60);
    assert_eq!((log.take(), sim.at("a").is_done()), (Vec::new(), false), "it stays as its program does");
    send(&mut sim, "a", "end");
    ends(&log, "enough");
    assert!(sim.at("a").is_done(), "{}", sim.at("a").dump());
    assert_eq!(sim.at("a").stats().unheard_errors, 0);
    // A nested VM ends when nothing can happen in it any more.
    let (mut sim, log) =
        with_program(|| spawn_vm!(spawn!(transition_no_state!(at_meta_level!(guest("x(1)"))))));
    send(&mut sim, "a", "end");
    ends(&log, "normal");
    assert!(sim.at("a").is_done(), "{}", sim.at("a").dump());
    // One that fails, and one that does not even begin.
    let (mut sim, log) = with_program(|| {
        process(AddEndpoint::new(subscriber("end"), |event, turn| match event.body() {
            Some(_) => Err(Failure::value(&7u8)),
            None => turn.act(()),
        }))
    });
    send(&mut sim, "a", "end");
    ends(&log, "7");
    let (_, log) = with_program(|| spawn(|_| Err::<Transition<()>, _>(Failure::value(&8u8))));
    assert_eq!(log.take(), [""; 0], "it has gone before");
}

#[test]
fn c18_a_gateway_stays_as_long_as_others_share_something() {
    // The program is done at once, but for the processes that it has made.
    let (mut sim, log) = with_program(|| {
        spawn(|_| {
            let later = spawn!(transition_no_state!(yield_now(|()| transition_no_state!(guest("x(1)")))));
            Transition::new((), (later, process::<()>(guest("y(1)"))))
        })
    });
    assert_eq!(log.take(), [""; 0]);
    let (mut pids, text) = (Vec::new(), sim.at("a").dump().to_string());
    for process in &sim.at("a").dump().processes {
        if process.endpoints.iter().any(|endpoint| endpoint.role.topic.to_string().ends_with("(1)")) {
            pids.push(process.pid);
        }
    }
    let [shared, here] = pids[..] else { panic!("{text}") };
    // One that stays here for want of room counts, and one that is not shared does not.
    sim.at("a").spawn(process(silent(publisher(&format!("x(\"{}\")", "y".repeat(2 << 20))))));
    sim.at("a").kill(shared, "enough");
    sim.advance(SECOND * 2);
    assert_eq!(log.take(), ["o: absence of publisher x(1) (enough)"]);
    let last = sim.at("a").dump().processes.iter().map(|process| process.pid).max();
    sim.at("a").kill(last.unwrap_or(here), Reason::Normal);
    settle(&mut sim);
    ends(&log, "normal");
    assert!(!sim.at("a").dump().processes.is_empty(), "the other one is there still");
}
