//! Objects of third machines.

use super::*;
use crate::wire::{Give, Signed};

/// The second connection is to another peer: what is that one's is handed off to the first.
#[test]
fn a_third_machines_object_is_handed_off() {
    let mut talk = Script::greeted().accepted();
    talk.connect(Script::new().says_bytes(0, hello(&[3; 32])), false, Spelling::Framed);
    let (alice, carol) = (talk.standing(0), talk.standing(1));
    assert_eq!(talk.roster.lock().unwrap().len(), 2);
    let (to, gift) = (alice.bootstrap.clone(), carol.bootstrap.clone());
    talk.sim.tell(|cx| {
        send(cx, &to, "take", (gift,));
    });
    talk.sim.run();
    let deposited = &talk.all_said_on(1)[1];
    assert!(deposited.starts_with("<10'op:deliver<11'desc:export0+>[12'deposit-gift32:"), "{deposited}");
    assert!(deposited.ends_with("<11'desc:export0+>]ff>"), "{deposited}");
    let given = &talk.said()[0];
    assert!(given.contains("17'desc:sig-envelope<17'desc:handoff-give"), "{given}");
}

/// It cannot be dialled: it is passed on as an object of ours.
#[test]
fn k6_an_object_of_a_peer_that_only_dials_is_passed_on_as_ours() {
    let mut talk = Script::greeted().accepted();
    let mut writer = Writer::new();
    Hello::write(&Location::new("memory", "peer", &[]), &Keys::of_seed(&[3; 32]), &mut writer);
    talk.connect(Script::new().says_bytes(0, writer.into_bytes()), false, Spelling::Framed);
    let (alice, carol) = (talk.standing(0), talk.standing(1));
    let (to, passed) = (alice.bootstrap.clone(), carol.bootstrap.clone());
    for _ in 0..2 {
        talk.sim.tell(|cx| {
            send(cx, &to, "take", (passed.clone(),));
        });
    }
    talk.sim.run();
    assert_eq!(talk.said(), ["<10'op:deliver<11'desc:export0+>[4'take<18'desc:import-object1+>]ff>"; 2]);
    assert_eq!(talk.all_said_on(1).len(), 1);
}

/// Nothing is deposited for what cannot be said.
#[test]
fn k1_nothing_is_deposited_for_a_message_that_is_refused() {
    let mut talk = Script::greeted().accepted();
    talk.connect(Script::new().says_bytes(0, hello(&[3; 32])), false, Spelling::Framed);
    let (alice, carol) = (talk.standing(0), talk.standing(1));
    let (to, gift) = (alice.bootstrap.clone(), carol.bootstrap.clone());
    talk.sim.tell(|cx| {
        send(cx, &to, "take", (gift, Value::from(Opaque::new(7u8))));
    });
    talk.sim.run();
    assert!(talk.said().is_empty());
    assert_eq!(talk.all_said_on(1).len(), 1);
}

fn give(receiver: &[u8; 32]) -> Signed {
    let third = Keys::of_seed(&[9; 32]);
    let side = third.public().id();
    Give {
        receiver_key: Keys::of_seed(receiver).public(),
        exporter: location("third"),
        session: crate::wire::SessionId::between(side, side),
        gifter_side: side,
        gift: Bytes::from_static(b"my-gift"),
    }
    .sign(&third)
}

fn note_of(give: &Signed) -> Vec<u8> {
    let mut message = b"<10'op:deliver<11'desc:export0+>[4'note".to_vec();
    message.extend_from_slice(&give.0);
    message.extend_from_slice(b"]ff>");
    message
}

#[test]
fn a_gift_for_us_is_asked_for_by_the_hub() {
    let give = give(&OURS);
    let mut talk = Script::greeted().says_bytes(1, note_of(&give)).accepted();
    talk.until(1);
    let notes = talk.notes.take();
    assert_eq!(notes[..2], ["hello of peer".to_string(), format!("given {} bytes", give.0.len())]);
    assert_eq!(notes[2..], ["\"the gift\""]);
}

/// A script in which gifts are held until a test brings them.
fn held(script: Script) -> Talk {
    let mut talk = Talk::new();
    let hub = talk.hub.clone();
    talk.sim.tell(|cx| {
        hub.hold_gifts(cx);
    });
    talk.connect(script, false, Spelling::Framed);
    talk
}

impl Talk {
    fn bring(&mut self, gift: impl Message) {
        let hub = self.hub.clone();
        self.sim.tell(|cx| {
            hub.bring(cx, gift.into_value());
        });
        self.sim.run();
    }
}

#[test]
fn k6_a_message_waits_for_the_objects_in_it_and_others_behind_it() {
    let script = Script::greeted()
        .says_bytes(1, note_of(&give(&OURS)))
        .says(1, "<10'op:deliver<11'desc:export0+>[4'note6\"behind]ff>")
        .says(1, "<10'op:deliver<11'desc:export0+>[4'echo7+]0+<18'desc:import-object5+>>")
        .says(1, "<10'op:deliver<11'desc:answer0+>[4'note]f<18'desc:import-object6+>>")
        .says(1, "<9'op:listen<11'desc:answer0+><18'desc:import-object7+>f>")
        .says_bytes(1, note_of(&give(&OURS)))
        .says(1, "<10'op:deliver<11'desc:export0+>[4'note4\"last]ff>");
    let mut talk = held(script);
    talk.until(1);
    let bytes = give(&OURS).0.len();
    assert_eq!(
        talk.notes.take(),
        ["hello of peer".to_string(), format!("given {bytes} bytes"), format!("given {bytes} bytes")]
    );
    assert!(talk.said().is_empty());
    talk.bring(1u8);
    assert_eq!(talk.notes.take(), ["1", "\"behind\""]);
    let said = talk.said();
    assert_eq!(said[0], "<10'op:deliver<11'desc:export5+>[7'fulfill7+]ff>");
    assert!(said.iter().any(|said| said == "<10'op:deliver<11'desc:export7+>[7'fulfill7+]ff>"), "{said:?}");
    talk.bring(2u8);
    assert_eq!(talk.notes.take(), ["2", "\"last\""]);
}

/// The second one is there first.
#[test]
fn k6_gifts_that_come_in_another_order_change_no_order() {
    let mut message = b"<10'op:deliver<11'desc:export0+>[4'note[7+".to_vec();
    message.extend_from_slice(&give(&OURS).0);
    message.extend_from_slice(&give(&OURS).0);
    message.extend_from_slice(b"]]ff>");
    let mut talk = held(Script::greeted().says_bytes(1, message).says_bytes(1, note_of(&give(&OURS))));
    talk.until(1);
    talk.notes.take();
    talk.bring(1u8);
    assert!(talk.notes.take().is_empty());
    talk.bring(2u8);
    assert_eq!(talk.notes.take(), ["[7, 1, 2]"]);
    talk.bring(3u8);
    assert_eq!(talk.notes.take(), ["3"]);
}

/// A method gets a `Far`, and it is the object itself.
#[test]
fn k6_a_gift_stands_as_the_object_that_it_is() {
    let mut message = b"<10'op:deliver<11'desc:export0+>[4'same".to_vec();
    message.extend_from_slice(&give(&OURS).0);
    message.extend_from_slice(b"<11'desc:export0+>]f<18'desc:import-object5+>>");
    let mut talk = held(Script::greeted().says_bytes(1, message));
    talk.until(1);
    let home = talk.home();
    talk.bring(home);
    assert_eq!(talk.said()[0], "<10'op:deliver<11'desc:export5+>[7'fulfillt]ff>");
}

#[test]
fn k6_a_gift_that_cannot_be_had_is_a_broken_promise() {
    let mut message = b"<10'op:deliver<11'desc:export0+>[5'greet".to_vec();
    message.extend_from_slice(&give(&OURS).0);
    message.extend_from_slice(b"]ff>");
    let mut talk = held(Script::greeted().says_bytes(1, message));
    talk.until(1);
    talk.notes.take();
    let hub = talk.hub.clone();
    talk.sim.tell(|cx| {
        hub.lose(cx, "nobody is there");
    });
    talk.sim.run();
    assert_eq!(talk.notes.take(), ["no answer: nobody is there"]);
}

/// Two peers that wait for gifts of each other.
#[test]
fn k6_what_asks_for_gifts_does_not_wait() {
    let script = Script::greeted()
        .says_bytes(1, note_of(&give(&OURS)))
        .says(1, "<10'op:deliver<11'desc:export0+>[13'withdraw-gift1:x]f<18'desc:import-object5+>>")
        .says(1, "<10'op:deliver<11'desc:export1+>[7'fulfill1+]ff>")
        .says(1, "<10'op:deliver<11'desc:export2+>[7'fulfill2+]ff>")
        .says(2, "<8'op:abort3\"end>");
    let mut talk = held(script);
    let withdrawn = talk.ask("withdraw-gift", (Bytes::from_static(b"y"),));
    let other = talk.ask("other", ());
    talk.until(1);
    assert!(talk.said().iter().any(|said| said.starts_with("<10'op:deliver<11'desc:export5+>[5'break")));
    assert_eq!(withdrawn.answer(), Some(Ok(1u8.into())));
    assert_eq!(other.answer(), None);
    // A message that is held when its session ends is dropped.
    talk.until(2);
    assert_eq!(why_ended(&other), Some("end".into()));
    talk.bring(1u8);
    assert!(!talk.notes.take().contains(&"1".to_string()));
}

/// The peer will never answer the one that asked for a gift. Another one has its place.
#[test]
fn k6_the_answer_to_a_question_in_the_place_of_a_withdrawal_waits() {
    let script = Script::greeted()
        .says(1, "<13'op:gc-exports[1+][1+]>")
        .says_bytes(2, note_of(&give(&OURS)))
        .says(3, "<10'op:deliver<11'desc:export2+>[7'fulfill2+]ff>");
    let mut talk = held(script);
    let withdrawn = talk.ask("withdraw-gift", (Bytes::from_static(b"y"),));
    talk.until(1);
    assert!(withdrawn.answer().is_some_and(|answer| answer.is_err()));
    drop(withdrawn);
    talk.until(2);
    let other = talk.ask("other", ());
    assert_eq!(
        talk.said().last().unwrap(),
        "<10'op:deliver<11'desc:export0+>[5'other]0+<18'desc:import-object2+>>"
    );
    talk.until(3);
    assert_eq!(other.answer(), None);
    talk.bring(1u8);
    assert_eq!(other.answer(), Some(Ok(2u8.into())));
}

#[test]
fn k9_a_gift_for_somebody_else_is_not_taken() {
    let mut talk = Script::greeted().says_bytes(1, note_of(&give(&THEIRS))).accepted();
    talk.until(1);
    assert_eq!(talk.notes.take(), ["hello of peer"]);
    assert!(talk.said()[0].starts_with("<8'op:abort"));
}

/// A session in which so many bytes may wait holds this message behind one that waits for a gift,
/// and ends at the second such message.
fn holds_one_of_two(bytes: usize, behind: &str) {
    let script = Script::greeted().says_bytes(1, note_of(&give(&OURS))).says(1, behind).says(2, behind);
    let mut talk = Talk::new();
    talk.held = bytes;
    let hub = talk.hub.clone();
    talk.sim.tell(|cx| {
        hub.hold_gifts(cx);
    });
    talk.connect(script, false, Spelling::Framed);
    talk.until(1);
    assert!(talk.said().is_empty());
    talk.until(2);
    assert_eq!(talk.said()[0], "<8'op:abort41\"too much waits for objects of other peers>");
}

#[test]
fn k10_so_much_waits_for_objects_of_others_and_no_more() {
    // The message behind counts as it is kept: its verb, and its text.
    let kept = 2 * size_of::<Value>() + "behind".len();
    let behind = "<10'op:deliver<11'desc:export0+>[4'note6\"behind]ff>";
    holds_one_of_two(note_of(&give(&OURS)).len() + kept, behind);
}

/// A value may take many more bytes than the message in which it came.
#[test]
fn k10_what_waits_for_objects_of_others_counts_as_it_is_kept() {
    let behind = format!("<10'op:deliver<11'desc:export0+>[4'note[{}]]ff>", "t".repeat(1000));
    holds_one_of_two(40_000, &behind);
}
