//! Known answers are given.

use bytes::Bytes;
use marketplace::objects::Reference;
use marketplace::{Message, Value};
use marketplace_captp::syrup::{Limits, Reader, Writer};
use marketplace_captp::value::{self, Describe, Descriptor, Refer, Unpassable, Unreadable};
use marketplace_captp::wire::{
    BadCertificate, Give, Hello, Keys, Location, Op, PublicId, PublicKey, Receive, SessionId, Signature,
    Signed, Sturdyref, WireError,
};

use crate::known;

pub(crate) fn of_hex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2).map(|digits| str::from_utf8(digits).unwrap());
    digits.map(|digits| u8::from_str_radix(digits, 16).unwrap()).collect()
}

fn keys(number: u8) -> Keys {
    Keys::of_seed(&[number; 32])
}

fn session_of(one: u8, other: u8) -> SessionId {
    SessionId::between(keys(one).public().id(), keys(other).public().id())
}

fn here() -> Location {
    Location::new("tcp-testing-only", "0123456789abcdef", &[("host", "127.0.0.1"), ("port", "22045")])
}

/// The give and the receive that are signed in the known answers.
fn give() -> Give {
    Give {
        receiver_key: keys(2).public(),
        exporter: Location::new(
            "tcp-testing-only",
            "fedcba9876543210",
            &[("port", "22046"), ("host", "127.0.0.1")],
        ),
        session: session_of(1, 3),
        gifter_side: keys(1).public().id(),
        gift: (0..32).collect(),
    }
}

fn receive() -> Receive {
    Receive {
        session: session_of(3, 4),
        side: keys(4).public().id(),
        count: 0,
        give: Signed(of_hex(known::SIGNED_HANDOFF_GIVE).into()),
    }
}

#[test]
fn vectors_keys_and_names() {
    assert_eq!(keys(1).public().0, *of_hex(known::PUB_A));
    let names = [known::PUBLIC_ID_A, known::PUBLIC_ID_B, known::PUBLIC_ID_C, known::PUBLIC_ID_D];
    for (number, name) in (1..).zip(names) {
        assert_eq!(keys(number).public().id(), PublicId(of_hex(name).try_into().unwrap()));
    }
    for (one, other, name) in [(1, 3, known::SESSION_ID_A_C), (3, 4, known::SESSION_ID_C_D)] {
        assert_eq!(session_of(one, other), SessionId(of_hex(name).try_into().unwrap()));
        assert_eq!(session_of(one, other), session_of(other, one));
    }
}

#[test]
fn vectors_signature_of_a_location() {
    let bytes = of_hex(known::MY_LOCATION_BYTES);
    let signature = keys(1).sign(&bytes);
    assert_eq!(signature, Signature(of_hex(known::MY_LOCATION_SIG_A).try_into().unwrap()));
    assert!(keys(1).public().has_signed(&bytes, &signature));
    assert!(!keys(2).public().has_signed(&bytes, &signature));
    assert!(!keys(1).public().has_signed(&bytes[1..], &signature));
}

/// With the neutral element as key and as half of a signature, the equation holds for any bytes.
#[test]
fn k11_a_weak_key_has_signed_nothing() {
    let (mut key, mut signature) = ([0; 32], [0; 64]);
    (key[0], signature[0]) = (1, 1);
    assert!(!PublicKey(key).has_signed(b"anything", &Signature(signature)));
}

#[test]
fn vectors_hello() {
    let known = of_hex(known::OP_START_SESSION);
    let mut writer = Writer::new();
    Hello::write(&here(), &keys(1), &mut writer);
    assert_eq!(Bytes::copy_from_slice(writer.as_bytes()), Bytes::from(known.clone()));
    let key = of_hex(known::PUB_A_SYRUP);
    assert!(known.windows(key.len()).any(|window| window == key));
    let Ok(Op::Start(hello)) = Op::read(&known, Limits::default()) else { panic!("no hello") };
    assert_eq!(hello, Hello { key: keys(1).public(), location: here() });
    assert_eq!(hello.location.as_bytes(), here().as_bytes());
    assert_eq!(hello.location.hint("port"), Some("22045"));
}

/// With any other byte it is no hello: all of it is known or signed. (Each third byte is tried,
/// since to verify a signature takes long in a debug build.)
#[test]
fn vectors_hello_with_another_byte() {
    let known = of_hex(known::OP_START_SESSION);
    for at in (0..known.len()).step_by(3) {
        let mut other = known.clone();
        other[at] ^= 1;
        assert!(Op::read(&other, Limits::default()).is_err(), "byte {at}");
    }
    let mut other = known.clone();
    other[b"<16'op:start-session3\"".len()] = b'2';
    assert_eq!(Op::read(&other, Limits::default()), Err(WireError::Version("2.0".into())));
    let mut other = known;
    let host = other.windows(9).position(|window| window == b"127.0.0.1").unwrap();
    other[host] = b'9';
    assert_eq!(Op::read(&other, Limits::default()), Err(WireError::Unsigned));
}

/// Others may write a location in another way. It is signed, and sent on, as it came.
#[test]
fn a_location_keeps_the_bytes_in_which_it_came() {
    let location = b"<10'ocapn-peer3'tcp1\"a{4\"port1\"14\"host1\"b}>";
    let signature = keys(1).sign(&[b"<11'my-location", &location[..], b">"].concat());
    let (r, s) = signature.0.split_at(32);
    let key = of_hex(known::PUB_A_SYRUP);
    let hello: [&[u8]; 9] = [
        b"<16'op:start-session3\"1.0",
        &key,
        location,
        b"[7'sig-val[5'eddsa[1'r32:",
        r,
        b"][1's32:",
        s,
        b"]]]",
        b">",
    ];
    let hello = hello.concat();
    let Ok(Op::Start(hello)) = Op::read(&hello, Limits::default()) else { panic!("no hello") };
    assert_eq!(hello.location.as_bytes(), &location[..]);
    assert_eq!(hello.location, Location::new("tcp", "a", &[]));
    assert_eq!(hello.location.hint("host"), Some("b"));
    let give = Give { exporter: hello.location, ..give() }.sign(&keys(1));
    assert_eq!(Give::read(&give).unwrap().exporter.as_bytes(), &location[..]);
}

#[test]
fn k9_a_record_that_is_no_location_is_told() {
    for location in [
        "<10'ocapn-peer3'tcp0\"f>",
        "<10'ocapn-peer0'1\"af>",
        "<10'ocapn-peer3'tcp1\"at>",
        "<10'ocapn-peer3\"tcp1\"af>",
        "<10'ocapn-peer3'tcp1\"a{4\"port1+}>",
        "<10'ocapn-peer3'tcp1\"a{4\"port1\"14\"port1\"2}>",
        "<10'ocapn-peer3'tcp1\"aff>",
        "<10'ocapn-node3'tcp1\"af>",
    ] {
        let signed = give().sign(&keys(1)).0;
        let known = give().exporter.as_bytes().clone();
        let at = signed.windows(known.len()).position(|window| window == known).unwrap();
        let other = [&signed[..at], location.as_bytes(), &signed[at + known.len()..]].concat();
        assert!(Give::read(&Signed(other.into())).is_err(), "{location}");
    }
}

/// Sessions and addresses that are dialled keep locations, tables keep the names of gifts.
#[test]
fn k10_a_location_and_the_name_of_a_gift_have_so_many_bytes() {
    let designator = |bytes: usize| Location::new("tcp", &"a".repeat(bytes - 26), &[]);
    let read = |give: Give| Give::read(&give.sign(&keys(1))).is_ok();
    for (bytes, fits) in [(4096, true), (4097, false)] {
        let exporter = designator(bytes);
        assert_eq!(exporter.as_bytes().len(), bytes);
        assert_eq!(read(Give { exporter: exporter.clone(), ..give() }), fits);
        let mut hello = Writer::new();
        Hello::write(&exporter, &keys(1), &mut hello);
        assert_eq!(Op::read(hello.as_bytes(), Limits::default()).is_ok(), fits);
    }
    for (bytes, fits) in [(1024, true), (1025, false)] {
        assert_eq!(read(Give { gift: vec![7; bytes].into(), ..give() }), fits);
    }
}

#[test]
fn vectors_give() {
    let known = Signed(of_hex(known::SIGNED_HANDOFF_GIVE).into());
    assert_eq!(give().sign(&keys(1)), known);
    assert_eq!(Give::read(&known), Ok(give()));
    assert_eq!(Give::read(&known).unwrap().exporter.as_bytes(), give().exporter.as_bytes());
    assert_eq!(known.is_signed_by(&keys(1).public()), Ok(true));
    assert_eq!(known.is_signed_by(&keys(2).public()), Ok(false));
    let inside = of_hex(known::HANDOFF_GIVE_BYTES);
    assert!(known.0.windows(inside.len()).any(|window| window == inside));
    assert!(Receive::read(&known).is_err());
}

#[test]
fn vectors_receive() {
    let known = Signed(of_hex(known::SIGNED_HANDOFF_RECEIVE).into());
    assert_eq!(receive().sign(&keys(2)), known);
    assert_eq!(Receive::read(&known), Ok(receive()));
    assert_eq!(known.is_signed_by(&keys(2).public()), Ok(true));
    assert_eq!(known.is_signed_by(&keys(4).public()), Ok(false));
    let inside = of_hex(known::HANDOFF_RECEIVE_BYTES);
    assert!(known.0.windows(inside.len()).any(|window| window == inside));
    assert!(Give::read(&known).is_err());
}

#[test]
fn k9_a_certificate_has_nothing_in_it_but_its_fields() {
    let trailing = Signed([&of_hex(known::SIGNED_HANDOFF_GIVE)[..], b"f"].concat().into());
    assert_eq!(Give::read(&trailing), Err(BadCertificate("this is no signed `desc:handoff-give`")));
    assert_eq!(trailing.is_signed_by(&keys(1).public()), Err(BadCertificate("nothing is signed in it")));
    let unsigned = Signed(of_hex(known::HANDOFF_GIVE_BYTES).into());
    let receive = Receive { give: unsigned, ..receive() }.sign(&keys(2));
    let error = BadCertificate("this is no signed `desc:handoff-receive`");
    assert_eq!(Receive::read(&receive), Err(error));
}

/// Nobody is referred to.
struct Nobody;

impl Describe for Nobody {
    fn describe(&mut self, reference: &Reference, _: &mut Writer) -> Result<(), Unpassable> {
        panic!("{reference:?} is not in an address");
    }
}

impl Refer for Nobody {
    fn refer(&mut self, descriptor: Descriptor<'_>) -> Result<Value, Unreadable> {
        panic!("{descriptor:?} is not in an address");
    }
}

#[test]
fn vectors_sturdyref() {
    let known = of_hex(known::STURDYREF_BYTES);
    let value = value::read(&mut Reader::new(&known, Limits::default()), &mut Nobody).unwrap();
    let echo = Sturdyref::from_value(&value).unwrap();
    assert_eq!(echo.swiss, "IO58l1laTyhcrgDKbEzFOO32MDd6zE5w");
    assert_eq!(echo.location.as_bytes(), here().as_bytes());
    let mut writer = Writer::new();
    value::write(&value, &mut writer, &mut Nobody).unwrap();
    assert_eq!(writer.as_bytes(), known);
}

/// With any other byte a certificate cannot be read, or it is not signed. (Each seventh byte is
/// tried.)
#[test]
fn k9_a_certificate_with_another_byte_is_no_good() {
    let known = of_hex(known::SIGNED_HANDOFF_RECEIVE);
    for at in (0..known.len()).step_by(7) {
        let mut other = known.clone();
        other[at] ^= 1;
        let other = Signed(other.into());
        let good = Receive::read(&other).is_ok() && other.is_signed_by(&keys(2).public()) == Ok(true);
        assert!(!good, "byte {at}");
    }
}
