//! Nothing shows a swiss number (K11).

use bytes::Bytes;
use marketplace_captp::value::Secret;
use marketplace_captp::wire::Sturdyref;
use marketplace_captp::{PeerError, enliven};

use crate::things::Counter;
use crate::vats::Vats;

const SWISS: &str = "open-sesame-7391";

/// All that can be read about a vat, but for the addresses that its own program has as texts.
fn shown(vats: &mut Vats, at: usize) -> String {
    let sim = vats.sim(at);
    let trace = sim.trace().to_string();
    let lines = trace.lines().filter(|line| !line.contains("ocapn://")).collect::<Vec<_>>().join("\n");
    format!("{lines}\n{:?}\n{}\n{:?}", sim.dump(), sim.dump(), sim.exits())
}

#[test]
fn k11_a_swiss_number_shows_nowhere() {
    let mut vats = Vats::new(["bank", "shop", "thief"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let bank = vats.peer(0);
    let uri = vats.answer(0, |cx| bank.publish_as(cx, Secret::from(SWISS), &counter)).unwrap();
    assert!(uri.contains(SWISS), "whoever publishes has the address: {uri}");
    let far = vats.enliven::<Counter>(1, &uri);
    assert_eq!(vats.answer(1, |cx| far.add(cx, 1)), Ok(2));
    // One that leads nowhere is as secret: it may be an old one.
    let wrong = Sturdyref { swiss: Bytes::from(format!("{SWISS}x")), ..Sturdyref::parse(&uri).unwrap() };
    let thief = vats.peer(2);
    let refused = vats.answer(2, |cx| enliven::<Counter>(cx, &thief, wrong.to_uri().as_str()));
    let refused = refused.unwrap_err();
    assert_eq!(refused.decode(), Some(PeerError::NoObject));
    let no_address = format!("ocapn//bank.memory/s/{SWISS}");
    let mistaken = vats.answer(2, |cx| enliven::<Counter>(cx, &thief, no_address.as_str())).unwrap_err();
    assert_eq!(mistaken.decode(), Some(PeerError::NoAddress));
    vats.sim(0).shutdown();
    vats.run();
    let bytes = SWISS.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
    for at in 0..3 {
        let shown = shown(&mut vats, at);
        assert!(shown.contains("fetch"), "it was asked for, and that is in the record: {shown}");
        for secret in [SWISS, &bytes] {
            let line = shown.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "in the record of vat {at}");
        }
    }
    let reasons = format!("{refused:?} {refused} {mistaken:?} {mistaken}");
    assert!(!reasons.contains(SWISS), "{reasons}");
}
