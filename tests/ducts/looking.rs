//! Looking on changes nothing, but for what a snapshot shares with a state: that falls when the log
//! forgets it.

use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::vat::{Debugger, NoAnswer, Vat, VatOptions};

use crate::gone::heir;
use crate::{Notes, ask, asker, pid, say, sim_of};

/// A map that shares what is in it with its clones, until one of them changes.
type Shared = Arc<BTreeMap<u64, Duct>>;

/// Keeps ducts in such a map, and lets others look.
fn holder() -> Transition<Shared> {
    transition!(
        Shared::default(),
        peekable(),
        subscriber!(
            _,
            match_duct!(duct => match_state!(mut held: Shared => on_message!(n: u64 => {
                Arc::make_mut(&mut held).insert(n, duct);
                transition!(held)
            }))),
            match_state!(held: &Shared => on_message!("answer" =>
                held.values().map(|duct| give(duct, &1u8)).collect::<ActionTree<_>>())),
            match_state!(held: &Shared => on_message!("show" => shown(held))),
            match_state!(held: Shared => on_message!("hand" => transition!(Shared::default(), shown(&held)))),
            match_state!(_held: Shared => on_message!(
                "forget" => transition!(Shared::default()),
                "drop" => transition!(Shared::default()),
            )),
            match_state!(_held: &Shared => on_message!(
                "look" => (),
                "quit" => quit(),
                "leave" => quit(),
                "fail" => Err::<(), _>(Failure::value(&Text::from("failed")))?,
            )),
            match_state!(held: Shared => on_message!("fail with it" => {
                drop(held);
                Err::<Transition<_>, _>(Failure::value(&Text::from("failed")))?
            })),
        ),
    )
}

/// Says the ducts to whoever takes them.
fn shown(held: &Shared) -> ActionTree<Shared> {
    held.values().map(|duct| send_message!(("duct", duct.clone()))).collect()
}

/// The events of the asker (2), which asks a holder (3), when these words have been said; and those
/// when the log has forgotten it all.
fn heard(words: &[&str], logged: bool, forget: fn(&mut Sim)) -> (Vec<String>, Vec<String>) {
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(holder())]);
    if logged {
        sim.log_mut().turn_on();
    }
    ask(&mut sim, 3, "w", 7u64);
    for word in words {
        sim.send(&Text::from(*word));
        sim.run();
    }
    let before = notes.take();
    forget(&mut sim);
    sim.run();
    (before, notes.take())
}

/// The ways in which a log forgets.
const WAYS: [fn(&mut Sim); 4] = [
    |sim| sim.log_mut().clear(),
    |sim| sim.log_mut().resize(0),
    |sim| {
        sim.log_mut().turn_off();
        sim.log_mut().clear();
    },
    |sim| {
        // Other turns take the places of those.
        for _ in 0..300 {
            sim.send(&("noise".to_string(), 1u8));
            sim.spawn(spawn!(transition_no_state!(subscriber!("noise"))));
        }
    },
];

/// The process that waits is told when the log forgets the last snapshot, with the reason for which
/// the other one had to end.
#[test]
fn what_a_snapshot_shares_falls_when_the_log_forgets_it() {
    let ends = [("quit", "normal"), ("fail", "failed"), ("fail with it", "failed")];
    for (end, why) in ends {
        let words = ["look", end];
        let nothing = vec![format!("\"w\": nothing ({why})")];
        assert_eq!(heard(&words, false, |_| ()), (nothing.clone(), vec![]), "log off, {end}");
        for (at, way) in WAYS.into_iter().enumerate() {
            assert_eq!(heard(&words, true, way), (vec![], nothing.clone()), "way {at}, {end}");
        }
    }
}

/// A living process lets go of what its old snapshots still have: it owes nothing, now and later.
#[test]
fn what_a_process_has_let_go_of_owes_nothing() {
    for words in [&["answer", "forget", "quit"][..], &["answer", "forget"], &["look", "forget", "fail"]] {
        let unseen = heard(words, false, |_| ());
        for way in WAYS {
            assert_eq!(heard(words, true, way), unseen, "{words:?}");
        }
    }
}

/// Others have the duct as well, and end or let go of it before or after the holder does.
#[test]
fn others_have_what_a_snapshot_shares() {
    let heard = |words: &[&str], logged: bool| {
        let notes = Notes::default();
        let noted = notes.clone();
        let all = move || vec![spawn!(asker(&noted)), spawn!(holder()), spawn!(heir())];
        let mut sim = sim_of(all);
        if logged {
            sim.log_mut().turn_on();
        }
        ask(&mut sim, 3, "w", 7u64);
        for word in words {
            match *word {
                "say" => say(&mut sim, "hello"),
                "kill the heir" => sim.kill(pid(4), Reason::Killed(None)),
                word => sim.send(&Text::from(word)),
            }
            sim.run();
        }
        let before = notes.take();
        sim.log_mut().clear();
        sim.run();
        (before, notes.take())
    };
    let (nothing, hello) = ("\"w\": nothing (killed)".to_string(), "\"w\": \"hello\"".to_string());
    // The holder has let go of it, or has ended: then the heir is the last who could answer.
    for words in [&["hand", "kill the heir"][..], &["show", "leave", "kill the heir"]] {
        assert_eq!(heard(words, false), (vec![nothing.clone()], vec![]));
        assert_eq!(heard(words, true), (vec![], vec![nothing.clone()]), "{words:?}, late");
    }
    // The process that still had it when the other one ended has answered, and lets go of it.
    for logged in [false, true] {
        for words in [&["hand", "say", "forget"][..], &["show", "leave", "say", "forget"]] {
            assert_eq!(heard(words, logged), (vec![hello.clone()], vec![]), "{words:?}");
        }
        let words = ["show", "kill the heir", "drop"];
        assert_eq!(heard(&words, logged), (vec![], vec![]), "the holder has let go of it");
    }
}

/// One process ends with it, and another lives on and lets go of it in a turn. Only a snapshot of a
/// third one still has it: that owes nothing.
#[test]
fn what_the_last_one_let_go_of_alive_owes_nothing() {
    for logged in [false, true] {
        let notes = Notes::default();
        let noted = notes.clone();
        let all = move || vec![spawn!(asker(&noted)), spawn!(holder()), spawn!(heir()), spawn!(heir())];
        let mut sim = sim_of(all);
        if logged {
            sim.log_mut().turn_on();
        }
        ask(&mut sim, 3, "w", 7u64);
        sim.send(&Text::from("hand"));
        sim.run();
        sim.kill(pid(4), Reason::Killed(None));
        sim.run();
        sim.send(&Text::from("forget"));
        sim.run();
        sim.log_mut().clear();
        sim.run();
        assert_eq!(notes.take(), [""; 0], "logged: {logged}");
    }
}

/// A process lets go of what it passed on, which its snapshots still have; then whoever was asked
/// ends.
#[test]
fn below_what_a_snapshot_shares() {
    let heard = |logged: bool| {
        let notes = Notes::default();
        let noted = notes.clone();
        // Hands its duct to the heir (5), and asks the holder (4), which lets go of the duct above
        // it.
        let both = || {
            transition_no_state!(subscriber!(
                _,
                match_duct!(duct => on_message!(n: u64 =>
                    (send_message!(("duct", duct)), pass(pid(4), "on", &n))))
            ))
        };
        let all = move || vec![spawn!(asker(&noted)), spawn!(both()), spawn!(holder()), spawn!(heir())];
        let mut sim = sim_of(all);
        if logged {
            sim.log_mut().turn_on();
        }
        ask(&mut sim, 3, "w", 7u64);
        sim.send(&Text::from("look"));
        sim.run();
        sim.send(&Text::from("drop"));
        sim.run();
        sim.kill(pid(5), Reason::Killed(None));
        sim.run();
        let before = notes.take();
        sim.log_mut().clear();
        sim.run();
        (before, notes.take())
    };
    let nothing = vec!["\"w\": nothing (killed)".to_string()];
    assert_eq!(heard(false), (nothing.clone(), vec![]));
    assert_eq!(heard(true), (vec![], nothing));
}

/// The log is turned off: what it has stays, and so does what that shares.
#[test]
fn what_was_seen_before_the_log_was_turned_off() {
    for end in ["quit", "fail", "fail with it"] {
        let notes = Notes::default();
        let noted = notes.clone();
        let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(holder())]);
        sim.log_mut().turn_on();
        ask(&mut sim, 3, "w", 7u64);
        sim.send(&Text::from("look"));
        sim.run();
        sim.log_mut().turn_off();
        sim.send(&Text::from(end));
        sim.run();
        assert_eq!(notes.take(), [""; 0]);
        sim.log_mut().clear();
        assert!(!sim.is_done(), "somebody is still to be told");
        sim.run();
        assert_eq!(notes.take().len(), 1, "{end}");
    }
}

/// A host keeps a snapshot beyond the log, and lets go of it on another thread.
#[test]
fn a_host_that_keeps_a_snapshot_keeps_what_it_shares() {
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(holder())]);
    sim.log_mut().turn_on();
    ask(&mut sim, 3, "w", 7u64);
    sim.send(&Text::from("quit"));
    sim.run();
    let kept = sim.log().turns().rev().find_map(|turn| turn.snapshot.clone()).expect("it was peekable");
    assert_eq!(kept.downcast_ref::<Shared>().map(|held| held.len()), Some(1));
    sim.log_mut().clear();
    sim.run();
    assert_eq!(notes.take(), [""; 0]);
    std::thread::spawn(move || drop(kept)).join().unwrap();
    sim.run();
    assert_eq!(notes.take(), ["\"w\": nothing (normal)"]);
}

/// So does whoever has turns of a vat, which is woken up when they go.
#[test]
fn a_vat_is_told_what_falls_outside() {
    let (sender, told) = mpsc::channel();
    let (kept, pids) = (mpsc::channel(), mpsc::channel());
    let options = VatOptions { log: true, ..VatOptions::default() };
    let vat = Vat::spawn(options, move |_| {
        transition_no_state!(spawn!(holder()).then(move |(): (), holder| {
            let _ = pids.0.send(holder.unwrap());
            transition_no_state!()
        }))
    })
    .unwrap();
    let holder = pids.1.recv().unwrap();
    let mut answers = vat.pass(holder, "w", &7u64).unwrap();
    vat.call(move |_| ()).unwrap();
    vat.send(&Text::from("quit")).unwrap();
    vat.call(move |_| ()).unwrap();
    let look = move |debugger: &mut Debugger<'_>| {
        let turns: Vec<_> = debugger.log().turns().cloned().collect();
        debugger.log_mut().clear();
        let _ = kept.0.send(turns);
    };
    vat.inspect(look).unwrap();
    let turns = kept.1.recv().unwrap();
    assert!(turns.iter().any(|turn| turn.snapshot.is_some()));
    let waits = std::thread::spawn(move || {
        let _ = sender.send(answers.wait());
    });
    // It is idle, and nobody tells it anything but what falls now.
    vat.call(move |_| ()).unwrap();
    assert!(told.try_recv().is_err());
    drop(turns);
    let limit = std::time::Duration::from_secs(30);
    let none = NoAnswer::Absence(Reason::Normal);
    assert_eq!(told.recv_timeout(limit).unwrap(), Ok(Some(Err(none))));
    waits.join().unwrap();
    vat.halt();
}

/// The holder is in a VM, which goes with it.
#[test]
fn what_a_snapshot_in_a_vm_shares() {
    let inside = || {
        transition!(
            Shared::default(),
            peekable(),
            at_meta_level!(subscriber!(
                _,
                match_duct!(duct => match_state!(mut held: Shared => on_message!(n: u64 => {
                    Arc::make_mut(&mut held).insert(n, duct);
                    transition!(held)
                }))),
                match_state!(_held: &Shared => on_message!("look" => (), "quit" => quit())),
            )),
        )
    };
    for (end, why) in [(true, "bang"), (false, "normal")] {
        let notes = Notes::default();
        let noted = notes.clone();
        let mut sim =
            sim_of(move || vec![spawn!(asker(&noted)), spawn_vm!(subscriber!("stay"), spawn!(inside()))]);
        sim.log_mut().turn_on();
        ask(&mut sim, 3, "w", 7u64);
        sim.send(&Text::from("look"));
        sim.run();
        if end {
            sim.kill(pid(3), Reason::value(&Text::from("bang")));
        } else {
            sim.send(&Text::from("quit"));
        }
        sim.run();
        assert_eq!(notes.take(), [""; 0]);
        sim.log_mut().clear();
        sim.run();
        assert_eq!(notes.take(), [format!("\"w\": nothing ({why})")]);
    }
}

/// The log forgets while something happens: in the same place, however the sim is run.
#[test]
fn what_falls_meanwhile_is_told_at_its_place() {
    let play = |run: fn(&mut Sim)| {
        let notes = Notes::default();
        let noted = notes.clone();
        let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(holder())]);
        sim.log_mut().turn_on();
        sim.log_mut().resize(4);
        ask(&mut sim, 3, "w", 7u64);
        sim.send(&Text::from("quit"));
        for n in 0..20u8 {
            sim.send(&("more".to_string(), n));
        }
        sim.spawn(spawn_vm!(
            subscriber!("x", on_message!(_ => send_message!("y"))),
            subscriber!("y", on_message!(_ => ())),
            (0..5).map(|_| send_message!("x")).collect::<ActionTree<_>>(),
        ));
        run(&mut sim);
        assert_eq!(notes.take(), ["\"w\": nothing (normal)"]);
        sim.trace().to_string()
    };
    let whole = play(Sim::run);
    assert_eq!(play(|sim| while sim.step() {}), whole);
    assert_eq!(play(|sim| while sim.run_steps(3) {}), whole);
}
