//! C2, C3, C6, C8: who is there, on which machine soever.

use marketplace::prelude::*;
use marketplace::{Heard, Pid};

use crate::stage::*;

/// A machine `a` with a log, and a machine `b`, which have met.
fn pair() -> (marketplace_cluster::ClusterSim, Log) {
    (machines(&["a", "b"]), Log::default())
}

/// The process that was spawned last on a machine: the gateway is p2, and its program is gone.
fn last_pid(sim: &mut marketplace_cluster::ClusterSim, at: &str) -> Pid {
    let dump = sim.at(at).dump();
    dump.processes.iter().map(|process| process.pid).max().unwrap_or_else(|| panic!("nobody at {at}"))
}

#[test]
fn c2_endpoints_of_two_machines_meet_by_their_roles_and_topics() {
    let (mut sim, log) = pair();
    spawn_at(
        &mut sim,
        "a",
        (log.endpoint("s", subscriber("x(1, _)")), log.endpoint("t", subscriber("x(2, _)"))),
    );
    spawn_at(&mut sim, "b", (log.endpoint("p", publisher("x(_, 7)")), log.endpoint("q", publisher("x(_)"))));
    let vacancies = ["s: vacancy: no publisher x(1, _)", "t: vacancy: no publisher x(2, _)"];
    let heard = log.take();
    assert_eq!(heard[..2], vacancies);
    let mut rest = heard[2..].to_vec();
    rest.sort();
    let met = [
        "p: presence of subscriber x(1, 7)",
        "p: presence of subscriber x(2, 7)",
        "q: vacancy: no subscriber x(_)",
        "s: presence of publisher x(1, 7)",
        "t: presence of publisher x(2, 7)",
    ];
    assert_eq!(rest, met);
    let pid = last_pid(&mut sim, "b");
    sim.at("b").kill(pid, "enough");
    settle(&mut sim);
    let gone = ["s: absence of publisher x(1, 7) (enough)", "t: absence of publisher x(2, 7) (enough)"];
    assert_eq!(log.take(), gone);
}

#[test]
fn c2_each_direction_is_judged_by_itself() {
    let (mut sim, log) = pair();
    let everything = Role::new(Orientation::Subscriber, topic("x(1)"), InterestType::Everything);
    spawn_at(&mut sim, "a", log.endpoint("p", publisher("x(1)")));
    spawn_at(&mut sim, "b", log.endpoint("o", Role::observer_of_publishers(topic("x(_)"))));
    spawn_at(&mut sim, "b", log.endpoint("e", everything));
    let heard = log.take();
    assert!(heard.contains(&"o: presence of publisher x(1)".to_string()), "{heard:?}");
    assert!(heard.contains(&"e: presence of publisher x(1)".to_string()), "{heard:?}");
    assert_eq!(heard[0], "p: vacancy: no subscriber x(1)");
    assert!(!heard[1..].iter().any(|line| line.starts_with("p:")), "{heard:?}");
    // Somebody who looks for everything on the other machine sees the observers.
    let all = Role::new(Orientation::Publisher, topic("x(1)"), InterestType::Everything);
    spawn_at(&mut sim, "a", log.endpoint("all", all));
    let heard = log.take();
    assert!(heard.contains(&"all: presence of subscriber x(1) as observer".to_string()), "{heard:?}");
    assert!(
        heard.contains(&"all: presence of subscriber x(1) as observer of everything".to_string()),
        "{heard:?}"
    );
}

#[test]
fn c3_whoever_sees_a_presence_reaches_it_at_once() {
    let (mut sim, log) = pair();
    let greets = log.doing("p", publisher("x(_)"), |heard| {
        matches!(heard, Heard::Presence(_)).then(|| send_message(&value("x(7)")))
    });
    spawn_at(&mut sim, "a", greets);
    log.take();
    spawn_at(&mut sim, "b", log.endpoint("s", subscriber("x(_)")));
    let heard = ["s: presence of publisher x(_)", "p: presence of subscriber x(_)", "s: message x(7)"];
    assert_eq!(log.take(), heard);
}

#[test]
fn c3_a_machine_that_was_lost_is_absent_before_it_is_heard_again() {
    let (mut sim, log) = pair();
    spawn_at(&mut sim, "a", log.endpoint("s", subscriber("x(_)")));
    spawn_at(&mut sim, "b", silent(publisher("x(1)")));
    log.take();
    sim.cut("a", "b");
    send(&mut sim, "b", "x(2)");
    sim.advance(SECOND * 6);
    sim.heal("a", "b");
    sim.advance(SECOND * 3);
    send(&mut sim, "b", "x(3)");
    let heard = [
        "s: absence of publisher x(1) (the machine cannot be reached)",
        "s: presence of publisher x(1)",
        "s: message x(3)",
    ];
    assert_eq!(log.take(), heard);
}

#[test]
fn c6_an_absence_has_the_reason_that_the_process_gave() {
    let (mut sim, log) = pair();
    spawn_at(&mut sim, "a", log.endpoint("s", subscriber("x(_)")));
    let ends: [(Option<Reason>, &str); 6] = [
        (None, "normal"),
        (Some(Reason::Value("enough".into())), "enough"),
        (Some(Reason::Refused(value("no(1)"))), "refused: no(1)"),
        (Some(Reason::Killed(Some(value("ann")))), "killed by ann"),
        (Some(Reason::Panic("boom".into())), "panic: boom"),
        (Some(Reason::error(std::fmt::Error)), &std::fmt::Error.to_string()),
    ];
    for (reason, told) in ends {
        log.take();
        let end = match reason {
            Some(reason) => quit().because(reason),
            None => quit(),
        };
        spawn_at(&mut sim, "b", (silent(publisher("x(1)")), end));
        let heard =
            ["s: presence of publisher x(1)".to_string(), format!("s: absence of publisher x(1) ({told})")];
        assert_eq!(log.take(), heard);
    }
}

#[test]
fn c8_a_role_change_is_one_change_on_each_machine() {
    let (mut sim, log) = pair();
    let changes = |log: &Log| {
        log.doing("told", subscriber("told"), {
            let log = log.clone();
            move |heard| {
                let is_told = matches!(heard, Heard::Message(..));
                is_told.then(|| name_endpoint("it", log.endpoint("p", publisher("x(1, _)"))))
            }
        })
    };
    spawn_at(
        &mut sim,
        "a",
        (
            name_endpoint("it", log.endpoint("p", publisher("x(_, 2)"))),
            changes(&log),
            // Another one with the old role stays as it is.
            silent(publisher("x(_, 2)")),
        ),
    );
    spawn_at(&mut sim, "b", log.endpoint("s", subscriber("x(1, 2)")).counted());
    spawn_at(&mut sim, "b", log.endpoint("o", Role::observer_of_publishers(topic("x(_, _)"))).counted());
    log.take();
    send(&mut sim, "a", "told");
    let heard: Vec<_> = log.take().into_iter().filter(|line| !line.starts_with("told")).collect();
    // To `s` both roles are the same. To `p` its peer is the same, too.
    let changed = ["o: presence of publisher x(1, _) first", "o: absence of publisher x(_, 2) (changed)"];
    assert_eq!(heard, changed);
}

#[test]
fn c8_a_change_to_what_is_not_shared_is_an_absence_and_back_a_presence() {
    let (mut sim, log) = pair();
    let becomes = |name: &str, role: Role| {
        AddEndpoint::new(subscriber(name), move |event, turn| match event.body() {
            Some(_) => turn.act(name_endpoint("it", silent(role.clone()))),
            None => turn.act(()),
        })
    };
    let actions = (
        name_endpoint("it", silent(publisher("x(1)"))),
        becomes("hide", publisher("y(1)")),
        becomes("show", publisher("x(2)")),
    );
    spawn_at(&mut sim, "a", actions);
    spawn_at(&mut sim, "b", log.endpoint("s", subscriber("x(_)")));
    send(&mut sim, "a", "hide");
    send(&mut sim, "a", "show");
    // From one shared topic to another.
    let other = Role::subscriber(topic("x(_, _)"));
    spawn_at(&mut sim, "b", log.endpoint("t", other));
    spawn_at(&mut sim, "a", send_message(&value("hide")));
    let heard = [
        "s: presence of publisher x(1)",
        "s: absence of publisher x(1) (changed)",
        "s: presence of publisher x(2)",
        "t: vacancy: no publisher x(_, _)",
        "s: absence of publisher x(2) (changed)",
    ];
    assert_eq!(log.take(), heard);
}

#[test]
fn c8_a_change_from_one_shared_topic_to_another_is_told_as_one() {
    let (mut sim, log) = pair();
    let becomes = |name: &str, text: &str| {
        let role = publisher(text);
        AddEndpoint::new(subscriber(name), move |event, turn| match event.body() {
            Some(_) => turn.act(name_endpoint("it", silent(role.clone()))),
            None => turn.act(()),
        })
    };
    let start = name_endpoint("it", silent(publisher("x(1)")));
    spawn_at(&mut sim, "a", (start, becomes("two", "x(1, 2)"), becomes("one", "x(3)")));
    spawn_at(&mut sim, "b", log.endpoint("o", Role::observer_of_publishers(topic("_"))));
    log.take();
    send(&mut sim, "a", "two");
    send(&mut sim, "a", "one");
    let heard = [
        "o: presence of publisher x(1, 2)",
        "o: absence of publisher x(1) (changed)",
        "o: presence of publisher x(3)",
        "o: absence of publisher x(1, 2) (changed)",
    ];
    assert_eq!(log.take(), heard);
}
