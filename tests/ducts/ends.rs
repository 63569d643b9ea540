//! Processes that end while somebody waits.

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{GroundVm, MAX_HOPS, Pid, VmError};

use crate::{Notes, ask, asker, keeper, pid, say, sim_of};

/// A sim in which the asker (2) has passed something to a keeper (3).
fn waiting(notes: &Notes) -> Sim {
    let noted = notes.clone();
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(keeper())]);
    ask(&mut sim, 3, "w", 7u32);
    assert_eq!(notes.take(), [""; 0]);
    sim
}

#[test]
fn a_target_that_is_not_there_is_told() {
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || vec![spawn!(asker(&noted))]);
    ask(&mut sim, 99, "w", 7u32);
    assert_eq!(notes.take(), ["\"w\": nothing (gone)"]);
}

/// The process that waits hears why nobody answers any more: however the other one ends, and
/// whether or not one looks on.
#[test]
fn the_end_of_the_target_is_told() {
    for logged in [false, true] {
        for (how, why) in [("quit", "normal"), ("fail", "failed"), ("kill", "killed")] {
            let notes = Notes::default();
            let mut sim = waiting(&notes);
            if logged {
                sim.log_mut().turn_on();
            }
            if how == "kill" {
                sim.kill(pid(3), Reason::Killed(None));
            } else {
                sim.send(&how.to_string());
            }
            sim.run();
            assert_eq!(notes.take(), [format!("\"w\": nothing ({why})")]);
        }
    }
}

/// The log's snapshots do not count as somebody who could answer.
#[test]
fn a_peekable_target_is_no_exception() {
    let notes = Notes::default();
    let noted = notes.clone();
    let peeked = || {
        transition!(
            Vec::<Duct>::new(),
            peekable(),
            subscriber!(
                _,
                match_duct!(duct => match_state!(mut kept: Vec<Duct> => on_message!(_ => {
                    kept.push(duct);
                    transition!(kept)
                }))),
                match_state!(_kept: &Vec<Duct> => on_message!("quit" => quit())),
            )
        )
    };
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(peeked())]);
    sim.log_mut().turn_on();
    ask(&mut sim, 3, "w", 7u32);
    sim.send(&"quit".to_string());
    sim.run();
    let peek = sim.log().turns().rev().find_map(|turn| turn.snapshot.clone()).expect("it was peekable");
    assert_eq!(peek.downcast_ref::<Vec<Duct>>().map(Vec::len), Some(1));
    assert_eq!(notes.take(), ["\"w\": nothing (normal)"]);
}

/// A process to which nothing can happen any more cannot answer either.
#[test]
fn a_target_that_is_dropped_silently_is_told() {
    let notes = Notes::default();
    let noted = notes.clone();
    let fickle = || {
        transition!(
            None::<Duct>,
            name_endpoint(
                "ear",
                subscriber!(
                    _,
                    match_duct!(duct => match_state!(_none: Option<Duct> =>
            on_message!(_ => transition!(Some(duct), delete_endpoint("ear")))))
                )
            )
        )
    };
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(fickle())]);
    ask(&mut sim, 3, "w", 7u32);
    assert_eq!(notes.take(), ["\"w\": nothing (normal)"]);
}

/// A process that forgets a duct, or has answered, owes nothing.
#[test]
fn a_target_that_has_let_go_ends_silently() {
    let notes = Notes::default();
    let mut sim = waiting(&notes);
    say(&mut sim, "answer");
    sim.send(&"forget".to_string());
    sim.run();
    sim.send(&"quit".to_string());
    sim.run();
    assert_eq!(notes.take(), ["\"w\": \"answer\""]);
    assert_eq!(sim.exits().len(), 1);
}

/// A duct is handed on: who has it answers, though the first one has ended. When the last one ends,
/// that is told.
#[test]
fn a_duct_that_was_handed_on_is_still_good() {
    let notes = Notes::default();
    let noted = notes.clone();
    let hander = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(_n: u32 => (send_message!(("duct", duct)), quit())))
        ),)
    };
    let heir = || {
        transition!(
            None::<Duct>,
            subscriber!(
                _,
                match_state!(_none: Option<Duct> => on_message!(("duct", duct): (Text, Duct) => transition!(Some(duct)))),
                match_state!(duct: &Option<Duct> => on_message!(("say", what): (Text, Value) =>
                duct.as_ref().map(|duct| give(duct, &what)))),
            )
        )
    };
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(hander()), spawn!(heir())]);
    ask(&mut sim, 3, "w", 7u32);
    assert_eq!(sim.exits().len(), 1, "the first one has ended");
    say(&mut sim, "hello");
    assert_eq!(notes.take(), ["\"w\": \"hello\""]);
}

/// An answer whose hop has gone comes back to the giver.
#[test]
fn a_give_to_nobody_comes_back() {
    let notes = Notes::default();
    let (first, second) = (notes.clone(), notes.clone());
    let giver = move || {
        let second = second.clone();
        transition!(
            None::<Duct>,
            subscriber!(
                _,
                match_duct!(duct => match_state!(_none: Option<Duct> => on_message!(_n: u32 => transition!(Some(duct))))),
                match_state!(duct: &Option<Duct> => on_message!(("say", what): (Text, Value) =>
                    duct.as_ref().map(|duct| give(duct, &what)))),
            ),
            replies!(match_duct!(duct => match_state!(kept: &Option<Duct> => match_reason!(reason: Reason =>
                on_duct_absence!(second.add(format!("{} {reason}", kept.as_ref() == Some(&duct)))))))),
        )
    };
    let mut sim = sim_of(move || vec![spawn!(asker(&first)), spawn!(giver())]);
    ask(&mut sim, 3, "w", 7u32);
    sim.kill(pid(2), Reason::Normal);
    sim.run();
    say(&mut sim, "hello");
    assert_eq!(notes.take(), ["true gone"]);
    assert_eq!(sim.exits().len(), 1, "and the giver lives");
}

/// A new process never gets an old one's answer.
#[test]
fn an_answer_is_for_one_incarnation() {
    let notes = Notes::default();
    let mut sim = waiting(&notes);
    sim.kill(pid(2), Reason::Normal);
    let noted = notes.clone();
    sim.spawn(spawn!(asker(&noted)));
    sim.run();
    say(&mut sim, "hello");
    assert_eq!(notes.take(), [""; 0]);
}

/// The one in the middle of a duct has died: whoever waits for it is told at once, and what is
/// given above it goes nowhere.
#[test]
fn a_duct_whose_middle_has_died() {
    let notes = Notes::default();
    let noted = notes.clone();
    let middle = || {
        transition_no_state!(
            subscriber!(_, on_message!(n: u32 => pass(pid(4), "up", &n))),
            replies!(match_duct!(duct => on_reply!("up", body: Value => give(&duct, &body)))),
        )
    };
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(middle()), spawn!(keeper())]);
    ask(&mut sim, 3, "w", 7u32);
    sim.kill(pid(3), Reason::value(&"hit".to_string()));
    sim.run();
    // The keeper still has its duct, but what it gives does not get past the one in the middle.
    assert_eq!(notes.take(), ["\"w\": nothing (hit)"]);
    say(&mut sim, "hello");
    assert_eq!(notes.take(), [""; 0], "it went nowhere");
    assert_eq!(sim.exits().len(), 1);
}

/// Answers that were asked for before the process was killed, and not performed yet, do not come:
/// that is told.
#[test]
fn a_killed_process_gives_nothing_more() {
    let notes = Notes::default();
    let mut sim = waiting(&notes);
    sim.send(&("say".to_string(), "late".to_string()));
    // The keeper has been told to say it, and has not said it.
    sim.run_steps(1);
    let before = sim.stats().queued;
    assert_eq!(before, 1);
    sim.spawn(spawn!(transition_no_state!(quit().pid(pid(3)))));
    sim.run_steps(1);
    sim.run();
    assert_eq!(
        notes.take(),
        ["\"w\": \"late\"", "\"w\": nothing (killed)"],
        "what was queued before the kill was performed"
    );
}

/// Ducts are as long as they may be, and no longer.
#[test]
fn a_duct_has_at_most_so_many_hops() {
    // Passes to itself, for ever.
    let looper = || transition_no_state!(subscriber!(_, on_message!(n: u32 => pass(pid(2), "w", &(n + 1)))));
    let mut sim = sim_of(move || vec![spawn!(looper())]);
    sim.pass(pid(2), "w", &0u32);
    sim.run();
    assert_eq!(sim.exits().len(), 1);
    assert_eq!(sim.exits()[0].reason.to_string(), VmError::DuctTooLong.to_string());
    assert_eq!(MAX_HOPS, 256);
}

/// A duct of another tower leads nowhere here: whoever gives on it hears that.
#[test]
fn a_duct_of_another_tower_is_gone() {
    let (sender, ducts) = std::sync::mpsc::channel();
    let mut there = sim_of(move || {
        vec![spawn!(transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(_n: u32 => { let _ = sender.send(duct); }))
        )))]
    });
    there.pass(pid(2), "w", &1u32);
    there.run();
    let duct = ducts.recv().unwrap();
    let notes = Notes::default();
    let noted = notes.clone();
    let giver = move || {
        transition_no_state!(
            replies!(match_reason!(reason: Reason => on_duct_absence!(noted.add(reason.to_string())))),
            give(&duct, &1u8),
        )
    };
    let mut here = sim_of(move || vec![spawn!(giver())]);
    assert_eq!(notes.take(), ["gone"]);
    // It has process 2 as well, which waits for nothing.
    assert_eq!((here.replies(), here.exits().len()), (&[][..], 0));
    there.run();
    assert_eq!(there.replies(), []);
    here.kill(pid(2), Reason::Normal);
    here.run();
}

/// Each has a duct, and ends when it has its answer. No end looks through all that waits.
#[test]
fn many_that_pass_and_end_take_no_longer_each() {
    const MANY: u64 = 20_000;
    let mut vm = GroundVm::new(|_| {
        transition_no_state!(subscriber!(_, match_duct!(duct => on_message!(n: u64 => give(&duct, &n)))))
    });
    for _ in 0..MANY {
        vm.spawn(spawn!(transition_no_state!(
            replies!(on_reply!("w", _: u64 => quit())),
            pass(Pid::BOOT, "w", &7u64),
        )));
    }
    while vm.run(usize::MAX) {}
    assert_eq!(std::iter::from_fn(|| vm.poll()).count() as u64, MANY);
}
