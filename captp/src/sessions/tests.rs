//! Connections come and go in every order.

mod certificates;
mod tables;

use super::*;

type Test = Sessions<&'static str>;

const A: LineId = LineId(1);
const B: LineId = LineId(2);
const C: LineId = LineId(3);

const LOW: PublicId = PublicId([1; 32]);
const HIGH: PublicId = PublicId([2; 32]);
const OTHER: PublicId = PublicId([9; 32]);

fn name(designator: &str) -> PeerName {
    PeerName::new("memory", designator)
}

/// Where a peer is.
fn at(peer: PeerName) -> Address {
    Address { peer, hints: vec![("port".to_string(), "1".to_string())] }
}

fn ann() -> PeerName {
    name("ann")
}

fn sessions() -> Test {
    Sessions::new(name("us"))
}

fn abort(line: LineId, why: &str) -> Deed {
    Deed::Abort(line, why.to_string())
}

fn lost(peer: PeerName, why: &str) -> Deed {
    Deed::Lost(peer, why.to_string())
}

/// A session with Ann stands on connection A, which she dialled.
fn with_ann() -> Test {
    let mut sessions = sessions();
    assert_eq!(sessions.accepted(A), []);
    assert_eq!(sessions.hello(A, ann(), LOW, OTHER), [Deed::Begin(A)]);
    assert_eq!(sessions.stands(A, "first"), Some(ann()));
    sessions
}

fn stands<'a>(sessions: &'a Test, peer: &PeerName) -> Option<&'a str> {
    sessions.standing(sessions.line_of(peer)?).copied()
}

#[test]
fn a_dialled_session_stands_after_both_hellos() {
    let mut sessions = sessions();
    assert_eq!(sessions.way(&at(ann())), Way::Nothing);
    sessions.dials(A, at(ann()));
    assert_eq!(sessions.way(&at(ann())), Way::Begun);
    assert_eq!(sessions.greets(A, LOW), [Deed::Greet(A), Deed::Wait(A, HELLO)]);
    assert_eq!(sessions.hello(A, ann(), HIGH, LOW), [Deed::Begin(A)]);
    assert_eq!(stands(&sessions, &ann()), None);
    assert_eq!(sessions.stands(A, "first"), Some(ann()));
    assert_eq!(stands(&sessions, &ann()), Some("first"));
    assert_eq!(sessions.line_of(&ann()), Some(A));
}

#[test]
fn k8_a_dialled_peer_that_never_says_hello_is_not_waited_for() {
    let mut sessions = sessions();
    sessions.dials(A, at(ann()));
    sessions.greets(A, LOW);
    let lost = Deed::Lost(ann(), LATE.to_string());
    assert_eq!(sessions.waited(A), [abort(A, LATE), lost]);
    assert_eq!(sessions.way(&at(ann())), Way::Nothing);
    assert_eq!(sessions.hello(A, ann(), HIGH, LOW), [abort(A, LATE)]);
}

#[test]
fn crossed_hellos_leave_the_connection_of_the_higher_name() {
    for (us, they, goes) in [(LOW, HIGH, A), (HIGH, LOW, B)] {
        let mut sessions = sessions();
        sessions.dials(A, at(ann()));
        sessions.greets(A, us);
        sessions.accepted(B);
        let deeds = sessions.hello(B, ann(), they, OTHER);
        assert_eq!(deeds[0], abort(goes, CROSSED));
        if goes == A {
            assert_eq!(deeds[1..], [Deed::Begin(B)], "nobody who waits for Ann is told anything");
            assert_eq!(sessions.gone(A, "gone"), (None, vec![]));
            assert_eq!(sessions.stands(B, "hers"), Some(ann()));
        } else {
            assert_eq!(deeds.len(), 1);
            assert_eq!(sessions.gone(B, "gone"), (None, vec![]));
            assert_eq!(sessions.hello(A, ann(), OTHER, us), [Deed::Begin(A)]);
        }
    }
}

#[test]
fn k10_a_connection_for_a_hand_off_that_nobody_answers_gives_way_to_the_peers_own() {
    let mut sessions = sessions();
    sessions.dials_for_hand_offs(A, at(ann()));
    sessions.greets(A, HIGH);
    sessions.accepted(B);
    assert_eq!(sessions.hello(B, ann(), LOW, OTHER), [Deed::Wait(B, CROSSING)]);
    assert_eq!(sessions.way(&at(ann())), Way::Begun);
    assert_eq!(sessions.waited(B), [abort(A, CROSSED), Deed::Begin(B)]);
    assert_eq!(sessions.gone(A, "gone"), (None, vec![]));
    assert_eq!(sessions.stands(B, "hers"), Some(ann()));
}

/// She has judged that hers goes.
#[test]
fn k10_a_connection_for_a_hand_off_that_the_peer_answers_stays() {
    let mut sessions = sessions();
    sessions.dials_for_hand_offs(A, at(ann()));
    sessions.greets(A, HIGH);
    sessions.accepted(B);
    sessions.hello(B, ann(), LOW, OTHER);
    assert_eq!(sessions.gone(B, CROSSED), (None, vec![lost(ann(), CROSSED)]));
    assert_eq!(sessions.way(&at(ann())), Way::Begun, "who waits goes on waiting");
    assert_eq!(sessions.hello(A, ann(), LOW, HIGH), [Deed::Begin(A)]);
    assert_eq!(sessions.waited(B), []);
}

#[test]
fn k10_the_peers_own_connection_is_next_when_none_for_a_hand_off_is_left() {
    let mut sessions = sessions();
    for (line, hints) in [(A, Vec::new()), (C, at(ann()).hints)] {
        sessions.dials_for_hand_offs(line, Address { peer: ann(), hints });
        sessions.greets(line, HIGH);
    }
    sessions.accepted(B);
    sessions.hello(B, ann(), LOW, OTHER);
    assert_eq!(sessions.gone(A, "closed"), (None, vec![]));
    assert_eq!(sessions.gone(C, "closed"), (None, vec![Deed::Begin(B)]));
    assert_eq!(sessions.waited(B), []);
}

/// One of ours that is no hand-off's wins as ever.
#[test]
fn k10_a_connection_of_our_own_does_not_give_way() {
    let mut sessions = sessions();
    sessions.dials_for_hand_offs(A, at(ann()));
    sessions.dials(C, Address { peer: ann(), hints: Vec::new() });
    sessions.greets(A, HIGH);
    sessions.greets(C, HIGH);
    sessions.accepted(B);
    assert_eq!(sessions.hello(B, ann(), LOW, OTHER), [abort(B, CROSSED)]);
}

/// Each side hears the other's hello on the connection that the other dialled.
#[test]
fn crossed_hellos_are_judged_alike_on_both_sides() {
    for (ours, theirs) in [(LOW, HIGH), (HIGH, LOW)] {
        let (mut us, mut them) = (sessions(), Sessions::<&str>::new(ann()));
        us.dials(A, at(ann()));
        us.greets(A, ours);
        them.dials(B, at(name("us")));
        them.greets(B, theirs);
        us.accepted(B);
        them.accepted(A);
        let here = us.hello(B, ann(), theirs, OTHER);
        let there = them.hello(A, name("us"), ours, OTHER);
        let aborted = |deeds: &[Deed]| match deeds[0] {
            Deed::Abort(line, _) => line,
            _ => panic!("{deeds:?}"),
        };
        assert_eq!(aborted(&here), aborted(&there));
    }
}

#[test]
fn a_dialled_connection_on_which_nothing_was_said_goes() {
    let mut sessions = sessions();
    sessions.dials(A, at(ann()));
    sessions.accepted(B);
    assert_eq!(sessions.hello(B, ann(), LOW, OTHER), [abort(A, CROSSED), Deed::Begin(B)]);
    // It hears of it when it is about to say hello, and so says nothing.
    assert_eq!(sessions.greets(A, HIGH), [abort(A, CROSSED)]);
    assert_eq!(sessions.gone(A, "gone"), (None, vec![]));
}

#[test]
fn a_hello_that_answers_a_lost_connection_is_told_so() {
    let mut sessions = sessions();
    sessions.dials(A, at(ann()));
    sessions.greets(A, LOW);
    sessions.accepted(B);
    sessions.hello(B, ann(), HIGH, OTHER);
    assert_eq!(sessions.hello(A, ann(), HIGH, LOW), [abort(A, CROSSED)]);
}

/// A peer that connects again while its last connection is still ending (P2).
#[test]
fn a_second_session_waits_for_the_end_of_the_first() {
    let mut sessions = with_ann();
    sessions.accepted(B);
    assert_eq!(sessions.hello(B, ann(), HIGH, OTHER), [Deed::Wait(B, OLD)]);
    assert_eq!(sessions.gone(A, "closed"), (Some("first"), vec![Deed::Begin(B)]));
    assert_eq!(sessions.waited(B), [], "the time is over too late to matter");
    assert_eq!(sessions.stands(B, "second"), Some(ann()));
    assert_eq!(stands(&sessions, &ann()), Some("second"));
}

#[test]
fn a_second_session_is_refused_if_the_first_stays() {
    let mut sessions = with_ann();
    sessions.accepted(B);
    sessions.hello(B, ann(), HIGH, OTHER);
    assert_eq!(sessions.waited(B), [abort(B, ANOTHER)]);
    assert_eq!(sessions.gone(B, "aborted"), (None, vec![]));
    assert_eq!(stands(&sessions, &ann()), Some("first"));
}

#[test]
fn of_several_that_wait_the_first_is_next() {
    let mut sessions = with_ann();
    for line in [B, C] {
        sessions.accepted(line);
        sessions.hello(line, ann(), HIGH, OTHER);
    }
    assert_eq!(sessions.gone(A, "closed").1, [Deed::Begin(B)]);
    assert_eq!(sessions.waited(C), [abort(C, ANOTHER)]);
}

/// The third said hello before the second, and its time is over first.
#[test]
fn k8_none_that_waits_for_the_end_of_a_session_waits_for_ever() {
    let mut sessions = with_ann().proved(true);
    sessions.accepted(B);
    sessions.accepted(C);
    for line in [C, B] {
        assert_eq!(sessions.hello(line, ann(), HIGH, OTHER), [Deed::Ask(A), Deed::Wait(line, SILENCE)]);
    }
    assert_eq!(sessions.waited(C), [abort(A, REPLACED), Deed::Wait(C, OLD)]);
    assert_eq!(sessions.gone(A, REPLACED).1, [Deed::Begin(B)]);
    assert_eq!(sessions.waited(C), [abort(C, ANOTHER)]);
}

#[test]
fn of_several_connections_that_were_dialled_one_remains() {
    for hers in [LOW, HIGH] {
        let mut sessions = sessions();
        let elsewhere = Address { peer: ann(), hints: Vec::new() };
        sessions.dials(A, at(ann()));
        sessions.dials(B, elsewhere.clone());
        assert_eq!([sessions.way(&at(ann())), sessions.way(&elsewhere)], [Way::Begun; 2]);
        sessions.greets(A, LOW);
        sessions.greets(B, HIGH);
        sessions.accepted(C);
        let deeds = sessions.hello(C, ann(), hers, OTHER);
        // One of ours is higher than hers, or as high.
        assert_eq!(deeds, [abort(C, CROSSED)]);
        assert_eq!(sessions.hello(B, ann(), OTHER, HIGH), [abort(A, CROSSED), Deed::Begin(B)]);
    }
}

#[test]
fn k10_a_way_that_comes_to_nothing_is_told_though_there_is_another() {
    let mut sessions = sessions();
    let elsewhere = Address { peer: ann(), hints: Vec::new() };
    sessions.dials(A, at(ann()));
    sessions.dials(B, elsewhere.clone());
    assert_eq!(sessions.gone(A, "refused"), (None, vec![lost(ann(), "refused")]));
    assert_eq!([sessions.way(&at(ann())), sessions.way(&elsewhere)], [Way::Nothing, Way::Begun]);
}

#[test]
fn whoever_waits_for_a_peer_is_told_when_the_last_way_is_gone() {
    let mut sessions = sessions();
    sessions.dials(A, at(ann()));
    assert_eq!(sessions.gone(A, "refused"), (None, vec![lost(ann(), "refused")]));
    assert_eq!(sessions.way(&at(ann())), Way::Nothing);

    // Ann has connected while she was dialled.
    sessions.dials(B, at(ann()));
    sessions.accepted(C);
    sessions.hello(C, ann(), LOW, OTHER);
    assert_eq!(sessions.gone(B, "refused"), (None, vec![]));
    assert_eq!(sessions.gone(C, "closed"), (None, vec![lost(ann(), "closed")]));
}

/// The peer has seen that its own connection wins, before we have seen its hello.
#[test]
fn a_dialled_connection_that_the_peer_ends_may_have_crossed_another() {
    let mut sessions = sessions();
    sessions.accepted(B);
    sessions.dials(A, at(ann()));
    sessions.greets(A, LOW);
    assert_eq!(sessions.gone(A, CROSSED), (None, vec![Deed::Wait(A, CROSSING)]));
    assert_eq!(sessions.way(&at(ann())), Way::Begun);
    assert_eq!(sessions.hello(B, ann(), HIGH, OTHER), [Deed::Begin(B)]);
    assert_eq!(sessions.waited(A), []);
    assert_eq!(sessions.stands(B, "hers"), Some(ann()));
}

#[test]
fn a_peer_that_ends_a_connection_and_has_none_of_its_own_is_lost() {
    let mut sessions = sessions();
    sessions.dials(A, at(ann()));
    sessions.greets(A, LOW);
    assert_eq!(sessions.gone(A, "closed"), (None, vec![Deed::Wait(A, CROSSING)]));
    assert_eq!(sessions.waited(A), [lost(ann(), "closed")]);
    assert_eq!(sessions.waited(A), []);
    assert_eq!(sessions.way(&at(ann())), Way::Nothing);
}

#[test]
fn somebody_else_who_answers_is_told_so() {
    let mut sessions = sessions();
    sessions.dials(A, at(ann()));
    sessions.greets(A, LOW);
    let why = "`ann.memory` was dialled, but it was `bob.memory` who answered";
    assert_eq!(sessions.hello(A, name("bob"), HIGH, LOW), [abort(A, why), lost(ann(), why)]);
    assert_eq!(sessions.gone(A, "aborted"), (None, vec![]));
}

#[test]
fn nobody_has_a_session_with_itself() {
    let mut sessions = sessions();
    sessions.accepted(A);
    assert!(matches!(sessions.hello(A, name("us"), LOW, OTHER)[..], [Deed::Abort(A, _)]));
    // A mirror sends our own hello back.
    sessions.dials(B, at(ann()));
    sessions.greets(B, LOW);
    assert!(matches!(sessions.hello(B, ann(), LOW, LOW)[..], [Deed::Abort(B, _), Deed::Lost(..)]));
}

#[test]
fn a_second_hello_ends_the_connection() {
    let mut sessions = sessions();
    sessions.accepted(A);
    sessions.hello(A, ann(), LOW, OTHER);
    assert!(matches!(sessions.hello(A, ann(), LOW, OTHER)[..], [Deed::Abort(A, _)]));
    assert_eq!(sessions.gone(A, "aborted"), (None, vec![lost(ann(), "aborted")]));
    assert_eq!(sessions.way(&at(ann())), Way::Nothing);
    // So does one on a session that stands.
    let mut sessions = with_ann();
    assert!(matches!(sessions.hello(A, ann(), LOW, OTHER)[..], [Deed::Abort(A, _)]));
    assert_eq!(sessions.gone(A, "aborted"), (Some("first"), vec![lost(ann(), "aborted")]));
}

#[test]
fn k8_of_connections_that_say_nothing_the_oldest_goes() {
    let mut sessions = sessions().bounded(9, 64, None);
    let lines: Vec<_> = (0..66).map(LineId).collect();
    // One that has begun does not count.
    sessions.accepted(LineId(1000));
    sessions.hello(LineId(1000), ann(), LOW, OTHER);
    let deeds: Vec<_> = lines.iter().flat_map(|line| sessions.accepted(*line)).collect();
    let why = "too many have connected and said nothing";
    assert_eq!(deeds, [abort(lines[0], why), abort(lines[1], why)]);
}

#[test]
fn an_unknown_connection_harms_nobody() {
    let mut sessions = with_ann();
    assert_eq!(sessions.gone(C, "gone"), (None, vec![]));
    assert_eq!(sessions.waited(C), []);
    assert_eq!(sessions.stands(C, "no"), None);
    assert!(matches!(sessions.hello(C, ann(), HIGH, OTHER)[..], [Deed::Abort(C, _)]));
    assert!(!sessions.lines.contains_key(&C), "nothing is kept of it");
    assert_eq!(stands(&sessions, &ann()), Some("first"));
}

#[test]
fn k10_there_are_so_many_sessions_and_no_more() {
    let mut sessions = with_ann().bounded(1, 9, None);
    assert!(sessions.is_full());
    assert_eq!(sessions.accepted(B), []);
    assert_eq!(sessions.hello(B, name("bob"), LOW, OTHER), [abort(B, FULL)]);
    assert_eq!(sessions.gone(B, "over"), (None, vec![]));
    // One that was being dialled meanwhile is refused, too.
    sessions.dials(C, at(name("cyd")));
    assert_eq!(sessions.greets(C, LOW)[0], Deed::Greet(C));
    assert_eq!(sessions.hello(C, name("cyd"), HIGH, LOW), [abort(C, FULL), lost(name("cyd"), FULL)]);
    assert_eq!(sessions.gone(A, "over").0, Some("first"));
    assert!(!sessions.is_full());
    assert_eq!(sessions.accepted(B), []);
    assert_eq!(sessions.hello(B, name("bob"), LOW, OTHER), [Deed::Begin(B)]);
}

#[test]
fn k8_a_peer_that_connects_and_says_nothing_is_not_waited_for() {
    let patience = Duration::from_secs(10);
    let mut sessions = sessions().bounded(9, 9, Some(patience));
    assert_eq!(sessions.accepted(A), [Deed::Wait(A, patience)]);
    assert_eq!(sessions.waited(A), [abort(A, "no hello came in time")]);
    // One that has said hello is not aborted when the time is over.
    assert_eq!(sessions.accepted(B), [Deed::Wait(B, patience)]);
    assert_eq!(sessions.hello(B, ann(), LOW, OTHER), [Deed::Begin(B)]);
    assert_eq!(sessions.waited(B), []);
}
