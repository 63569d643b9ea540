//! Rule O9: who asks for an answer.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Performed, What};

use crate::notes::{Notes, Scribe, act, empty, spawned, step};

/// An object that notes whether an answer is wanted.
fn heeds(sim: &mut Sim, notes: &Notes) -> Far<Scribe> {
    let (far, here) = reference::<Scribe>();
    let notes = notes.clone();
    act(sim, move || {
        actions!(object_of!(
            here,
            match_duct!(duct => on_message!(message: (Symbol, Text) => {
                let (_, note) = message;
                notes.add(format!("{note}: {}wanted", if duct.is_wanted() { "" } else { "not " }));
                give(&duct, &note)
            })),
        ))
    });
    far
}

#[test]
fn o9_a_send_whose_promise_nobody_has_asks_for_no_answer() {
    let notes = Notes::default();
    let mut sim = empty();
    let far = heeds(&mut sim, &notes);
    sim.tell(|cx| {
        far.note(cx, "statement");
        drop(far.note(cx, "dropped"));
    });
    sim.run();
    // Looking on is no wish for an answer.
    sim.log_mut().turn_on();
    sim.set_verb(true);
    sim.tell(|cx| {
        far.note(cx, "looked at");
    });
    let _dump = sim.dump();
    sim.run();
    let kept = std::cell::RefCell::new(Vec::new());
    sim.tell(|cx| kept.borrow_mut().push(far.note(cx, "kept by the host")));
    sim.run();
    let dropped_in_time = std::cell::RefCell::new(Vec::new());
    sim.tell(|cx| dropped_in_time.borrow_mut().push(far.note(cx, "dropped before it is performed")));
    drop(dropped_in_time);
    sim.run();
    assert_eq!(
        notes.take(),
        [
            "statement: not wanted",
            "dropped: not wanted",
            "looked at: not wanted",
            "kept by the host: wanted",
            "dropped before it is performed: not wanted",
        ]
    );
}

#[test]
fn o9_handles_count_wherever_they_are() {
    let notes = Notes::default();
    let mut sim = empty();
    let far = heeds(&mut sim, &notes);
    let target = far.clone();
    act(&mut sim, move || ask(|cx| target.note(cx, "when"), |(): (), _| transition_no_state!()));
    let target = far.clone();
    act(&mut sim, move || {
        let mut promise = None;
        let sent = tell(|cx| promise = Some(target.note(cx, "queued action")));
        actions!(sent, send_message!(promise.unwrap()))
    });
    let target = far.clone();
    sim.spawn(spawn(move |_| {
        let mut promise = None;
        let sent = tell(|cx| promise = Some(target.note(cx, "state")));
        transition!(promise, sent, subscriber!("never"))
    }));
    sim.run();
    let scribe = spawned(&mut sim, 0, Notes::default().scribe());
    sim.tell(|cx| {
        // The message has the promise.
        scribe.echo(cx, far.note(cx, "argument").to_value());
    });
    sim.run();
    sim.tell(|cx| {
        // A message waits there.
        send(cx, &far.note(cx, "message"), "length", ());
    });
    sim.run();
    let (_promise, resolver) = promise::<Text>();
    let target = far.clone();
    act(&mut sim, move || {
        let mut promise = None;
        let sent = tell(|cx| promise = Some(target.note(cx, "follower")));
        actions!(sent, resolver.follow(promise.unwrap()))
    });
    assert_eq!(
        notes.take(),
        ["when", "queued action", "state", "argument", "message", "follower"]
            .map(|it| format!("{it}: wanted"))
    );
}

#[test]
fn o9_no_answer_is_recorded_for_a_send_that_asks_for_none() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    sim.tell(|cx| {
        scribe.note(cx, "hello");
    });
    let first = step(&mut sim);
    assert!(matches!(first[0], What::Performed { action: Performed::SendTo(..), .. }), "{first:?}");
    assert!(!sim.step(), "there is nothing left to do");
    assert_eq!(notes.take(), ["hello"]);
}
