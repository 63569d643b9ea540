//! References that are taken back.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::gate::revocable;
use crate::gate::tests::{AskAnother, Notes, Over, answer, friend, gone, listener, made};

#[test]
fn a_gate_lets_everything_through_in_order() {
    let notes = Notes::default();
    let mut sim = Sim::new(|_| transition_no_state!());
    let ann = friend(&mut sim, "ann", &notes);
    let (gate, _revoker) = made(&mut sim, |cx| revocable(cx, &ann));
    assert_ne!(gate, ann);
    sim.tell(|cx| {
        for n in 0..5 {
            gate.hear(cx, n);
        }
    });
    assert_eq!(answer(&mut sim, |cx| gate.hear(cx, 5)), Ok(5));
    assert_eq!(notes.take(), (0..6).map(|n| format!("ann: {n}")).collect::<Vec<_>>());
    // A reference that passes is as it was.
    assert_eq!(answer(&mut sim, |cx| gate.me(cx)), Ok(ann.clone()));
    let why = answer(&mut sim, |cx| gate.fail(cx)).unwrap_err();
    assert_eq!(why.decode(), Some(AskAnother(ann)));
    let why = answer(&mut sim, |cx| send(cx, &gate, "sing", ())).unwrap_err();
    assert!(matches!(Broken::of(&why), Some(Broken::NoMethod { .. })), "{why}");
}

#[test]
fn o9_an_answer_that_nobody_wants_is_not_asked_for_behind_a_gate() {
    let notes = Notes::default();
    let mut sim = Sim::new(|_| transition_no_state!());
    let far = listener(&mut sim, &notes);
    let (gate, _revoker) = made(&mut sim, |cx| revocable(cx, &far));
    sim.tell(|cx| {
        gate.hear(cx, 1);
    });
    assert_eq!(answer(&mut sim, |cx| gate.hear(cx, 2)), Ok(2));
    assert_eq!(notes.take(), ["1, wanted: false", "2, wanted: true"]);
}

#[test]
fn a_message_that_is_passed_to_a_gate_is_answered() {
    let notes = Notes::default();
    let mut sim = Sim::new(|_| transition_no_state!());
    let ann = friend(&mut sim, "ann", &notes);
    let (gate, revoker) = made(&mut sim, |cx| revocable(cx, &ann));
    let passes = move |gate: Far<super::Friend>| {
        transition_no_state!(
            replies!(
                on_reply!("w", n: u64 => send_message!(n)),
                match_reason!(why: Reason => on_duct_absence!(send_message!(why.to_string()))),
            ),
            pass(&gate, "w", &(Symbol::new("hear"), 7u64)),
        )
    };
    let first = gate.clone();
    sim.spawn(spawn!(passes(first)));
    sim.run();
    assert_eq!(sim.messages_of::<u64>(), [7]);
    sim.tell(|cx| revoker.revoke(cx, Over));
    sim.spawn(spawn!(passes(gate)));
    sim.run();
    assert_eq!(sim.messages_of::<Text>(), ["it is gone (it is over)"], "{}", sim.trace());
}

#[test]
fn what_is_taken_back_is_gone_and_what_was_asked_before_is_answered() {
    let notes = Notes::default();
    let mut sim = Sim::new(|_| transition_no_state!());
    let ann = friend(&mut sim, "ann", &notes);
    let (gate, revoker) = made(&mut sim, |cx| revocable(cx, &ann));
    let under_way = sim.ask(|cx| gate.wait(cx, 1));
    sim.run();
    assert_eq!(answer(&mut sim, |cx| revoker.revoke(cx, Over)), Ok(()));
    let why = answer(&mut sim, |cx| gate.hear(cx, 2)).unwrap_err();
    assert_eq!(gone(&why).decode(), Some(Over));
    let again = answer(&mut sim, |cx| revoker.revoke(cx, Over)).unwrap_err();
    assert_eq!(gone(&again).decode(), Some(Over));
    sim.tell(|cx| ann.next(cx));
    sim.run();
    assert_eq!(under_way.answer(), Some(Ok("ann".into())));
    assert_eq!(notes.take(), ["ann waits: 1"]);
}

/// The right to take it back keeps nothing but itself, and the gate keeps what it stands before.
#[test]
fn nothing_is_left_of_a_gate() {
    let notes = Notes::default();
    let mut sim = Sim::new(|_| transition_no_state!());
    let empty = sim.stats().processes;
    for (what, processes) in [("gate", 2), ("revoker", 1)] {
        let ann = friend(&mut sim, "ann", &notes);
        let (gate, revoker) = made(&mut sim, |cx| revocable(cx, &ann));
        assert_eq!(answer(&mut sim, |cx| gate.hear(cx, 1)), Ok(1));
        drop(ann);
        let mut held = (Some(gate), Some(revoker));
        if what == "gate" {
            held.1 = None;
        } else {
            held.0 = None;
        }
        sim.run();
        assert_eq!(sim.stats().processes, empty + processes, "{what}");
        drop(held);
        sim.run();
        assert_eq!(sim.stats().processes, empty, "{what}");
    }
}

/// A gate stands in the VM of whoever makes it.
#[test]
fn a_gate_in_a_nested_vm() {
    let notes = Notes::default();
    let mut sim = Sim::new(|_| transition_no_state!());
    let ann = friend(&mut sim, "ann", &notes);
    let inside = ann.clone();
    sim.spawn(spawn_vm(move |_, _| {
        let mut gate = None;
        let makes = tell(|cx| gate = Some(revocable(cx, &inside)));
        let (key, revoker) = gate.unwrap();
        let again = key.clone();
        transition_no_state!(
            makes,
            ask(
                |cx| key.hear(cx, 1),
                move |(), heard: Result<u64, Reason>| {
                    transition_no_state!(
                        at_meta_level!(send_message!(("heard", heard.is_ok()))),
                        tell(|cx| revoker.revoke(cx, Over)),
                        ask(
                            |cx| again.hear(cx, 2),
                            |(), heard: Result<u64, Reason>| {
                                let why = heard.unwrap_err().to_string();
                                transition_no_state!(at_meta_level!(send_message!(why)))
                            }
                        ),
                    )
                }
            ),
        )
    }));
    sim.run();
    assert_eq!(sim.messages_of::<(Text, bool)>(), [("heard".into(), true)]);
    assert_eq!(sim.messages_of::<Text>(), ["it is gone (it is over)"]);
    assert_eq!(notes.take(), ["ann: 1"]);
}
