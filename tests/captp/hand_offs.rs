//! Hand-offs among three vats.

use std::time::Duration;

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace_captp::Options;

use crate::things::Counter;
use crate::vats::Vats;

#[test]
fn an_object_is_handed_off_to_a_third_vat() {
    let mut vats = Vats::new(["alice", "bob", "carol"]);
    let (at_bob, at_carol) =
        (vats.sim(1).spawn_object(Counter::new(0)), vats.sim(2).spawn_object(Counter::new(7)));
    let (bob, carol) = (vats.publish(1, &at_bob), vats.publish(2, &at_carol));
    let (bob, carol) = (vats.enliven::<Counter>(0, &bob), vats.enliven::<Counter>(0, &carol));
    assert_eq!(vats.answer(0, |cx| bob.add_at(cx, &carol, 3)), Ok(10));
    assert_eq!(vats.answer(2, |cx| at_carol.add(cx, 1)), Ok(11));
}

#[test]
fn k5_an_object_sent_home_is_the_object() {
    let mut vats = Vats::new(["alice", "bob"]);
    let at_bob = vats.sim(1).spawn_object(Counter::new(0));
    let uri = vats.publish(1, &at_bob);
    let bob = vats.enliven::<Counter>(0, &uri);
    assert_eq!(vats.answer(0, |cx| bob.is(cx, &bob)), Ok(true));
    let again = vats.enliven::<Counter>(0, &uri);
    assert_eq!(bob, again);
}

#[test]
fn k5_an_object_is_one_reference_first_hand_and_by_hand_off() {
    let mut vats = Vats::new(["alice", "bob", "carol"]);
    let (at_bob, at_carol) =
        (vats.sim(1).spawn_object(Counter::new(0)), vats.sim(2).spawn_object(Counter::new(7)));
    let (bob, uri) = (vats.publish(1, &at_bob), vats.publish(2, &at_carol));
    let (bob, carol) = (vats.enliven::<Counter>(0, &bob), vats.enliven::<Counter>(0, &uri));
    vats.answer(0, |cx| bob.keep(cx, &carol)).unwrap();
    let kept = vats.answer(1, |cx| at_bob.kept(cx)).unwrap().unwrap();
    assert_eq!(kept, vats.enliven::<Counter>(1, &uri));
}

#[test]
fn k5_an_object_that_was_handed_off_is_known_at_home() {
    let mut vats = Vats::new(["alice", "bob", "carol"]);
    let (at_bob, at_carol) =
        (vats.sim(1).spawn_object(Counter::new(0)), vats.sim(2).spawn_object(Counter::new(7)));
    let (bob, carol) = (vats.publish(1, &at_bob), vats.publish(2, &at_carol));
    let (bob, carol) = (vats.enliven::<Counter>(0, &bob), vats.enliven::<Counter>(0, &carol));
    vats.answer(0, |cx| bob.keep(cx, &carol)).unwrap();
    assert_eq!(vats.answer(0, |cx| carol.is(cx, &carol)), Ok(true));
    let kept = vats.answer(1, |cx| at_bob.kept(cx)).unwrap().unwrap();
    assert_eq!(vats.answer(1, |cx| kept.is(cx, &kept)), Ok(true));
}

/// Alice passes Carol's resolver on to Bob's vat, where it is an object.
#[test]
fn k6_a_resolver_is_handed_off() {
    let mut vats = Vats::new(["alice", "bob", "carol"]);
    let (at_bob, at_carol) =
        (vats.sim(1).spawn_object(Counter::new(0)), vats.sim(2).spawn_object(Counter::new(7)));
    let (bob, carol) = (vats.publish(1, &at_bob), vats.publish(2, &at_carol));
    let (bob, carol) = (vats.enliven::<Counter>(0, &bob), vats.enliven::<Counter>(0, &carol));
    let split = vats.answer(0, |cx| send(cx, &carol, "split", ())).unwrap();
    let (promised, resolver) = <(Promise<u64>, Far<Counter>)>::from_value(&split).unwrap();
    let settled = vats.ask(0, |_| promised);
    vats.answer(0, |cx| bob.keep(cx, resolver)).unwrap();
    assert_eq!(settled.answer(), None);
    let kept = vats.answer(1, |cx| at_bob.kept(cx)).unwrap().unwrap();
    vats.sim(1).tell(|cx| send(cx, &kept, "fulfill", (7u64,)));
    vats.run();
    assert_eq!(settled.answer(), Some(Ok(7)));
}

/// Alice gives Bob's object to Carol and Carol's to Bob, in one turn: each of them asks the other.
#[test]
fn k6_two_hand_offs_that_cross_wait_for_nobody() {
    let mut vats = Vats::new(["alice", "bob", "carol"]);
    let (at_bob, at_carol) =
        (vats.sim(1).spawn_object(Counter::new(1)), vats.sim(2).spawn_object(Counter::new(2)));
    let (bob, carol) = (vats.publish(1, &at_bob), vats.publish(2, &at_carol));
    let (bob, carol) = (vats.enliven::<Counter>(0, &bob), vats.enliven::<Counter>(0, &carol));
    let both = vats.ask(0, |cx| {
        let kept = [bob.keep(cx, &carol), carol.keep(cx, &bob)];
        all(cx, kept)
    });
    assert_eq!(both.answer(), Some(Ok(vec![(), ()])), "no time has passed");
    assert_eq!(vats.answer(1, |cx| at_bob.add_at_kept(cx, 1)), Ok(3));
    assert_eq!(vats.answer(2, |cx| at_carol.add_at_kept(cx, 1)), Ok(2));
}

/// Carol's vat stands still, so Bob hears nothing from there.
#[test]
fn k6_a_third_vat_that_does_not_answer_is_waited_for_2_s() {
    let mut vats = Vats::new(["alice", "bob", "carol"]);
    let (at_bob, at_carol) =
        (vats.sim(1).spawn_object(Counter::new(0)), vats.sim(2).spawn_object(Counter::new(7)));
    let (bob, carol) = (vats.publish(1, &at_bob), vats.publish(2, &at_carol));
    let (bob, carol) = (vats.enliven::<Counter>(0, &bob), vats.enliven::<Counter>(0, &carol));
    let sum = vats.sim(0).ask(|cx| bob.add_at_promised(cx, &carol, 3));
    let behind = vats.sim(0).ask(|cx| bob.add(cx, 1));
    let meet = |vats: &mut Vats| {
        for _ in 0..4 {
            [0, 1].into_iter().for_each(|at| vats.sim(at).run());
        }
    };
    meet(&mut vats);
    vats.advance(1, Duration::from_millis(1999));
    meet(&mut vats);
    assert_eq!((sum.answer(), behind.answer()), (None, None));
    vats.advance(1, Duration::from_millis(1));
    meet(&mut vats);
    let why = sum.answer().unwrap().unwrap_err().to_string();
    assert_eq!(why, "`carol.memory` cannot be reached: it did not answer in time");
    assert_eq!(behind.answer(), Some(Ok(1)), "what came behind it was heard behind it");
    // Carol is not tried again for 10 s.
    let again = vats.sim(0).ask(|cx| bob.add_at_promised(cx, &carol, 3));
    meet(&mut vats);
    let why = again.answer().unwrap().unwrap_err().to_string();
    assert_eq!(why, "`carol.memory` cannot be reached: it could not be reached a moment ago");
    vats.advance(1, Duration::from_secs(10));
    vats.run();
    assert_eq!(vats.answer(0, |cx| bob.add_at_promised(cx, &carol, 3)), Ok(10));
}

#[test]
fn k10_so_many_peers_are_dialled_for_hand_offs_and_no_more() {
    let mut vats = Vats::new(["alice", "carol"]);
    let (bob, _) = vats.another_with("bob", Options::default().dials(0));
    let at_carol = vats.sim(1).spawn_object(Counter::new(7));
    let at_bob = vats.sim(bob).spawn_object(Counter::new(0));
    let (carol, uri) = (vats.publish(1, &at_carol), vats.publish(bob, &at_bob));
    let far: Far<Counter> = vats.enliven(0, &uri);
    let given: Far<Counter> = vats.enliven(0, &carol);
    let why = vats.answer(0, |cx| far.add_at_promised(cx, &given, 3)).unwrap_err().to_string();
    assert_eq!(why, "`carol.memory` cannot be reached: too many are being dialled for hand-offs");
    // One with whom there is a session is not dialled.
    let _known: Far<Counter> = vats.enliven(bob, &carol);
    assert_eq!(vats.answer(0, |cx| far.add_at_promised(cx, &given, 3)), Ok(10));
}

/// Two clients that only dial meet in a room: it passes their objects on as its own.
#[test]
fn k6_clients_that_only_dial_meet_in_a_room() {
    let mut vats = Vats::new(["room", "ann", "bob"]);
    let room = vats.sim(0).spawn_object(Counter::new(0));
    let uri = vats.publish(0, &room);
    let rooms = [1, 2].map(|at| vats.enliven::<Counter>(at, &uri));
    let of_ann = vats.sim(1).spawn_object(Counter::new(5));
    vats.answer(1, |cx| rooms[0].keep(cx, &of_ann)).unwrap();
    let kept = [(); 2].map(|()| vats.answer(2, |cx| rooms[1].kept(cx)).unwrap().unwrap());
    assert_eq!(kept[0], kept[1], "it is one reference, whenever it is passed on");
    assert_eq!(vats.answer(2, |cx| kept[0].is(cx, &kept[1])), Ok(true), "and at home it is itself");
    let added = vats.ask(2, |cx| all(cx, (0..8).map(|n| kept[n % 2].add(cx, 1)).collect::<Vec<_>>()));
    assert_eq!(added.answer(), Some(Ok((6..14).collect())), "what is said to it is heard in order");
    assert_eq!([vats.sessions(0), vats.sessions(1), vats.sessions(2)], [2, 1, 1], "nobody dialled them");
    // Its answers come the same way.
    let another = vats.answer(2, |cx| kept[0].another(cx)).unwrap();
    assert_eq!(vats.answer(2, |cx| another.add(cx, 3)), Ok(3));
    assert_eq!(vats.answer(1, |cx| of_ann.add(cx, 1)), Ok(14));
}
