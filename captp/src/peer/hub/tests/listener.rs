//! Published objects, and whether peers can connect.

use super::*;
use crate::peer::PeerError;
use crate::wire::Sturdyref;

#[test]
fn k18_publish_answers_when_peers_can_connect() {
    let mut test = Test::new();
    let source = test.listener([(10, listening())]);
    let uri = test.publish();
    test.sim.advance(9 * MS);
    assert!(test.sim.is_on(&source));
    assert_eq!(uri.answer(), None);
    test.sim.advance(MS);
    let uri = uri.answer().unwrap().unwrap();
    let address = Sturdyref::parse(&uri).unwrap();
    assert_eq!(address.location.hint("port"), Some("1"));
    assert_eq!(address.swiss.len(), 52);
    // Another one waits for nothing, and has a number of its own.
    let other = test.publish();
    test.sim.run();
    assert_ne!(other.answer().unwrap().unwrap(), uri);
    assert!(test.script.listeners.lock().unwrap().is_empty(), "one listener does");
}

#[test]
fn k18_publish_breaks_with_the_reason_for_which_nobody_can_connect() {
    let mut test = Test::new();
    test.script.listeners.lock().unwrap().push_back(ends(5, "the port is taken"));
    let uri = test.publish();
    test.sim.advance(10 * MS);
    let why = uri.answer().unwrap().unwrap_err();
    assert_eq!(why.decode(), Some(PeerError::Deaf("the port is taken".into())));
    // The next one tries anew.
    test.listener([(0, listening())]);
    let uri = test.publish();
    test.sim.run();
    assert!(uri.answer().unwrap().is_ok());
}

#[test]
fn k18_a_listener_that_ends_is_made_anew_by_the_next_publish() {
    let mut test = Test::new();
    let items = [(Duration::ZERO, listening()), (5 * MS, accepted(&lasting::<FromLine>([])))];
    test.script.listeners.lock().unwrap().push_back(Sim::timeline(items, "gone"));
    let first = test.publish();
    test.sim.advance(10 * MS);
    assert!(first.answer().unwrap().is_ok());
    let source = test.listener([(0, listening())]);
    let second = test.publish();
    test.sim.run();
    assert!(second.answer().unwrap().is_ok());
    assert!(test.sim.is_on(&source));
}

#[test]
fn k18_the_listener_is_turned_off_with_the_last_address() {
    let mut test = Test::new();
    let source = test.listener([(0, listening())]);
    let uri = test.publish();
    test.sim.run();
    let uri = uri.answer().unwrap().unwrap();
    let retracted = test.sim.ask(|cx| test.peer.retract(cx, (&uri).into()));
    let found = test.enliven(&uri);
    test.sim.run();
    assert_eq!(retracted.answer(), Some(Ok(())));
    assert!(!test.sim.is_on(&source));
    assert_eq!(found.answer().unwrap().unwrap_err().decode(), Some(PeerError::NoObject));
}

#[test]
fn without_random_numbers_there_is_no_peer() {
    let no_seed: [Source; 2] = [ends(0, "no numbers"), Sim::source::<Seed>([])];
    for (source, why) in no_seed.into_iter().zip(["no numbers", "there are no random numbers"]) {
        let script = Script::default();
        *script.seed.lock().unwrap() = Some(source);
        let mut test = Test::on(script);
        let uri = test.publish();
        test.sim.run();
        let broken = uri.answer().unwrap().unwrap_err();
        assert!(
            matches!(Broken::of(&broken), Some(Broken::Gone(gone)) if gone.to_string() == why),
            "{broken}"
        );
    }
}

/// A peer that was published can say in its hello how to reach it.
#[test]
fn a_peer_is_dialled_when_it_is_known_how_to_reach_us() {
    let mut test = Test::new();
    test.listener([(10, listening())]);
    let line = lasting([(0, FromLine::Connected(seed(1)))]);
    test.dial(Ok(line.clone()));
    test.publish();
    let _found = test.enliven("ocapn://ann.memory/s/x");
    test.sim.advance(9 * MS);
    assert_eq!(test.dialled(), [""; 0]);
    test.sim.advance(MS);
    assert_eq!(test.dialled(), ["ann"]);
    let (said, _) = test.said(&line);
    assert!(said.contains("4\"port1\"1"), "{said}");
}
