//! Clauses about ducts: answers, that there will be none, and the way on which they go.

use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::{Address, Says, all_heard, heard, says, values};

/// A process that answers whatever it is passed with what it was passed, and one that passes these
/// and has this endpoint.
fn asks(wires: Vec<(Value, Value)>, endpoint: AddEndpoint<u32>) -> Vec<Value> {
    let mut sim = Sim::new(move |_| {
        transition!(
            0u32,
            endpoint,
            spawn_continue!(
                child: transition_no_state!(subscriber!(_, match_duct!(duct => on_message!(v: Value => give(&duct, &v))))),
                parent: |n: u32, echo: Result<Pid, Reason>| {
                    let echo = echo?;
                    let passes: Vec<_> = wires.iter().map(|(wire, body)| pass(echo, wire.clone(), body)).collect();
                    Ok::<_, Failure>(transition!(n, passes))
                }
            ),
        )
    });
    sim.run();
    all_heard(&sim)
}

fn word(word: &str) -> Text {
    word.into()
}

fn pair(wire: impl Message, body: impl Message) -> (Value, Value) {
    (wire.to_value(), body.to_value())
}

#[test]
fn wires_and_replies_have_alternatives() {
    let asked = vec![
        pair(Text::from("a"), Address::Listener(80)),
        pair(Text::from("b"), Address::Nowhere),
        pair(Text::from("c"), Address::Listener(80)),
        pair((1u8, 2u8), Address::Listener(81)),
    ];
    let endpoint = replies!(
        on_reply!(
            "a" | "b", Address::Listener(80) | Address::Nowhere => heard(&1u8),
            (1u8, n) | (n, 1u8), Address::Listener(port @ 80) | Address::Listener(port @ 81) => heard(&(n, port)),
        ),
        match_wire!("c" | "d" => on_reply!(_, _ => heard(&2u8))),
    );
    assert_eq!(
        asks(asked, endpoint),
        [1u8.to_value(), 1u8.to_value(), 2u8.to_value(), (2u8, 81u16).to_value()]
    );
}

#[test]
fn a_reply_is_matched_by_its_wire_and_itself() {
    let asked = vec![
        pair(Text::from("text"), says("tony", "hi")),
        pair(Symbol::new("text"), says("tony", "hi")),
        pair((7u8, Text::from("b")), says("bob", "")),
        pair(Text::from("other"), 12u8),
        pair((), ()),
        pair(Address::Listener(80), Address::Nowhere),
    ];
    let endpoint = replies!(
        on_reply!(
            "text", Says { who, .. } => heard(&who),
            (n @ 1..=9u8, "b"), Says { who, what } if what.is_empty() => heard(&(n, who)),
            wire: Text, n: u32 if n > 10 => heard(&(wire, n)),
        ),
        on_reply!(Address::Listener(port), Address::Nowhere => heard(&port)),
        on_reply!(_, other: Value => heard(&(Text::from("other"), other))),
    );
    let expected = [
        Symbol::new("tony").to_value(),
        (Text::from("other"), says("tony", "hi")).to_value(),
        (7u8, Symbol::new("bob")).to_value(),
        (Text::from("other"), 12u32).to_value(),
        (Text::from("other"), ()).to_value(),
        80u16.to_value(),
    ];
    assert_eq!(asks(asked, endpoint), expected);
}

#[test]
fn replies_and_the_state() {
    let asked = (1..=4u8).map(|n| pair(Text::from("n"), n)).collect();
    let endpoint = replies!(
        match_state!(sum: u32 => on_reply!("n", n: u32 => transition!(sum + n, heard(&(sum + n))))),
        match_state!(sum: &u32 => on_reply!(_, _ => heard(sum))),
    );
    assert_eq!(asks(asked, endpoint), values([1u32, 3, 6, 10]));
}

/// A message is no reply and a reply no message, whatever the topic.
#[test]
fn each_clause_hears_its_own() {
    let endpoint = subscriber!(
        _,
        on_reply!("w", n: u8 => (heard(&(word("reply"), n)), send_message!(Says { who: "me", what: Text::from(n.to_string()) }))),
        on_message!(Says { what, .. } => heard(&(word("message"), what))),
    );
    let expected = [(word("reply"), 5u8).to_value(), (word("message"), word("5")).to_value()];
    assert_eq!(asks(vec![pair(Text::from("w"), 5u8)], endpoint), expected);
}

#[test]
fn the_wire_is_captured_and_compared() {
    let id = Symbol::new("mine");
    let endpoint = replies!(
        match_wire!((w, n): (Symbol, u8) if w == id => on_reply!(_, body: Text => heard(&(n, body)))),
        match_wire!("mine" | "yours": Symbol => on_reply!(_, _ => heard(&Text::from("a word")))),
    );
    let asked = vec![
        pair((Symbol::new("mine"), 1u8), Text::from("a")),
        pair((Symbol::new("other"), 2u8), Text::from("b")),
        pair(Symbol::new("yours"), Text::from("c")),
        pair(1u8, 1u8),
    ];
    assert_eq!(asks(asked, endpoint), [(1u8, Text::from("a")).to_value(), Text::from("a word").to_value()]);
}

/// `match_duct!` applies where somebody waits: not to a message that was sent to everybody, nor to
/// a reply that nobody waits for.
#[test]
fn the_duct_is_matched_if_there_is_one() {
    let endpoint = subscriber!(
        Says { .. },
        match_duct!(_ => on_message!(Says { what, .. } => heard(&(word("passed"), what))), on_reply!(_, _ => heard(&word("never")))),
        on_message!(Says { what, .. } => heard(&(word("sent"), what))),
        on_reply!(_, _ => heard(&word("reply"))),
    );
    let mut sim = Sim::new(move |pid| {
        transition_no_state!(
            endpoint,
            spawn!(transition_no_state!(
                subscriber!(
                    (),
                    match_duct!(duct: Duct if !duct.is_empty() => on_message!(() => give(&duct, &())))
                ),
                send_message!(("child", Pid::BOOT)),
            )),
            send_message!(Says { who: "a", what: "to all" }),
            pass(pid, "w", &Says { who: "a".into(), what: "to me".into() }),
        )
    });
    sim.run();
    assert_eq!(
        all_heard(&sim),
        [(word("sent"), word("to all")).to_value(), (word("passed"), word("to me")).to_value()]
    );
}

#[test]
fn absences_of_ducts_have_a_wire_or_a_duct_and_a_reason() {
    let nobody = Pid::from_value(&99u64.to_value()).expect("a PID");
    let mut sim = Sim::new(move |me| {
        transition!(
            Duct::EMPTY,
            subscriber!(topic = Value::from(Fresh::new()), on_absence!(heard(&word("never")))),
            replies!(
                match_wire!(wire: Text => match_reason!("gone": Symbol => on_duct_absence!(heard(&(wire, word("gone")))))),
                match_wire!((1u8, 2u8) => match_reason!(Reason::Refused(why) => on_duct_absence!(heard(&why)))),
                match_reason!(reason: Reason => on_duct_absence!(heard(&reason))),
            ),
            pass(nobody, "a", &1u8),
            pass(nobody, (1u8, 2u8).to_value(), &1u8),
            pass(me, (1u8, 2u8).to_value(), &1u8),
        )
    });
    sim.run();
    let gone = Reason::value(&Symbol::new("gone")).to_value();
    assert_eq!(
        all_heard(&sim),
        [(word("a"), word("gone")).to_value(), gone, Symbol::new("unknown").to_value()]
    );
}

/// An answer to a process that has gone comes back, with the duct on which it was given.
#[test]
fn an_answer_that_did_not_arrive_has_a_duct_and_no_wire() {
    let mut sim = Sim::new(|me| {
        transition!(
            None::<Duct>,
            subscriber!(
                "keep",
                match_duct!(duct => match_state!(_: Option<Duct> => on_message!(_ => transition!(Some(duct), send_message!("kept"))))),
            ),
            subscriber!(
                "give",
                match_state!(kept: &Option<Duct> => on_message!(_ => kept.as_ref().map(|duct| give(duct, &1u8))))
            ),
            replies!(
                match_wire!(_ => on_duct_absence!(heard(&word("never")))),
                match_duct!(back => match_state!(kept: &Option<Duct> =>
                    on_duct_absence!(heard(&(kept.as_ref() == Some(&back)))))),
            ),
            spawn!(transition_no_state!(
                pass(me, "w", &Text::from("keep")),
                replies!(on_reply!(_, _ => heard(&word("never")))),
                subscriber!("kept", on_message!(_ => (send_message!("give"), quit()))),
            )),
        )
    });
    sim.run();
    assert_eq!(all_heard(&sim), values([true]), "{}", sim.trace());
}
