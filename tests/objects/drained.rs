//! Rule O8: what waits at a promise, and how it goes on when the promise is settled.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::notes::{Notes, Scribe, act, empty, reason, spawned};

/// Notes what the promise gives.
fn noted<T: Message + std::fmt::Debug>(
    notes: &Notes,
    what: &'static str,
    promise: &Promise<T>,
) -> Action<()> {
    let notes = notes.clone();
    when(promise, move |(): (), got: Result<T, Reason>| {
        match got {
            Ok(_) => notes.add(what),
            Err(reason) => notes.add(format!("{what}: {reason}")),
        }
        transition_no_state!()
    })
}

#[test]
fn o8_messages_wait_at_a_promise() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    let (later, resolver) = promise::<Far<Scribe>>();
    let asked = sim.ask(|cx| {
        later.note(cx, "one");
        later.note(cx, "two")
    });
    sim.run();
    assert_eq!((notes.take(), asked.answer()), (vec![], None));
    act(&mut sim, move || actions!(resolver.fulfill(&scribe)));
    assert_eq!(notes.take(), ["one", "two"]);
    assert_eq!(asked.answer(), Some(Ok("two".into())));
}

/// A promise is settled at which `a` and `b` wait, and a `when`. The rest of the
/// turn follows the settling.
fn settled_then(
    notes: &Notes,
    rest: impl FnOnce(&Far<Scribe>, &Promise<Far<Scribe>>) -> ActionTree<()> + Send + 'static,
) -> Sim {
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    let (later, resolver) = promise::<Far<Scribe>>();
    let (waiting, told) = (later.clone(), notes.clone());
    act(&mut sim, move || {
        actions!(
            tell(|cx| {
                waiting.note(cx, "a");
                waiting.note(cx, "b");
            }),
            when(waiting, move |(): (), it: Result<Far<Scribe>, Reason>| {
                told.add("told");
                let it = it.unwrap();
                transition_no_state!(tell(|cx| {
                    it.note(cx, "by who was told");
                }))
            })
        )
    });
    assert_eq!(notes.take(), [""; 0]);
    sim.spawn(spawn(move |_| transition_no_state!(resolver.fulfill(&scribe), rest(&scribe, &later))));
    sim
}

#[test]
fn o8_a_place_for_what_waits_joins_the_queue_before_anybody_is_told() {
    let notes = Notes::default();
    let mut sim = settled_then(&notes, |scribe, _| {
        tell(|cx| {
            scribe.note(cx, "queued before");
        })
    });
    sim.run();
    assert_eq!(notes.take(), ["told", "queued before", "a", "b", "by who was told"]);
}

#[test]
fn o8_what_is_sent_while_a_promise_drains_waits_behind() {
    let notes = Notes::default();
    let mut sim = settled_then(&notes, |_, later| {
        tell(|cx| {
            later.note(cx, "c");
        })
    });
    sim.run();
    assert_eq!(notes.take(), ["told", "a", "b", "c", "by who was told"]);
}

#[test]
fn o8_a_when_that_is_asked_for_while_a_promise_drains_is_called_when_it_is_empty() {
    let notes = Notes::default();
    let told = notes.clone();
    let mut sim = settled_then(&notes, move |_, later| actions!(noted(&told, "late", later)));
    sim.run();
    assert_eq!(notes.take(), ["told", "a", "b", "late", "by who was told"]);
}

#[test]
fn o8_each_step_delivers_one_message_and_the_place_stays_at_the_front() {
    let notes = Notes::default();
    let mut sim = settled_then(&notes, |_, _| ActionTree::new());
    while notes.len() == 0 {
        assert!(sim.step());
    }
    assert_eq!(notes.take(), ["told"]);
    for expected in ["a", "b", "by who was told"] {
        sim.step();
        assert_eq!(notes.take(), [expected]);
    }
}

#[test]
fn o8_a_promise_that_follows_one_that_drains_joins_it() {
    let notes = Notes::default();
    let (other, resolver) = promise::<Far<Scribe>>();
    let (told, waiting) = (notes.clone(), other.clone());
    let mut sim = settled_then(&notes, move |_, later| {
        actions!(
            tell(|cx| {
                waiting.note(cx, "x");
                waiting.note(cx, "y");
            }),
            noted(&told, "the other", &waiting),
            resolver.follow(later),
            tell(|cx| {
                later.note(cx, "c");
                waiting.note(cx, "z");
            }),
        )
    });
    sim.run();
    let heard = notes.take();
    let messages: Vec<_> = heard.iter().filter(|it| it.len() == 1).map(String::as_str).collect();
    assert_eq!(messages, ["a", "b", "x", "y", "c", "z"], "{heard:?}");
    let place = |it: &str| heard.iter().position(|heard| heard == it).unwrap();
    assert!(place("the other") < place("by who was told"), "{heard:?}");
}

#[test]
fn o8_a_promise_that_drains_is_one_action_of_its_vm() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 1, notes.scribe());
    let (later, resolver) = promise::<Far<Scribe>>();
    sim.tell(|cx| {
        for n in 0..5 {
            later.note(cx, n.to_string());
        }
    });
    sim.run();
    // A process outside that goes on beside the VM: in turns.
    let told = notes.clone();
    fn round(notes: Notes, left: u32) -> Action<()> {
        yield_now(move |(): ()| {
            notes.add("outside");
            match left {
                0 => transition_no_state!(),
                left => transition_no_state!(round(notes, left - 1)),
            }
        })
    }
    act(&mut sim, move || actions!(round(told, 3), resolver.fulfill(&scribe), round(Notes::default(), 3)));
    let heard = notes.take().join(" ");
    assert!(heard.contains("0 1 2 3 4"), "{heard}");
}

#[test]
fn o8_an_object_that_is_not_there_yet_is_a_promise_to_those_who_send() {
    let notes = Notes::default();
    let mut sim = empty();
    let (spawn, far) = spawn_object(notes.scribe());
    let (told, target) = (notes.clone(), far.clone());
    act(&mut sim, move || {
        actions!(
            tell(|cx| {
                target.note(cx, "before");
            }),
            // It is an object to those who read it.
            {
                assert_eq!(Far::<Scribe>::from_value(&target.to_value()).as_ref(), Some(&target));
                send_message!("sent on")
            },
            ask(
                |cx| target.note(cx, "too"),
                move |(): (), it: Result<Text, Reason>| {
                    told.add(format!("answered {}", it.unwrap()));
                    transition_no_state!()
                }
            )
        )
    });
    assert_eq!(notes.take(), [""; 0]);
    sim.spawn(spawn);
    sim.run();
    assert_eq!(notes.take(), ["before", "too", "answered too"]);
}

#[test]
fn o8_an_object_of_clauses_hears_what_waited_for_it() {
    let notes = Notes::default();
    let mut sim = empty();
    let (far, here) = reference::<Scribe>();
    sim.tell(|cx| {
        far.note(cx, "one");
    });
    sim.run();
    let heard = notes.clone();
    sim.spawn(spawn(move |_| {
        transition_no_state!(object_of!(
            here,
            on_message!(message: (Symbol, Text) => {
                let (verb, note) = message;
                assert_eq!(verb.as_str(), "note");
                heard.add(&*note)
            })
        ))
    }));
    sim.run();
    sim.tell(|cx| {
        far.note(cx, "two");
    });
    sim.run();
    assert_eq!(notes.take(), ["one", "two"]);
}

#[test]
fn o8_what_waits_at_a_promise_that_is_settled_with_data_breaks() {
    let mut sim = empty();
    let (later, resolver) = promise::<Value>();
    let asked: Vec<_> = (0..3).map(|n| sim.ask(|cx| send(cx, &later, "note", (n,)))).collect();
    sim.run();
    act(&mut sim, move || actions!(resolver.fulfill(7u32.to_value())));
    let later = sim.ask(|cx| send(cx, &later, "note", (3,)));
    sim.run();
    for asked in asked.into_iter().chain([later]) {
        let why = asked.answer().unwrap().unwrap_err();
        let Some(Broken::NotCallable { verb, found }) = Broken::of(&why) else { panic!("{why:?}") };
        assert_eq!((verb.as_str(), &**found), ("note", "7"));
    }
}

#[test]
fn o8_what_waits_at_a_broken_promise_breaks_with_the_same_reason_however_long_the_chain() {
    let mut sim = empty();
    let (later, resolver) = promise::<Far<Scribe>>();
    let mut last = later.clone();
    let asked = sim.ask(|cx| {
        for _ in 0..1_000 {
            last = last.me(cx);
        }
        last.note(cx, "never")
    });
    sim.run();
    let why = Reason::value(&Text::from("no"));
    let broken = why.clone();
    act(&mut sim, move || actions!(resolver.break_because(broken)));
    assert_eq!(asked.answer(), Some(Err(why.clone())));
    // Later messages break, too.
    assert_eq!(reason(&mut sim, |cx| later.me(cx).note(cx, "never")), why);
    assert_eq!(reason(&mut sim, |cx| last.note(cx, "never")), why);
}
