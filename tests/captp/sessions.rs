//! Peers: who is connected to whom, and how sessions end.

use marketplace::objects::*;
use marketplace_captp::{SessionEnded, enliven};

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
