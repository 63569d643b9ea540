//! A message that a process hears, and that none of its clauses takes, is told once for each
//! constructor.
#![cfg(debug_assertions)]

use marketplace::prelude::*;

use crate::{logs, told};

#[derive(Message, Clone, Debug, PartialEq)]
enum Packet {
    Data(u32),
    Eof,
}

#[derive(Message, Clone, Debug, PartialEq)]
struct Channel(u32, Packet);

fn session() -> Transition<()> {
    transition_no_state!(subscriber!(Channel(_, _), on_message!(Channel(_, Packet::Data(_)) => ())))
}

fn peer() -> Transition<()> {
    transition_no_state!(
        (1..3).map(|n| send_message!(Channel(n, Packet::Data(n)))),
        (1..3).map(|n| send_message!(Channel(n, Packet::Eof))),
    )
}

fn ends() -> Transition<()> {
    transition_no_state!(send_message!(Channel(7, Packet::Eof)))
}

const ADVICE: &str =
    "and none of its clauses took it: add a clause, or `on_message!(_ => ())` if that is meant";

#[test]
fn a_message_that_no_clause_takes_is_told() {
    let told = logs(&told("untaken::no_clause"));
    assert_eq!(
        told,
        [format!("WARN marketplace: session() heard Channel(1, Packet.Eof) of peer(), {ADVICE}")]
    );
}

#[test]
#[ignore = "run by other tests"]
fn no_clause() {
    assert_eq!(ground_vm!(spawn!(session()), spawn!(peer()), spawn!(ends())), Ok(()));
}

#[test]
fn a_message_that_no_clause_takes_is_told_as_feedback_and_of_a_vm_inside() {
    assert_eq!(
        logs(&told("untaken::feedback")),
        [format!("WARN marketplace: asks() heard Channel(1, Packet.Eof) of answers(), {ADVICE}")]
    );
    assert_eq!(
        logs(&told("untaken::inside")),
        [format!("WARN marketplace: room/hears() heard Channel(7, Packet.Eof) of ends(), {ADVICE}")]
    );
}

fn asks() -> Transition<()> {
    transition_no_state!(publisher!(Channel(_, _), on_message!(Channel(_, Packet::Data(0)) => ())))
}

fn answers() -> Transition<()> {
    transition_no_state!(send_feedback!(Channel(1, Packet::Eof)))
}

#[test]
#[ignore = "run by other tests"]
fn feedback() {
    assert_eq!(ground_vm!(spawn!(asks()), spawn!(answers())), Ok(()));
}

fn hears() -> Transition<()> {
    transition_no_state!(at_meta_level!(subscriber!(
        Channel(_, _),
        on_message!(Channel(_, Packet::Data(_)) => ())
    )))
}

#[test]
#[ignore = "run by other tests"]
fn inside() {
    assert_eq!(ground_vm!(spawn_vm!(name: "room"; spawn!(hears())), spawn!(waits_and_ends())), Ok(()));
}

/// The endpoint of the room comes a little later.
fn waits_and_ends() -> Transition<()> {
    transition_no_state!(publisher!(Channel(7, _), on_presence!(spawn!(ends()))))
}

/// Of the process itself, of an endpoint that looks on, of one without a clause for messages; and
/// of several hearers of whom one takes it, before or after.
#[test]
fn messages_that_are_left_out_on_purpose_are_not_told() {
    assert_eq!(told("untaken::on_purpose"), Vec::<String>::new());
    assert_eq!(told("untaken::taken_by_another"), Vec::<String>::new());
}

#[test]
#[ignore = "run by other tests"]
fn on_purpose() {
    fn says() -> Transition<()> {
        transition_no_state!(
            subscriber!(("says", _, _), on_message!(("says", 2u8, _) => ())),
            send_message!(("says", 1u8, "hello")),
        )
    }
    fn looks() -> Transition<()> {
        transition_no_state!(
            subscriber!(_, on_message!(Channel(_, Packet::Data(_)) => ())),
            observe_publishers!(Channel(_, _)),
            subscriber!(Channel(_, Packet::Eof), on_absence!(())),
        )
    }
    assert_eq!(ground_vm!(spawn!(says())), Ok(()));
    assert_eq!(ground_vm!(spawn!(looks()), spawn!(ends())), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn taken_by_another() {
    fn other() -> Transition<()> {
        transition_no_state!(subscriber!(
            Channel(_, _),
            on_message!(Channel(n, Packet::Eof) if n > 5u32 => ())
        ))
    }
    // The second message is taken, and has the constructors of the first.
    assert_eq!(ground_vm!(spawn!(session()), spawn!(other()), spawn!(peer()), spawn!(ends())), Ok(()));
    assert_eq!(ground_vm!(spawn!(session()), spawn!(other()), spawn!(ends()), spawn!(peer())), Ok(()));
}

#[test]
fn a_vm_that_goes_on_is_told_when_it_is_idle() {
    let mut vm = marketplace::GroundVm::new(|_| transition_no_state!(spawn!(session())));
    vm.run(usize::MAX);
    assert!(vm.take_missed().is_empty());
    for n in 1..3u32 {
        vm.send(&Channel(n, Packet::Eof));
        vm.run(usize::MAX);
        let told: Vec<_> = vm.has_missed().then(|| vm.take_missed()).into_iter().flatten().collect();
        match n {
            1 => assert!(told[0].to_string().starts_with("session() heard Channel(1, Packet.Eof) of host")),
            _ => assert_eq!(told, []),
        }
    }
}

#[derive(Clone, Copy)]
enum Looks {
    Away,
    AtAbsence,
}

/// Passes a text to a process that takes numbers.
fn passes_text(looks: Looks) -> Transition<()> {
    fn doubles() -> Transition<()> {
        transition_no_state!(callee!(match_duct!(duct => on_message!(n: u32 => give(&duct, &(2 * n))))))
    }
    let looks = matches!(looks, Looks::AtAbsence).then(|| replies!(on_duct_absence!()));
    transition_no_state!(
        looks,
        replies!(on_reply!("doubled", _: u32 => ())),
        spawn_continue!(child: doubles(), parent: |(): (), doubles: Result<Pid, Reason>| {
            doubles.map(|to| transition_no_state!(["doubled"; 2].map(|wire| pass(to, wire, &"21".to_string()))))
        }),
    )
}

#[test]
fn a_message_that_is_passed_and_refused_is_told_if_the_refusal_is_heard_by_no_clause() {
    assert_eq!(
        logs(&told("untaken::passes")),
        [
            "WARN marketplace: passes_text() passed a message on the wire \"doubled\", and no clause of the other process took \
          it: add a clause there, or `on_duct_absence!` here"
        ]
    );
    assert_eq!(told("untaken::passes_and_looks"), Vec::<String>::new());
}

#[test]
#[ignore = "run by other tests"]
fn passes() {
    assert_eq!(ground_vm!(spawn!(passes_text(Looks::Away))), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn passes_and_looks() {
    assert_eq!(ground_vm!(spawn!(passes_text(Looks::AtAbsence))), Ok(()));
}

/// Takes the message, and goes without an answer, for a reason that says the symbol itself.
fn ends_unknown() -> Transition<()> {
    let unknown = || Reason::Refused(Symbol::new("unknown").to_value());
    transition_no_state!(callee!(on_message!(_: Text => quit().because(unknown()))))
}

#[test]
fn a_refusal_that_the_other_process_says_itself_is_not_taken_for_a_missing_clause() {
    let told = logs(&told("untaken::passes_to_one_who_ends"));
    assert!(told.iter().all(|line| !line.contains("passed a message")), "{told:?}");
    assert!(told.iter().any(|line| line.contains("ends_unknown()")), "it ends: {told:?}");
}

#[test]
#[ignore = "run by other tests"]
fn passes_to_one_who_ends() {
    fn passes() -> Transition<()> {
        transition_no_state!(
            replies!(on_reply!("done", _: u32 => ())),
            spawn_continue!(child: ends_unknown(), parent: |(): (), to: Result<Pid, Reason>| {
                to.map(|to| transition_no_state!(pass(to, "done", &"21".to_string())))
            }),
        )
    }
    assert_eq!(ground_vm!(spawn!(passes())), Ok(()));
}
