//! Engines on real sockets, without gateways.

mod floods;
#[cfg(feature = "tls")]
mod keys;
mod lease;
mod silence;
mod strangers;

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use marketplace::Text;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::*;
use crate::engine::{Engine, EngineEvent, Sending};
use crate::links::words::{Hello, Word};
use crate::settings::Settings;

/// No test waits for time to pass; this ends one that would wait for ever.
const TOO_LONG: Duration = Duration::from_secs(60);

const LEASE: Duration = Duration::from_secs(2);

/// Listeners with these names, each of which knows all others.
fn listening(names: &[&str]) -> Vec<Links> {
    let links = names.iter().map(|name| Links::new(*name).listen("127.0.0.1:0").unwrap());
    let links: Vec<_> = links.collect();
    let known: Vec<_> = links.iter().map(|one| (one.name.clone(), one.address().unwrap())).collect();
    let knows = |links: Links| known.iter().fold(links, |links, (name, at)| links.peer(name.clone(), at));
    links.into_iter().map(knows).collect()
}

fn opened(links: Links, epoch: u64) -> Box<dyn Engine> {
    let name = links.name.clone();
    let mut engine = links.config().unwrap().engine;
    engine.heed(&Settings { lease: LEASE, ..Settings::default() });
    engine.open(&name, epoch);
    engine
}

async fn next(engine: &mut Box<dyn Engine>) -> EngineEvent {
    timeout(TOO_LONG, poll_fn(|cx| engine.poll_event(cx))).await.expect("something happens")
}

/// Two engines, between which a link stands.
async fn pair() -> [(Box<dyn Engine>, Text); 2] {
    let mut both = listening(&["ann", "bob"]).into_iter().map(|links| opened(links, 7));
    let (mut ann, mut bob) = (both.next().unwrap(), both.next().unwrap());
    let (for_ann, for_bob) = tokio::join!(next(&mut ann), next(&mut bob));
    assert_eq!(for_ann, EngineEvent::Up("bob".into(), 7));
    assert_eq!(for_bob, EngineEvent::Up("ann".into(), 7));
    [(ann, "ann".into()), (bob, "bob".into())]
}

#[tokio::test]
async fn c1_packets_go_both_ways_in_order_and_nothing_is_taken_beyond_a_bound() {
    let [(mut ann, _), (mut bob, _)] = pair().await;
    let packet = |number: u32| Bytes::from([&number.to_be_bytes()[..], &[7; 1000]].concat());
    // Nobody reads: there is an end to what is taken.
    let mut sent = 0;
    loop {
        assert!(sent < 100_000, "{sent} were taken");
        let mut full = false;
        while !full && sent < 100_000 {
            full = ann.send(&"bob".into(), 7, &packet(sent)) == Sending::Full;
            sent += u32::from(!full);
        }
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        ann.poll_flush(&mut cx);
        if ann.send(&"bob".into(), 7, &packet(sent)) == Sending::Full {
            break;
        }
        sent += 1;
    }
    let writes = async {
        // It may have had room for a while before.
        while ann.send(&"bob".into(), 7, &packet(sent)) == Sending::Full {
            assert_eq!(next(&mut ann).await, EngineEvent::Ready("bob".into(), 7));
        }
        next(&mut ann).await
    };
    let reads = async {
        for number in 0..=sent {
            assert_eq!(next(&mut bob).await, EngineEvent::From("ann".into(), 7, packet(number)));
        }
        assert_eq!(bob.send(&"ann".into(), 7, &Bytes::from_static(b"all")), Sending::Taken);
        // It is written while the next event is awaited.
        timeout(LEASE / 4, poll_fn(|cx| bob.poll_event(cx))).await
    };
    let (answer, _) = tokio::join!(writes, reads);
    assert_eq!(answer, EngineEvent::From("bob".into(), 7, Bytes::from_static(b"all")));
}

#[tokio::test]
async fn c1_two_that_dial_at_once_have_one_link() {
    let mut engines = Vec::new();
    for _ in 0..20 {
        engines.extend(pair().await.map(|(engine, _)| engine));
    }
    let any = poll_fn(|cx| {
        let mut events = engines.iter_mut().map(|engine| engine.poll_event(cx));
        events.find(Poll::is_ready).unwrap_or(Poll::Pending)
    });
    // Longer than a second connection waits.
    let event = timeout(LEASE / 2, any).await;
    assert!(event.is_err(), "{event:?}");
}

#[tokio::test]
async fn c7_a_machine_that_has_gone_is_told_and_dialled_again() {
    let mut links = listening(&["ann", "bob"]);
    let (bob_links, ann_links) = (links.pop().unwrap(), links.pop().unwrap());
    let at = bob_links.address().unwrap();
    let mut ann = opened(ann_links, 7);
    let mut bob = opened(bob_links, 8);
    tokio::join!(next(&mut ann), next(&mut bob));
    drop(bob);
    assert_eq!(next(&mut ann).await, EngineEvent::Down("bob".into(), 8));
    // It is started again, and does not dial.
    let again = Links::new("bob").listen(at).unwrap();
    let again = Links { list: [("ann".into(), Listed::default())].into(), ..again };
    let mut bob = opened(again, 9);
    let (for_ann, for_bob) = tokio::join!(next(&mut ann), next(&mut bob));
    assert_eq!((for_ann, for_bob), (EngineEvent::Up("bob".into(), 9), EngineEvent::Up("ann".into(), 7)));
}

#[tokio::test]
async fn c18_the_last_words_of_a_machine_that_closes_arrive() {
    let [(mut ann, _), (mut bob, _)] = pair().await;
    let last = Bytes::from(vec![7; 200_000]);
    assert_eq!(ann.send(&"bob".into(), 7, &last), Sending::Taken);
    let closes = poll_fn(|cx| ann.poll_close(cx));
    let hears = async {
        assert_eq!(next(&mut bob).await, EngineEvent::From("ann".into(), 7, last));
        assert_eq!(next(&mut bob).await, EngineEvent::Down("ann".into(), 7));
    };
    tokio::join!(closes, hears);
}

/// Says this to a machine, and gives the word that comes back.
async fn says(ann: Links, bytes: &[u8]) -> Option<Word> {
    let at = ann.address().unwrap();
    let mut ann = opened(ann, 7);
    let asks = async {
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        let mut length = [0; 4];
        stream.read_exact(&mut length).await.ok()?;
        stream.take(u32::from_be_bytes(length).into()).read_to_end(&mut answer).await.unwrap();
        Some(Word::read(&answer.into()).unwrap())
    };
    tokio::select!(answer = timeout(TOO_LONG, asks) => answer.unwrap(), event = next(&mut ann) => panic!("{event:?}"))
}

async fn hello(name: &str, epoch: u64, to: &str) -> Option<Word> {
    let mut out = bytes::BytesMut::new();
    Word::Hello(Hello { name: name.into(), epoch, to: to.into() }).write(&mut out);
    let ann = Links::new("ann").listen("127.0.0.1:0").unwrap();
    let ann = Links { list: [("bob".into(), Listed::default())].into(), ..ann };
    says(ann, &out).await
}

#[tokio::test]
async fn c11_whoever_is_not_in_the_list_or_wants_somebody_else_is_refused_with_words() {
    let refused = |why: &str| Some(Word::Refusal(why.to_string()));
    assert_eq!(hello("eve", 1, "ann").await, refused("`eve` is not in the list of `ann`"));
    assert_eq!(hello("bob", 1, "cid").await, refused("another machine is wanted, and here is `ann`"));
    assert_eq!(hello("ann", 7, "ann").await, refused("`ann` has dialled itself"));
    let long = "x".repeat(256);
    assert_eq!(hello(&long, 1, "ann").await, refused("its name has 256 bytes, and may have 255"));
}

#[tokio::test]
async fn bytes_that_are_no_greeting_end_a_connection() {
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"\0\0\0\x05hello", &[0; 100], &[0xff; 1000]] {
        let ann = Links::new("ann").listen("127.0.0.1:0").unwrap();
        assert_eq!(says(ann, bytes).await, None, "{bytes:?}");
    }
}

#[test]
fn c11_without_keys_links_are_between_programs_of_one_machine() {
    let far = Links::new("ann").listen("0.0.0.0:0").unwrap();
    let at = far.address().unwrap();
    assert_eq!(far.config().err(), Some(ConfigError::NotLoopback(at)));
    let near = Links::new("ann").listen("127.0.0.1:0").unwrap().peer("bob", "192.0.2.7:7000");
    let bob = "192.0.2.7:7000".parse().unwrap();
    assert_eq!(near.config().err(), Some(ConfigError::NotLoopback(bob)));
    assert!(Links::new("ann").listen("127.0.0.1:0").unwrap().config().is_ok());
}

#[test]
fn an_address_that_cannot_be_had_is_told() {
    let first = Links::new("ann").listen("127.0.0.1:0").unwrap();
    let at = first.address().unwrap();
    let why = Links::new("bob").listen(at).err().unwrap().to_string();
    assert!(why.starts_with(&format!("cannot listen at {at}: ")) && why.contains("in use"), "{why}");
}
