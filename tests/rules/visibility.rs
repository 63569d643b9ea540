//! R22: who hears of whom.

use marketplace::*;

use crate::support::*;

use InterestType::{Everything, Observer, Participant};
use Orientation::{Publisher, Subscriber};

/// Whether an endpoint of the first type hears of one of the second.
const TABLE: [(InterestType, InterestType, bool); 9] = [
    (Participant, Participant, true),
    (Participant, Observer, false),
    (Participant, Everything, false),
    (Observer, Participant, true),
    (Observer, Observer, false),
    (Observer, Everything, false),
    (Everything, Participant, true),
    (Everything, Observer, true),
    (Everything, Everything, true),
];

fn hears(local: InterestType, remote: InterestType) -> bool {
    TABLE.contains(&(local, remote, true))
}

/// The events of an endpoint called `name` when a peer of that type comes and goes.
fn story(name: &str, side: Orientation, interest: InterestType, heard: bool, reason: &str) -> Vec<String> {
    let role = Role::new(side, topic("x"), interest);
    match heard {
        true => vec![format!("{name}: presence of {role}"), format!("{name}: absence of {role} ({reason})")],
        false => vec![],
    }
}

/// The lines of this endpoint, without vacancies.
fn of(heard: &[String], name: &str) -> Vec<String> {
    let lines = heard.iter().filter(|line| line.starts_with(name) && !line.contains("vacancy"));
    lines.cloned().collect()
}

#[test]
fn r22_the_table_is_as_written() {
    for (local, remote, heard) in TABLE {
        assert_eq!(local.hears(remote), heard, "{local:?} {remote:?}");
    }
}

#[test]
fn r22_each_pair_of_types_in_each_direction_and_order() {
    for (old, new, _) in TABLE {
        for side in [Publisher, Subscriber] {
            let log = Log::default();
            run((
                name_endpoint(1u8, log.endpoint("old", Role::new(side, topic("x"), old))),
                name_endpoint(2u8, log.endpoint("new", Role::new(side.opposite(), topic("x"), new))),
                delete_endpoint(2u8).because(because("first")),
                name_endpoint(2u8, log.endpoint("new", Role::new(side.opposite(), topic("x"), new))),
                delete_endpoint(1u8).because(because("second")),
            ));
            let heard = log.take();
            let what = format!("{old:?} then {new:?}, {side:?}: {heard:#?}");
            let twice = |name, side, interest, heard| {
                let mut lines = story(name, side, interest, heard, "first");
                lines.extend(story(name, side, interest, heard, "second"));
                lines
            };
            assert_eq!(of(&heard, "old"), twice("old", side.opposite(), new, hears(old, new)), "{what}");
            assert_eq!(of(&heard, "new"), twice("new", side, old, hears(new, old)), "{what}");
            // Every endpoint that heard of no peer heard so: once for the old, at each coming for
            // the new.
            let vacancies = |name: &str| {
                heard.iter().filter(|line| line.starts_with(name) && line.contains("vacancy")).count()
            };
            assert_eq!(vacancies("old"), 1, "{what}");
            assert_eq!(vacancies("new"), if hears(new, old) { 0 } else { 2 }, "{what}");
        }
    }
}

#[test]
fn r22_visibility_does_not_stop_messages() {
    for (sender, receiver, _) in TABLE {
        let log = Log::default();
        run((
            process(silent(Role::new(Publisher, topic("x"), sender))),
            log.endpoint("r", Role::new(Subscriber, topic("x"), receiver)),
            send("x"),
        ));
        let heard = log.take();
        let messages: Vec<_> = heard.iter().filter(|line| line.contains("message")).collect();
        assert_eq!(messages, ["r: message x"], "{sender:?} {receiver:?}");
    }
}

#[test]
fn r22_an_observer_hears_a_participant_that_does_not_hear_it() {
    let log = Log::default();
    let mut sim = run((
        process(log.endpoint("participant", publisher("x"))),
        process(log.endpoint("observer", Role::observer_of_publishers(topic("x")))),
    ));
    sim.kill(pid(3), Reason::Normal);
    sim.run();
    assert_eq!(log.take(), ["participant: vacancy: no subscriber x", "observer: presence of publisher x"]);
}
