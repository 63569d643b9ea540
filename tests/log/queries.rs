//! G24: what can be asked of the log.

use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

fn lines<'l>(turns: impl IntoIterator<Item = &'l log::LoggedTurn>) -> Vec<String> {
    turns.into_iter().map(ToString::to_string).collect()
}

/// p0 hears `go` and says `left` and `right`; p2, in its VM p0 of p3, hears `right` as `in`; p4
/// fails at `left`.
fn program() -> Sim {
    let mut sim = run((
        on_message(subscriber("go"), |_| (send("left"), send("right"))),
        name_process(
            "listener",
            process::<()>((
                on_message(subscriber("left"), |_| ()),
                on_message(subscriber("right"), |_| send("done")),
            )),
        ),
        spawn(|_| {
            let fails = AddEndpoint::new(subscriber("left"), |event, turn| match event.body() {
                Some(_) => Err(Failure::value(&String::from("no"))),
                None => turn.skip(),
            });
            Transition::new((), fails)
        }),
    ));
    sim.log_mut().turn_on();
    sim.send(&value("go"));
    sim.run();
    sim
}

#[test]
fn g24_a_turn_tells_everything() {
    let sim = program();
    assert_eq!(
        lines(sim.log().turns()),
        [
            "p0 hears message go, sends message left, sends message right",
            "p2 \"listener\" hears message left",
            "p3 hears message left, quits (no); fails: no",
            "p2 \"listener\" hears message right, sends message done",
        ]
    );
    let turn = sim.log().turns().last().unwrap();
    assert_eq!(turn.heard, Heard::Message(Orientation::Publisher, value("right")));
    assert_eq!((turn.pid, turn.name.clone(), turn.vm.len()), (pid(2), Some("listener".into()), 0));
    assert!(turn.duct.is_empty() && turn.origin.is_none() && turn.failed.is_none());
    assert!(turn.id > turn.action && turn.action > turn.cause);
}

#[test]
fn g24_turns_are_found_by_number_stamp_action_and_process() {
    let sim = program();
    let log = sim.log();
    for turn in log.turns() {
        assert_eq!(log.get(turn.id), Some(turn));
        assert_eq!(log.at_stamp(turn.stamp), Some(turn));
        for produced in &turn.produced {
            assert_eq!(log.action(produced.id), Some((turn, &produced.action)));
        }
    }
    assert!(log.get(0).is_none() && log.get(u64::MAX).is_none());
    assert!(log.at_stamp(0).is_none() && log.action(0).is_none());
    let of_p2 = lines(log.of_process(&[], pid(2)));
    assert_eq!(
        of_p2,
        ["p2 \"listener\" hears message left", "p2 \"listener\" hears message right, sends message done"]
    );
    assert_eq!(log.of_process(&[pid(2)], pid(0)).count(), 0, "that is in a VM");
}

#[test]
fn g24_previous_and_next() {
    let sim = program();
    let log = sim.log();
    let first = log.turns().next().unwrap();
    assert!(log.previous(first.id).is_none());
    assert_eq!(first.cause, 0);
    let next: Vec<_> = log.next(first.id).map(|turn| turn.id).collect();
    assert_eq!(next, log.turns().skip(1).map(|turn| turn.id).collect::<Vec<_>>());
    for id in next {
        assert_eq!(log.previous(id), Some(first));
        assert_eq!(log.next(id).count(), 0);
    }
    assert_eq!(log.next(0).count(), 0, "the host is no turn");
}

#[test]
fn g24_errors() {
    let sim = program();
    assert_eq!(lines(sim.log().errors()), ["p3 hears message left, quits (no); fails: no"]);
    assert_eq!(sim.log().errors().next().unwrap().failed, Some(Reason::value(&String::from("no"))));
}

/// A process may fail after its turn: then the turn in which it was told, or else that in which it
/// asked, has failed.
#[test]
fn g24_errors_between_turns() {
    let logged = |actions: PreAction<()>| {
        let mut sim = run(silent::<()>(publisher("x")));
        sim.log_mut().turn_on();
        sim.spawn(process((silent(subscriber("x")), actions)));
        sim.run();
        sim
    };
    // It refuses what it hears itself, and has no clause for that.
    let refused = logged(refuse(topic("x"), value("busy")));
    assert_eq!(
        lines(refused.log().errors()),
        ["p2 hears absence of publisher x (refused: busy), quits (refused: busy); fails: refused: busy"]
    );
    let nowhere = logged(give(&Duct::EMPTY, &1u8));
    let errors = lines(nowhere.log().errors());
    assert!(
        matches!(&errors[..], [boot] if boot.starts_with("p2 boots, ") && boot.contains("; fails: ")),
        "{errors:?}"
    );
    let unknown = logged(PreAction::from(silent::<()>(publisher("x"))).at_meta_level());
    let errors = lines(unknown.log().errors());
    assert!(
        matches!(&errors[..], [boot] if boot.starts_with("p2 boots, ") && boot.contains("; fails: ")),
        "{errors:?}"
    );
    // A process that hears of such an end can ask why.
    let absence = unknown.log().turns().last().unwrap();
    assert_eq!(absence.heard.to_string().split(" (").next(), Some("hears absence of subscriber x"));
    assert_eq!(unknown.log().previous(absence.id), unknown.log().errors().next());
}
