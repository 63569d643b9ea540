//! Nobody can answer any more: wherever the duct was, whoever had it.

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Ground, GroundVm, Output};

use crate::{Notes, ask, asker, doubler, keeper, pid, say, sim_of};

/// Hands the duct of a number to whoever hears, and quits if told so.
pub(crate) fn hander(quits: bool) -> Transition<()> {
    transition_no_state!(subscriber!(
        _,
        match_duct!(duct => on_message!(_n: u32 => (send_message!(("duct", duct)), quits.then(quit))))
    ))
}

/// Takes such a duct.
pub(crate) fn heir() -> Transition<Option<Duct>> {
    transition!(
        None,
        peekable(),
        subscriber!(
            _,
            match_state!(_kept: Option<Duct> => on_message!(("duct", duct): (Text, Duct) => transition!(Some(duct)))),
            match_state!(duct: &Option<Duct> => on_message!(("say", what): (Text, Value) =>
                duct.as_ref().map(|duct| give(duct, &what)))),
            match_state!(_kept: &Option<Duct> => on_message!(
                "quit" => quit(),
                "fail" => Err::<(), _>(Failure::value(&"failed".to_string()))?,
            )),
            match_state!(_kept: Option<Duct> => on_message!("forget" => transition!(None))),
        ),
    )
}

/// Passes numbers on, and what comes back.
pub(crate) fn forwarder(to: u64) -> Transition<()> {
    transition_no_state!(
        subscriber!(_, on_message!(n: u32 => pass(pid(to), "on", &n))),
        replies!(match_duct!(duct => on_reply!("on", body: Value => give(&duct, &body)))),
    )
}

/// What the asker (2) hears, which asks 3, when these words have been said.
pub(crate) fn heard(
    processes: impl FnOnce() -> Vec<Spawn<()>> + Send + 'static,
    words: &[&str],
) -> Vec<String> {
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || {
        let mut all = vec![spawn!(asker(&noted))];
        all.extend(processes());
        all
    });
    ask(&mut sim, 3, "w", 7u32);
    for word in words {
        sim.send(&Text::from(*word));
        sim.run();
    }
    notes.take()
}

pub(crate) fn nothing(why: &str) -> [String; 1] {
    [format!("\"w\": nothing ({why})")]
}

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

/// What the host hears that asks 2, when somebody has been told to quit; the same whether or not
/// anybody looks on, although messages with the duct in them are kept by who does.
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

/// Somebody was asked as well and goes on without an answer: then the heir was the last who could
/// give one. Who has seen the duct cannot.
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

/// Who quits instead of answering is told apart from who answers and quits.
#[test]
fn quitting_is_no_answer() {
    let quitter = |n: u32| {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(_n: u32 => ((n > 0).then(|| give(&duct, &n)), quit())))
        ))
    };
    assert_eq!(heard(move || vec![spawn!(quitter(0))], &[]), nothing("normal"));
    assert_eq!(heard(move || vec![spawn!(quitter(5))], &[]), ["\"w\": 5"]);
    let thinker = || {
        transition_no_state!(subscriber!(
            _,
            on_message!(_n: u32 => Err::<(), _>("oh".parse::<u8>().unwrap_err())?)
        ))
    };
    assert_eq!(heard(move || vec![spawn!(thinker())], &[]), nothing("invalid digit found in string"));
}

/// What is passed takes an endpoint that is for one message only, whether or not it has a clause
/// for it.
#[test]
fn what_is_passed_takes_who_waits_for_one() {
    let heard = |first: fn() -> AddEndpoint<()>| {
        let notes = Notes::default();
        let noted = notes.clone();
        let answers = move || {
            transition_no_state!(
                once(first()),
                subscriber!(_, match_duct!(duct => on_message!(n: u32 => give(&duct, &n)))),
            )
        };
        let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(answers())]);
        ask(&mut sim, 3, "w", 1u32);
        ask(&mut sim, 3, "w", 1u32);
        notes.take()
    };
    let answers = || subscriber!(1u32, match_duct!(duct => on_message!(_ => give(&duct, &10u32))));
    assert_eq!(heard(answers), ["\"w\": 10", "\"w\": 1"]);
    assert_eq!(heard(|| subscriber!(1u32, on_presence!(()))), ["\"w\": 1"]);
}

/// Who ends somebody else instead of answering goes on living: it has let go of the duct, and owes
/// nothing.
#[test]
fn ending_somebody_else_is_no_end() {
    let killer = || {
        transition_no_state!(subscriber!(
            _,
            on_message!(
                _n: u32 => quit().pid(pid(4)),
                "quit" => quit(),
            )
        ))
    };
    let both = move || vec![spawn!(killer()), spawn!(keeper())];
    assert_eq!(heard(both, &["quit"]), [""; 0]);
}

/// The one in the middle fails over the answer.
#[test]
fn the_middle_fails_over_a_reply() {
    let middle = || {
        transition_no_state!(
            subscriber!(_, on_message!(n: u32 => pass(pid(4), "on", &n))),
            replies!(on_reply!("on", _ => Err::<(), _>(Failure::value(&"hurt".to_string()))?)),
        )
    };
    assert_eq!(heard(move || vec![spawn!(middle()), spawn!(doubler())], &[]), nothing("hurt"));
}

/// An absence of which a process knows nothing goes on to whoever waits for it.
#[test]
fn an_absence_that_nobody_hears_goes_down() {
    let chain = || vec![spawn!(forwarder(4)), spawn!(forwarder(5)), spawn!(keeper())];
    assert_eq!(heard(chain, &["quit"]), nothing("normal"));
    assert_eq!(heard(|| vec![spawn!(forwarder(99))], &[]), nothing("gone"));
    let knows = || {
        transition_no_state!(
            subscriber!(_, on_message!(n: u32 => pass(pid(99), "on", &n))),
            replies!(match_duct!(duct => on_duct_absence!(give(&duct, &Text::from("sorry"))))),
        )
    };
    assert_eq!(heard(move || vec![spawn!(knows())], &[]), ["\"w\": \"sorry\""]);
    let asks_others = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(n: u32 => (send_message!(("duct", duct)), pass(pid(99), "on", &n))))
        ))
    };
    let with_heir = move || vec![spawn!(asks_others()), spawn!(heir())];
    assert_eq!(heard(with_heir, &[]), [""; 0], "somebody else can answer");
    assert_eq!(heard(with_heir, &["quit"]), nothing("normal"));
}

/// A process may keep a duct in an endpoint as well as in its state, here or further out.
#[test]
fn endpoints_keep_ducts() {
    let here = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(_n: u32 => subscriber!("now", on_message!(_ => give(&duct, &1u8))))),
            on_message!("quit" => quit()),
        ))
    };
    assert_eq!(heard(move || vec![spawn!(here())], &["quit"]), nothing("normal"));
    assert_eq!(
        heard(move || vec![spawn!(here())], &["now", "quit"]),
        ["\"w\": 1", "\"w\": nothing (normal)"]
    );
    let further_out = || {
        transition_no_state!(at_meta_level!(subscriber!(
            _,
            match_duct!(duct => on_message!(_n: u32 => at_meta_level!(subscriber!("now", on_message!(_ => give(&duct, &1u8)))))),
            on_message!("quit" => quit()),
        )))
    };
    let nested = move || vec![spawn_vm!(subscriber!("stay"), spawn!(further_out()))];
    assert_eq!(heard(nested, &["quit"]), nothing("normal"));
    assert_eq!(heard(nested, &["now", "quit"]), ["\"w\": 1", "\"w\": nothing (normal)"]);
    let source = Sim::source::<u8>([]);
    let listening = move || {
        let source = source.clone();
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(_n: u32 => at_meta_level!(subscriber!(
                Ground::<u8>(source, _),
                on_message!(Ground::<u8>(_, n) => give(&duct, &n)),
            )))),
            on_message!("quit" => quit()),
        ))
    };
    assert_eq!(heard(move || vec![spawn!(listening())], &["quit"]), nothing("normal"));
}

/// A living process that takes an endpoint away lets go of what was in it.
#[test]
fn an_endpoint_that_goes_owes_nothing() {
    let fickle = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(_n: u32 =>
                name_endpoint("kept", subscriber!("now", on_message!(_ => give(&duct, &1u8)))))),
            on_message!("drop" => delete_endpoint("kept")),
            on_message!("quit" => quit()),
        ))
    };
    assert_eq!(heard(move || vec![spawn!(fickle())], &["drop", "quit"]), [""; 0]);
}

/// Nothing can happen to it any more, seen from outside its VM.
#[test]
fn a_process_inside_is_dropped() {
    let inside = || {
        transition!(
            None::<Duct>,
            at_meta_level!(name_endpoint(
                "ear",
                subscriber!(
                    _,
                    match_duct!(duct => match_state!(_kept: Option<Duct> => on_message!(_n: u32 => transition!(Some(duct))))),
                    match_state!(_kept: &Option<Duct> => on_message!("leave" => at_meta_level!(delete_endpoint("ear")))),
                )
            )),
        )
    };
    let nested = move || vec![spawn_vm!(subscriber!("stay"), spawn!(inside()))];
    assert_eq!(heard(nested, &["leave"]), nothing("normal"));
}

/// The VM goes in which the duct was: in the state of one who was asked, of an heir, or below one
/// who asks others.
#[test]
fn a_vm_goes_with_all_that_is_in_it() {
    let inside = |process: fn() -> Spawn<()>| {
        move || {
            let mut notes_and_all = vec![spawn!(hander(false))];
            notes_and_all.push(spawn_vm!(process()));
            notes_and_all
        }
    };
    let heir_inside = || {
        spawn!(transition!(
            None::<Duct>,
            at_meta_level!(subscriber!(
                _,
                match_state!(_kept: Option<Duct> => on_message!(("duct", duct): (Text, Duct) => transition!(Some(duct)))),
            )),
        ))
    };
    let killed = |processes: Vec<Spawn<()>>, vm: u64| {
        let notes = Notes::default();
        let noted = notes.clone();
        let mut sim = sim_of(move || {
            let mut all = vec![spawn!(asker(&noted))];
            all.extend(processes);
            all
        });
        ask(&mut sim, 3, "w", 7u32);
        assert_eq!(notes.take(), [""; 0]);
        sim.kill(pid(vm), Reason::value(&Text::from("bang")));
        sim.run();
        notes.take()
    };
    assert_eq!(killed(inside(heir_inside)(), 4), nothing("bang"));
    let asks_outside = || {
        transition_no_state!(at_meta_level!(subscriber!(
            _,
            on_message!(n: u32 => at_meta_level!(pass(pid(4), "on", &n)))
        )))
    };
    assert_eq!(killed(vec![spawn_vm!(spawn!(asks_outside())), spawn!(keeper())], 3), nothing("bang"));
}

/// What is on its way out of a VM when its giver ends still arrives.
#[test]
fn an_answer_on_its_way_arrives() {
    let inside = || {
        transition_no_state!(at_meta_level!(subscriber!(
            _,
            match_duct!(duct => on_message!(n: u32 => (give(&duct, &(n + 1)), quit())))
        )))
    };
    let nested = move || vec![spawn_vm!(subscriber!("stay"), spawn!(inside()))];
    assert_eq!(heard(nested, &[]), ["\"w\": 8"]);
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

/// What a process had to say is said before it ends over the next thing.
#[test]
fn what_was_given_before_a_failure_arrives() {
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(keeper())]);
    ask(&mut sim, 3, "w", 7u32);
    sim.send(&("say".to_string(), "first".to_string()));
    sim.send(&Text::from("fail"));
    sim.run();
    assert_eq!(notes.take(), ["\"w\": \"first\"", "\"w\": nothing (failed)"]);
    say(&mut sim, "nobody hears");
    assert_eq!(notes.take(), [""; 0]);
}

/// What the host hears of a process in a VM that answers and goes on, if the VM is killed after so
/// many steps, and so many more that it takes out of turn.
fn killed_after(steps: usize, out_of_turn: usize) -> Vec<Result<Value, Reason>> {
    let inside = || {
        transition_no_state!(
            at_meta_level!(subscriber!(_, on_message!(n: u32 => pass(pid(2), "on", &n)))),
            replies!(
                match_duct!(duct => on_reply!("on", n: u32 => (give(&duct, &n), send_message!("done"))))
            ),
        )
    };
    let mut vm = GroundVm::new(move |_| transition_no_state!(spawn_vm!(spawn!(inside()), spawn!(doubler()))));
    vm.run(usize::MAX);
    vm.pass(pid(2), "w", &7u32);
    if out_of_turn == 0 {
        vm.run(steps);
        vm.kill(pid(2), Reason::value(&Text::from("bang")));
    } else {
        vm.kill(pid(2), Reason::value(&Text::from("bang")));
        vm.run(1);
        for _ in 0..out_of_turn {
            vm.step_in(&[pid(2)]);
        }
    }
    vm.run(usize::MAX);
    let answers = std::iter::from_fn(|| vm.poll()).filter_map(|output| match output {
        Output::Reply(reply) => Some(reply.into_answer()),
        _ => None,
    });
    answers.collect()
}

/// Whenever a VM is killed, whoever waits for somebody in it hears something: the answer if that
/// was given outside, or else that there will be none.
#[test]
fn a_vm_is_killed_at_any_step() {
    let answer = [Ok(14u32.to_value())];
    assert_eq!(killed_after(20, 0), answer, "in the end it is given");
    let mut heard: Vec<_> = (0..8).map(|steps| killed_after(steps, 0)).collect();
    heard.extend((1..6).map(|steps| killed_after(1, steps)));
    heard.retain(|heard| **heard != answer);
    assert!(heard.len() > 6, "{heard:?}");
    for nothing in heard {
        assert_eq!(nothing.len(), 1);
        assert!(
            nothing[0].as_ref().is_err_and(|why| ["bang", "gone"].contains(&why.to_string().as_str())),
            "{nothing:?}"
        );
    }
}

/// A process asks itself, for somebody, and fails over that.
#[test]
fn who_asks_itself_and_fails() {
    let selfish = || {
        transition_no_state!(subscriber!(
            _,
            on_message!(n: u32 => pass(pid(3), "self", &n.to_string())),
            on_message!(_text: String => Err::<(), _>(Failure::value(&Text::from("mirrored")))?),
        ))
    };
    assert_eq!(heard(move || vec![spawn!(selfish())], &[]), nothing("mirrored"));
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
