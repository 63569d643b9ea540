//! The rows of the document.

use marketplace::Heard;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::{Notes, ask, asker, doubler, keeper, pid, say, sim_of, turns_of};

#[derive(Message, Clone, Debug, PartialEq)]
struct Key;

#[derive(Message, Clone, Debug, PartialEq)]
struct Line;

#[derive(Message, Clone, Debug, PartialEq)]
struct Start;

#[derive(Message, Clone, Debug, PartialEq)]
struct SetTimer;

#[derive(Message, Clone, Debug, PartialEq)]
struct WakeUp;

/// The story of the document: driver, terminal, shell, child (in a VM), timer. PIDs: timer 2, VM 3,
/// driver 4.
fn story() -> Sim {
    fn named(name: &str, spawn: Spawn<()>) -> Spawn<()> {
        name_process(name, spawn)
    }
    fn forward<S>(wire: &'static str) -> AddEndpoint<S> {
        replies!(
            match_duct!(duct => on_reply!(heard: Text, body: Value if heard == wire => give(&duct, &body)))
        )
    }
    fn timer() -> Transition<Vec<Duct>> {
        transition!(
            Vec::new(),
            subscriber!(
                SetTimer,
                match_duct!(duct => match_state!(_kept: Vec<Duct> => on_message!(_ => transition!(vec![duct]))))
            ),
            subscriber!(
                WakeUp,
                match_state!(kept: &Vec<Duct> => on_message!(_ =>
                kept.iter().map(|duct| give(duct, &())).collect::<ActionTree<_>>()))
            ),
        )
    }
    fn child() -> Transition<()> {
        transition_no_state!(
            subscriber!(Start, on_message!(_ => at_meta_level!(pass(pid(2), "u/time", &SetTimer)))),
            replies!(match_duct!(duct => on_reply!("u/time", _ => give(&duct, &"ding".to_string())))),
        )
    }
    fn shell() -> Transition<()> {
        transition_no_state!(
            subscriber!(Line, on_message!(_ => pass(pid(3), "u/child/4/main", &Start))),
            forward("u/child/4/main"),
        )
    }
    fn terminal() -> Transition<()> {
        transition_no_state!(
            at_meta_level!(subscriber!(Line, on_message!(_ => pass(pid(1), "u/txt", &Line)))),
            forward("u/txt"),
        )
    }
    fn driver() -> Transition<()> {
        transition_no_state!(
            subscriber!(Key, on_message!(_ => pass(pid(3), "term-mess", &Line))),
            forward("term-mess"),
        )
    }
    sim_of(|| {
        vec![
            named("timer", spawn!(timer())),
            named(
                "g",
                spawn_vm!(
                    named("a/~zod/shell_terminal", spawn!(shell())),
                    named("a/~zod/terminal", spawn!(terminal())),
                    named("a/~zod/4_shell_terminal", spawn!(child())),
                ),
            ),
            named("d", spawn!(driver())),
        ]
    })
}

/// U-s01.
#[test]
fn u04_the_observed_duct() {
    let mut sim = story();
    sim.log_mut().turn_on();
    sim.pass(pid(4), "term/1", &Key);
    sim.run();
    let log = sim.log();
    let heard = log.turns().find(|turn| turn.vm.is_empty() && turn.pid == pid(2)).expect("the timer heard");
    assert_eq!(
        heard.duct.to_string(),
        "/g/a/~zod/4_shell_terminal/u/time\n\
         /g/a/~zod/shell_terminal/u/child/4/main\n\
         /g/a/~zod/terminal/u/txt\n\
         /d/term-mess\n\
         //term/1\n"
    );
}

/// U-s02: child, shell, terminal, driver, host; and nobody else.
#[test]
fn u02_ding() {
    let mut sim = story();
    sim.pass(pid(4), "term/1", &Key);
    sim.run();
    let before = sim.trace().records().len();
    sim.send(&WakeUp);
    sim.run();
    assert_eq!(
        turns_of(&sim, before, |_| true),
        [
            "p2 hears message WakeUp",
            "p3/p3 hears reply () on \"u/time\"",
            "p3/p3 hears reply () on \"u/time\"",
            "p3/p1 hears reply \"ding\" on \"u/child/4/main\"",
            "p3/p1 hears reply \"ding\" on \"u/child/4/main\"",
            "p3/p2 hears reply \"ding\" on \"u/txt\"",
            "p4 hears reply \"ding\" on \"term-mess\"",
            "p4 hears reply \"ding\" on \"term-mess\"",
        ],
        "each process asks its endpoints in turn"
    );
    assert_eq!(sim.replies(), [("term/1".into(), Ok("ding".into()))]);
}

/// U-s03: the wake-up's cause is the host; the duct is the keystroke's.
#[test]
fn u02_cause_and_duct_are_two_things() {
    let mut sim = story();
    sim.pass(pid(4), "term/1", &Key);
    sim.run();
    sim.log_mut().turn_on();
    sim.send(&WakeUp);
    sim.run();
    let log = sim.log();
    let last = log.turns().last().expect("the driver heard");
    let trace = log.trace(last.id);
    let first = trace.last().expect("the wake-up");
    assert_eq!((first.pid, first.cause), (pid(2), 0), "from the host");
    assert_eq!(last.duct.to_string(), "//term/1\n", "what is left of the keystroke's");
}

/// U-s04, U-s05: a pass pushes the passer's hop, a give pops it.
#[test]
fn u09_pass_pushes_and_u10_give_pops() {
    let mut sim = sim_of(|| {
        vec![
            name_process(
                "d",
                spawn!(transition_no_state!(
                    subscriber!(Key, on_message!(_ => pass(pid(3), "term-mess", &Line))),
                    replies!(match_duct!(duct => on_reply!("term-mess", body: Value => give(&duct, &body)))),
                )),
            ),
            spawn!(transition_no_state!(subscriber!(
                Line,
                match_duct!(duct => on_message!(_ => give(&duct, &"x".to_string())))
            ))),
        ]
    });
    sim.log_mut().turn_on();
    sim.pass(pid(2), "//term/1", &Key);
    sim.run();
    let ducts: Vec<_> =
        sim.log().turns().map(|turn| (turn.pid, turn.duct.hops().collect::<Vec<_>>())).collect();
    let (host, d) = ("////term/1".to_string(), "/d/term-mess".to_string());
    assert_eq!(ducts[0], (pid(2), vec![host.clone()]));
    assert_eq!(ducts[1], (pid(3), vec![d, host.clone()]));
    assert_eq!(ducts[2], (pid(2), vec![host]), "the remainder");
}

/// U-s06: no answer is no error, and nothing is kept.
#[test]
fn u07_zero_answers() {
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || {
        vec![spawn!(asker(&noted)), spawn!(transition_no_state!(subscriber!(_, on_message!(_n: u32 => ()))))]
    });
    ask(&mut sim, 3, "w", 7u32);
    assert_eq!(notes.take(), [""; 0]);
    assert_eq!(sim.stats().queued, 0);
}

#[test]
fn u07_one_answer() {
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(doubler())]);
    ask(&mut sim, 3, "w", 21u32);
    assert_eq!(notes.take(), ["\"w\": 42"]);
}

/// U-s08, with U5: many answers, long after, and other traffic in between.
#[test]
fn u07_many_answers_on_a_saved_duct() {
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(keeper())]);
    ask(&mut sim, 3, "w", 7u32);
    for _ in 0..1_000 {
        sim.send(&0u8);
        sim.run();
    }
    say(&mut sim, "one");
    say(&mut sim, "two");
    assert_eq!(notes.take(), ["\"w\": \"one\"", "\"w\": \"two\""]);
}

/// U-s09: the process fails, and nobody else.
#[test]
fn u10_a_give_on_an_empty_duct_fails_its_process() {
    let mut sim = sim_of(|| {
        vec![spawn!(transition_no_state!(give(&Duct::EMPTY, &1u8), subscriber!("x"))), spawn!(doubler())]
    });
    assert_eq!(sim.exits().len(), 1);
    assert!(sim.exits()[0].reason.to_string().contains("the duct is empty"));
    sim.pass(pid(3), "w", &1u32);
    sim.run();
    assert_eq!(sim.replies(), [("w".into(), Ok(2u32.to_value()))]);
}

/// U-s11: results in order, the state first; a failed turn does neither.
#[test]
fn u14_actions_in_order_and_the_state_at_once() {
    let server = || {
        transition!(
            0u32,
            subscriber!(
                _,
                match_duct!(duct => match_state!(n: u32 =>
                on_message!(fails: bool => {
                    let answers = (give(&duct, &(n + 1)), give(&duct, &(n + 2)));
                    if fails { Err(Failure::value(&"no".to_string()))? }
                    transition!(n + 2, answers)
                })))
            )
        )
    };
    let mut sim = sim_of(move || vec![spawn!(server())]);
    for fails in [false, false, true] {
        sim.pass(pid(2), "w", &fails);
    }
    sim.run();
    let answers: Vec<_> = sim.replies().iter().map(|(_, answer)| answer.clone()).collect();
    let no = Reason::value(&"no".to_string());
    assert_eq!(
        answers,
        [Ok(1u32.to_value()), Ok(2u32.to_value()), Ok(3u32.to_value()), Ok(4u32.to_value()), Err(no)]
    );
}

/// U-s13, as far as ducts go: whoever sets two timers cancels the one that it means, by its duct.
#[test]
fn u21_equal_ducts_are_of_the_same_passer_and_wire() {
    let server = || {
        transition!(
            Vec::<Duct>::new(),
            subscriber!(
                _,
                match_duct!(duct => match_state!(mut kept: Vec<Duct> => on_message!("set" => {
                    kept.push(duct);
                    transition!(kept)
                }))),
                match_duct!(duct => match_state!(mut kept: Vec<Duct> => on_message!("cancel" => {
                    kept.retain(|other| *other != duct);
                    transition!(kept)
                }))),
                match_state!(kept: &Vec<Duct> => on_message!("fire" => kept.iter().map(|duct| give(duct, &())).collect::<ActionTree<_>>())),
            )
        )
    };
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(server())]);
    for (wire, what) in [("a", "set"), ("b", "set"), ("c", "set"), ("b", "cancel")] {
        ask(&mut sim, 3, wire, what.to_string());
    }
    sim.send(&"fire".to_string());
    sim.run();
    assert_eq!(notes.take(), ["\"a\": ()", "\"c\": ()"], "in the order in which they were set");
}

/// U-s19: nothing looks into a card; one that nobody understands comes back.
#[test]
fn u01_an_unknown_card_is_told_to_the_passer() {
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(doubler())]);
    ask(&mut sim, 3, "w", "not a number".to_string());
    assert_eq!(notes.take(), ["\"w\": nothing (refused: 'unknown)"]);
}

/// Only the process hears what is passed to it, and only the passer the answer: not those who
/// subscribe to everything.
#[test]
fn answers_are_point_to_point() {
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || {
        vec![
            spawn!(asker(&noted)),
            spawn!(doubler()),
            spawn!(transition_no_state!(subscriber!(_, on_message!(_ => ())))),
        ]
    });
    let before = sim.trace().records().len();
    ask(&mut sim, 3, "w", 21u32);
    let heard_by_4 =
        sim.trace().records()[before..].iter().filter(|record| record.pid == Some(pid(4))).count();
    assert_eq!(heard_by_4, 1, "the question to the asker, which is a message as any other");
    let _ = turns_of(&sim, before, |heard| matches!(heard, Heard::Reply(..)));
}

/// A child can be passed something in the continuation of its spawn: it hears it when it has
/// started.
#[test]
fn what_is_passed_early_waits() {
    let mut sim = Sim::new(|_| {
        transition_no_state!(
            spawn_continue!(child: doubler(), parent: |(): (), child: Result<Pid, Reason>|
                transition_no_state!(child.ok().map(|child| (pass(child, "a", &1u32), pass(child, "b", &2u32))))),
            replies!(on_reply!(wire: Text, n: u32 => send_message!((wire, n)))),
        )
    });
    sim.run();
    assert_eq!(sim.messages_of::<(Text, u32)>(), [("a".into(), 2), ("b".into(), 4)]);
}

/// An answer to what was passed early is the end of that.
#[test]
fn what_is_passed_early_and_answered_is_not_lost() {
    let answers_once = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(n: u32 => (give(&duct, &(2 * n)), quit())))
        ))
    };
    let notes = Notes::default();
    let (replied, lost) = (notes.clone(), notes.clone());
    let mut sim = Sim::new(move |_| {
        transition_no_state!(
            spawn_continue!(child: answers_once(), parent: |(): (), child: Result<Pid, Reason>|
                transition_no_state!(child.ok().map(|child| pass(child, "a", &1u32)))),
            replies!(
                on_reply!("a", n: u32 => replied.add(n.to_string())),
                on_duct_absence!(lost.add("nothing")),
            ),
        )
    });
    sim.run();
    assert_eq!(sim.exits().len(), 1);
    assert_eq!(notes.take(), ["2"]);
}
