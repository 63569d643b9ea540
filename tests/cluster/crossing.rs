//! C4: records of several machines are put together.

use marketplace::log::{Log, LoggedTurn};
use marketplace::prelude::*;
use marketplace_cluster::{self as cluster, ClusterSim, Crossing, Faults, crossings};

use crate::stage::*;

fn logged(names: &[&str]) -> ClusterSim {
    let mut sim = machines(names);
    names.iter().for_each(|name| sim.at(*name).log_mut().turn_on());
    sim
}

/// The last turn of a process, other than the gateway, that heard something with this text.
fn heard<'l>(log: &'l Log, what: &str) -> &'l LoggedTurn {
    let found = log.turns().rfind(|turn| turn.pid.number() != 2 && turn.heard.to_string().contains(what));
    found.unwrap_or_else(|| panic!("nobody has heard {what}"))
}

/// The crossing that led to this turn.
fn crossed(log: &Log, turn: &LoggedTurn) -> Crossing {
    let mut all = crossings(log).into_iter().filter(|crossing| crossing.actions.contains(&turn.action));
    match (all.next(), all.next()) {
        (Some(one), None) => one,
        (one, other) => panic!("{turn} came by {one:?} and {other:?}"),
    }
}

/// From a turn to the action that led to it on another machine, and the turn that asked for that.
fn back(sim: &mut ClusterSim, at: &str, what: &str) -> (Text, String, String) {
    let log = sim.at(at).log();
    let crossing = crossed(log, heard(log, what));
    assert_eq!(log.get(crossing.heard).map(|turn| turn.pid.number()), Some(2), "the gateway heard it");
    let log = sim.at(crossing.machine.clone()).log();
    let (turn, action) = log.action(crossing.said).unwrap_or_else(|| panic!("{crossing:?}"));
    assert_eq!(crossing.cause(log), Some(turn));
    (crossing.machine, action.to_string(), turn.heard.to_string())
}

fn story(machine: &str, action: &str, heard: &str) -> (Text, String, String) {
    (machine.into(), action.into(), heard.into())
}

/// An endpoint that answers a message with another one.
fn answering(to: &str, answer: &str) -> AddEndpoint<()> {
    let answer = value(answer);
    AddEndpoint::new(subscriber(to), move |event, turn| turn.act(event.body().map(|_| send_message(&answer))))
}

#[test]
fn c4_a_message_is_one_story_over_several_machines() {
    let mut sim = logged(&["a", "b", "c"]);
    spawn_at(&mut sim, "a", (answering("go", "x(1)"), answering("x(3)", "done")));
    spawn_at(&mut sim, "b", answering("x(1)", "x(2)"));
    spawn_at(&mut sim, "c", answering("x(2)", "x(3)"));
    send(&mut sim, "a", "go");
    assert_eq!(back(&mut sim, "a", "x(3)"), story("c", "sends message x(3)", "hears message x(2)"));
    assert_eq!(back(&mut sim, "c", "x(2)"), story("b", "sends message x(2)", "hears message x(1)"));
    assert_eq!(back(&mut sim, "b", "x(1)"), story("a", "sends message x(1)", "hears message go"));
}

#[test]
fn c4_each_of_many_things_has_its_own_cause_and_crosses_once() {
    let mut sim = logged(&["a", "b"]);
    sim.set_faults(Faults { repeated: 1000, ..Faults::default() });
    spawn_at(&mut sim, "b", silent(subscriber("x(_)")));
    spawn_at(&mut sim, "a", (answering("go", "x(7)"), answering("go", "x(8)"), answering("go", "x(8)")));
    let named = name_endpoint("it", silent(publisher("x(1)")));
    spawn_at(
        &mut sim,
        "a",
        (named, name_endpoint("it", silent(publisher("x(2)"))), refuse(topic("x(_)"), 5)),
    );
    spawn_at(&mut sim, "a", (silent(publisher("x(3)")), quit().because("enough")));
    send(&mut sim, "a", "go");
    // The two messages that are equal are told apart.
    let log = sim.at("b").log();
    let eights: Vec<_> = log.turns().filter(|turn| turn.heard.to_string() == "hears message x(8)").collect();
    let eights: Vec<_> = eights.into_iter().map(|turn| crossed(log, turn).said).collect();
    assert_eq!(eights.len(), 2);
    let asked = |said: u64, sim: &mut ClusterSim| {
        sim.at("a").log().action(said).map(|(turn, action)| (turn.id, action.to_string()))
    };
    let [first, second] = [eights[0], eights[1]].map(|said| asked(said, &mut sim).unwrap_or_default());
    assert_eq!((&*first.1, &*second.1), ("sends message x(8)", "sends message x(8)"));
    assert!(first.0 < second.0);
    let told = |what: &str, action: &str, sim: &mut ClusterSim| {
        let (machine, asked, _) = back(sim, "b", what);
        assert_eq!((&*machine, &*asked), ("a", action));
    };
    told("presence of publisher x(1)", "adds 'it: publisher x(1)", &mut sim);
    told("presence of publisher x(2)", "adds 'it: publisher x(2)", &mut sim);
    told("absence of publisher x(1) (changed)", "adds 'it: publisher x(2)", &mut sim);
    told("(refused: 5)", "refuses x(_) (5)", &mut sim);
    told("absence of publisher x(3) (enough)", "quits (enough)", &mut sim);
    // All that crossed crossed once.
    let all = crossings(sim.at("b").log());
    let mut said: Vec<_> = all.iter().map(|crossing| (crossing.said, crossing.actions.clone())).collect();
    said.dedup();
    assert_eq!(said.len(), all.len());
}

#[test]
fn c4_an_endpoint_that_was_there_before_the_link_has_no_cause_there() {
    let mut sim = machines(&["a"]);
    spawn_at(&mut sim, "a", silent(publisher("x(1)")));
    sim.start("b", idle);
    sim.at("b").log_mut().turn_on();
    sim.at("b").spawn(process(silent(subscriber("x(_)"))));
    sim.advance(SECOND);
    let log = sim.at("b").log();
    let crossing = crossed(log, heard(log, "presence of publisher x(1)"));
    assert_eq!((&*crossing.machine, crossing.epoch, crossing.said), ("a", 1, 0));
    let leave = spawn(|_| Transition::new((), cluster::leave()));
    sim.at("a").spawn(leave);
    settle(&mut sim);
    let log = sim.at("b").log();
    let crossing = crossed(log, heard(log, "absence of publisher x(1)"));
    assert_eq!(crossing.machine, Text::from("a"));
}

#[test]
fn c4_causes_lead_into_a_nested_program() {
    let mut sim = cluster::sim(1);
    let room = |answers: &'static str, to: &'static str| {
        move |config| {
            let answer = value(answers);
            let ear = AddEndpoint::new(subscriber(to), move |event, turn| {
                turn.act(event.body().map(|_| at_meta_level!(send_message(&answer))))
            });
            cluster::join(shares_x(config), spawn_vm!(at_meta_level!(ear)))
        }
    };
    sim.start("a", room("x(1)", "x(0)"));
    sim.start("b", room("x(2)", "x(1)"));
    sim.advance(SECOND * 2);
    ["a", "b"].iter().for_each(|name| sim.at(*name).log_mut().turn_on());
    send(&mut sim, "a", "x(0)");
    let log = sim.at("b").log();
    let inner = log.turns().rfind(|turn| !turn.vm.is_empty() && turn.heard.to_string().contains("x(1)"));
    let inner = inner.unwrap_or_else(|| panic!("nobody in there has heard it"));
    // It was called in a turn of its VM, which heard the message.
    let outer = log.get(inner.cause).unwrap_or_else(|| panic!("{inner}"));
    let crossing = crossed(log, outer);
    let turn = crossing.cause(sim.at("a").log()).unwrap_or_else(|| panic!("{crossing:?}"));
    assert_eq!(turn.vm.len(), 1);
    assert_eq!(turn.heard.to_string(), "hears message x(0)");
}
