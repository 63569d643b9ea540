//! The beginning of a session.

use super::*;
use crate::wire::Op;

/// The peer's own bytes are to be signed, so they are read with our own reader.
fn says_hello(message: &str, bytes: &[u8]) -> bool {
    message.starts_with("<16'op:start-session")
        && matches!(Op::read(bytes, Bounds::default().message), Ok(Op::Start(_)))
}

#[test]
fn whoever_dials_says_hello_first() {
    let talk = Script::new().dialled();
    let said = talk.all_said_on(0);
    assert_eq!(said.len(), 1);
    let ToLine::Say(bytes) = ToLine::from_value(&talk.sim.feedback(&talk.sources[0])[0]).unwrap() else {
        panic!("nothing was said")
    };
    let start = bytes.iter().position(|byte| *byte == b':').unwrap() + 1;
    assert!(says_hello(&said[0], &bytes[start..]));
    assert_eq!(talk.notes.take(), ["greets"]);
}

#[test]
fn whoever_accepts_waits_for_the_hello_and_the_verdict() {
    let talk = Script::new().accepted();
    assert!(talk.all_said_on(0).is_empty());
    let mut talk = Talk::new();
    let hub = talk.hub.clone();
    talk.sim.tell(|cx| {
        hub.withhold(cx);
    });
    talk.connect(Script::greeted(), false, Spelling::Framed);
    assert_eq!(talk.notes.take(), ["hello of peer"]);
    assert!(talk.all_said_on(0).is_empty());
    let talk = Script::greeted().accepted();
    assert_eq!(talk.all_said_on(0).len(), 1);
    assert_eq!(talk.standing(0).location.designator, "peer");
}

/// Both halves of a chunk are heard, though a verdict lies between them.
#[test]
fn what_comes_with_the_hello_is_heard_behind_it() {
    let message = "<10'op:deliver<11'desc:export0+>[4'note3\"now]ff>";
    let mut both = Spelling::Framed.framed(hello(&THEIRS));
    both.extend(Spelling::Framed.framed(message.as_bytes().to_vec()));
    for cut in [both.len(), both.len() - 10, 20, 1] {
        let mut script = Script::new();
        for part in both.chunks(cut) {
            script.0.push((Duration::ZERO, FromLine::Heard(Bytes::copy_from_slice(part))));
        }
        let talk = script.accepted();
        assert_eq!(talk.notes.take(), ["hello of peer", "\"now\""], "{cut}");
    }
}

#[test]
fn messages_wait_while_the_hub_thinks_and_not_without_end() {
    let mut talk = Talk::new();
    let hub = talk.hub.clone();
    talk.sim.tell(|cx| {
        hub.withhold(cx);
    });
    let mut script = Script::greeted();
    for _ in 0..5 {
        script.0.push((Duration::from_secs(1), FromLine::Heard(vec![b'1'; 4 << 20].into())));
    }
    talk.connect(script, false, Spelling::Framed);
    talk.until(2);
    let said = talk.all_said_on(0);
    assert_eq!(said.len(), 2);
    assert!(said[0].contains("too much"), "{said:?}");
    assert_eq!(said[1], "close");
}

/// K9: before the hello.
#[test]
fn k9_what_is_no_hello_closes_softly() {
    for (message, told) in [
        ("<8'op:abort4\"away>", false),
        ("<10'op:deliver<11'desc:export0+>[]ff>", true),
        ("[1+2+]", true),
        ("<1'x", true),
    ] {
        let talk = Script::new().says(0, message).accepted();
        let said = talk.all_said_on(0);
        assert_eq!(said.last().unwrap(), "close", "{message}");
        assert_eq!(said.len(), if told { 2 } else { 1 }, "{message}: {said:?}");
        assert!(!told || said[0].starts_with("<8'op:abort"), "{said:?}");
        let notes = talk.notes.take();
        assert!(notes[0].starts_with("failed: "), "{notes:?}");
        assert!(!talk.sim.is_on(&talk.sources[0]));
    }
}

#[test]
fn k9_a_second_hello_ends_the_session() {
    let mut talk = Script::greeted().says_bytes(1, hello(&THEIRS)).accepted();
    talk.until(1);
    let said = talk.said();
    assert!(said[0].starts_with("<8'op:abort"), "{said:?}");
    assert_eq!(said[1], "close");
}

#[test]
fn the_hub_may_end_a_connection_before_it_stands() {
    let mut talk = Script::new().accepted();
    let hub = talk.hub.clone();
    talk.sim.tell(|cx| {
        hub.end(cx, "too many wait");
    });
    talk.sim.run();
    assert_eq!(talk.all_said_on(0), ["<8'op:abort13\"too many wait>", "close"]);
    assert_eq!(talk.notes.take(), ["failed: the session has ended: too many wait"]);
}
