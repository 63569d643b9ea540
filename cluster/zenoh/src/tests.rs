//! Engines in one process.

#[cfg(feature = "tls")]
mod certified;
#[cfg(feature = "tls")]
mod folder;

use std::future::poll_fn;
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::Bytes;
use marketplace_cluster::{Engine, EngineEvent, Sending, Settings};
use tokio::time::timeout;

#[cfg(feature = "tls")]
use crate::certificates::Certificates;
use crate::engine::ZenohEngine;
use crate::error::ZenohError;
use crate::machine::Zenoh;

/// No test waits for time to pass; this ends one that would wait for ever.
const TOO_LONG: Duration = Duration::from_secs(60);

/// The lease of all.
const LEASE: Duration = Duration::from_secs(5);

fn listening(name: &str) -> Zenoh {
    Zenoh::new(name).listen("127.0.0.1:0").unwrap()
}

fn opened(zenoh: Zenoh, epoch: u64) -> ZenohEngine {
    let (name, mut engine) = zenoh.engine().unwrap();
    engine.heed(&Settings { lease: LEASE, ..Settings::default() });
    engine.open(&name, epoch);
    engine
}

async fn next(engine: &mut ZenohEngine) -> EngineEvent {
    timeout(TOO_LONG, poll_fn(|cx| engine.poll_event(cx))).await.expect("something happens")
}

/// Two engines that see each other.
async fn pair() -> [ZenohEngine; 2] {
    let ann = listening("ann");
    let at = ann.address().unwrap();
    let mut ann = opened(ann, 7);
    let mut bob = opened(Zenoh::new("bob").peer("ann", at), 8);
    assert_eq!(next(&mut ann).await, EngineEvent::Up("bob".into(), 8));
    assert_eq!(next(&mut bob).await, EngineEvent::Up("ann".into(), 7));
    [ann, bob]
}

#[tokio::test]
async fn c1_packets_go_both_ways_in_order() {
    let [mut ann, mut bob] = pair().await;
    let packet = |number: u32| Bytes::from([&number.to_be_bytes()[..], &[7; 60_000]].concat());
    // Less than what may wait at bob.
    for number in 0..200 {
        while ann.send(&"bob".into(), 8, &packet(number)) == Sending::Full {
            assert_eq!(next(&mut ann).await, EngineEvent::Ready("bob".into(), 8));
        }
    }
    for number in 0..200 {
        assert_eq!(next(&mut bob).await, EngineEvent::From("ann".into(), 7, packet(number)));
    }
    let word = Bytes::from_static(b"all");
    assert_eq!(bob.send(&"ann".into(), 7, &word), Sending::Taken);
    loop {
        match next(&mut ann).await {
            EngineEvent::Ready(..) => {}
            event => break assert_eq!(event, EngineEvent::From("bob".into(), 8, word)),
        }
    }
}

#[tokio::test]
async fn c1_the_first_packet_after_a_machine_is_seen_arrives() {
    for _ in 0..5 {
        let [mut ann, mut bob] = pair().await;
        let word = Bytes::from_static(b"word");
        ann.send(&"bob".into(), 8, &word);
        bob.send(&"ann".into(), 7, &word);
        assert_eq!(next(&mut bob).await, EngineEvent::From("ann".into(), 7, word.clone()));
        assert_eq!(next(&mut ann).await, EngineEvent::From("bob".into(), 8, word));
    }
}

#[tokio::test]
async fn c7_a_machine_that_has_gone_is_told_and_one_that_comes_again_has_another_epoch() {
    let [mut ann, bob] = pair().await;
    drop(bob);
    assert_eq!(next(&mut ann).await, EngineEvent::Down("bob".into(), 8));
    // It dials nobody, and is not dialled: it is not in a list of ann.
    let cid = listening("cid");
    let at = cid.address().unwrap();
    let mut cid = opened(cid, 1);
    let mut bob = opened(Zenoh::new("bob").peer("cid", at), 9);
    assert_eq!(next(&mut cid).await, EngineEvent::Up("bob".into(), 9));
    assert_eq!(next(&mut bob).await, EngineEvent::Up("cid".into(), 1));
}

#[tokio::test]
async fn c18_the_last_words_of_a_machine_that_closes_arrive() {
    let [mut ann, mut bob] = pair().await;
    let last = Bytes::from(vec![7; 200_000]);
    assert_eq!(ann.send(&"bob".into(), 8, &last), Sending::Taken);
    timeout(TOO_LONG, poll_fn(|cx| ann.poll_close(cx))).await.expect("it closes");
    assert_eq!(next(&mut bob).await, EngineEvent::From("ann".into(), 7, last));
    assert_eq!(next(&mut bob).await, EngineEvent::Down("ann".into(), 7));
}

#[tokio::test]
async fn c11_networks_of_different_names_do_not_meet() {
    let ann = listening("ann");
    let at = ann.address().unwrap();
    let mut ann = opened(ann.net("ours"), 7);
    let mut eve = opened(Zenoh::new("eve").net("theirs").peer("ann", at), 1);
    let mut bob = opened(Zenoh::new("bob").net("ours").peer("ann", at), 8);
    assert_eq!(next(&mut ann).await, EngineEvent::Up("bob".into(), 8));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(eve.poll_event(&mut cx).is_pending());
    assert_eq!(next(&mut bob).await, EngineEvent::Up("ann".into(), 7));
}

#[tokio::test]
async fn an_engine_that_was_never_open_closes_and_takes_packets_for_nobody() {
    let (_, mut engine) = Zenoh::new("ann").engine().unwrap();
    assert_eq!(engine.send(&"bob".into(), 1, &Bytes::new()), Sending::Taken);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(engine.poll_close(&mut cx).is_ready());
}

#[test]
fn c7_of_two_that_listen_one_dials() {
    let list = "ann 127.0.0.1:1\nbob 127.0.0.1:2\ncid -\ndan 127.0.0.1:4";
    let dials = |zenoh: Zenoh| zenoh.list(list).unwrap().dials().join(" ");
    assert_eq!(dials(listening("ann")), "127.0.0.1:2 127.0.0.1:4");
    assert_eq!(dials(listening("bob")), "127.0.0.1:4");
    assert_eq!(dials(listening("dan")), "");
    // Nobody dials these.
    assert_eq!(dials(Zenoh::new("dan")), "127.0.0.1:1 127.0.0.1:2");
    assert_eq!(dials(listening("cid")), "127.0.0.1:1 127.0.0.1:2 127.0.0.1:4");
}

#[test]
fn c11_without_certificates_machines_meet_on_one_machine() {
    let far = |zenoh: Zenoh| zenoh.config().err().unwrap();
    let open = Zenoh::new("ann").listen("0.0.0.0:0").unwrap();
    let at = open.address().unwrap().to_string();
    assert_eq!(far(open), ZenohError::NotLoopback(at));
    for at in ["192.0.2.7:7000", "bob.example:7000", "[2001:db8::1]:7"] {
        assert_eq!(far(Zenoh::new("ann").peer("bob", at)), ZenohError::NotLoopback(at.into()));
        assert_eq!(far(Zenoh::new("ann").through(at)), ZenohError::NotLoopback(at.into()));
    }
    let near = Zenoh::new("ann").listen("127.0.0.1:0").unwrap().list("bob localhost:7\ncid [::1]:7").unwrap();
    assert!(near.config().is_ok());
}

#[test]
fn c11_what_is_wrong_is_told_before_a_session_is_opened() {
    let why = |zenoh: Zenoh| zenoh.config().err().unwrap().to_string();
    assert_eq!(why(Zenoh::new("")), "`` is no name of a machine: it has 1 to 255 bytes");
    assert_eq!(why(Zenoh::new("ann").net("")), "`` is no name of a network: it has 1 to 255 bytes");
    let no_address = "`tcp/bob:7` is no address: that is a host and a port";
    assert_eq!(why(Zenoh::new("ann").peer("bob", "tcp/bob:7")), no_address);
    assert_eq!(why(Zenoh::new("ann").through("tcp/bob:7")), no_address);
    let both = listening("ann").through("127.0.0.1:7");
    let at = both.address().unwrap();
    let routers = "goes through routers, and listens at";
    assert_eq!(why(both), format!("this machine {routers} {at}: it does one or the other"));
    let first = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = first.local_addr().unwrap();
    let taken = Zenoh::new("bob").listen(at).err().unwrap().to_string();
    assert!(taken.starts_with(&format!("cannot listen at {at}: ")) && taken.contains("in use"), "{taken}");
}

#[tokio::test]
async fn c1_machines_meet_through_a_router_and_speak() {
    use zenoh::Wait;

    let page = include_str!("../../../docs/cluster.md");
    let router = page.split("```json5\n").nth(1).and_then(|block| block.split("```").next()).unwrap();
    // The address stays taken until the router has it.
    let taken = listening("router");
    let at = taken.address().unwrap();
    let router = zenoh::Config::from_json5(&router.replace("127.0.0.1:7447", &at.to_string())).unwrap();
    // Nobody listens there.
    let none = listening("none");
    let nowhere = none.address().unwrap();
    let (ends, end) = std::sync::mpsc::channel::<()>();
    let router = std::thread::spawn(move || {
        let session = zenoh::open(router).wait().unwrap();
        let _ = end.recv();
        session.close().wait().unwrap();
    });
    let mut ann = opened(Zenoh::new("ann").through(nowhere).through(at), 7);
    let mut bob = opened(Zenoh::new("bob").through(at), 8);
    assert_eq!(next(&mut ann).await, EngineEvent::Up("bob".into(), 8));
    assert_eq!(next(&mut bob).await, EngineEvent::Up("ann".into(), 7));
    for number in 0..100u8 {
        ann.send(&"bob".into(), 8, &Bytes::from(vec![number; 1000]));
    }
    for number in 0..100 {
        assert_eq!(next(&mut bob).await, EngineEvent::From("ann".into(), 7, vec![number; 1000].into()));
    }
    bob.send(&"ann".into(), 7, &Bytes::from_static(b"last"));
    timeout(TOO_LONG, poll_fn(|cx| bob.poll_close(cx))).await.expect("it closes");
    assert_eq!(next(&mut ann).await, EngineEvent::From("bob".into(), 8, Bytes::from_static(b"last")));
    assert_eq!(next(&mut ann).await, EngineEvent::Down("bob".into(), 8));
    drop((ann, ends));
    router.join().unwrap();
}

#[tokio::test]
async fn c18_a_machine_whose_router_cannot_be_reached_closes() {
    let none = listening("none");
    let mut ann = opened(Zenoh::new("ann").through(none.address().unwrap()), 7);
    timeout(TOO_LONG, poll_fn(|cx| ann.poll_close(cx))).await.expect("it closes");
}
