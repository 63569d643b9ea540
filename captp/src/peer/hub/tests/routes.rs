//! Addresses of one peer from several who know it: none holds up another.

use super::idle::{breaks_first, says};
use super::reach::{from_ann, hands_off};
use super::*;
use crate::peer::PeerError;

const NEAR: Option<Reach> = Some(Reach::Private);

/// A peer of which Ann has handed off an object, with this connection to where she says it is.
fn with_false_hints(dial: Result<Source, String>) -> Test {
    let mut test = Test::new();
    test.dial(dial);
    test.listener([(0, listening()), (0, accepted(&from_ann(Reach::Private)))]);
    let _uri = test.publish();
    test.sim.advance(10 * MS);
    assert_eq!(test.reaches(), [NEAR]);
    test
}

/// A connection on which nothing comes.
fn silent() -> Source {
    lasting::<FromLine>([])
}

fn carol(at: u32) -> Source {
    lasting([(0, FromLine::Connected(seed(50))), (at, hello("carol", 5))])
}

fn why(asked: &marketplace::sim::Asked<Reference>) -> Option<Text> {
    match asked.answer()?.err()?.decode() {
        Some(PeerError::Unreachable { why, .. }) => Some(why),
        why => panic!("{why:?}"),
    }
}

const CAROL: &str = "ocapn://carol.memory/s/x?port=2";

/// That where Ann says is the same place.
const CAROL_OF_ANN: &str = "ocapn://carol.memory/s/x?port=1";

#[test]
fn k10_an_address_of_ours_is_dialled_beside_the_one_of_a_hand_off() {
    let false_hints = silent();
    let mut test = with_false_hints(Ok(false_hints.clone()));
    let line = carol(5);
    test.dial(Ok(line.clone()));
    let asked = test.enliven(CAROL);
    test.sim.advance(5 * MS);
    assert_eq!(test.reaches(), [NEAR, None]);
    assert!(test.said(&line).0.contains("5'fetch"), "{:?}", test.said(&line));
    assert!(test.said(&line).0.contains("13'withdraw-gift"), "who waits by the other one has it, too");
    assert!(test.said(&false_hints).1, "nobody is dialled there any more");
    assert_eq!(asked.answer(), None);
}

#[test]
fn k10_a_hand_off_that_fails_breaks_nothing_that_waits_by_another_address() {
    let mut test = with_false_hints(Ok(ends(20, "refused")));
    let line = carol(30);
    test.dial(Ok(line.clone()));
    let asked = test.enliven(CAROL);
    test.sim.advance(25 * MS);
    assert_eq!(asked.answer(), None);
    test.sim.advance(30 * MS);
    assert!(test.said(&line).0.contains("5'fetch"));
}

#[test]
fn k10_a_hand_off_that_hangs_does_not_delay_that_an_address_of_ours_has_failed() {
    let mut test = with_false_hints(Ok(silent()));
    test.dial(Ok(ends(5, "refused")));
    let asked = test.enliven(CAROL);
    test.sim.advance(5 * MS);
    assert_eq!(why(&asked), Some("the session has ended: refused".into()));
}

/// It may have failed only because its giver may not lead so far.
#[test]
fn k10_an_address_of_ours_is_dialled_when_the_same_one_of_a_hand_off_has_failed() {
    let mut test = with_false_hints(Ok(ends(20, "too private")));
    let line = carol(5);
    test.dial(Ok(line.clone()));
    let _asked = test.enliven(CAROL_OF_ANN);
    test.sim.run();
    assert_eq!(test.reaches(), [NEAR], "one connection may do");
    test.sim.advance(20 * MS);
    assert_eq!(test.reaches(), [NEAR, None]);
    assert!(test.said(&line).0.contains("5'fetch"));
}

/// And the other way round it would fail again.
#[test]
fn k10_a_hand_off_is_not_dialled_when_the_same_address_of_ours_has_failed() {
    let mut test = Test::new();
    test.dial(Ok(ends(20, "refused")));
    test.listener([(0, listening()), (5, accepted(&from_ann(Reach::Private)))]);
    let _uri = test.publish();
    test.sim.run();
    let asked = test.enliven(CAROL_OF_ANN);
    test.sim.advance(30 * MS);
    assert_eq!(why(&asked), Some("the session has ended: refused".into()));
    assert_eq!(test.reaches(), [None]);
}

/// Carol could not be dialled, and has connected herself.
#[test]
fn k6_a_peer_that_has_connected_is_not_avoided() {
    let ann = lasting([
        (0, FromLine::Connected(seed(1))),
        (1, hello("ann", 2)),
        (2, hands_off()),
        (30, hands_off()),
    ]);
    let theirs = lasting([(0, FromLine::Connected(seed(51))), (0, hello("carol", 5))]);
    let mut test = Test::new();
    test.listener([(0, listening()), (0, accepted(&ann)), (20, accepted(&theirs))]);
    let _uri = test.publish();
    test.sim.advance(29 * MS);
    assert_eq!(test.dialled(), ["carol"]);
    assert!(test.is_greeted(&theirs) && !test.said(&theirs).0.contains("withdraw-gift"));
    test.sim.advance(MS);
    assert!(test.said(&theirs).0.contains("withdraw-gift"));
}

/// Carol could not reach somebody. So she says, and therefore she was reached herself.
#[test]
fn k6_a_peer_that_says_that_another_cannot_be_reached_is_not_avoided() {
    let ann = lasting([
        (0, FromLine::Connected(seed(1))),
        (1, hello("ann", 2)),
        (2, hands_off()),
        (30, hands_off()),
    ]);
    let dora = PeerError::Unreachable { peer: "dora.memory".into(), why: "nobody is there".into() };
    let carol = lasting([
        (0, FromLine::Connected(seed(50))),
        (5, hello("carol", 5)),
        (10, breaks_first(&Reason::from(dora))),
        says(20, "<8'op:abort4\"away>"),
    ]);
    let mut test = Test::new();
    test.dial(Ok(carol));
    test.listener([(0, listening()), (0, accepted(&ann))]);
    let _uri = test.publish();
    test.sim.advance(40 * MS);
    assert_eq!(test.dialled(), ["carol", "carol"]);
}

/// Somebody else takes our hello, and does not answer. The names for the session are hashes of
/// keys: both cases are among these.
#[test]
fn k10_a_hand_off_that_hangs_does_not_keep_its_peer_from_connecting() {
    for key in 1..9 {
        let false_hints = lasting([(0, FromLine::Connected(seed(50)))]);
        let theirs = lasting([(0, FromLine::Connected(seed(51))), (0, hello("carol", key))]);
        let mut test = Test::new();
        test.dial(Ok(false_hints.clone()));
        let ann = from_ann(Reach::Private);
        test.listener([(0, listening()), (0, accepted(&ann)), (20, accepted(&theirs))]);
        let _uri = test.publish();
        test.sim.advance(10 * MS);
        assert!(test.is_greeted(&false_hints));
        test.sim.advance(2010 * MS);
        assert!(test.is_greeted(&theirs), "{key}: {:?}", test.said(&theirs));
        assert!(test.is_aborted(&false_hints), "{key}");
    }
}

/// Each waits for its own.
#[test]
fn k8_of_two_addresses_of_ours_each_is_told_of_its_own_end() {
    let mut test = Test::new();
    test.dial(Ok(ends(5, "one")));
    test.dial(Ok(ends(10, "other")));
    let asked = [test.enliven(CAROL), test.enliven(CAROL_OF_ANN)];
    test.sim.advance(5 * MS);
    assert_eq!(why(&asked[0]), Some("the session has ended: one".into()));
    assert_eq!(asked[1].answer(), None);
    test.sim.advance(5 * MS);
    assert_eq!(why(&asked[1]), Some("the session has ended: other".into()));
}
