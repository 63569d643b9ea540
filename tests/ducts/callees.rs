//! Endpoints for what is passed, which meet nobody.

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Event, Heard};

use crate::{Notes, ask, asker, pid, sim_of, turns_of};

/// Answers with the double.
fn callee<S>() -> AddEndpoint<S> {
    callee!(match_duct!(duct => on_message!(n: u32 => give(&duct, &(2 * n)))))
}

/// A callee that takes part in the network.
fn everybodys_peer() -> AddEndpoint<()> {
    subscriber!(_, match_duct!(duct => on_message!(n: u32 => give(&duct, &(2 * n)))))
}

#[test]
fn r22_a_callee_is_nobodys_peer() {
    let leaves = |endpoint: fn() -> AddEndpoint<()>| {
        let sim = sim_of(move || {
            vec![
                spawn!(transition_no_state!(endpoint())),
                spawn!(transition_no_state!(publisher!("news", on_last_absence!(quit())))),
                spawn!(transition_no_state!(endpoint())),
                spawn!(transition_no_state!(subscriber!("news", on_presence!(quit())))),
            ]
        });
        sim.exits().iter().map(|exit| exit.pid).collect::<Vec<_>>()
    };
    assert_eq!(leaves(callee), [pid(5), pid(3)], "the reader, and then who waits for its last reader to go");
    assert_eq!(leaves(everybodys_peer), [pid(5)], "that one has a peer that stays");
}

#[test]
fn r22_participants_and_observers_do_not_see_a_callee() {
    let seen = |endpoint: fn() -> AddEndpoint<()>| {
        let sim = sim_of(move || {
            vec![
                spawn!(transition_no_state!(
                    publisher!("x", on_presence!()),
                    observe_subscribers!(_, on_presence!())
                )),
                spawn!(transition_no_state!(endpoint())),
                spawn!(transition_no_state!(
                    publisher!("x", on_presence!()),
                    observe_subscribers!(_, on_presence!())
                )),
            ]
        });
        turns_of(
            &sim,
            0,
            |heard| matches!(heard, Heard::Presence(role) if role.orientation == Orientation::Subscriber),
        )
    };
    assert_eq!(seen(callee), [""; 0]);
    assert_eq!(seen(everybodys_peer).len(), 5, "two of each, and the event relay");
}

/// A handler that is written by hand is called for what is passed, and never else.
#[test]
fn r35_a_callee_hears_no_message() {
    let notes = Notes::default();
    let mut sim = sim_of({
        let notes = notes.clone();
        move || {
            let note = notes.clone();
            let by_hand = AddEndpoint::callee(move |event: &Event<'_>, turn| {
                note.add(format!("{event:?}"));
                turn.act(())
            });
            vec![
                spawn!(transition_no_state!(by_hand)),
                spawn!(transition_no_state!(publisher!(_), observe_subscribers_everything!(_))),
                spawn!(asker(&notes)),
            ]
        }
    });
    sim.send(&7u32);
    sim.send_feedback(&7u32);
    sim.spawn(spawn!(transition_no_state!(publisher!(_), quit())));
    sim.run();
    assert_eq!(notes.take(), [""; 0]);
    ask(&mut sim, 2, "w", 7u32);
    assert_eq!(notes.take(), ["message 7 of Publisher"]);
}

#[test]
fn r60_a_process_with_a_callee_alone_stays_and_is_passed_to() {
    let notes = Notes::default();
    let mut sim = sim_of({
        let notes = notes.clone();
        move || vec![spawn!(transition_no_state!(callee())), spawn!(asker(&notes))]
    });
    ask(&mut sim, 2, "double", 21u32);
    ask(&mut sim, 2, "other", "nothing that it knows".to_string());
    assert_eq!(notes.take(), [r#""double": 42"#, r#""other": nothing (refused: 'unknown)"#]);
    sim.pass(pid(2), "host", &4u32);
    sim.run();
    assert_eq!(sim.replies(), [("host".into(), Ok(8u32.to_value()))]);
}

/// Beside subscribers: the first endpoint that takes it and has a clause for it; what is sent is
/// the subscribers' alone.
#[test]
fn a_callee_and_subscribers_take_turns_in_creation_order() {
    let heard = |sends: bool| {
        let notes = Notes::default();
        let mut sim = sim_of({
            let notes = notes.clone();
            move || {
                let [a, b, c, d] = [0; 4].map(|_| notes.clone());
                vec![
                    spawn!(transition_no_state!(
                        callee!(on_message!(n: u32 if n < 10 => a.add(format!("callee {n}")))),
                        subscriber!(7u32, on_message!(_ => b.add("never for what is passed"))),
                        subscriber!((_, _), match_duct!(_ => on_message!(_ => c.add("a pair")))),
                        callee!(on_message!(v: Value => d.add(format!("rest {v}")))),
                    )),
                    spawn!(asker(&Notes::default())),
                ]
            }
        });
        for what in [7u32.to_value(), 70u32.to_value(), (1u8, 2u8).to_value()] {
            match sends {
                true => sim.send(&what),
                false => ask(&mut sim, 2, "w", what),
            }
            sim.run();
        }
        notes.take()
    };
    assert_eq!(heard(false), ["callee 7", "rest 70", "a pair"]);
    assert_eq!(heard(true), ["never for what is passed"]);
}

/// A message passed to a VM, one level out.
#[test]
fn a_callee_at_the_meta_level() {
    let notes = Notes::default();
    let mut sim = sim_of({
        let notes = notes.clone();
        move || {
            let vm = spawn_vm!(
                spawn!(transition_no_state!(at_meta_level!(replies!(on_reply!(_, _ => quit()))))),
                spawn!(transition!(7u8, at_meta_level!(callee()))),
            );
            vec![
                vm,
                spawn!(asker(&notes)),
                spawn!(transition_no_state!(publisher!(_, on_last_absence!(quit())))),
            ]
        }
    });
    ask(&mut sim, 2, "double", 21u32);
    assert_eq!(notes.take(), [r#""double": 42"#]);
}

/// R30, R31, R39
#[test]
fn a_callee_is_named_replaced_and_spent_as_any_endpoint() {
    let notes = Notes::default();
    let mut sim = sim_of({
        let notes = notes.clone();
        move || {
            let answers = |k: u32| callee!(match_duct!(duct => on_message!(n: u32 => give(&duct, &(k * n)))));
            let taught = transition_no_state!(
                name_endpoint("answers", answers(2)),
                subscriber!("teach", on_message!(_ => name_endpoint("answers", answers(3)))),
                subscriber!(
                    "become a subscriber",
                    on_message!(_ => name_endpoint("answers", subscriber!("x")))
                ),
            );
            vec![
                spawn!(taught),
                spawn!(transition_no_state!(once(answers(5)), subscriber!("x"))),
                spawn!(asker(&notes)),
            ]
        }
    });
    ask(&mut sim, 2, "a", 7u32);
    sim.send(&"teach".to_string());
    ask(&mut sim, 2, "b", 7u32);
    sim.send(&"become a subscriber".to_string());
    ask(&mut sim, 2, "c", 7u32);
    ask(&mut sim, 3, "d", 7u32);
    ask(&mut sim, 3, "e", 7u32);
    assert_eq!(
        notes.take(),
        [
            r#""a": 14"#,
            r#""b": 21"#,
            r#""c": nothing (refused: 'unknown)"#,
            r#""d": 35"#,
            r#""e": nothing (refused: 'unknown)"#,
        ]
    );
}

/// A variable that a template in a clause mentions is cloned, also where the form stands in
/// another.
#[test]
fn variables_in_a_callee_are_cloned() {
    let factor = Text::from("twice");
    let endpoint: AddEndpoint<()> = subscriber!(
        "make",
        on_message!(_ => callee!(match_duct!(duct => on_message!(_n: u32 => (give(&duct, &1u8), send_message!(factor))))))
    );
    let mut sim = Sim::new(move |_| transition_no_state!(endpoint));
    sim.run();
    for _ in 0..2 {
        sim.send(&"make".to_string());
    }
    sim.run();
    sim.pass(Pid::BOOT, "w", &1u32);
    sim.run();
    assert_eq!(sim.messages_of::<Text>(), ["make", "make", "twice"]);
    assert_eq!(factor, "twice");
}
