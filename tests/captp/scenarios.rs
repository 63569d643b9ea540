//! E's scenarios of a message without an answer, between two vats. Those about tables and bytes are
//! tests of the session; here is what programs see.

use std::sync::{Arc, Mutex};

use marketplace::Opaque;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace_captp::SessionEnded;

use crate::vats::Vats;

#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn add(&self, note: impl Into<String>) {
        self.0.lock().unwrap().push(note.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Carol says so when nobody has her any more.
struct Carol(Notes);

#[object]
impl Carol {
    fn note(&self, text: Text) {
        self.0.add(text.as_str());
    }

    #[method(released)]
    fn leaves(&self) {
        self.0.add("released");
    }
}

#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
#[error("no foo")]
struct NoFoo;

/// Bob hears of Carol, and notes what he hears.
struct Bob {
    notes: Notes,
    carols: Vec<Far<Carol>>,
    later: Option<Resolver<Far<Self>>>,
}

#[object]
impl Bob {
    fn foo(&mut self, carol: Far<Carol>) {
        self.notes.add(format!("foo, same: {}", self.carols.iter().all(|known| *known == carol)));
        self.carols.push(carol);
    }

    fn number(&self, n: u64) -> u64 {
        self.notes.add(n.to_string());
        n
    }

    fn fails(&self) -> Result<(), NoFoo> {
        self.notes.add("fails");
        Err(NoFoo)
    }

    fn copies(&self, number: u64, text: Text, list: Vec<u64>) -> (u64, Text, Vec<u64>) {
        (number, text, list)
    }

    fn any(&self, value: Value) -> Value {
        value
    }

    /// Speaks to somebody who may not be there yet.
    fn greets(&self, cx: &Cx<Self>, carol: Promise<Far<Carol>>) {
        carol.note(cx, "hello");
        carol.note(cx, "again");
    }

    /// A promise of this object, which is settled by `opens` or `breaks`.
    fn later(&mut self) -> Promise<Far<Self>> {
        let (later, resolver) = promise();
        self.later = Some(resolver);
        later
    }

    fn opens(&mut self, cx: &Cx<Self>) {
        let later = self.later.take();
        cx.act(later.map(|later| later.fulfill(cx.me())));
    }

    fn breaks(&mut self, cx: &Cx<Self>) {
        let later = self.later.take();
        cx.act(later.map(|later| later.break_because(NoFoo)));
    }
}

/// Alice's vat is 0, Bob's is 1.
struct Stage {
    vats: Vats,
    bob: Far<Bob>,
    notes: Notes,
}

impl Stage {
    fn new() -> Self {
        let mut vats = Vats::new(["alice", "bob"]);
        let notes = Notes::default();
        let bob = vats.sim(1).spawn_object(Bob { notes: notes.clone(), carols: Vec::new(), later: None });
        let uri = vats.publish(1, &bob);
        let bob = vats.enliven(0, &uri);
        Self { vats, bob, notes }
    }

    fn carol(&mut self) -> Far<Carol> {
        self.vats.sim(0).spawn_object(Carol(self.notes.clone()))
    }

    fn unheard(&mut self) -> [u64; 2] {
        [0, 1].map(|at| self.vats.sim(at).stats().unheard_errors)
    }

    /// Bob hears what is sent now.
    fn hears(&mut self, n: u64) {
        self.notes.take();
        let bob = self.bob.clone();
        assert_eq!(self.vats.answer(0, |cx| bob.number(cx, n)), Ok(n));
        assert_eq!(self.notes.take(), [n.to_string()]);
    }
}

fn session_ended(why: &Reason) -> bool {
    match Broken::of(why) {
        Some(Broken::Gone(why)) => why.decode::<SessionEnded>().is_some(),
        _ => false,
    }
}

#[test]
fn e_s04_the_second_time_it_is_an_equal_reference() {
    let mut stage = Stage::new();
    let (bob, carol) = (stage.bob.clone(), stage.carol());
    for _ in 0..2 {
        stage.vats.sim(0).tell(|cx| bob.foo(cx, &carol));
        stage.vats.run();
    }
    assert_eq!(stage.notes.take(), ["foo, same: true", "foo, same: true"]);
    let another = stage.carol();
    stage.vats.sim(0).tell(|cx| bob.foo(cx, &another));
    stage.vats.run();
    assert_eq!(stage.notes.take(), ["foo, same: false"]);
}

#[test]
fn e_s06_an_outcome_that_nobody_wants_is_noted_where_it_is() {
    let mut stage = Stage::new();
    let bob = stage.bob.clone();
    stage.vats.sim(0).tell(|cx| bob.fails(cx));
    stage.vats.run();
    assert_eq!(stage.notes.take(), ["fails"]);
    assert_eq!(stage.unheard(), [0, 1], "Alice hears nothing of it");
    stage.hears(7);
}

/// To an answer, which is not there yet, and to a promise that came in a message.
#[test]
fn e_s07_what_is_sent_to_a_promise_is_heard_in_order_when_it_is_settled() {
    let mut stage = Stage::new();
    let bob = stage.bob.clone();
    let mut later = None;
    stage.vats.sim(0).tell(|cx| later = Some(bob.later(cx)));
    let later = later.unwrap();
    let number = |stage: &mut Stage, n| {
        stage.vats.sim(0).tell(|cx| later.number(cx, n));
        stage.vats.run();
    };
    number(&mut stage, 1);
    number(&mut stage, 2);
    assert_eq!(stage.notes.take(), [""; 0]);
    stage.vats.sim(0).tell(|cx| {
        bob.opens(cx);
        later.number(cx, 3)
    });
    stage.vats.run();
    number(&mut stage, 4);
    assert_eq!(stage.notes.take(), ["1", "2", "3", "4"]);
}

#[test]
fn e_s07_what_waits_at_a_promise_that_breaks_is_noted_where_it_waits() {
    let mut stage = Stage::new();
    let bob = stage.bob.clone();
    let mut later = None;
    stage.vats.sim(0).tell(|cx| later = Some(bob.later(cx)));
    let later = later.unwrap();
    stage.vats.sim(0).tell(|cx| later.number(cx, 1));
    stage.vats.run();
    stage.vats.sim(0).tell(|cx| bob.breaks(cx));
    stage.vats.run();
    assert_eq!(stage.notes.take(), [""; 0]);
    assert!(stage.unheard()[1] > 0, "{:?}", stage.unheard());
    let why = stage.vats.answer(0, |cx| later.number(cx, 2)).unwrap_err();
    assert_eq!(why.decode(), Some(NoFoo), "{why:?}");
    stage.hears(7);
}

#[test]
fn e_s10_data_arrives_as_it_was() {
    let mut stage = Stage::new();
    let bob = stage.bob.clone();
    let came = stage.vats.answer(0, |cx| bob.copies(cx, 3, "x", vec![1, 2]));
    assert_eq!(came, Ok((3, "x".into(), vec![1, 2])));
}

#[test]
fn e_s11_a_reference_does_not_show_how_it_was_got() {
    let mut vats = Vats::new(["alice", "bob"]);
    let notes = Notes::default();
    let bob = vats.sim(1).spawn_object(Bob { notes, carols: Vec::new(), later: None });
    let uri = vats.publish(1, &bob);
    let far = vats.enliven::<Bob>(0, &uri);
    assert_eq!(far, vats.enliven::<Bob>(0, &uri));
    let (_, secret) = uri.split_once("/s/").unwrap();
    let secret = secret.split('?').next().unwrap();
    let shown = format!("{far:?} {}", vats.sim(0).dump());
    assert!(!shown.contains(secret), "{shown}");
}

#[test]
fn e_s13_what_cannot_travel_is_refused_and_the_session_goes_on() {
    let mut stage = Stage::new();
    let (bob, carol) = (stage.bob.clone(), stage.carol());
    let list = Value::sequence([carol.to_value(), Opaque::new(7).into()]);
    drop(carol);
    let why = stage.vats.answer(0, |cx| bob.any(cx, list)).unwrap_err();
    assert!(matches!(Broken::of(&why), Some(Broken::NotPassable { place: 1, .. })), "{why}");
    assert_eq!(stage.notes.take(), ["released"], "no table keeps Carol");
    stage.hears(7);
}

#[test]
fn e_s14_a_dead_connection_is_told() {
    let mut stage = Stage::new();
    let (bob, carol) = (stage.bob.clone(), stage.carol());
    stage.vats.sim(0).tell(|cx| bob.foo(cx, &carol));
    stage.vats.run();
    drop(carol);
    stage.vats.run();
    assert_eq!(stage.notes.take(), ["foo, same: true"], "Bob has her");
    stage.vats.cut(1);
    assert_eq!(stage.notes.take(), ["released"], "nobody else has her");
    let before = stage.unheard()[0];
    stage.vats.sim(0).tell(|cx| bob.number(cx, 1));
    stage.vats.run();
    assert_eq!(stage.unheard()[0], before + 1);
    let why = stage.vats.answer(0, |cx| bob.number(cx, 2)).unwrap_err();
    assert!(session_ended(&why), "{why}");
    assert_eq!(bob, stage.bob);
}

/// In Rust, a statement asks for no answer; also when the object is in another vat (O9).
#[test]
fn e_s16_a_statement_asks_for_no_answer() {
    let mut vats = Vats::new(["alice", "bob"]);
    let notes = Notes::default();
    let (far, here) = reference::<Bob>();
    let heard = notes.clone();
    vats.sim(1).spawn(spawn!(transition_no_state!(object_of!(
        here,
        match_duct!(duct => on_message!(message: (Symbol, u64) => {
            let (_, n) = message;
            heard.add(format!("{n}: {}wanted", if duct.is_wanted() { "" } else { "not " }));
            give(&duct, &n)
        })),
    ))));
    let uri = vats.publish(1, &far);
    let far = vats.enliven::<Bob>(0, &uri);
    vats.sim(0).tell(|cx| {
        far.number(cx, 1);
    });
    vats.run();
    assert_eq!(vats.answer(0, |cx| far.number(cx, 2)), Ok(2));
    assert_eq!(notes.take(), ["1: not wanted", "2: wanted"]);
}

#[test]
fn e_s17_a_promise_can_be_sent_and_spoken_to_before_it_is_settled() {
    let mut stage = Stage::new();
    let (bob, carol) = (stage.bob.clone(), stage.carol());
    let (later, resolver) = promise::<Far<Carol>>();
    stage.vats.sim(0).tell(|cx| bob.greets(cx, &later));
    stage.vats.run();
    assert_eq!(stage.notes.take(), [""; 0]);
    stage.vats.sim(0).spawn(spawn!(transition_no_state!(resolver.fulfill(carol.clone()))));
    stage.vats.run();
    assert_eq!(stage.notes.take(), ["hello", "again"]);
}

/// Both are captured by closures, or stand in a static: no message brought them.
#[test]
fn k20_a_reference_that_came_another_way_stays_foreign() {
    let mut vats = Vats::new(["alice", "bob"]);
    let notes = Notes::default();
    let at_bob = vats.sim(1).spawn_object(Bob { notes: notes.clone(), carols: Vec::new(), later: None });
    let uri = vats.publish(1, &at_bob);
    let far = vats.enliven::<Bob>(0, &uri);
    assert_ne!(far, at_bob);
    let why = vats.answer(0, |cx| at_bob.number(cx, 1)).unwrap_err();
    assert_eq!(Broken::of(&why), Some(&Broken::Foreign));
    assert_eq!(notes.take(), [""; 0]);
    // Nor does a session take it for an object of its vat, or for one of the peer's.
    let came = vats.answer(0, |cx| far.any(cx, &at_bob));
    assert_eq!(came, Ok(at_bob.to_value()), "{far:?}");
    assert_eq!(
        vats.answer(0, |cx| far.any(cx, &far)),
        Ok(far.to_value()),
        "sent home and back, it is itself"
    );
}
