//! Processes that wait at a promise (O13).

use marketplace::objects::*;
use marketplace::prelude::*;

use crate::deeds::{Notes, answer, decider, inside, keeper, said, say, sim, waits};

struct Waiter(Notes);

#[object]
impl Waiter {
    fn wait(&mut self, cx: &Cx<Self>, on: Promise<u64>) {
        for name in ["first", "second"] {
            cx.when(&on, move |waiter, _, got| waiter.0.add(format!("{name}: {}", said(&got))));
        }
        self.0.add("asked");
    }
}

/// Also for what is settled already, and for what was never open.
#[test]
fn o13_a_when_is_called_once_in_a_later_turn() {
    let notes = Notes::default();
    let mut sim = sim();
    let waiter = sim.spawn_object(Waiter(notes.clone()));
    let (open, resolver) = promise::<u64>();
    sim.spawn(spawn!(decider(resolver)));
    sim.tell(|cx| {
        waiter.wait(cx, &open);
    });
    sim.run();
    assert_eq!(notes.take(), ["asked"]);
    say(&mut sim, "fulfil");
    assert_eq!(notes.take(), ["first: 7", "second: 7"]);
    for word in ["fulfil", "break", "let go", "end"] {
        say(&mut sim, word);
    }
    assert!(notes.take().is_empty(), "once");
    sim.tell(|cx| {
        waiter.wait(cx, &open);
    });
    sim.run();
    assert_eq!(notes.take(), ["asked", "first: 7", "second: 7"], "settled already");
    sim.tell(|cx| {
        waiter.wait(cx, 8u64);
    });
    sim.run();
    assert_eq!(notes.take(), ["asked", "first: 8", "second: 8"], "a plain value");
}

/// Processes at several levels wait; they are called in the order in which they asked.
#[test]
fn o13_several_are_called_in_the_order_in_which_they_were_asked_for() {
    for depths in [[0, 0, 0], [1, 0, 1], [2, 1, 0], [0, 2, 1]] {
        let notes = Notes::default();
        let mut sim = sim();
        let (open, resolver) = promise::<u64>();
        sim.spawn(spawn!(decider(resolver)));
        for (at, depth) in depths.into_iter().enumerate() {
            let (on, noted) = (open.clone(), notes.clone());
            let waiter = move || {
                transition_no_state!(
                    waits(&format!("{at} a"), on.clone(), &noted),
                    waits(&format!("{at} b"), on, &noted),
                )
            };
            sim.spawn(inside(depth, spawn!(waiter())));
            sim.run();
        }
        assert!(notes.take().is_empty());
        say(&mut sim, "fulfil");
        assert_eq!(notes.take(), ["0 a: 7", "0 b: 7", "1 a: 7", "1 b: 7", "2 a: 7", "2 b: 7"], "{depths:?}");
    }
}

struct Chain(Notes);

#[object]
impl Chain {
    fn value(&self, cx: &Cx<Self>, on: Promise<u64>) -> Promise<u64> {
        cx.when(on, |_, _, got| Ok(got? + 1))
    }

    fn error(&self, cx: &Cx<Self>, on: Promise<u64>) -> Promise<u64> {
        cx.when(on, |_, _, _| Err::<u64, _>(Failure::value(&Text::from("no"))))
    }

    fn promise(&self, cx: &Cx<Self>, on: Promise<u64>, other: Promise<u64>) -> Promise<u64> {
        cx.when(on, move |_, _, _| other)
    }

    fn nothing(&self, cx: &Cx<Self>, on: Promise<u64>) -> Promise<()> {
        cx.when(on, |chain, _, got| chain.0.add(said(&got)))
    }

    fn fails(&self, cx: &Cx<Self>, on: Promise<u64>) -> Promise<u64> {
        cx.when(on, |_, _, _| -> u64 { panic!("hurt") })
    }
}

#[test]
fn o13_a_when_gives_a_promise_of_what_it_returns() {
    let notes = Notes::default();
    let mut sim = sim();
    let chain = sim.spawn_object(Chain(notes.clone()));
    let (open, resolver) = promise::<u64>();
    let (other, of_other) = promise::<u64>();
    sim.spawn(spawn!(decider(resolver)));
    let value = sim.ask(|cx| chain.value(cx, chain.value(cx, &open)));
    let error = sim.ask(|cx| chain.error(cx, &open));
    let followed = sim.ask(|cx| chain.promise(cx, &open, &other));
    let nothing = sim.ask(|cx| chain.nothing(cx, &open));
    sim.run();
    assert_eq!(answer(&value), "nothing");
    say(&mut sim, "fulfil");
    assert_eq!((answer(&value), answer(&nothing)), ("9".to_string(), "()".to_string()));
    assert_eq!(answer(&error), "broken: no");
    assert_eq!(answer(&followed), "nothing", "it follows a promise that is open");
    sim.spawn(spawn!(transition_no_state!(of_other.fulfill(3u64))));
    sim.run();
    assert_eq!(answer(&followed), "3");
    assert_eq!(notes.take(), ["7"]);
    let fails = sim.ask(|cx| chain.fails(cx, &open));
    sim.run();
    assert_eq!(answer(&fails), "broken: it is gone (panic: hurt)");
}

/// Nobody but its own continuation has the object.
#[test]
fn o13_a_when_that_waits_keeps_its_object() {
    for depth in 0..3 {
        let notes = Notes::default();
        let mut sim = sim();
        let (open, resolver) = promise::<u64>();
        let far = keeper(&mut sim, depth, "it", &notes);
        let asked = sim.ask(|cx| far.wait_for(cx, &open));
        drop(far);
        sim.run();
        assert!(notes.take().is_empty());
        sim.spawn(spawn!(decider(resolver)));
        say(&mut sim, "fulfil");
        assert_eq!(notes.take(), ["it: 7", "it drops"], "depth {depth}");
        assert_eq!(answer(&asked), "8");
    }
}

/// The process that was to be called is gone: the promise of its continuation breaks at once, and
/// settling the other one does nothing.
#[test]
fn o13_the_process_that_waits_is_gone() {
    for depth in 0..3 {
        let notes = Notes::default();
        let mut sim = sim();
        let (open, resolver) = promise::<u64>();
        let far = keeper(&mut sim, depth, "it", &notes);
        let asked = sim.ask(|cx| far.wait_for(cx, &open));
        sim.run();
        sim.tell(|cx| {
            far.quit(cx);
        });
        sim.run();
        assert_eq!(notes.take(), ["it drops"]);
        assert_eq!(answer(&asked), "broken: it is gone (left)", "depth {depth}");
        sim.spawn(spawn!(decider(resolver)));
        say(&mut sim, "fulfil");
        assert!(notes.take().is_empty());
    }
}

/// An ordinary process waits, and ends before.
#[test]
fn o13_nothing_is_called_in_a_process_that_is_gone() {
    let notes = Notes::default();
    let mut sim = sim();
    let (open, resolver) = promise::<u64>();
    let (on, noted) = (open, notes.clone());
    sim.spawn(spawn!(transition_no_state!(
        waits("it", on, &noted),
        subscriber!("go", on_message!(_ => quit())),
    )));
    sim.run();
    say(&mut sim, "go");
    sim.spawn(spawn!(decider(resolver)));
    say(&mut sim, "fulfil");
    assert!(notes.take().is_empty());
}
