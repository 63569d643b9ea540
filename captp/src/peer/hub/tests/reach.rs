//! How far peers may lead us (K10).

use super::*;
use crate::netlayer::{Known, Proof};
use crate::syrup::Kind;
use crate::value::hide_swiss;
use crate::wire::{Give, PublicId, SessionId, To};

/// A connection that Ann has made from so far. She hands off an object of Carol.
pub(super) fn from_ann(reach: Reach) -> Source {
    let known = FromLine::Known(Known { proof: Proof::Nothing, reach });
    let items = [FromLine::Connected(seed(1)), known, hello("ann", 2), hands_off()];
    lasting(items.into_iter().enumerate().map(|(at, item)| (at as u32, item)))
}

pub(super) fn hands_off() -> FromLine {
    hands_off_at(["1"])
}

/// A message with an object of Carol for each of these ports, at which she is said to be.
pub(super) fn hands_off_at<'a>(ports: impl IntoIterator<Item = &'a str>) -> FromLine {
    let signed = |port| {
        let give = Give {
            receiver_key: Keys::of_seed(&[1; 32]).public(),
            exporter: Location::new("memory", "carol", &[("port", port)]),
            session: SessionId([3; 32]),
            gifter_side: PublicId([4; 32]),
            gift: Bytes::from_static(b"gift"),
        };
        give.sign(&Keys::of_seed(&[2; 32]))
    };
    let gives: Vec<_> = ports.into_iter().map(signed).collect();
    let args = |writer: &mut Writer| {
        writer.open(Kind::List);
        writer.symbol("fetch");
        gives.iter().for_each(|give| writer.raw(&give.0));
        writer.close(Kind::List);
        Ok::<(), ()>(())
    };
    let (spelling, mut writer) = (Options::default().spelling, Writer::new());
    spelling.deliver(&mut writer, To::Export(0), args, None, None).unwrap();
    FromLine::Heard(spelling.framed(writer.into_bytes()).into())
}

impl Test {
    /// Ann and those who come after her have connected.
    fn with_anns(lines: &[&Source]) -> Self {
        let mut test = Self::new();
        test.listener([(0, listening())].into_iter().chain(lines.iter().map(|line| (0, accepted(line)))));
        let _uri = test.publish();
        test.sim.advance(10 * MS);
        test
    }

    pub(super) fn reaches(&self) -> Vec<Option<Reach>> {
        self.script.reaches.lock().unwrap().clone()
    }
}

#[test]
fn k10_a_hand_off_leads_only_as_far_as_its_giver_is() {
    for reach in [Reach::Machine, Reach::Private, Reach::Public] {
        let test = Test::with_anns(&[&from_ann(reach)]);
        assert_eq!(test.dialled(), ["carol"]);
        assert_eq!(test.reaches(), [Some(reach)]);
    }
}

/// A peer may have settled it, and the program has not seen the text.
#[test]
fn k10_a_promise_of_an_address_leads_only_as_far_as_peers_are() {
    let mut test = Test::with_anns(&[&from_ann(Reach::Private)]);
    let before = test.reaches().len();
    let (address, resolver) = promise::<Text>();
    let asked = test.sim.ask(|cx| test.peer.enliven(cx, address.to_value()));
    test.sim.spawn(spawn!(transition_no_state!(resolver.fulfill("ocapn://emma.memory/s/x"))));
    test.sim.run();
    assert!(asked.answer().unwrap().is_err());
    assert_eq!(test.reaches()[before..], [Some(Reach::Private)]);
}

/// Nobody knows from whom it came: so it counts as one of the peer that is farthest away. A
/// connection that does not tell may be of anybody.
#[test]
fn k10_a_locator_of_a_message_leads_only_as_far_as_peers_are() {
    let bob = lasting([(0, FromLine::Connected(seed(5))), (1, hello("bob", 6))]);
    let peer =
        |name| Value::record("ocapn-peer", [Symbol::new("memory").into(), Value::from(name), false.into()]);
    let locator = |name| Value::record("ocapn-sturdyref", [peer(name), Value::from("x")]);
    let silent_on_that = vec![from_ann(Reach::Private), bob];
    for (lines, farthest) in [
        (vec![], Reach::Machine),
        (vec![from_ann(Reach::Private)], Reach::Private),
        (silent_on_that, Reach::Public),
    ] {
        let mut test = Test::with_anns(&lines.iter().collect::<Vec<_>>());
        let before = test.reaches().len();
        for address in [locator("dora"), "ocapn://emma.memory/s/x".into()] {
            for address in [crate::peer::hidden(address.clone()), address] {
                let asked = test.sim.ask(|cx| test.peer.enliven(cx, address));
                test.sim.run();
                assert!(asked.answer().unwrap().is_err());
            }
        }
        let text = None;
        assert_eq!(test.reaches()[before..], [Some(farthest), Some(farthest), text, text]);
        // A secret that has crossed a connection, and texts that have.
        let bytes = Value::from(Bytes::from_static(b"ocapn://gina.memory/s/x"));
        let texts = ["ocapn://hans.memory/s/x", "ocapn://iris.memory/s/.."].map(hide_swiss).map(Value::from);
        for address in [bytes].into_iter().chain(texts) {
            let asked = test.sim.ask(|cx| test.peer.enliven(cx, address));
            test.sim.run();
            assert!(asked.answer().unwrap().is_err());
        }
        assert_eq!(test.reaches()[before + 4..], [Some(farthest); 3]);
    }
}

/// Ann has our peer, and makes it dial.
#[test]
fn k10_an_address_that_a_peer_enlivens_here_leads_only_as_far_as_the_peer_is() {
    let says = |message: &str| {
        FromLine::Heard(Options::default().spelling.framed(message.as_bytes().to_vec()).into())
    };
    let known = FromLine::Known(Known { proof: Proof::Nothing, reach: Reach::Private });
    let items = [
        FromLine::Connected(seed(1)),
        known,
        hello("ann", 2),
        says("<10'op:deliver<11'desc:export0+>[5'fetch4:peer]0+f>"),
        says("<10'op:deliver<11'desc:answer0+>[7'enliven23\"ocapn://dora.memory/s/x]ff>"),
        says("<10'op:deliver<11'desc:answer0+>[7'enliven24\"ocapn://emma.memory/s/..]ff>"),
    ];
    let mut test = Test::new();
    let ann = lasting(items.into_iter().enumerate().map(|(at, item)| (at as u32, item)));
    test.listener([(0, listening()), (0, accepted(&ann))]);
    let _uri = test.sim.ask(|cx| test.peer.publish_as(cx, "peer".into(), &test.peer));
    test.sim.advance(10 * MS);
    assert_eq!(test.dialled(), ["dora", "emma"]);
    assert_eq!(test.reaches(), [Some(Reach::Private); 2]);
}
