//! Lamport stamps (G18, G23), and looking back across vats (G24 to G26).

use marketplace::Heard;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatOptions};

use crate::{Custom, empty_vat, settled};

fn stamp(vat: &Vat) -> u64 {
    vat.inspect(|debugger| debugger.stamp()).unwrap()
}

/// G-s12.
#[test]
fn g23_a_call_is_one_later() {
    let vat = empty_vat(VatOptions::default());
    let before = stamp(&vat);
    vat.call(|_| ()).unwrap();
    assert_eq!(stamp(&vat), before + 1);
}

/// G-s13: an envelope stamped t + 5, then a no-op: t + 7.
#[test]
fn g23_what_comes_from_another_vat_is_later_than_its_sending() {
    let subscriber = |_| transition_no_state!(subscriber!("far"));
    let vat = settled(Vat::spawn(VatOptions { log: true, ..VatOptions::default() }, subscriber).unwrap());
    let far = empty_vat(VatOptions::default());
    let here = stamp(&vat);
    while stamp(&far) < here + 4 {
        far.call(|_| ()).unwrap();
    }
    let to = vat.clone();
    far.call(move |_| to.send(&"far".to_string())).unwrap().unwrap();
    let sent = stamp(&far);
    assert_eq!(sent, here + 5);
    vat.call(|_| ()).unwrap();
    assert_eq!(stamp(&vat), sent + 2);
    let origin = vat.inspect(|d| d.log().turns().find_map(|turn| turn.origin)).unwrap().unwrap();
    assert_eq!((origin.vat, origin.stamp), (far.id(), sent));
}

/// G26: newest first, across vats.
#[test]
fn g26_a_trace_crosses_vats() {
    let options = || VatOptions { log: true, ..VatOptions::default() };
    let a = empty_vat(options());
    let b = Vat::spawn(options(), |_| {
        transition_no_state!(
            subscriber!("ping", on_message!(_ => send_message!("pong"))),
            subscriber!("pong", on_message!(_ => send_message!("done"))),
        )
    })
    .unwrap();
    let mut done = b.subscribe::<Text>(topic!("done")).unwrap();
    let to = b.clone();
    a.call(move |_| to.send(&"ping".to_string())).unwrap().unwrap();
    while !matches!(done.wait().unwrap(), Some(marketplace::vat::VatEvent::Message(_))) {}
    let last = b.inspect(|debugger| debugger.log().turns().last().unwrap().id).unwrap();
    let trace = b.trace(last).unwrap();
    let heard: Vec<_> = trace.iter().map(|(vat, turn)| (*vat, turn.heard.clone())).collect();
    let message = |text: &str| Heard::Message(Orientation::Publisher, text.to_string().to_value());
    assert_eq!(
        heard,
        [
            (b.id(), message("done")),
            (b.id(), message("pong")),
            (b.id(), message("ping")),
            (a.id(), Heard::Boot),
        ]
    );
    assert!(trace.windows(2).all(|pair| pair[0].1.stamp > pair[1].1.stamp), "later is later everywhere");
    a.halt();
    assert_eq!(b.trace(last).unwrap().len(), 3, "a vat that is gone is a leaf");
}

/// G25: at run time, inside the vat (G-s05).
#[test]
fn g25_the_log_is_turned_on_off_resized_and_cleared() {
    let vat = empty_vat(VatOptions::default());
    let len = |vat: &Vat| vat.inspect(|debugger| debugger.log().len()).unwrap();
    vat.call(|_| ()).unwrap();
    assert_eq!(len(&vat), 0);
    vat.inspect(|debugger| debugger.log_mut().turn_on()).unwrap();
    vat.call(|_| ()).unwrap();
    assert_eq!(len(&vat), 1);
    vat.inspect(|debugger| debugger.log_mut().clear()).unwrap();
    assert_eq!(len(&vat), 0);
    vat.call(|_| ()).unwrap();
    vat.call(|_| ()).unwrap();
    vat.inspect(|debugger| debugger.log_mut().resize(1)).unwrap();
    let newest = stamp(&vat);
    let kept = vat.inspect(|debugger| debugger.log().turns().map(|turn| turn.stamp).collect::<Vec<_>>());
    assert_eq!(kept, Ok(vec![newest]));
    vat.inspect(|debugger| debugger.log_mut().turn_off()).unwrap();
    vat.call(|_| ()).unwrap();
    assert_eq!(len(&vat), 1);
}

/// The log of a vat with a host of its own is reached through envelopes, too.
#[test]
fn g25_orders_are_urgent() {
    let host = Custom::default();
    let vat = Vat::with_host(VatOptions::default(), |_| transition_no_state!(), host.clone());
    vat.start();
    let _result = vat.inspect_async(|_| ());
    let (_churn, envelopes) = host.parts();
    let order = envelopes.recv().unwrap();
    assert!(order.is_urgent() && order.wants_result());
}
