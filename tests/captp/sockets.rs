//! Vats on threads, over real sockets and over memory.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError, VatOptions};
use marketplace_captp::netlayer::{Netlayer, tcp_testing_only};
use marketplace_captp::wire::{Spelling, Sturdyref};
use marketplace_captp::{Options, Peer, enliven, peer};

use crate::things::Counter;

/// A vat with a peer.
pub(crate) struct Node {
    pub(crate) vat: Vat,
    pub(crate) peer: Far<dyn Peer>,
}

impl Node {
    pub(crate) fn new(netlayer: impl Netlayer) -> Self {
        Self::of(peer(netlayer))
    }

    pub(crate) fn of((spawn, peer): (Spawn<()>, Far<dyn Peer>)) -> Self {
        let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(spawn)).unwrap();
        Self { vat, peer }
    }

    pub(crate) fn publish(&self, counter: Counter) -> Text {
        let counter = self.vat.spawn_object(counter).unwrap();
        self.vat.ask(|cx| self.peer.publish(cx, &counter)).wait().unwrap()
    }

    pub(crate) fn ask<T: Message>(&self, send: impl FnOnce(&Asker) -> Promise<T>) -> Result<T, Reason> {
        self.vat.ask(send).wait().map_err(|error| match error {
            VatError::Broken { reason } => reason,
            other => panic!("{other}"),
        })
    }
}

pub(crate) fn address(uri: &Text) -> SocketAddr {
    let location = Sturdyref::parse(uri).unwrap().location;
    let (host, port) = (location.hint("host").unwrap(), location.hint("port").unwrap());
    format!("{host}:{port}").parse().unwrap()
}

#[test]
fn two_vats_call_each_other_over_a_socket_in_each_spelling() {
    for spelling in [Spelling::Framed, Spelling::Next, Spelling::Snapshot] {
        let options = || Options::default().spelling(spelling);
        let bank = Node::of(options().peer(tcp_testing_only::netlayer().unwrap()));
        let shop = Node::of(options().peer(tcp_testing_only::netlayer().unwrap()));
        let uri = bank.publish(Counter::new(1));
        let sum = shop.ask(|cx| enliven::<Counter>(cx, &shop.peer, &uri).another(cx).add(cx, 4));
        assert_eq!(sum, Ok(4));
        let why = shop.ask(|cx| enliven::<Counter>(cx, &shop.peer, &uri).add(cx, 2000)).unwrap_err();
        assert_eq!(why.to_string(), "2000 is too much");
    }
}

#[test]
fn three_vats_hand_off_over_sockets() {
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| Node::new(tcp_testing_only::named(name)));
    let (bob, carol) = (bob.publish(Counter::new(0)), carol.publish(Counter::new(7)));
    let sum = alice.ask(|cx| {
        let carol = enliven::<Counter>(cx, &alice.peer, &carol);
        let bob = enliven::<Counter>(cx, &alice.peer, &bob);
        bob.add_at_promised(cx, carol, 3)
    });
    assert_eq!(sum, Ok(10));
}

#[test]
fn k11_tcp_testing_only_listens_on_this_machine_only() {
    let bank = Node::new(tcp_testing_only::netlayer().unwrap());
    assert!(address(&bank.publish(Counter::new(1))).ip().is_loopback());
}

#[test]
fn a_host_that_refuses_is_told() {
    let shop = Node::new(tcp_testing_only::netlayer().unwrap());
    // Bound and not listening: nobody else can be there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let uri = format!("ocapn://bank.tcp-testing-only/s/x?host=127.0.0.1&port={port}");
    let why = shop.ask(|cx| enliven::<Counter>(cx, &shop.peer, &uri)).unwrap_err().to_string();
    assert!(why.contains(&format!("cannot connect to 127.0.0.1:{port}")), "{why}");
    // The three calls leave together, and the answer to the last tells the error of all.
    let why = shop.ask(|cx| {
        let counter = enliven::<Counter>(cx, &shop.peer, &uri);
        counter.another(cx).add_at_promised(cx, counter.apart(cx), 1)
    });
    assert!(why.unwrap_err().to_string().contains("cannot connect"));
    assert_eq!(shop.vat.inspect(|debugger| debugger.stats().unheard_errors), Ok(0));
}

#[test]
fn k9_a_peer_that_speaks_nonsense_is_told_and_harms_nobody() {
    let bank = Node::new(tcp_testing_only::netlayer().unwrap());
    let uri = bank.publish(Counter::new(1));
    let mut rude = TcpStream::connect(address(&uri)).unwrap();
    rude.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    rude.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut said = Vec::new();
    rude.read_to_end(&mut said).unwrap();
    assert!(said.windows(8).any(|part| part == b"op:abort"), "{}", String::from_utf8_lossy(&said));
    let shop = Node::new(tcp_testing_only::netlayer().unwrap());
    assert_eq!(shop.ask(|cx| enliven::<Counter>(cx, &shop.peer, &uri).add(cx, 1)), Ok(2));
}

#[test]
fn k18_a_port_is_closed_when_nothing_is_published_any_more() {
    let bank = Node::new(tcp_testing_only::netlayer().unwrap());
    let uri = bank.publish(Counter::new(1));
    assert!(TcpStream::connect(address(&uri)).is_ok());
    bank.ask(|cx| bank.peer.retract(cx, (&uri).into())).unwrap();
    // Nobody tells that it is closed but the next connection that is refused.
    let begun = Instant::now();
    while TcpStream::connect(address(&uri)).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it is open still");
    }
}
