//! Peers: who is connected to whom, and how sessions end.

use std::time::Duration;

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace_captp::{CapTpSession, Options, SessionEnded, enliven};

use crate::things::Counter;
use crate::vats::Vats;

/// Both dial at once: one session remains, and nothing that waited is lost.
#[test]
fn k3_crossed_hellos_lose_nothing() {
    for number in 0..8 {
        let mut vats = Vats::scripted(number, ["bank", "shop"]);
        let counters = [0, 1].map(|at| vats.sim(at).spawn_object(Counter::new(at as u64)));
        let uris = [vats.publish(0, &counters[0]), vats.publish(1, &counters[1])];
        let asked = [0, 1].map(|at| {
            let (peer, uri) = (vats.peer(at), uris[1 - at].clone());
            vats.sim(at).ask(|cx| enliven::<Counter>(cx, &peer, uri).another(cx).add(cx, 3))
        });
        vats.run();
        assert_eq!(asked.map(|asked| asked.answer()), [Some(Ok(3)), Some(Ok(3))], "{number}");
        assert_eq!([vats.sessions(0), vats.sessions(1)], [1, 1], "{number}");
    }
}

#[test]
fn one_session_serves_both_sides() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counters = [0, 1].map(|at| vats.sim(at).spawn_object(Counter::new(0)));
    let uris = [vats.publish(0, &counters[0]), vats.publish(1, &counters[1])];
    vats.enliven::<Counter>(1, &uris[0]);
    vats.enliven::<Counter>(0, &uris[1]);
    assert_eq!([vats.sessions(0), vats.sessions(1)], [1, 1]);
}

#[test]
fn k8_when_a_session_ends_all_that_is_the_peers_breaks() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    let far = vats.enliven::<Counter>(1, &uri);
    let asked = vats.ask(1, |cx| far.waits(cx));
    assert_eq!(asked.answer(), None);
    vats.sim(0).shutdown();
    vats.run();
    let why = |reason| match Broken::of(&reason) {
        Some(Broken::Gone(why)) => why.decode().map(|SessionEnded { why }| why),
        _ => None,
    };
    assert_eq!(asked.answer().unwrap().err().and_then(why), Some("shutdown".into()));
    let late = vats.answer(1, |cx| far.add(cx, 1));
    assert_eq!(late.err().and_then(why), Some("shutdown".into()));
}

#[test]
fn k8_after_the_end_of_a_session_an_address_leads_to_a_new_reference() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    let old = vats.enliven::<Counter>(1, &uri);
    vats.cut(1);
    assert!(vats.answer(1, |cx| old.add(cx, 1)).is_err());
    let new = vats.enliven::<Counter>(1, &uri);
    assert_ne!(old, new);
    assert_eq!(vats.answer(1, |cx| new.add(cx, 1)), Ok(2));
    assert_eq!([vats.sessions(0), vats.sessions(1)], [1, 1]);
}

#[test]
fn k7_what_nobody_has_any_more_is_let_go_of() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    let far = vats.enliven::<Counter>(1, &uri);
    let another = vats.answer(1, |cx| far.apart(cx)).unwrap();
    let before = vats.processes(0);
    drop(another);
    vats.run();
    assert_eq!(vats.processes(0), before - 1);
}

/// A vat that stands still when it has connected says nothing.
#[test]
fn k8_a_peer_that_connects_and_says_nothing_is_not_waited_for() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    let peer = vats.peer(1);
    let asked = vats.sim(1).ask(|cx| enliven::<Counter>(cx, &peer, uri).add(cx, 1));
    // It has dialled; before it can say hello, the other one has waited for too long.
    while vats.sessions(0) == 0 {
        vats.sim(1).step();
        vats.sim(0).run();
    }
    vats.advance(0, Duration::from_secs(10));
    assert_eq!(vats.sessions(0), 0, "the connection has ended");
    vats.run();
    vats.advance(1, Duration::from_secs(10));
    let why = asked.answer().expect("it is told").unwrap_err();
    assert!(why.to_string().contains("no hello came in time"), "{why}");
}

#[test]
fn k10_there_are_so_many_sessions_and_no_more() {
    let mut vats = Vats::new([]);
    for name in ["bank", "shop", "customer"] {
        vats.another_with(name, Options::default().sessions(1));
    }
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    vats.enliven::<Counter>(1, &uri);
    let (peer, address) = (vats.peer(2), uri.clone());
    let refused = vats.ask(2, |cx| enliven::<Counter>(cx, &peer, address).add(cx, 1));
    // The peer that refuses might be about to dial, so it is waited for.
    vats.advance(2, Duration::from_secs(2));
    let refused = refused.answer().expect("it is told").unwrap_err();
    assert!(refused.to_string().contains("as many sessions as there may be"), "{refused}");
    vats.cut(1);
    let (peer, uri) = (vats.peer(2), uri);
    assert!(vats.answer(2, |cx| enliven::<Counter>(cx, &peer, uri).add(cx, 1)).is_ok());
}

#[test]
fn k18_a_session_that_nobody_uses_is_ended_by_the_one_who_dialled() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    let far = vats.enliven::<Counter>(1, &uri);
    vats.sim(1).spawn(watcher());
    let second = Duration::from_secs(1);
    vats.advance(1, 60 * second);
    assert_eq!(vats.sessions(1), 1, "the counter is used");
    drop(far);
    vats.run();
    vats.advance(0, 60 * second);
    vats.advance(1, 10 * second - Duration::from_millis(1));
    vats.run();
    assert_eq!([vats.sessions(0), vats.sessions(1)], [1, 1]);
    vats.advance(1, Duration::from_millis(1));
    vats.run();
    assert_eq!([vats.sessions(0), vats.sessions(1)], [0, 0]);
    assert_eq!(vats.sim(1).messages_of::<Text>(), ["idle"]);
    let far = vats.enliven::<Counter>(1, &uri);
    assert_eq!(vats.answer(1, |cx| far.add(cx, 1)), Ok(2), "the next send dials anew");
}

/// Says why sessions have ended.
fn watcher() -> Spawn<()> {
    spawn!(transition_no_state!(subscriber!(
        CapTpSession { .. },
        match_conversation!(CapTpSession { .. } =>
            match_reason!(SessionEnded { why } => on_absence!(send_message!(why)))),
    )))
}

#[test]
fn k18_what_is_used_again_is_used_for_10_s_more() {
    let mut vats = Vats::new([]);
    vats.another_with("bank", Options::default());
    vats.another_with("shop", Options::default().idle_for(Duration::from_secs(3)));
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    for _ in 0..3 {
        let (peer, uri) = (vats.peer(1), uri.clone());
        assert!(vats.answer(1, |cx| enliven::<Counter>(cx, &peer, uri).add(cx, 1)).is_ok());
        vats.advance(1, Duration::from_secs(2));
        vats.run();
        assert_eq!(vats.sessions(1), 1);
    }
    vats.advance(1, Duration::from_secs(1));
    vats.run();
    assert_eq!(vats.sessions(1), 0);
}
