//! Somebody else was given the duct, and could answer.

use marketplace::prelude::*;
use marketplace::{GroundVm, Output};

use crate::gone::{hander, heard, heir, nothing};
use crate::pid;

/// The one who was asked has ended long ago; now the last one ends who could have answered.
#[test]
fn the_heir_ends() {
    for quits in [true, false] {
        let both = move || vec![spawn!(hander(quits)), spawn!(heir())];
        assert_eq!(heard(both, &["quit"]), nothing("normal"));
        assert_eq!(heard(both, &["fail"]), nothing("failed"));
        assert_eq!(heard(both, &["forget", "quit"]), [""; 0], "who lets go owes nothing");
        let two = move || vec![spawn!(hander(quits)), spawn!(heir()), spawn!(heir())];
        assert_eq!(heard(two, &["quit"]), nothing("normal"), "once");
    }
}

/// Nobody takes it, and whoever had it has ended.
#[test]
fn nobody_inherits() {
    assert_eq!(heard(|| vec![spawn!(hander(true))], &[]), nothing("normal"));
}

/// The answers that the host hears, which asks 2, when a process has been told to quit. They are
/// the same whether or not anybody looks on, although one who looks on keeps messages with the duct
/// in them.
fn answers(boot: fn() -> Transition<()>) -> Vec<(Value, Result<Value, Reason>)> {
    let answers = |mut vm: GroundVm, logged: bool| {
        if logged {
            vm.log_mut().turn_on();
        }
        vm.run(usize::MAX);
        vm.pass(pid(2), "w", &7u32);
        vm.run(usize::MAX);
        vm.send(&Text::from("quit"));
        vm.run(usize::MAX);
        std::iter::from_fn(|| vm.poll())
            .filter_map(|output| match output {
                Output::Reply(reply) => Some((reply.wire().clone(), reply.into_answer())),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    let unseen = answers(GroundVm::new(move |_| boot()), false);
    assert_eq!(answers(GroundVm::new(move |_| boot()), true), unseen);
    assert_eq!(answers(GroundVm::recorded(move |_| boot()), true), unseen);
    unseen
}

#[test]
fn looking_on_changes_nothing() {
    let boot = || transition_no_state!(spawn!(hander(true)), spawn!(heir()));
    assert_eq!(answers(boot), [("w".into(), Err(Reason::Normal))]);
}

/// Hands on the duct of a number, and asks 3 as well, whose answer it would give on it.
fn asks_as_well() -> Transition<()> {
    transition_no_state!(subscriber!(
        _,
        match_duct!(duct => on_message!(n: u32 => (send_message!(("duct", duct)), pass(pid(3), "on", &n))))
    ))
}

/// Keeps messages with ducts in them, and takes none out.
fn collector() -> Transition<Vec<Value>> {
    transition!(
        Vec::new(),
        subscriber!(
            ("seen", _),
            match_state!(mut seen: Vec<Value> => on_message!(("seen", what): (Text, Value) => {
                seen.push(what);
                transition!(seen)
            })),
        )
    )
}

/// Another process was asked as well and goes on without an answer: then the heir was the last that
/// could give one. A process that has only seen the duct cannot.
#[test]
fn who_was_asked_as_well_has_let_go() {
    let at_once = || {
        let hears = || transition_no_state!(subscriber!(_, on_message!(_n: u32 => ())));
        transition_no_state!(spawn!(asks_as_well()), spawn!(hears()), spawn!(heir()))
    };
    assert_eq!(answers(at_once), [("w".into(), Err(Reason::Normal))]);
    let after_it_has_shown_it = || {
        let shows = || {
            transition_no_state!(subscriber!(
                _,
                match_duct!(duct => on_message!(_n: u32 => send_message!(("seen", duct))))
            ))
        };
        transition_no_state!(spawn!(asks_as_well()), spawn!(shows()), spawn!(heir()), spawn!(collector()))
    };
    assert_eq!(answers(after_it_has_shown_it), [("w".into(), Err(Reason::Normal))]);
    let later = || {
        let keeps_until_then = || {
            transition!(
                None::<Duct>,
                subscriber!(
                    _,
                    match_duct!(duct => match_state!(_kept: Option<Duct> => on_message!(_n: u32 =>
                        transition!(Some(duct.clone()), send_message!(("seen", duct)))))),
                    match_state!(_kept: Option<Duct> => on_message!("quit" => transition!(None))),
                )
            )
        };
        transition_no_state!(
            spawn!(asks_as_well()),
            spawn!(keeps_until_then()),
            spawn!(heir()),
            spawn!(collector())
        )
    };
    assert_eq!(answers(later), [("w".into(), Err(Reason::Normal))]);
}

/// Somebody was asked as well and still has the duct: the heir was not the last.
#[test]
fn who_was_asked_as_well_can_answer() {
    let keeps = || transition_no_state!(spawn!(asks_as_well()), spawn!(heir_of_passes()), spawn!(heir()));
    assert_eq!(answers(keeps), []);
}

/// A process passes what it keeps, and gets it back with the answer: one duct, in two hands.
#[test]
fn one_duct_in_two_hands() {
    let both = || {
        transition!(
            None::<Duct>,
            subscriber!(
                _,
                match_duct!(duct => match_state!(_kept: Option<Duct> => on_message!(n: u32 =>
                    transition!(Some(duct), pass(pid(4), "on", &n))))),
                match_state!(_kept: Option<Duct> => on_message!("forget" => transition!(None))),
                match_state!(_kept: &Option<Duct> => on_message!("quit" => quit())),
            ),
            replies!(match_duct!(duct => on_reply!("on", body: Value => give(&duct, &body)))),
        )
    };
    let processes = move || vec![spawn!(both()), spawn!(heir_of_passes())];
    assert_eq!(heard(processes, &["forget", "answer"]), ["\"w\": \"answer\""]);
    assert_eq!(heard(processes, &["quit"]), nothing("normal"));
    assert_eq!(heard(processes, &["answer", "quit"]), ["\"w\": \"answer\"", "\"w\": nothing (normal)"]);
}

/// Answers when told so.
fn heir_of_passes() -> Transition<Vec<Duct>> {
    transition!(
        Vec::new(),
        subscriber!(
            _,
            match_duct!(duct => match_state!(mut kept: Vec<Duct> => on_message!(_n: u32 => {
                kept.push(duct);
                transition!(kept)
            }))),
            match_state!(kept: Vec<Duct> => on_message!("answer" => {
                let answers: Vec<_> = kept.iter().map(|duct| give(duct, &Text::from("answer"))).collect();
                transition!(Vec::new(), answers)
            })),
        )
    )
}

/// The heir of a duct has been passed something onto it, too: it is one who waits, and is told
/// once.
#[test]
fn a_duct_and_the_one_above_it_are_lost_together() {
    let both_ways = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(n: u32 => (pass(pid(4), "on", &n.to_string()), send_message!(("duct", duct)))))
        ))
    };
    let heir = || {
        transition!(
            Vec::new(),
            subscriber!(
                _,
                match_duct!(duct => match_state!(mut kept: Vec<Duct> => on_message!(_text: String => {
                    kept.push(duct);
                    transition!(kept)
                }))),
                match_state!(mut kept: Vec<Duct> => on_message!(("duct", duct): (Text, Duct) => {
                    kept.push(duct);
                    transition!(kept)
                })),
                match_state!(_kept: &Vec<Duct> => on_message!("quit" => quit())),
            )
        )
    };
    assert_eq!(heard(move || vec![spawn!(both_ways()), spawn!(heir())], &["quit"]), nothing("normal"));
}
