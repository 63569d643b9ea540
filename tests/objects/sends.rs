//! Rules O5 to O7: when a message is delivered, in which order, and what a send is.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::{Heard, Limits, Performed, What};

use crate::notes::{Doer, Notes, Scribe, act_at, answer, empty, one_in_another, reason, spawned, step};

#[test]
fn o5_a_send_is_never_now_also_to_an_object_of_the_same_process() {
    let notes = Notes::default();
    let mut sim = empty();
    let writes = notes.clone();
    let doer = spawned(
        &mut sim,
        0,
        Doer::quiet(move |cx| {
            let beside = cx.make(writes.scribe());
            beside.note(cx, "heard");
            cx.me().go(cx);
            writes.add("sent");
        }),
    );
    sim.tell(|cx| {
        doer.go(cx);
    });
    // The turn; the message to the object beside; the message to itself.
    sim.step();
    assert_eq!(notes.take(), ["sent"]);
    sim.step();
    assert_eq!(notes.take(), ["heard"]);
    sim.step();
    assert_eq!(notes.take(), ["sent"]);
}

#[test]
fn o5_a_turn_that_fails_has_sent_nothing() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    let target = scribe.clone();
    let panics = spawned(
        &mut sim,
        0,
        Doer::quiet(move |cx| {
            target.note(cx, "from a method that panics");
            panic!("at the disco");
        }),
    );
    reason(&mut sim, |cx| panics.go(cx));
    let target = scribe.clone();
    let boot = spawn(move |_| {
        let sent = tell::<(), _>(|cx| {
            target.note(cx, "from a boot that fails");
        });
        drop(sent);
        Err::<Transition<()>, _>(Failure::value(&Text::from("no")))
    });
    sim.spawn(boot);
    let target = scribe.clone();
    sim.spawn(spawn!(transition_no_state!(subscriber!(
        "go",
        on_message!("go" => {
            let sent = tell(|cx| { target.note(cx, "from a handler that fails"); });
            if true { panic!("at the disco"); }
            sent
        })
    ),)));
    sim.run();
    sim.send(&Text::from("go"));
    sim.run();
    assert_eq!(notes.take(), [""; 0]);
    answer(&mut sim, |cx| scribe.note(cx, "it hears")).unwrap();
    assert_eq!(notes.take(), ["it hears"]);
}

/// Also if it asks for an answer: nothing waits for that any more, and nobody hears of it.
#[test]
fn o5_a_turn_that_fails_waits_for_nothing() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    let (target, told) = (scribe.clone(), notes.clone());
    let panics = spawned(
        &mut sim,
        0,
        Doer::quiet(move |cx| {
            let told = told.clone();
            let sent = target.note(cx, "from a method that panics");
            cx.when(sent, move |_, _, _| told.add("a failed process hears no answer"));
            panic!("at the disco");
        }),
    );
    let why = reason(&mut sim, |cx| panics.go(cx));
    assert!(why.to_string().contains("at the disco"), "{why}");
    assert_eq!(notes.take(), [""; 0]);
    assert_eq!(sim.stats().queued, 0);
}

/// The limits of the queue hold for what a method sends: if one is crossed, its turn fails.
#[test]
fn o5_a_turn_that_sends_too_much_has_sent_nothing() {
    const MOST: usize = 20;
    let at_most = [
        (Limits { queued: MOST, ..Limits::default() }, "x".to_string()),
        (Limits { queued_bytes: MOST * 1_000, ..Limits::default() }, "x".repeat(900)),
    ];
    for (limits, note) in at_most {
        let sends = |count: usize| {
            let notes = Notes::default();
            let mut sim = empty();
            let (scribe, note) = (spawned(&mut sim, 0, notes.scribe()), note.clone());
            let doer = spawned(
                &mut sim,
                0,
                Doer::quiet(move |cx| {
                    for _ in 0..count {
                        scribe.note(cx, note.as_str());
                    }
                    cx.when(scribe.note(cx, "last"), |_, _, _| ());
                }),
            );
            sim.set_limits(limits);
            let answer = sim.ask(|cx| doer.go(cx));
            sim.run();
            assert_eq!((sim.stats().queued, sim.stats().queued_bytes), (0, 0));
            (notes.take().len(), answer.answer().unwrap())
        };
        // Besides there are the last one, the answer, and the host, which waits.
        assert_eq!(sends(MOST - 3), (MOST - 2, Ok(Value::UNIT)));
        let too_many = if limits.queued == MOST { vec![MOST - 2, 2 * MOST] } else { vec![2 * MOST] };
        for count in too_many {
            let (heard, answer) = sends(count);
            assert_eq!(heard, 0);
            let why = answer.unwrap_err().to_string();
            assert!(why.contains("queue"), "{why}");
        }
    }
}

#[test]
fn o5_what_a_process_sent_before_it_failed_is_delivered() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    let (first, told) = (scribe.clone(), notes.clone());
    sim.spawn(spawn!(transition_no_state!(
        subscriber!(
            "go",
            on_message!("go" => {
                let (told, first) = (told.clone(), first.clone());
                ask(move |cx| first.note(cx, "sent before"), move |(): (), _: Result<Text, Reason>| {
                    told.add("a failed process hears no answer");
                    transition_no_state!()
                })
            })
        ),
        subscriber!("go", on_message!("go" => if true { panic!("at the disco"); })),
    )));
    sim.run();
    sim.send(&Text::from("go"));
    sim.run();
    assert_eq!(notes.take(), ["sent before"]);
}

#[test]
fn o6_messages_of_one_process_to_one_object_keep_their_order() {
    for (from, to) in (0..3).flat_map(|from| (0..3).map(move |to| (from, to))) {
        let notes = Notes::default();
        let mut sim = empty();
        let scribe = spawned(&mut sim, to, notes.scribe());
        act_at(&mut sim, from, move || {
            let some = |from: u32| {
                let scribe = scribe.clone();
                tell::<(), _>(move |cx| {
                    for n in from..from + 10 {
                        scribe.note(cx, n.to_string());
                    }
                })
            };
            actions!(some(0), send_message!("something else"), some(10), some(20))
        });
        let heard: Vec<u32> = notes.take().iter().map(|n| n.parse().unwrap()).collect();
        assert_eq!(heard, (0..30).collect::<Vec<_>>(), "from {from} to {to}");
    }
}

#[test]
fn o6_what_waited_comes_before_what_is_sent_by_who_learned_of_the_object() {
    for (at, decider, learner) in
        (0..3).flat_map(|a| (0..3).flat_map(move |b| (0..3).map(move |c| (a, b, c))))
    {
        let notes = Notes::default();
        let mut sim = empty();
        let scribe = spawned(&mut sim, at, notes.scribe());
        let (later, resolver) = promise::<Far<Scribe>>();
        let waiting = later.clone();
        act_at(&mut sim, learner, move || {
            actions!(
                tell(|cx| {
                    waiting.note(cx, "before 1");
                    waiting.note(cx, "before 2");
                }),
                when(waiting, |(): (), it: Result<Far<Scribe>, Reason>| {
                    let it = it.unwrap();
                    transition_no_state!(tell(|cx| {
                        it.note(cx, "after 1");
                        it.note(cx, "after 2");
                    }))
                })
            )
        });
        sim.tell(|cx| {
            later.note(cx, "before 3");
        });
        sim.run();
        assert_eq!(notes.take(), [""; 0]);
        act_at(&mut sim, decider, move || actions!(resolver.fulfill(&scribe)));
        assert_eq!(
            notes.take(),
            ["before 1", "before 2", "before 3", "after 1", "after 2"],
            "object at {at}, decided at {decider}, learned of at {learner}"
        );
    }
}

#[test]
fn o6_a_tower_of_objects_hears_each_sender_in_order() {
    let notes = Notes::default();
    let mut sim = empty();
    let (a_spawn, a) = spawn_object(notes.scribe());
    let (b_spawn, b) = spawn_object(notes.scribe());
    let (c_spawn, c) = spawn_object(notes.scribe());
    let spawns = vec![a_spawn, b_spawn, c_spawn];
    sim.spawn(spawn(move |_| one_in_another(spawns)));
    sim.run();
    for (name, far) in [("a", &a), ("b", &b), ("c", &c)] {
        for n in 0..3 {
            let target = far.clone();
            act_at(&mut sim, n, move || {
                tell(|cx| {
                    target.note(cx, format!("{name}1"));
                    target.note(cx, format!("{name}2"));
                })
            });
            assert_eq!(notes.take(), [format!("{name}1"), format!("{name}2")]);
        }
    }
}

#[test]
fn o7_a_send_is_one_step_if_its_object_is_in_that_vm_or_further_in() {
    for levels in 0..4 {
        let notes = Notes::default();
        let mut sim = empty();
        let scribe = spawned(&mut sim, levels, notes.scribe());
        sim.tell(|cx| {
            scribe.note(cx, "one");
            scribe.note(cx, "two");
        });
        let records = step(&mut sim);
        assert_eq!(notes.take(), ["one"]);
        let sends = records.iter().filter(|what| matches!(what, What::Performed { .. })).count();
        let turns = records.iter().filter(|what| matches!(what, What::Turn { .. })).count();
        assert_eq!((sends, turns), (1, 1), "{levels}: {records:?}");
        sim.step();
        assert_eq!(notes.take(), ["two"]);
    }
}

#[test]
fn o7_a_send_outward_is_performed_in_order_with_actions_at_the_meta_level() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    let heard = notes.clone();
    sim.spawn(spawn!(transition_no_state!(subscriber!(
        ("out", _),
        on_message!(("out", n) => { let n: u32 = n; heard.add(format!("message {n}")); })
    ))));
    sim.run();
    act_at(&mut sim, 1, move || {
        actions!(
            at_meta_level!(send_message!(("out", 1))),
            tell(|cx| {
                scribe.note(cx, "send 2");
            }),
            at_meta_level!(send_message!(("out", 3))),
            tell(|cx| {
                scribe.note(cx, "send 4");
            }),
        )
    });
    assert_eq!(notes.take(), ["message 1", "send 2", "message 3", "send 4"]);
}

#[test]
fn o7_no_endpoint_hears_a_delivery() {
    let notes = Notes::default();
    let mut sim = empty();
    let heard = notes.clone();
    let listener = move || {
        let (all, fed) = (heard.clone(), heard.clone());
        spawn(move |_| {
            transition_no_state!(
                subscriber!(_, on_message!(it: Value => { all.add(format!("overheard {it}")); })),
                publisher!(_, on_message!(it: Value => { fed.add(format!("overheard {it}")); })),
            )
        })
    };
    let scribe = notes.scribe();
    let (spawn_scribe, far) = spawn_object(scribe);
    let (outer, inner) = (listener(), listener());
    sim.spawn(spawn(move |_| {
        transition_no_state!(outer, spawn_vm(move |_, _| transition_no_state!(inner, spawn_scribe)))
    }));
    sim.run();
    answer(&mut sim, |cx| far.note(cx, "a secret")).unwrap();
    assert_eq!(notes.take(), ["a secret"]);
}

#[test]
fn o7_the_record_tells_who_sent_who_heard_and_what_was_answered() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    let target = scribe.clone();
    let sender = spawned(&mut sim, 0, Doer::new(move |cx| Ok(target.note(cx, "hello").to_value())));
    answer(&mut sim, |cx| sender.go(cx)).unwrap();
    let records: Vec<_> = sim.trace().records().to_vec();
    let of_sender = records
        .iter()
        .find_map(|record| match &record.what {
            What::Turn { id, heard: Heard::Sent(to, _), .. } if to == sender.as_ref() => Some(*id),
            _ => None,
        })
        .expect("the sender's turn is recorded");
    let (send, by) = records
        .iter()
        .find_map(|record| match &record.what {
            What::Performed { id, cause, action: Performed::SendTo(to, _) }
                if to == scribe.as_ref() && *cause == of_sender =>
            {
                Some((*id, record.pid))
            }
            _ => None,
        })
        .expect("the send is recorded, and its cause is the sender's turn");
    assert!(by.is_some());
    let (turn, heard) = records
        .iter()
        .find_map(|record| match &record.what {
            What::Turn { id, cause, heard: Heard::Sent(to, message), .. } if *cause == send => {
                assert_eq!(to, scribe.as_ref());
                Some((*id, message.clone()))
            }
            _ => None,
        })
        .expect("the turn of the object is recorded, and its cause is the send");
    assert_eq!(heard, (Symbol::new("note"), Text::from("hello")).to_value());
    let answered = records.iter().find_map(|record| match &record.what {
        What::Performed { cause, action: Performed::Answer(promise, result), .. } if *cause == turn => {
            Some((promise.is_some(), result.clone()))
        }
        _ => None,
    });
    assert_eq!(answered, Some((true, Ok(Text::from("hello").to_value()))));
}
