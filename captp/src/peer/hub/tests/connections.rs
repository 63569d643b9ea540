//! Connections that come and go, with the bytes that are said on them.

use super::*;
use crate::peer::PeerError;
use crate::session::Bounds;

const ANN: &str = "ocapn://ann.memory/s/x";

/// A connection that Ann has made, on which she says hello at this time.
fn from_ann(at: u32, key: u8) -> Source {
    lasting([(0, FromLine::Connected(seed(100 + key))), (at, hello("ann", key))])
}

/// The peer listens, and these connect, each at its time.
fn with_peers<'a>(peers: impl IntoIterator<Item = (u32, &'a Source)>) -> Test {
    let mut test = Test::new();
    let peers: Vec<_> = peers.into_iter().map(|(at, line)| (at, accepted(line))).collect();
    test.listener([(0, listening())].into_iter().chain(peers));
    let _uri = test.publish();
    test.sim.run();
    test
}

#[test]
fn an_acceptor_says_hello_when_it_has_heard_one() {
    let line = from_ann(5, 1);
    let mut test = with_peers([(0, &line)]);
    test.sim.advance(4 * MS);
    assert_eq!(test.said(&line), (String::new(), false));
    test.sim.advance(MS);
    assert!(test.is_greeted(&line));
}

#[test]
fn a_dialler_says_hello_at_once_and_dials_once() {
    let mut test = Test::new();
    let line = lasting([(5, FromLine::Connected(seed(1)))]);
    test.dial(Ok(line.clone()));
    let asked = [test.enliven(ANN), test.enliven(ANN)];
    test.sim.advance(4 * MS);
    assert_eq!(test.said(&line), (String::new(), false));
    test.sim.advance(MS);
    assert!(test.is_greeted(&line));
    assert_eq!(test.dialled(), ["ann"]);
    assert!(asked.iter().all(|asked| asked.answer().is_none()));
}

#[test]
fn k8_whoever_waits_for_a_peer_that_cannot_be_dialled_is_told_and_the_next_dials_anew() {
    let mut test = Test::new();
    test.dial(Ok(ends(5, "refused")));
    let why = |why: &str| Some(PeerError::Unreachable { peer: "ann.memory".into(), why: why.into() });
    for said in ["the session has ended: refused", "nobody is there"] {
        let asked = test.enliven(ANN);
        test.sim.advance(10 * MS);
        assert_eq!(asked.answer().unwrap().unwrap_err().decode(), why(said));
    }
    assert_eq!(test.dialled(), ["ann", "ann"]);
}

#[test]
fn k8_a_peer_that_ends_the_connection_before_its_hello_is_waited_for_no_longer_than_2_s() {
    let mut test = Test::new();
    let line = lasting([(0, FromLine::Connected(seed(1))), (5, FromLine::Ended)]);
    test.dial(Ok(line));
    let asked = test.enliven(ANN);
    test.sim.advance(2000 * MS);
    assert_eq!(asked.answer(), None);
    test.sim.advance(10 * MS);
    assert!(asked.answer().unwrap().is_err());
}

/// The names for the session are hashes of keys: both cases are among these.
#[test]
fn crossed_hellos_leave_one_connection() {
    let mut aborted = [0, 0];
    for key in 1..9 {
        let theirs = from_ann(5, key);
        let mut test = with_peers([(10, &theirs)]);
        let ours = lasting([(0, FromLine::Connected(seed(50)))]);
        test.dial(Ok(ours.clone()));
        let asked = test.enliven(ANN);
        test.sim.advance(20 * MS);
        let lower = Keys::of_seed(&[50; 32]).public().id() < Keys::of_seed(&[key; 32]).public().id();
        let (goes, stays) = if lower { (&ours, &theirs) } else { (&theirs, &ours) };
        assert!(test.is_aborted(goes), "{key}: {:?} {:?}", test.said(&ours), test.said(&theirs));
        assert!(test.is_greeted(stays));
        aborted[usize::from(lower)] += 1;
        assert_eq!(asked.answer(), None, "nothing that waits is broken");
        // It is asked for on the one that stays, if it was Ann's.
        assert_eq!(test.said(&theirs).0.contains("5'fetch"), lower);
    }
    assert!(aborted[0] > 0 && aborted[1] > 0, "{aborted:?}");
}

/// Nothing was said on ours yet: so it goes, and nothing is said on it.
#[test]
fn a_hello_that_comes_before_ours_is_said_wins() {
    let theirs = from_ann(0, 1);
    let mut test = with_peers([(10, &theirs)]);
    let ours = lasting([(20, FromLine::Connected(seed(50)))]);
    test.dial(Ok(ours.clone()));
    let _asked = test.enliven(ANN);
    test.sim.advance(30 * MS);
    assert!(test.is_greeted(&theirs));
    assert!(!test.said(&ours).0.contains("op:start-session"));
}

/// P2: the end of the first connection is heard behind the hello on the second.
#[test]
fn k8_a_peer_that_connects_again_is_heard_when_the_first_session_ends() {
    let first = lasting([(0, FromLine::Connected(seed(101))), (0, hello("ann", 1)), (60, FromLine::Ended)]);
    let second = from_ann(0, 2);
    let mut test = with_peers([(0, &first), (10, &second)]);
    test.sim.advance(40 * MS);
    assert!(test.is_greeted(&first));
    assert_eq!(test.said(&second), (String::new(), false), "it waits");
    test.sim.advance(200 * MS);
    assert!(test.is_greeted(&second), "{:?}", test.said(&second));
}

#[test]
fn k8_a_peer_that_connects_again_is_refused_if_the_first_session_stays() {
    let (first, second) = (from_ann(0, 1), from_ann(0, 2));
    let mut test = with_peers([(0, &first), (10, &second)]);
    test.sim.advance(109 * MS);
    assert_eq!(test.said(&second), (String::new(), false), "it waits");
    test.sim.advance(2 * MS);
    assert!(test.is_aborted(&second));
    assert!(test.is_greeted(&first));
}

#[test]
fn k8_of_peers_that_say_nothing_the_oldest_goes() {
    let lines: Vec<_> = (0..65).map(|_| lasting([(0, FromLine::Connected(seed(1)))])).collect();
    let test = with_peers(lines.iter().map(|line| (0, line)));
    let aborted: Vec<_> = (0..lines.len()).filter(|at| test.is_aborted(&lines[*at])).collect();
    assert_eq!(aborted, [0]);
}

/// A name that claims to be ours.
#[test]
fn k9_a_peer_of_our_own_name_is_refused() {
    let line = lasting([(0, FromLine::Connected(seed(1))), (0, hello("us", 1))]);
    let test = with_peers([(0, &line)]);
    assert!(test.is_aborted(&line));
}

/// A netlayer on which peers prove who they are.
fn with_proved_peers<'a>(peers: impl IntoIterator<Item = (u32, &'a Source)>) -> Test {
    with_proved_peers_and(Options::default(), peers)
}

fn with_proved_peers_and<'a>(options: Options, peers: impl IntoIterator<Item = (u32, &'a Source)>) -> Test {
    let mut test = Test::with(Script { proves: true, ..Script::default() }, options);
    let peers: Vec<_> = peers.into_iter().map(|(at, line)| (at, accepted(line))).collect();
    test.listener([(0, listening())].into_iter().chain(peers));
    let _uri = test.publish();
    test.sim.run();
    test
}

/// The answer to the first question.
fn answers(at: u32) -> (u32, FromLine) {
    let answer = b"<10'op:deliver<11'desc:export1+>[5'break5'oh-no]ff>".to_vec();
    (at, FromLine::Heard(Options::default().spelling.framed(answer).into()))
}

#[test]
fn k8_a_silent_session_is_replaced_when_its_peer_proves_who_it_is() {
    let (first, second) = (from_ann(0, 1), from_ann(0, 2));
    let mut test = with_proved_peers([(0, &first), (10, &second)]);
    test.sim.advance(10 * MS);
    assert!(test.said(&first).0.contains("5'fetch"), "it is asked for what nobody has");
    test.sim.advance(1999 * MS);
    assert!(test.is_greeted(&first));
    assert_eq!(test.said(&second), (String::new(), false), "it waits");
    test.sim.advance(MS);
    assert!(test.is_aborted(&first));
    assert!(test.said(&first).0.contains("8\"replaced"));
    assert!(test.is_greeted(&second));
    // It is not waited for any more.
    test.sim.advance(5000 * MS);
    assert!(test.is_greeted(&second));
}

#[test]
fn k8_a_session_whose_peer_answers_stays() {
    let first = lasting([(0, FromLine::Connected(seed(101))), (0, hello("ann", 1)), answers(1000)]);
    let second = from_ann(0, 2);
    let mut test = with_proved_peers([(0, &first), (10, &second)]);
    test.sim.advance(999 * MS);
    assert_eq!(test.said(&second), (String::new(), false), "it waits");
    test.sim.advance(MS);
    assert!(test.is_aborted(&second));
    test.sim.advance(5000 * MS);
    assert!(test.is_greeted(&first));
}

/// We say nothing to it, because too much waits, or because it may be asked nothing more: so it
/// answers nothing.
#[test]
fn k8_a_session_that_cannot_be_asked_has_not_answered() {
    let congested =
        lasting([(0, FromLine::Connected(seed(101))), (0, hello("ann", 1)), (5, FromLine::Congested(true))]);
    let unasked = Bounds { questions: 0, ..Bounds::default() };
    for (first, bounds) in [(congested, Bounds::default()), (from_ann(0, 1), unasked)] {
        let second = from_ann(0, 2);
        let options = Options::default().bounds(bounds);
        let mut test = with_proved_peers_and(options, [(0, &first), (10, &second)]);
        test.sim.advance(2009 * MS);
        assert!(!test.said(&first).0.contains("5'fetch"));
        assert_eq!(test.said(&second), (String::new(), false), "it waits");
        test.sim.advance(MS);
        assert!(test.said(&first).0.contains("8\"replaced"));
        assert!(test.is_greeted(&second));
    }
}

/// The third waits for the first, which is not there any more.
#[test]
fn k8_a_session_that_has_replaced_another_is_not_replaced_by_one_that_came_before() {
    let (first, second, third) = (from_ann(0, 1), from_ann(0, 2), from_ann(0, 3));
    let mut test = with_proved_peers([(0, &first), (10, &second), (20, &third)]);
    test.sim.advance(2500 * MS);
    assert!(test.is_aborted(&first));
    assert!(test.is_greeted(&second));
    assert!(test.is_aborted(&third));
}
