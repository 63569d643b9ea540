//! So many questions at a time.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::gate::tests::{Friend, Notes, Over, answer, friend, gone, listener, made};
use crate::gate::{Window, window};

fn waits(numbers: std::ops::Range<u64>) -> Vec<String> {
    numbers.map(|n| format!("ann waits: {n}")).collect()
}

/// A sim with a friend behind a window.
fn behind(bounds: Window) -> (Sim, Notes, Far<Friend>, Far<Friend>) {
    let notes = Notes::default();
    let mut sim = Sim::new(|_| transition_no_state!());
    let ann = friend(&mut sim, "ann", &notes);
    let gate = made(&mut sim, |cx| window(cx, &ann, bounds));
    (sim, notes, ann, gate)
}

#[test]
fn so_many_questions_are_open_and_the_rest_waits_in_order() {
    let (mut sim, notes, ann, gate) = behind(Window { open: 3, waiting: 100 });
    let asked: Vec<_> = (0..10).map(|n| sim.ask(|cx| gate.wait(cx, n))).collect();
    sim.run();
    assert_eq!(notes.take(), waits(0..3));
    for n in 3..10 {
        sim.tell(|cx| ann.next(cx));
        sim.run();
        assert_eq!(notes.take(), waits(n..n + 1), "one is answered, one goes on");
        assert_eq!(asked.iter().filter(|asked| asked.answer().is_some()).count() as u64, n - 2);
    }
    for _ in 0..3 {
        sim.tell(|cx| ann.next(cx));
    }
    sim.run();
    assert!(asked.iter().all(|asked| asked.answer() == Some(Ok("ann".into()))));
}

/// It is told to whoever sends one more.
#[test]
fn the_bound_of_what_waits_is_told() {
    let (mut sim, notes, _ann, gate) = behind(Window { open: 1, waiting: 2 });
    let asked: Vec<_> = (0..5).map(|n| sim.ask(|cx| gate.wait(cx, n))).collect();
    sim.run();
    assert_eq!(notes.take(), waits(0..1));
    for (n, asked) in asked.iter().enumerate() {
        let why = asked.answer().map(|answer| answer.unwrap_err());
        let too_many = why.as_ref().and_then(Broken::of) == Some(&Broken::TooMany);
        assert_eq!(too_many, n >= 3, "{n}: {why:?}");
    }
    // Nobody waits for it, so it is an error that reaches nobody, which is counted.
    sim.tell(|cx| {
        gate.hear(cx, 9);
    });
    sim.run();
    assert_eq!(sim.stats().unheard_errors, 1);
    assert_eq!(notes.take(), [""; 0]);
}

/// It is no question: it counts for nothing, but it overtakes nothing.
#[test]
fn o9_a_message_without_an_answer_keeps_its_place_in_the_order() {
    let (mut sim, notes, ann, gate) = behind(Window { open: 1, waiting: 100 });
    sim.tell(|cx| {
        gate.hear(cx, 1);
        gate.hear(cx, 2);
    });
    sim.run();
    assert_eq!(notes.take(), ["ann: 1", "ann: 2"]);
    let first = sim.ask(|cx| gate.wait(cx, 3));
    sim.tell(|cx| {
        gate.hear(cx, 4);
    });
    let second = sim.ask(|cx| gate.wait(cx, 5));
    sim.tell(|cx| {
        gate.hear(cx, 6);
    });
    sim.run();
    assert_eq!(notes.take(), ["ann waits: 3", "ann: 4"], "nothing waits before it");
    sim.tell(|cx| ann.next(cx));
    sim.run();
    assert_eq!(notes.take(), ["ann waits: 5", "ann: 6"]);
    sim.tell(|cx| ann.next(cx));
    sim.run();
    assert!(first.answer().is_some() && second.answer().is_some());

    let far = listener(&mut sim, &notes);
    let gate = made(&mut sim, |cx| window(cx, &far, Window { open: 1, waiting: 1 }));
    sim.tell(|cx| {
        gate.hear(cx, 7);
    });
    assert_eq!(answer(&mut sim, |cx| gate.hear(cx, 8)), Ok(8));
    assert_eq!(notes.take(), ["7, wanted: false", "8, wanted: true"]);
}

/// An error is an answer.
#[test]
fn what_breaks_lets_the_next_one_go_on() {
    let (mut sim, notes, ann, gate) = behind(Window { open: 1, waiting: 100 });
    let failed = sim.ask(|cx| gate.fail(cx));
    assert_eq!(answer(&mut sim, |cx| gate.hear(cx, 1)), Ok(1));
    assert!(failed.answer().unwrap().is_err());
    // And so is the end of the object: all that wait are told.
    let asked: Vec<_> = (0..4).map(|n| sim.ask(|cx| gate.wait(cx, n))).collect();
    sim.run();
    sim.tell(|cx| ann.end(cx));
    sim.run();
    for asked in asked {
        assert_eq!(gone(&asked.answer().unwrap().unwrap_err()).decode(), Some(Over));
    }
    assert_eq!(notes.take(), ["ann: 1", "ann waits: 0"]);
}

/// All that waits is sent though nobody has the window any more; then the window goes.
#[test]
fn nothing_is_left_of_a_window() {
    let notes = Notes::default();
    let mut sim = Sim::new(|_| transition_no_state!());
    let empty = sim.stats().processes;
    let ann = friend(&mut sim, "ann", &notes);
    let gate = made(&mut sim, |cx| window(cx, &ann, Window { open: 1, waiting: 100 }));
    let asked: Vec<_> = (0..3).map(|n| sim.ask(|cx| gate.wait(cx, n))).collect();
    drop(gate);
    sim.run();
    for _ in 0..3 {
        sim.tell(|cx| ann.next(cx));
        sim.run();
    }
    assert_eq!(notes.take(), waits(0..3));
    assert!(asked.iter().all(|asked| asked.answer().is_some()));
    assert_eq!(sim.stats().processes, empty + 1);
    drop(ann);
    sim.run();
    assert_eq!(sim.stats().processes, empty);
}

#[test]
#[should_panic(expected = "one question")]
fn a_window_that_lets_nothing_through_is_a_mistake() {
    behind(Window { open: 0, waiting: 1 });
}
