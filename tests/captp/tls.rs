//! Vats that know each other by their keys, over real sockets.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use marketplace::Source;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace_captp::netlayer::tls::{self, Key, Tls};
use marketplace_captp::netlayer::{Netlayer, Reach};
use marketplace_captp::wire::{Location, Sturdyref};
use marketplace_captp::{Options, Peer, enliven};

use crate::sockets::{Node, address};
use crate::things::Counter;

/// The netlayer of the peer with this key, on this machine.
fn at(key: u8) -> Tls {
    tls::netlayer(Key::of_seed(&[key; 32])).listen("127.0.0.1:0")
}

/// Adds 4 to a counter at an address, from a peer with this netlayer.
fn adds(netlayer: impl Netlayer, uri: &Text) -> Result<u64, String> {
    let shop = Node::new(netlayer);
    let peer: Far<dyn Peer> = shop.peer.clone();
    shop.ask(|cx| enliven::<Counter>(cx, &peer, uri).add(cx, 4)).map_err(|why| why.to_string())
}

#[test]
fn k11_vats_on_two_machines_know_each_other_by_their_keys() {
    let bank = Node::new(at(1));
    let uri = bank.publish(Counter::new(1));
    let key = Key::of_seed(&[1; 32]).designator();
    assert!(uri.starts_with(&format!("ocapn://{key}.tls/s/")), "{uri}");
    assert_eq!(adds(at(2), &uri), Ok(5));
    assert_eq!(adds(tls::netlayer(Key::of_seed(&[3; 32])), &uri), Ok(9), "one that does not listen");
}

#[test]
fn k6_three_vats_with_keys_hand_off() {
    let [alice, bob, carol] = [1, 2, 3].map(|key| Node::new(at(key)));
    let (bob, carol) = (bob.publish(Counter::new(0)), carol.publish(Counter::new(7)));
    let sum = alice.ask(|cx| {
        let carol = enliven::<Counter>(cx, &alice.peer, &carol);
        let bob = enliven::<Counter>(cx, &alice.peer, &bob);
        bob.add_at_promised(cx, carol, 3)
    });
    assert_eq!(sum, Ok(10));
}

#[test]
fn k11_another_key_is_refused_and_another_spelling_of_the_key() {
    let bank = Node::new(at(1));
    let uri = bank.publish(Counter::new(1));
    let wrong = |designator: &str| {
        let key = Key::of_seed(&[1; 32]).designator();
        adds(at(2), &uri.replace(&key, designator).as_str().into()).unwrap_err()
    };
    let key = Key::of_seed(&[1; 32]).designator();
    let why = wrong(&Key::of_seed(&[9; 32]).designator());
    assert!(why.contains("another key is there than the one in the address"), "{why}");
    for spelling in [key.to_uppercase(), format!("{key}a"), key[1..].to_string(), "bank".to_string()] {
        let why = wrong(&spelling);
        assert!(why.contains("is no name of a peer: that is a key, 52 small letters and digits"), "{why}");
    }
}

/// Has a key, and says hello under another name.
struct Liar {
    tls: Tls,
    transport: &'static str,
    designator: String,
}

impl Netlayer for Liar {
    fn transport(&self) -> &str {
        self.transport
    }

    fn designator(&self) -> &str {
        &self.designator
    }

    fn listen(&self) -> Source {
        Netlayer::listen(&self.tls)
    }

    fn dial(&self, location: &Location, reach: Option<Reach>) -> Result<Source, String> {
        self.tls.dial(location, reach)
    }
}

#[test]
fn k11_a_hello_under_another_name_than_the_key_is_refused() {
    let [mine, other] = [2, 3].map(|key| Key::of_seed(&[key; 32]).designator());
    let liars = [("tls", &other), ("tls", &mine[1..].to_string()), ("unix", &mine)]
        .map(|(transport, name)| (transport, name.clone()));
    let bank = Node::new(at(1));
    let uri = bank.publish(Counter::new(1));
    let lies = |transport: &'static str, designator: &String| {
        let liar = || Liar { tls: at(2), transport, designator: designator.clone() };
        // As the one who dials, and as the one who is dialled.
        let why = adds(liar(), &uri).unwrap_err();
        assert!(why.contains("is not the name that was proved"), "{why}");
        let lying = Node::new(liar());
        let theirs = lying.publish(Counter::new(1));
        let honest = Sturdyref::parse(&theirs).unwrap();
        let hints: Vec<_> = honest.location.hints.iter().map(|(name, hint)| (&**name, &**hint)).collect();
        let location = Location::new("tls", &mine, &hints);
        let theirs = Sturdyref { location, ..honest }.to_uri();
        let why = adds(at(4), &theirs.as_str().into()).unwrap_err();
        assert!(why.contains("is not the name that was proved"), "{why}");
    };
    // At once: each peer that was refused waits 2 s for the other one to dial.
    std::thread::scope(|scope| {
        for (transport, designator) in &liars {
            scope.spawn(|| lies(transport, designator));
        }
    });
    assert_eq!(adds(at(5), &uri), Ok(5), "others are not harmed");
}

/// Connects, says this, and hears what the peer says up to the end.
fn says(uri: &Text, bytes: &[u8]) -> Vec<u8> {
    let mut rude = TcpStream::connect(address(uri)).unwrap();
    rude.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    rude.write_all(bytes).unwrap();
    let mut heard = Vec::new();
    // A reset is an end, too.
    let _ = rude.read_to_end(&mut heard);
    heard
}

#[test]
fn k9_what_is_not_tls_harms_nobody() {
    let bank = Node::new(at(1));
    let uri = bank.publish(Counter::new(1));
    // Each customer is another peer: an earlier one may not be gone yet.
    let garbage = [&b"GET / HTTP/1.1\r\n\r\n"[..], b"18:<8'op:abort4\"idle>", &[0xff; 70_000]];
    for (garbage, customer) in garbage.into_iter().zip(2..) {
        let heard = says(&uri, garbage);
        assert!(heard.is_empty() || heard[0] == 21, "an alert, and nothing else: {heard:?}");
        assert!(adds(at(customer), &uri).is_ok());
    }
}

/// They hold up nobody: the oldest goes.
#[test]
fn k10_handshakes_that_do_not_end_are_64_at_most() {
    let bank = Node::new(at(1));
    let uri = bank.publish(Counter::new(1));
    let mut slow: Vec<_> = (0..65).map(|_| TcpStream::connect(address(&uri)).unwrap()).collect();
    // The beginning of a hello.
    slow.iter_mut().for_each(|slow| slow.write_all(&[22, 3]).unwrap());
    let mut oldest = slow.remove(0);
    oldest.set_read_timeout(Some(Duration::from_secs(9))).unwrap();
    let ended = oldest.read(&mut [0; 100]);
    let in_time = |error: &std::io::Error| {
        !matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
    };
    assert!(ended.as_ref().map_or_else(in_time, |read| *read == 0), "{ended:?}");
    assert_eq!(adds(at(2), &uri), Ok(5));
}

#[test]
fn where_nobody_said_at_which_address_to_listen_nobody_listens() {
    let shop = Node::new(tls::netlayer(Key::of_seed(&[1; 32])));
    let counter = shop.vat.spawn_object(Counter::new(1)).unwrap();
    let why = shop.ask(|cx| shop.peer.publish(cx, &counter)).unwrap_err().to_string();
    assert!(why.contains("it was not said where: `listen` of the netlayer does"), "{why}");
    let nowhere = Node::new(tls::netlayer(Key::of_seed(&[1; 32])).listen("nowhere.invalid"));
    let counter = nowhere.vat.spawn_object(Counter::new(1)).unwrap();
    assert!(nowhere.ask(|cx| nowhere.peer.publish(cx, &counter)).is_err());
}

#[test]
fn an_address_says_the_host_at_which_others_reach_the_peer() {
    let bank = Node::new(at(1).reached_at("localhost"));
    let uri = bank.publish(Counter::new(1));
    assert_eq!(Sturdyref::parse(&uri).unwrap().location.hint("host"), Some("localhost"));
    assert_eq!(adds(at(2), &uri), Ok(5));
}

/// The same key and the same number: at the same address there is another program.
#[test]
fn an_address_outlives_the_program() {
    let open = |at: &str, sum: u64| {
        let key = Key::of_seed(&[1; 32]);
        let number = key.swiss("counter");
        let bank = Node::of(Options::default().peer(tls::netlayer(key).listen(at)));
        let counter = bank.vat.spawn_object(Counter::new(sum)).unwrap();
        let uri = bank.ask(|cx| bank.peer.publish_as(cx, number, &counter)).unwrap();
        (bank, uri)
    };
    let (bank, uri) = open("127.0.0.1:0", 1);
    let shop = Node::new(at(2));
    let add = || shop.ask(|cx| enliven::<Counter>(cx, &shop.peer, &uri).add(cx, 1));
    assert_eq!(add(), Ok(2));
    let port = address(&uri);
    bank.vat.shutdown().unwrap();
    bank.vat.join().unwrap().unwrap();
    let (_bank, same) = open(&port.to_string(), 50);
    assert_eq!(same, uri);
    // The end of the old one may be still on its way.
    let added = (0..100).find_map(|_| add().ok());
    assert_eq!(added, Some(51));
}
