//! Sessions that end because nobody uses them, just when somebody does (K18).

use super::reach::hands_off_at;
use super::*;
use crate::peer::SessionEnded;
use crate::syrup::Kind;
use crate::value::{Describe, Unpassable, write_reason};
use crate::wire::To;

const ANN: &str = "ocapn://ann.memory/s/x";

pub(super) fn says(at: u32, message: &str) -> (u32, FromLine) {
    (at, FromLine::Heard(Options::default().spelling.framed(message.as_bytes().to_vec()).into()))
}

/// A session with Ann, which she has made, and used once.
fn used(rest: impl IntoIterator<Item = (u32, FromLine)>) -> (Test, Source) {
    let mut test = Test::new();
    let begins =
        [(0, FromLine::Connected(seed(101))), (0, hello("ann", 1)), says(1, "<13'op:gc-exports[][]>")];
    let line = lasting(begins.into_iter().chain(rest));
    test.listener([(0, listening()), (0, accepted(&line))]);
    let _uri = test.publish();
    test.sim.advance(10 * MS);
    assert!(test.is_greeted(&line));
    (test, line)
}

fn from_ann_when_dialled() -> Source {
    lasting([(0, FromLine::Connected(seed(50))), (5, hello("ann", 2))])
}

/// Our question and her end cross: so nothing is said through the promise that would be lost.
#[test]
fn k18_a_question_that_crosses_the_end_of_an_idle_session_is_asked_in_a_new_one() {
    let (mut test, line) = used([says(20, "<8'op:abort4\"idle>")]);
    let again = from_ann_when_dialled();
    test.dial(Ok(again.clone()));
    let asked = test.sim.ask(|cx| {
        let found: Promise<Value> = Promise::from(test.peer.enliven(cx, ANN).into_value());
        send(cx, &found, "ring", ())
    });
    test.sim.run();
    assert!(test.said(&line).0.contains("5'fetch"));
    assert!(!test.said(&line).0.contains("4'ring"));
    test.sim.advance(20 * MS);
    assert_eq!((test.dialled(), asked.answer()), (vec!["ann".to_string()], None));
    let (said, closed) = test.said(&again);
    assert!(said.contains("5'fetch") && said.contains("4'ring") && !closed, "{said}");
}

/// It is asked once more, and not for ever.
#[test]
fn k18_a_question_is_asked_twice_at_most() {
    let (mut test, _) = used([says(20, "<8'op:abort4\"idle>")]);
    let items = [(0, FromLine::Connected(seed(50))), (5, hello("ann", 2)), says(6, "<8'op:abort4\"idle>")];
    test.dial(Ok(lasting(items)));
    let asked = test.enliven(ANN);
    test.sim.advance(30 * MS);
    assert_eq!(test.dialled(), ["ann"]);
    let why = asked.answer().unwrap().unwrap_err();
    assert!(why.to_string().contains("idle"), "{why}");
}

/// Another end is told: the question may have been heard.
#[test]
fn k18_a_question_that_crosses_another_end_breaks() {
    let (mut test, _) = used([says(20, "<8'op:abort4\"away>")]);
    let asked = test.enliven(ANN);
    test.sim.advance(20 * MS);
    assert!(asked.answer().unwrap().unwrap_err().to_string().contains("away"));
    assert!(test.dialled().is_empty());
}

/// An object of hers was of a third machine, whose session with her has ended.
#[test]
fn k18_a_question_that_is_answered_with_the_end_of_another_session_breaks() {
    let ended = Reason::value(&SessionEnded { why: "idle".into() });
    let reason = Reason::from(Broken::Gone(ended));
    let (mut test, line) = used([(20, breaks_first(&reason))]);
    let asked = test.enliven(ANN);
    test.sim.advance(20 * MS);
    assert!(test.is_greeted(&line), "the session stands");
    assert!(test.dialled().is_empty());
    assert_eq!(asked.answer().unwrap().unwrap_err().to_string(), reason.to_string());
}

/// The answer to our first question in a session breaks.
pub(super) fn breaks_first(reason: &Reason) -> FromLine {
    let mut writer = Writer::new();
    let args = |writer: &mut Writer| {
        writer.open(Kind::List);
        writer.symbol("break");
        write_reason(reason, writer, &mut NoReferences)?;
        writer.close(Kind::List);
        Ok::<(), Unpassable>(())
    };
    let spelling = Options::default().spelling;
    spelling.deliver(&mut writer, To::Export(1), args, None, None).unwrap();
    FromLine::Heard(spelling.framed(writer.into_bytes()).into())
}

struct NoReferences;

impl Describe for NoReferences {
    fn describe(&mut self, reference: &Reference, _: &mut Writer) -> Result<(), Unpassable> {
        panic!("{reference:?}")
    }
}

#[test]
fn k3_in_a_session_that_has_just_begun_a_chain_leaves_at_once() {
    let mut test = Test::new();
    let line = from_ann_when_dialled();
    test.dial(Ok(line.clone()));
    let _asked = test.sim.ask(|cx| {
        let found: Promise<Value> = Promise::from(test.peer.enliven(cx, ANN).into_value());
        send(cx, &found, "ring", ())
    });
    test.sim.advance(5 * MS);
    let (said, _) = test.said(&line);
    assert!(said.contains("5'fetch") && said.contains("4'ring"), "{said}");
}

/// A session with Carol, which ends at this time because nobody used it; and five objects of hers
/// that Ann hands off before that, each with another address.
fn handed_off_before(end: u32) -> Test {
    let mut test = Test::with(Script::default(), Options::default().dials(2));
    let carol = lasting([
        (0, FromLine::Connected(seed(105))),
        (0, hello("carol", 5)),
        says(1, "<13'op:gc-exports[][]>"),
        says(end, "<8'op:abort4\"idle>"),
    ]);
    let ann = lasting([
        (0, FromLine::Connected(seed(1))),
        (0, hello("ann", 2)),
        (10, hands_off_at(["1", "2", "3", "4", "5"])),
    ]);
    test.listener([(0, listening()), (0, accepted(&carol)), (0, accepted(&ann))]);
    let _uri = test.publish();
    (0..5).for_each(|_| test.dial(Ok(lasting::<FromLine>([]))));
    test.sim.advance(15 * MS);
    assert_eq!(test.said(&carol).0.matches("withdraw-gift").count(), 5);
    assert!(test.dialled().is_empty());
    test
}

#[test]
fn k10_hand_offs_that_are_asked_for_again_dial_no_more_than_others() {
    let mut test = handed_off_before(20);
    test.sim.advance(10 * MS);
    assert_eq!(test.dialled(), ["carol", "carol"]);
}

#[test]
fn k10_a_hand_off_that_is_too_late_is_not_asked_for_again() {
    let mut test = handed_off_before(3000);
    test.sim.advance(3000 * MS);
    assert!(test.dialled().is_empty());
}
