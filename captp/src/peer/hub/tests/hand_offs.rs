//! Gives for objects of ours.

use super::*;
use crate::peer::hub::Hub;
use crate::peer::talk::Standing;
use crate::sessions::{Deed, LineId, PeerName, Refused};
use crate::wire::{Give, SessionId, Signed};

const LINE: LineId = LineId(1);

fn keys() -> (Keys, Keys) {
    (Keys::of_seed(&[1; 32]), Keys::of_seed(&[2; 32]))
}

/// A hub with which Ann has a session.
fn with_ann() -> Hub {
    let (peer, here) = reference::<dyn Peer>();
    let mut hub = Hub::new(Arc::new(Scripted(Arc::default())), Options::default(), here);
    let (ours, anns) = keys();
    let (our_id, peer_id) = (ours.public().id(), anns.public().id());
    let standing = Standing {
        id: SessionId::between(our_id, peer_id),
        location: Location::new("memory", "ann", &[]),
        our_keys: ours,
        our_id,
        peer_key: anns.public(),
        peer_id,
        bootstrap: (&peer).into(),
        reach: Reach::Machine,
        shows: cast(&peer),
        ending: Default::default(),
    };
    let ann = PeerName::of(&standing.location);
    hub.sessions.accepted(LINE);
    assert_eq!(hub.sessions.hello(LINE, ann, peer_id, our_id), [Deed::Begin(LINE)]);
    hub.named.insert(standing.id, LINE);
    hub.sessions.stands(LINE, standing);
    hub
}

/// Ann gives us something of ours.
fn give() -> Give {
    let (ours, anns) = keys();
    Give {
        receiver_key: ours.public(),
        exporter: Location::new("memory", "us", &[]),
        session: SessionId::between(ours.public().id(), anns.public().id()),
        gifter_side: anns.public().id(),
        gift: Bytes::from_static(b"my-gift"),
    }
}

#[test]
fn k5_a_give_for_an_object_of_ours_is_withdrawn_from_ourselves() {
    let mut hub = with_ann();
    let (object, _here) = reference::<()>();
    let signed = give().sign(&keys().1);
    assert_eq!(hub.own(&signed, &give()), Ok(LINE));
    hub.gifts.deposit(LINE, give().gift, (&object).into()).unwrap();
    let gift = hub.withdraw(LINE, give().gift, None);
    assert_eq!(gift, Ok(object.to_value()));
}

#[test]
fn k9_a_give_for_an_object_of_ours_is_checked() {
    let hub = with_ann();
    let (ours, anns) = keys();
    let check = |give: &Give, signed: &Signed| hub.own(signed, give);
    assert_eq!(check(&give(), &give().sign(&ours)), Err(Refused::UnsignedGive));
    let elsewhere = Give { session: SessionId([7; 32]), ..give() };
    assert_eq!(check(&elsewhere, &elsewhere.sign(&anns)), Err(Refused::NoGifter));
    let another = Give { gifter_side: ours.public().id(), ..give() };
    assert_eq!(check(&another, &another.sign(&anns)), Err(Refused::Gifter));
}

#[test]
fn k10_the_name_of_a_gift_has_so_many_bytes() {
    let mut hub = with_ann();
    let (object, _here) = reference::<()>();
    for (bytes, gifts) in [(1025, 0), (1024, 1)] {
        let _ = hub.on_deposit(LINE, vec![7; bytes].into(), (&object).into(), &Duct::EMPTY);
        assert_eq!(hub.gifts.len(), gifts);
    }
}

/// The peer has given our export 0 to somebody here, who speaks to it when its session is over.
#[test]
fn k8_nothing_is_deposited_in_a_session_that_has_ended() {
    let mut hub = with_ann();
    let (object, _here) = reference::<()>();
    let object = Reference::from(&object);
    let id = Bytes::from_static;
    let _ = hub.on_deposit(LINE, id(b"one"), object.clone(), &Duct::EMPTY);
    assert_eq!(hub.gifts.len(), 1);
    let _ = hub.over(LINE, &Reason::Normal);
    assert_eq!(hub.gifts.len(), 0);
    let _ = hub.on_deposit(LINE, id(b"two"), object, &Duct::EMPTY);
    assert_eq!((hub.gifts.len(), hub.lapsing.len()), (0, 0), "nobody lets go of it");
}
