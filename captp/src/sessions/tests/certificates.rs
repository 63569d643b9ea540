//! Certificates of hand-offs, with one thing wrong in each.

use bytes::Bytes;

use crate::sessions::certificates::Claim;
use crate::sessions::{Gifter, Refused, claim};
use crate::wire::{Give, Keys, Location, PublicId, PublicKey, Receive, SessionId, Signed};

/// The keys of all sides: of the gifter with the exporter, and of the receiver with both.
struct Case {
    gifter: Keys,
    receiver: Keys,
    give: Give,
    receive: Receive,
}

const SESSION: SessionId = SessionId([3; 32]);
const RECEIVER: PublicId = PublicId([4; 32]);
const OF_GIFTER: SessionId = SessionId([5; 32]);

fn case() -> Case {
    let (gifter, receiver) = (Keys::of_seed(&[1; 32]), Keys::of_seed(&[2; 32]));
    let give = Give {
        receiver_key: receiver.public(),
        exporter: Location::new("memory", "us", &[]),
        session: OF_GIFTER,
        gifter_side: gifter.public().id(),
        gift: Bytes::from_static(b"my-gift"),
    };
    let receive = Receive { session: SESSION, side: RECEIVER, count: 7, give: Signed(Bytes::new()) };
    Case { gifter, receiver, give, receive }
}

impl Case {
    fn signed(&self) -> Signed {
        let give = self.give.sign(&self.gifter);
        Receive { give, ..self.receive.clone() }.sign(&self.receiver)
    }

    fn claim(&self) -> Result<Claim<&'static str>, Refused> {
        check(&self.signed(), Keys::of_seed(&[1; 32]).public())
    }
}

fn check(signed: &Signed, key: PublicKey) -> Result<Claim<&'static str>, Refused> {
    let gifter = |session| (session == OF_GIFTER).then(|| Gifter { line: "gifter", key, side: key.id() });
    claim(signed, SESSION, RECEIVER, gifter)
}

#[test]
fn a_good_certificate_claims_its_gift() {
    let gift = Bytes::from_static(b"my-gift");
    assert_eq!(case().claim(), Ok(Claim { gifter: "gifter", gift, count: 7 }));
}

#[test]
fn k9_each_thing_that_is_wrong_is_told() {
    let wrong = |change: fn(&mut Case)| {
        let mut case = case();
        change(&mut case);
        case.claim().unwrap_err()
    };
    assert_eq!(wrong(|case| case.receive.session = OF_GIFTER), Refused::Session);
    assert_eq!(wrong(|case| case.receive.side = PublicId([9; 32])), Refused::Receiver);
    assert_eq!(wrong(|case| case.give.session = SESSION), Refused::NoGifter);
    assert_eq!(wrong(|case| case.give.gifter_side = RECEIVER), Refused::Gifter);
    assert_eq!(wrong(|case| case.gifter = Keys::of_seed(&[9; 32])), Refused::UnsignedGive);
    assert_eq!(wrong(|case| case.receiver = Keys::of_seed(&[9; 32])), Refused::UnsignedReceive);
    // The first thing in the order of the protocol is told.
    let two = |case: &mut Case| {
        case.receive.session = OF_GIFTER;
        case.receiver = Keys::of_seed(&[9; 32]);
    };
    assert_eq!(wrong(two), Refused::Session);
}

#[test]
fn k9_bytes_that_are_no_certificate_are_refused() {
    let key = case().gifter.public();
    let signed = case().signed();
    for length in 0..signed.0.len() {
        assert!(check(&Signed(signed.0.slice(..length)), key).is_err(), "{length}");
    }
    for at in (0..signed.0.len()).step_by(7) {
        let mut bytes = signed.0.to_vec();
        bytes[at] ^= 1;
        assert!(check(&Signed(bytes.into()), key).is_err(), "{at}");
    }
    let give = case().give.sign(&case().gifter);
    assert!(check(&give, key).is_err(), "a give is no receive");
}
