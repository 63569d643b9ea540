//! Addresses, and who listens (K18).

use marketplace::prelude::*;
use marketplace_captp::{PeerError, enliven};

use crate::things::Counter;
use crate::vats::Vats;

fn error(result: Result<impl Sized, Reason>) -> Option<PeerError> {
    result.err().expect("it fails").decode()
}

#[test]
fn k18_a_peer_listens_while_something_is_published() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    assert!(!vats.is_listening(0));
    let uris = [vats.publish(0, &counter), vats.publish(0, &counter)];
    assert!(vats.is_listening(0));
    let bank = vats.peer(0);
    vats.answer(0, |cx| bank.retract(cx, (&uris[0]).into())).unwrap();
    assert!(vats.is_listening(0), "the other address is still there");
    vats.answer(0, |cx| bank.retract(cx, (&uris[1]).into())).unwrap();
    assert!(!vats.is_listening(0));
    // Published again: so it listens again.
    vats.publish(0, &counter);
    assert!(vats.is_listening(0));
}

#[test]
fn a_retracted_address_leads_nowhere_and_references_that_were_given_stay() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let (uri, other) = (vats.publish(0, &counter), vats.publish(0, &counter));
    let far = vats.enliven::<Counter>(1, &uri);
    let (bank, shop) = (vats.peer(0), vats.peer(1));
    vats.answer(0, |cx| bank.retract(cx, (&uri).into())).unwrap();
    assert_eq!(vats.answer(1, |cx| far.add(cx, 1)), Ok(2));
    let again = vats.answer(1, |cx| enliven::<Counter>(cx, &shop, &uri));
    assert_eq!(again.unwrap_err().to_string(), PeerError::NoObject.to_string());
    assert_eq!(vats.enliven::<Counter>(1, &other), far);
}

#[test]
fn an_address_of_ones_own_choice_is_found() {
    let mut vats = Vats::new(["bank", "shop"]);
    let (old, new) = (vats.sim(0).spawn_object(Counter::new(1)), vats.sim(0).spawn_object(Counter::new(50)));
    let bank = vats.peer(0);
    let uri = vats.answer(0, |cx| bank.publish_as(cx, "the counter".into(), &old)).unwrap();
    let same = vats.answer(0, |cx| bank.publish_as(cx, "the counter".into(), &new)).unwrap();
    assert_eq!(uri, same);
    let far = vats.enliven::<Counter>(1, &uri);
    assert_eq!(vats.answer(1, |cx| far.add(cx, 1)), Ok(51), "the new one has the address");
}

#[test]
fn a_promise_of_an_address_is_as_good_as_the_address() {
    let mut vats = Vats::new(["bank"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let bank = vats.peer(0);
    let sum = vats.answer(0, |cx| {
        let uri = bank.publish(cx, &counter);
        enliven::<Counter>(cx, &bank, uri).add(cx, 4)
    });
    assert_eq!(sum, Ok(5));
    let found = vats.answer(0, |cx| enliven::<Counter>(cx, &bank, bank.publish(cx, &counter)));
    assert_eq!(found, Ok(counter), "an address of ours leads to the object itself");
}

#[test]
fn a_text_that_is_no_address_is_told() {
    let mut vats = Vats::new(["bank"]);
    let bank = vats.peer(0);
    for address in ["", "bank", "ocapn://bank.memory", "http://bank.memory/s/x"] {
        let found = vats.answer(0, |cx| enliven::<Counter>(cx, &bank, address));
        assert_eq!(error(found), Some(PeerError::NoAddress), "{address}");
    }
    let found = vats.answer(0, |cx| enliven::<Counter>(cx, &bank, 7u64));
    assert_eq!(error(found), Some(PeerError::NoAddress));
    let retracted = vats.answer(0, |cx| bank.retract(cx, "ocapn://shop.memory/s/x".into()));
    assert_eq!(error(retracted), Some(PeerError::NoAddress), "it is an address of another peer");
}

#[test]
fn a_peer_that_nobody_is_cannot_be_reached_and_is_dialled_anew() {
    let mut vats = Vats::new(["shop", "bank"]);
    let (shop, bank) = (vats.peer(0), vats.peer(1));
    let counter = vats.sim(1).spawn_object(Counter::new(1));
    let address = "ocapn://bank.memory/s/the-counter";
    let found = vats.answer(0, |cx| enliven::<Counter>(cx, &shop, address));
    let why = "`bank.memory` cannot be reached: nobody listens under the name `bank` in this network";
    assert_eq!(found.unwrap_err().to_string(), why);
    let uri = vats.answer(1, |cx| bank.publish_as(cx, "the-counter".into(), &counter)).unwrap();
    let far = vats.enliven::<Counter>(0, &uri);
    assert_eq!(vats.answer(0, |cx| far.add(cx, 1)), Ok(2));
}

#[test]
fn publishing_where_nobody_can_connect_is_told() {
    let mut vats = Vats::new(["bank"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    vats.publish(0, &counter);
    let (twin, peer) = vats.another("bank");
    let counter = vats.sim(twin).spawn_object(Counter::new(1));
    let published = vats.answer(twin, |cx| peer.publish(cx, &counter));
    assert!(matches!(error(published), Some(PeerError::Deaf(_))));
}
