//! Nobody can answer any more: wherever the duct was, whoever had it.

use marketplace::Ground;
use marketplace::prelude::*;
use marketplace::sim::Sim;

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

/// The events of the asker (2), which asks 3, when these words have been said.
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

/// A process that quits instead of answering is told apart from one that answers and quits.
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

/// A message that is passed takes an endpoint that is for one message only, whether or not the
/// endpoint has a clause for it.
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

/// A process that ends another one instead of answering lives on: it has let go of the duct, and
/// owes nothing.
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

/// The actions of a process are performed before it ends because of a later failure.
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

/// It hears that by endpoints, too, that its turn asks for behind the message.
#[test]
fn the_absence_of_a_process_that_is_gone_waits_for_the_turn_that_passed() {
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || {
        vec![spawn!(transition_no_state!(
            pass(pid(99), "w", &7u32),
            replies!(match_reason!(reason: Reason => on_duct_absence!(noted.add(reason.to_string())))),
        ))]
    });
    sim.run();
    assert_eq!(notes.take(), ["gone"]);
}

/// So does the refusal of a process that has no clause for the message.
#[test]
fn a_refusal_waits_for_the_turn_that_passed() {
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || {
        vec![spawn!(transition_no_state!(
            pass(pid(2), "w", &7u32),
            replies!(match_reason!(reason: Reason => on_duct_absence!(noted.add(reason.to_string())))),
        ))]
    });
    sim.run();
    assert_eq!(notes.take(), ["refused: 'unknown"]);
}

/// A process has failed, and its quit waits behind the message: the reason is that of the failure.
#[test]
fn a_message_to_a_process_that_has_failed_is_answered_with_its_reason() {
    for once in [false, true] {
        let notes = Notes::default();
        let noted = notes.clone();
        let mut sim = sim_of(move || {
            let hears = callee!(match_duct!(duct => on_message!(n: u64 => give(&duct, &n))));
            let hears = if once { marketplace::once(hears) } else { hears };
            vec![
                spawn!(transition_no_state!(hears, subscriber!("fail", on_message!(_ => panic!("hurt"))))),
                spawn!(transition_no_state!(
                    subscriber!(
                        "go",
                        on_message!(_ => actions![send_message!("fail"), pass(pid(2), "w", &7u64)])
                    ),
                    replies!(
                        on_reply!("w", n: u64 => noted.add(n.to_string())),
                        match_reason!(reason: Reason => on_duct_absence!(noted.add(reason.to_string()))),
                    ),
                )),
            ]
        });
        sim.run();
        sim.send(&Text::from("go"));
        sim.run();
        assert_eq!(notes.take(), ["panic: hurt"], "{once}");
    }
}
