//! Hand-offs among three vats.

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
fn k5_a_give_for_an_object_of_ours_is_withdrawn_from_ourselves() {
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
