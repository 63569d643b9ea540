//! Order across connections (K4): what is sent through a promise of the peer, and what it is
//! settled with.

use super::*;

/// A question to the peer, and a message through its answer.
struct Asked0 {
    talk: Talk,
    answer: Asked<Value>,
    promise: Reference,
}

impl Asked0 {
    fn new(script: Script) -> Self {
        let mut talk = script.accepted();
        let bootstrap = talk.bootstrap();
        let mut promise = None;
        let answer = talk.sim.ask(|cx| {
            let answer = send(cx, &bootstrap, "get", ());
            promise = Reference::from_value(&answer.to_value());
            answer
        });
        talk.sim.run();
        Self { talk, answer, promise: promise.unwrap() }
    }

    fn note(&mut self, what: u64) {
        let promise = self.promise.clone();
        self.talk.sim.tell(|cx| {
            send(cx, &promise, "note", (what,));
        });
        self.talk.sim.run();
    }
}

const FULFILLED_WITH_OURS: &str = "<10'op:deliver<11'desc:export1+>[7'fulfill<11'desc:export0+>]ff>";

/// Nothing went through it.
#[test]
fn k4_a_fresh_promise_is_settled_at_once() {
    let mut asked = Asked0::new(Script::greeted().says(1, FULFILLED_WITH_OURS));
    asked.talk.until(1);
    assert_eq!(asked.answer.answer(), Some(Ok(asked.talk.home())));
    assert!(!asked.talk.said().iter().any(|said| said.contains("op:listen")));
    asked.note(1);
    assert_eq!(asked.talk.notes.take(), ["hello of peer", "1"]);
}

#[test]
fn k4_what_was_sent_through_a_promise_arrives_before_what_is_sent_home() {
    let script = Script::greeted()
        .says(1, FULFILLED_WITH_OURS)
        .says(2, "<10'op:deliver<11'desc:export0+>[4'note1+]ff>")
        .says(3, "<10'op:deliver<11'desc:export2+>[7'fulfill<11'desc:export0+>]ff>");
    let mut asked = Asked0::new(script);
    asked.note(1);
    asked.talk.until(1);
    assert_eq!(
        asked.talk.said(),
        [
            "<10'op:deliver<11'desc:export0+>[3'get]0+<18'desc:import-object1+>>",
            "<10'op:deliver<11'desc:answer0+>[4'note1+]ff>",
            "<9'op:listen<11'desc:answer0+><18'desc:import-object2+>f>",
        ],
        "its place is not let go of"
    );
    assert_eq!(asked.answer.answer(), None);
    asked.note(2);
    asked.talk.until(2);
    assert_eq!(asked.talk.notes.take(), ["hello of peer", "1"]);
    asked.note(3);
    assert!(asked.talk.notes.take().is_empty());
    asked.talk.until(3);
    assert_eq!(asked.talk.notes.take(), ["2", "3"]);
    asked.note(4);
    assert_eq!(asked.talk.notes.take(), ["4"]);
    assert_eq!(asked.answer.answer(), Some(Ok(asked.talk.home())));
    assert_eq!(asked.talk.said().last().unwrap(), "<13'op:gc-answers[0+]>");
}

/// All that went through it was answered, so it has arrived.
#[test]
fn k4_a_promise_whose_messages_were_answered_is_fresh() {
    let script = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export2+>[7'fulfill7+]ff>")
        .says(2, FULFILLED_WITH_OURS);
    let mut asked = Asked0::new(script);
    let promise = asked.promise.clone();
    let through = asked.talk.sim.ask(|cx| send(cx, &promise, "echo", (7u8,)));
    asked.talk.until(1);
    assert_eq!(through.answer(), Some(Ok(7u8.into())));
    asked.talk.until(2);
    assert_eq!(asked.answer.answer(), Some(Ok(asked.talk.home())));
    assert!(!asked.talk.said().iter().any(|said| said.contains("op:listen")));
}

/// Data, reasons and what is the peer's go no other way.
#[test]
fn k4_what_is_the_peers_is_taken_at_once() {
    for with in
        ["7'fulfill7+", "7'fulfill[<11'desc:export0+>]", "7'fulfill<18'desc:import-object9+>", "5'break7+"]
    {
        let settled = format!("<10'op:deliver<11'desc:export1+>[{with}]ff>");
        let mut asked = Asked0::new(Script::greeted().says(1, &settled));
        asked.note(1);
        asked.talk.until(1);
        assert!(asked.answer.answer().is_some(), "{with}");
        assert!(!asked.talk.said().iter().any(|said| said.contains("op:listen")), "{with}");
    }
}

#[test]
fn k4_an_imported_promise_is_listened_to_once_more() {
    let script = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[4'ring<19'desc:import-promise4+>]ff>")
        .says(2, "<10'op:deliver<11'desc:export1+>[7'fulfill<11'desc:export0+>]ff>")
        .says(3, "<10'op:deliver<11'desc:export2+>[7'fulfill<11'desc:export0+>]ff>");
    let mut talk = script.accepted();
    talk.until(3);
    let said = talk.said();
    assert_eq!(
        said[..3],
        [
            "<9'op:listen<11'desc:export4+><18'desc:import-object1+>f>",
            "<10'op:deliver<11'desc:export4+>[4'ring]ff>",
            "<9'op:listen<11'desc:export4+><18'desc:import-object2+>f>",
        ]
    );
    assert_eq!(said[3..], ["<13'op:gc-exports[4+][1+]>"]);
}

#[test]
fn k4_a_closed_promise_breaks_with_its_session() {
    for end in ["<8'op:abort3\"end>", "<13'op:gc-exports[2+][1+]>"] {
        let script = Script::greeted().says(1, FULFILLED_WITH_OURS).says(2, end);
        let mut asked = Asked0::new(script);
        asked.note(1);
        asked.talk.until(1);
        let promise = asked.promise.clone();
        let waits = asked.talk.sim.ask(|cx| send(cx, &promise, "echo", (7u8,)));
        asked.talk.until(2);
        for asked in [&waits, &asked.answer] {
            assert!(matches!(asked.answer(), Some(Err(_))), "{end}");
        }
    }
}

/// The lock answers `acquire` only when it hears `release`, and `release` goes the way that is
/// longer: nothing waits for the answer of a method.
#[test]
fn k4_acquire_and_release_through_a_promise() {
    let script = Script::greeted()
        .says(1, FULFILLED_WITH_OURS)
        // The peer sends on what went through the promise.
        .says(2, "<10'op:deliver<11'desc:export0+>[5'later]0+<18'desc:import-object5+>>")
        .says(2, "<10'op:deliver<11'desc:export3+>[7'fulfill<11'desc:export0+>]ff>")
        .says(3, "<10'op:deliver<11'desc:export2+>[7'fulfill7+]ff>");
    let mut asked = Asked0::new(script);
    let promise = asked.promise.clone();
    let acquired = asked.talk.sim.ask(|cx| send(cx, &promise, "later", ()));
    asked.talk.until(1);
    let released = asked.talk.sim.ask(|cx| send(cx, &promise, "settle", (7u8,)));
    asked.talk.until(2);
    assert_eq!(released.answer(), Some(Ok(().into_value())), "{:?}", asked.talk.said());
    let said = asked.talk.said();
    assert!(said.iter().any(|said| said == "<10'op:deliver<11'desc:export5+>[7'fulfill7+]ff>"), "{said:?}");
    asked.talk.until(3);
    assert_eq!(acquired.answer(), Some(Ok(7u8.into())));
}
