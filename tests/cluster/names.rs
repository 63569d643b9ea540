//! C11, C12: what is shared, and by whom.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace_cluster::{self as cluster, Config, ConfigError, Faults, Lost, Warning};
use marketplace_drivers::timer::TimerExpired;

use crate::stage::*;

#[test]
fn c11_nothing_is_shared_by_default() {
    let log = Log::default();
    let mut sim = cluster::sim(1);
    for name in ["a", "b"] {
        sim.start(name, |config| cluster::join(config.peers(["a", "b"]), nothing()));
    }
    sim.advance(SECOND);
    spawn_at(&mut sim, "a", log.endpoint("s", subscriber("x(_)")));
    spawn_at(&mut sim, "b", (silent(publisher("x(1)")), send_message(&value("x(1)"))));
    assert_eq!(log.take(), ["s: vacancy: no publisher x(_)"]);
}

#[test]
fn c11_a_topic_with_wildcards_is_announced_as_its_intersection_with_the_policy() {
    let mut sim = machines(&["a", "b"]);
    let log = Log::default();
    spawn_at(&mut sim, "a", log.endpoint("p", publisher("x(7)")));
    spawn_at(&mut sim, "b", silent(subscriber("_")));
    // At `b` the subscriber takes all; `a` knows it for what is shared.
    assert_eq!(log.take(), ["p: vacancy: no subscriber x(7)", "p: presence of subscriber x(7)"]);
    spawn_at(&mut sim, "a", log.endpoint("o", Role::observer_of_subscribers(topic("_"))));
    let mut seen = log.take();
    seen.retain(|line| line.contains(" x("));
    assert_eq!(seen, ["o: presence of subscriber x(_)", "o: presence of subscriber x(_, _)"]);
    // A message that is not shared stays, though somebody over there would take it.
    send(&mut sim, "a", "y(1)");
    send(&mut sim, "a", "x(1)");
    let heard = sim.at("b").messages();
    assert!(heard.contains(&value("x(1)")) && !heard.contains(&value("y(1)")), "{heard:?}");
}

#[test]
fn c11_what_comes_in_is_cut_likewise() {
    let mut sim = cluster::sim(1);
    sim.start("a", idle);
    // `b` shares less.
    sim.start("b", |config| {
        cluster::join(config.peers(["a"]).share(topic("x(1)")).share(topic("z(_)")), nothing())
    });
    sim.advance(SECOND);
    let log = Log::default();
    spawn_at(&mut sim, "b", log.endpoint("o", Role::observer_of_publishers(topic("x(_)"))));
    spawn_at(&mut sim, "a", (silent(publisher("x(_)")), silent(publisher("x(2)"))));
    assert_eq!(log.take(), ["o: vacancy: no publisher x(_)", "o: presence of publisher x(1)"]);
    send(&mut sim, "a", "x(2)");
    send(&mut sim, "a", "x(1)");
    assert_eq!(log.take(), ["o: message x(1)"]);
}

#[test]
fn c11_shared_topics_that_meet_are_refused() {
    let mut sim = cluster::sim(1);
    sim.start("a", |config: Config| {
        cluster::join(config.share(topic("x(1, _)")).share(topic("x(_, 2)")), nothing())
    });
    sim.advance(SECOND);
    let exits = sim.at("a").exits();
    let error = ConfigError::Overlap(topic("x(1, _)"), topic("x(_, 2)"));
    assert_eq!(exits[0].reason.to_string(), error.to_string());
}

/// The reason for which the gateway of a machine has ended.
fn ended(sim: &mut cluster::ClusterSim, at: &str) -> Option<String> {
    let gateway = |exit: &&marketplace::Exit| exit.pid.number() == 2;
    sim.at(at).exits().iter().find(gateway).map(|exit| exit.reason.to_string())
}

#[test]
fn c11_a_machine_whose_name_is_taken_waits_and_ends_and_the_other_stays() {
    let taken = Reason::from(Lost::NameTaken).to_string();
    let mut sim = machines(&["a", "b"]);
    let log = Log::default();
    spawn_at(&mut sim, "b", log.endpoint("o", Role::observer_of_publishers(topic("x(_)"))));
    spawn_at(&mut sim, "a", silent(publisher("x(1)")));
    log.take();
    // Another machine calls itself `a`.
    sim.start("a2", |config| idle(config.renamed("a")));
    sim.advance(SECOND * 5);
    assert_eq!(ended(&mut sim, "a2"), None, "the other may be about to go");
    sim.advance(SECOND * 5);
    assert_eq!((ended(&mut sim, "a2"), ended(&mut sim, "a")), (Some(taken), None));
    assert_eq!(log.take(), [""; 0]);
}

#[test]
fn c11_a_machine_whose_name_becomes_free_in_time_comes_in() {
    let mut sim = machines(&["a", "b"]);
    let log = Log::default();
    spawn_at(&mut sim, "b", log.endpoint("o", Role::observer_of_publishers(topic("x(_)"))));
    sim.start("a2", |config| idle(config.renamed("a")));
    sim.advance(SECOND * 3);
    sim.kill("a");
    sim.advance(SECOND * 6);
    assert_eq!(ended(&mut sim, "a2"), None);
    log.take();
    spawn_at(&mut sim, "a2", silent(publisher("x(1)")));
    assert_eq!(log.take(), ["o: presence of publisher x(1)"]);
}

#[test]
fn c11_of_two_that_have_lived_apart_with_one_name_the_greater_epoch_stays() {
    let taken = Reason::from(Lost::NameTaken).to_string();
    let mut sim = cluster::sim(1);
    let log = Log::default();
    sim.start("a", idle);
    sim.start("b", idle);
    sim.start("c", idle);
    sim.cut("a", "c");
    sim.cut("b", "c");
    sim.start("a2", |config| idle(config.renamed("a")));
    sim.cut("a2", "a");
    sim.cut("a2", "b");
    sim.advance(SECOND * 8);
    spawn_at(&mut sim, "b", log.endpoint("o", Role::observer_of_publishers(topic("x(_)"))));
    spawn_at(&mut sim, "a", silent(publisher("x(1)")));
    spawn_at(&mut sim, "a2", silent(publisher("x(2)")));
    log.take();
    sim.heal_all();
    sim.advance(SECOND * 8);
    assert_eq!((ended(&mut sim, "a"), ended(&mut sim, "a2")), (Some(taken), None));
    let told = log.take();
    assert_eq!(told.last().map(String::as_str), Some("o: presence of publisher x(2)"), "{told:?}");
    let taken = Reason::from(Lost::NameTaken);
    assert_eq!(told[0], format!("o: absence of publisher x(1) ({taken})"));
}

#[test]
fn c11_of_two_with_one_name_who_come_up_at_once_others_choose_one_and_stay_with_it() {
    for (delay, seed) in [(3000, 1), (3000, 2), (3050, 1), (3050, 7), (5000, 1)] {
        let mut sim = cluster::sim(seed);
        let delay = Duration::from_millis(3)..Duration::from_micros(delay);
        sim.set_faults(Faults { delay, ..Faults::default() });
        sim.start("b", idle);
        sim.start("b2", |config| idle(config.renamed("b")));
        sim.advance(SECOND / 10);
        sim.start("a", idle);
        // A greeting and its answer, and the pictures; and no more than that.
        sim.advance(Duration::from_millis(30));
        let stands = |sim: &mut cluster::ClusterSim, at: &str| {
            sim.at(at).dump().to_string().matches("publisher Member").count() == 2
        };
        assert!(stands(&mut sim, "a") && stands(&mut sim, "b2"), "seed {seed}");
        sim.advance(SECOND * 10);
        let taken = Reason::from(Lost::NameTaken).to_string();
        assert_eq!((ended(&mut sim, "b"), ended(&mut sim, "b2")), (Some(taken), None));
        assert!(stands(&mut sim, "a"));
    }
}

#[test]
fn c12_a_label_with_one_arity_here_and_another_there_is_a_warning_on_both_sides_once() {
    let mut sim = cluster::sim(1);
    let shares = |topics: &'static [&'static str]| {
        move |config: Config| {
            let config = topics.iter().fold(config, |config, text| config.share(topic(text)));
            cluster::join(config.peers(["a", "b"]), nothing())
        }
    };
    sim.start("a", shares(&["x(_)"]));
    sim.start("b", shares(&["x(_, _)"]));
    sim.advance(SECOND);
    let warnings = |sim: &mut cluster::ClusterSim, at: &str| {
        sim.at(at).messages_of::<Warning>().iter().map(|warning| warning.text.to_string()).collect::<Vec<_>>()
    };
    spawn_at(&mut sim, "a", silent(publisher("x(1)")));
    assert_eq!(warnings(&mut sim, "a"), [""; 0]);
    spawn_at(&mut sim, "b", (silent(publisher("x(1, 2)")), silent(publisher("x(1, 3)"))));
    spawn_at(&mut sim, "a", silent(publisher("x(2)")));
    assert_eq!(warnings(&mut sim, "a"), ["x has 1 fields here, and 2 at b: they do not meet"]);
    assert_eq!(warnings(&mut sim, "b"), ["x has 2 fields here, and 1 at a: they do not meet"]);
}

/// The warnings at a machine whose program, and whose neighbour, have these endpoints.
fn warned(program: &'static [&'static str], neighbour: &'static [&'static str]) -> Vec<Warning> {
    let have = |topics: &'static [&'static str]| topics.iter().map(|text| silent(publisher(text)));
    let mut sim = cluster::sim(1);
    sim.start("a", move |config| {
        let meta = have(program).map(|endpoint| at_meta_level!(endpoint)).collect::<Vec<_>>();
        cluster::join(config.share(topic("x(_)")), spawn_vm!(meta))
    });
    sim.at("a").spawn(process(have(neighbour).collect::<Vec<_>>()));
    sim.advance(SECOND * 600);
    sim.at("a").messages_of::<Warning>()
}

#[test]
fn c11_an_endpoint_of_the_program_that_is_not_shared_is_a_warning_once() {
    let told = warned(&["x(1)", "y(1)", "y(2)", "z(_)"], &[]);
    let text = "y(1) meets only what is on this machine: the config shares x(_)";
    assert_eq!(told, [Warning { text: text.into(), count: 1 }]);
    assert_eq!(warned(&["x(1)", "x(_)", "_"], &["z(1)"]), [], "a topic with wildcards is shared in part");
    assert_eq!(warned(&["x(1)", "Ground(1, _)", "Member(_, _)"], &[]), []);
    assert_eq!(warned(&["x(1)", "z(2)"], &["z(1)"]), [], "neighbours speak of it among themselves");
    assert_eq!(warned(&["x(1)", "now"], &["z(1)"]).len(), 1);
}

#[test]
fn c11_a_program_that_ends_and_has_shared_nothing_is_a_warning() {
    let warned = |program: fn() -> Spawn<cluster::Gateway>| {
        let mut sim = cluster::sim(1);
        sim.start("a", move |config| cluster::join(config.share(topic("x(_)")), program()));
        sim.advance(SECOND * 10);
        sim.at("a").messages_of::<Warning>()
    };
    let text = "the program has ended, and nothing in this network was ever of what the config shares (x(_)): \
                endpoints in a nested VM are in a network of their own";
    assert_eq!(warned(|| spawn_vm!(silent(publisher("x(1)")))), [Warning { text: text.into(), count: 1 }]);
    assert_eq!(warned(|| spawn!(transition_no_state!(silent(publisher("x(1)")), quit()))), []);
    assert_eq!(warned(|| spawn!(transition_no_state!(quit().because("tired")))), []);
    assert_eq!(warned(|| spawn!(transition_no_state!(silent(publisher("y(1)"))))).len(), 1);
}

#[test]
fn c11_what_is_said_to_drivers_is_not_to_be_shared() {
    let mut sim = cluster::sim(1);
    sim.start("a", |config| {
        let timer = AddEndpoint::new(Role::subscriber(topic!(TimerExpired { .. })), |_, turn| turn.act(()));
        cluster::join(config.share(topic("x(_)")), spawn_vm!(at_meta_level!(timer)))
    });
    sim.advance(SECOND * 10);
    assert_eq!(sim.at("a").messages_of::<Warning>(), []);
}

#[test]
fn c11_an_endpoint_that_comes_later_is_looked_for_ever_more_seldom() {
    for (after, count) in [(2, 1), (100, 1), (2000, 0)] {
        let mut sim = cluster::sim(1);
        sim.start("a", |config| {
            let answers = AddEndpoint::new(subscriber("x(_)"), |event, turn| {
                turn.act(event.body().map(|_| at_meta_level!(silent(publisher("y(1)")))))
            });
            cluster::join(config.share(topic("x(_)")), spawn_vm!(at_meta_level!(answers)))
        });
        sim.advance(SECOND * after);
        send(&mut sim, "a", "x(1)");
        sim.advance(SECOND * 600);
        assert_eq!(sim.at("a").messages_of::<Warning>().len(), count, "after {after} s");
        // Between its looks the gateway sees nothing of it.
        let eyes = sim.at("a").dump().to_string().matches("subscriber _ as observer of everything").count();
        assert_eq!(eyes, 0);
    }
}
