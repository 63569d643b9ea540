//! Nothing shows a swiss number (K11).

use bytes::Bytes;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::{Value, View};
use marketplace_captp::netlayer::{FromLine, Seed, ToLine};
use marketplace_captp::session::Inbox;
use marketplace_captp::syrup::{Limits, Reader, Writer};
use marketplace_captp::value::Secret;
use marketplace_captp::wire::Sturdyref;
use marketplace_captp::{Peer, PeerError, enliven};

use crate::things::Counter;
use crate::vats::Vats;

const SWISS: &str = "open-sesame-7391";

/// All that can be read about a vat.
fn shown(vats: &mut Vats, at: usize) -> String {
    let sim = vats.sim(at);
    let turns: String = sim.log().turns().map(|turn| format!("{turn:?}\n{turn}\n")).collect();
    let dump = sim.dump();
    let pids: Vec<_> = dump.processes.iter().map(|process| process.pid).collect();
    let states: String =
        pids.into_iter().filter_map(|pid| Some(format!("{:#?}\n", sim.peek(&[], pid)?))).collect();
    format!("{}\n{turns}\n{dump:?}\n{dump}\n{:?}\n{states}", sim.trace(), sim.exits())
}

/// Nothing that can be read about these vats has this number in it, as text or as bytes.
#[track_caller]
fn nowhere(vats: &mut Vats, swiss: &str) {
    let bytes = swiss.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
    for at in 0..vats.len() {
        let shown = shown(vats, at);
        for secret in [swiss, &bytes] {
            let line = shown.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "in the record of vat {at}");
        }
    }
}

#[test]
fn k11_a_swiss_number_shows_nowhere() {
    let mut vats = Vats::new(["bank", "shop", "thief"]);
    (0..3).for_each(|at| vats.sim(at).log_mut().turn_on());
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
    for at in 0..3 {
        let shown = shown(&mut vats, at);
        assert!(shown.contains("fetch"), "it was asked for, and that is in the record: {shown}");
    }
    nowhere(&mut vats, SWISS);
    let reasons = format!("{refused:?} {refused} {mistaken:?} {mistaken}");
    assert!(!reasons.contains(SWISS), "{reasons}");
}

/// Keeps an address for others, as a text and as a sturdy reference.
struct Board(Text, Value);

#[object]
impl Board {
    fn post(&mut self, text: Text, record: Value) -> Text {
        (self.0, self.1) = (text.clone(), record);
        text
    }

    fn read(&self) -> (Text, Value) {
        (self.0.clone(), self.1.clone())
    }
}

/// Addresses go to a third vat and come back in messages: they lead to the object, and show in
/// nobody's record.
#[test]
fn k11_an_address_in_a_message_does_not_show_its_swiss_number() {
    let mut vats = Vats::new(["bank", "shop", "board"]);
    (0..3).for_each(|at| vats.sim(at).log_mut().turn_on());
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let bank = vats.peer(0);
    let uri = vats.publish(0, &counter);
    let sturdyref = Sturdyref::parse(&uri).unwrap();
    let swiss = std::str::from_utf8(&sturdyref.swiss).unwrap().to_string();
    assert!(uri.to_string().contains(&swiss), "a program that prints it has it whole: {uri}");
    let there = vats.sim(2).spawn_object(Board(Text::default(), Value::UNIT));
    let posted = vats.publish(2, &there);
    let board = vats.enliven::<Board>(0, &posted);
    let record = sturdyref.to_value();
    let echo = vats.answer(0, |cx| board.post(cx, uri.clone(), record.clone())).unwrap();
    assert_eq!(echo, uri);
    let board = vats.enliven::<Board>(1, &posted);
    let (text, record_read) = vats.answer(1, |cx| board.read(cx)).unwrap();
    assert_eq!((&text, &record_read), (&uri, &record), "what is not shown is still there");
    let shop = vats.peer(1);
    let by_text = vats.answer(1, |cx| enliven::<Counter>(cx, &shop, text)).unwrap();
    let by_record = vats.answer(1, |cx| enliven::<Counter>(cx, &shop, record_read)).unwrap();
    assert_eq!(by_text, by_record);
    vats.answer(0, |cx| bank.retract(cx, (&uri).into())).unwrap();
    nowhere(&mut vats, &swiss);
    let board = std::str::from_utf8(&Sturdyref::parse(&posted).unwrap().swiss).unwrap().to_string();
    nowhere(&mut vats, &board);
    let peer = uri.split("/s/").next().unwrap();
    assert!(shown(&mut vats, 1).contains(&format!("{peer}/s/..")), "whose address it is can be read");
}

/// Uses a secret.
struct Door;

#[object]
impl Door {
    fn opens(&self, secret: Secret) -> bool {
        secret == SWISS.into()
    }
}

#[test]
fn k1_a_secret_is_an_argument_in_another_vat() {
    let mut vats = Vats::new(["bank", "shop"]);
    let door = vats.sim(0).spawn_object(Door);
    let uri = vats.publish(0, &door);
    let door = vats.enliven::<Door>(1, &uri);
    assert_eq!(vats.answer(1, |cx| door.opens(cx, SWISS.into())), Ok(true));
}

#[test]
fn k11_a_peer_of_another_vat_takes_addresses_that_do_not_show() {
    let mut vats = Vats::new(["bank", "shop"]);
    (0..2).for_each(|at| vats.sim(at).log_mut().turn_on());
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let (bank, shop) = (vats.peer(0), vats.peer(1));
    let (uri, banks) = (vats.publish(0, &counter), vats.publish(0, &bank));
    let far = vats.enliven::<dyn Peer>(1, &banks);
    let found = vats.answer(1, |cx| enliven::<Counter>(cx, &far, &uri)).unwrap();
    assert_eq!(vats.answer(1, |cx| found.add(cx, 1)), Ok(2));
    assert_eq!(vats.answer(1, |cx| far.retract(cx, (&uri).into())), Ok(()));
    let lost = vats.answer(1, |cx| enliven::<Counter>(cx, &shop, &uri)).unwrap_err();
    assert_eq!(lost.decode(), Some(PeerError::NoObject));
    let swiss = Sturdyref::parse(&uri).unwrap().swiss;
    nowhere(&mut vats, std::str::from_utf8(&swiss).unwrap());
    let counter = vats.sim(1).spawn_object(Counter::new(5));
    let uri = vats.answer(1, |cx| far.publish_as(cx, SWISS.into(), &counter)).unwrap();
    assert!(uri.starts_with("ocapn://bank.") && uri.contains(SWISS));
}

#[test]
fn k11_what_is_said_and_what_keys_are_made_of_prints_without_its_bytes() {
    let bytes = Bytes::from_static(SWISS.as_bytes());
    let mut inbox = Inbox::new(Limits::default());
    inbox.push(bytes.clone());
    let mut writer = Writer::new();
    writer.bytes(&bytes);
    let printed = [
        format!("{:?}", Seed(bytes.clone())),
        format!("{:?}", FromLine::Connected(Seed(bytes.clone()))),
        format!("{:?}", FromLine::Heard(bytes.clone())),
        format!("{:?}", ToLine::Say(bytes.clone())),
        format!("{inbox:?}"),
        format!("{writer:?}"),
        format!("{:?}", Reader::new(&bytes, Limits::default())),
        format!("{:?}", Secret(bytes.clone())),
        Value::from(Secret(bytes.clone())).to_string(),
        Value::secret(bytes.clone()).to_string(),
    ];
    let numbers = SWISS.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
    for printed in printed {
        assert!(!printed.contains(SWISS) && !printed.contains(&numbers), "{printed}");
    }
    let sturdyref = Sturdyref::parse(&format!("ocapn://bank.memory/s/{SWISS}")).unwrap();
    let value = sturdyref.to_value();
    assert!(!format!("{sturdyref:?} {value:?} {value}").contains(SWISS));
    assert!(matches!(value.view(), View::Record(_, [_, swiss]) if *swiss == Value::from(bytes)));
    assert_eq!(Sturdyref::from_value(&value), Some(sturdyref));
}
