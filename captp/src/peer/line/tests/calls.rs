//! Messages and answers.

use super::*;

/// The question of the first call that wants an answer.
const ASKED: &str = "<10'op:deliver<11'desc:export0+>[5'fetch1:s]0+<18'desc:import-object1+>>";

#[test]
fn k1_what_cannot_travel_is_refused_where_it_is_sent() {
    let mut talk = Script::greeted().accepted();
    let arguments = vec![Value::from(1u8), Opaque::new(7u8).into()];
    let refused = talk.ask("take", (Value::from(1u8), Value::sequence(arguments)));
    let Some(Err(reason)) = refused.answer() else { panic!("it is refused") };
    let Some(Broken::NotPassable { place, what }) = Broken::of(&reason) else { panic!("{reason}") };
    assert_eq!(*place, 2);
    assert!(!what.is_empty());
    assert!(talk.said().is_empty(), "nothing is written");
    let _asked = talk.ask("fetch", (Bytes::from_static(b"s"),));
    assert_eq!(talk.said(), [ASKED], "and no position is used");
}

#[test]
fn k2_who_holds_no_promise_sends_alone() {
    let mut talk = Script::greeted().accepted();
    talk.tell("ring", ());
    let _asked = talk.ask("fetch", (Bytes::from_static(b"s"),));
    assert_eq!(talk.said(), ["<10'op:deliver<11'desc:export0+>[4'ring]ff>", ASKED]);
}

/// On both ends: recorded, and not fatal.
#[test]
fn k2_what_cannot_be_delivered_is_recorded() {
    let nothing = "<10'op:deliver<11'desc:export0+>[7'nothing]ff>";
    let mut talk = Script::greeted().says(1, nothing).says(2, nothing).accepted();
    let before = talk.sim.stats().unheard_errors;
    talk.until(2);
    assert_eq!(talk.sim.stats().unheard_errors, before + 2);
    talk.tell("take", (Value::from(Opaque::new(7u8)),));
    assert_eq!(talk.sim.stats().unheard_errors, before + 3);
    assert!(talk.said().is_empty());
}

#[test]
fn k3_what_is_sent_to_an_answer_leaves_at_once() {
    let mut talk = Script::greeted().accepted();
    let bootstrap = talk.bootstrap();
    let last = talk.sim.ask(|cx| {
        let mut at = send(cx, &bootstrap, "fetch", (Bytes::from_static(b"s"),));
        for _ in 0..2 {
            at = send(cx, &at, "next", ());
        }
        at
    });
    talk.sim.run();
    assert_eq!(
        talk.said(),
        [
            ASKED,
            "<10'op:deliver<11'desc:answer0+>[4'next]1+<18'desc:import-object2+>>",
            "<10'op:deliver<11'desc:answer1+>[4'next]2+<18'desc:import-object3+>>",
        ]
    );
    assert_eq!(last.answer(), None);
}

#[test]
fn answers_settle_promises() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export1+>[7'fulfill7+]ff>")
        .says(1, "<10'op:deliver<11'desc:export2+>[5'break5'oh-no]ff>")
        .accepted();
    let (seven, broken) = (talk.ask("seven", ()), talk.ask("break", ()));
    talk.until(1);
    assert_eq!(seven.answer(), Some(Ok(7u8.into())));
    assert_eq!(broken.answer(), Some(Err(Reason::value(&Symbol::new("oh-no")))));
}

#[test]
fn an_answer_may_be_an_object_to_which_one_sends() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export1+>[7'fulfill<18'desc:import-object9+>]ff>")
        .accepted();
    let bank = talk.ask("bank", ());
    talk.until(1);
    let Some(Ok(bank)) = bank.answer() else { panic!("there is no answer") };
    let bank = Reference::from_value(&bank).unwrap();
    talk.sim.tell(|cx| {
        send(cx, &bank, "ring", (bank.clone(),));
    });
    talk.sim.run();
    let said = talk.said();
    assert_eq!(said.last().unwrap(), "<10'op:deliver<11'desc:export9+>[4'ring<11'desc:export9+>]ff>");
}

#[test]
fn the_peer_calls_and_is_answered() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[4'echo7+]f<18'desc:import-object5+>>")
        .says(2, "<10'op:deliver<11'desc:export0+>[4'fail]0+<18'desc:import-object6+>>")
        .says(3, "<10'op:deliver<11'desc:export0+>[4'note4\"note]ff>")
        .accepted();
    talk.until(3);
    let said = talk.said();
    assert_eq!(said[0], "<10'op:deliver<11'desc:export5+>[7'fulfill7+]ff>");
    assert!(said.contains(&"<10'op:deliver<11'desc:export6+>[5'break5'oh-no]ff>".to_string()), "{said:?}");
    assert_eq!(talk.notes.take(), ["hello of peer", "\"note\""]);
}

/// The calls come together, before anything is answered.
#[test]
fn the_peer_sends_to_answers() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[7'another]0+<18'desc:import-object5+>>")
        .says(1, "<10'op:deliver<11'desc:answer0+>[7'another]1+<18'desc:import-object6+>>")
        .says(1, "<10'op:deliver<11'desc:answer1+>[4'note3\"one]ff>")
        .says(1, "<6'op:get<11'desc:answer0+>1\"x2+>")
        .says(1, "<10'op:deliver<11'desc:answer2+>[4'note3\"two]f<18'desc:import-object7+>>")
        .accepted();
    talk.until(1);
    assert_eq!(talk.notes.take(), ["hello of peer", "\"one\""]);
    let said = talk.said();
    assert!(said[0].starts_with("<10'op:deliver<11'desc:export5+>[7'fulfill<18'desc:import-object1+>]"));
    let broken = said.iter().find(|said| said.contains("<11'desc:export7+>")).unwrap();
    assert!(broken.contains("[5'break") && broken.contains("there is no field `x`"), "{broken}");
}

#[test]
fn parts_of_answers() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[4'echo[7+{1\"a8+}<11'desc:tagged1't9+>]]0+f>")
        .says(1, "<8'op:index<11'desc:answer0+>0+1+>")
        .says(1, "<9'op:listen<11'desc:answer1+><18'desc:import-object5+>f>")
        .says(1, "<8'op:index<11'desc:answer0+>1+2+>")
        .says(1, "<6'op:get<11'desc:answer2+>1\"a3+>")
        .says(1, "<9'op:listen<11'desc:answer3+><18'desc:import-object6+>f>")
        .says(1, "<8'op:index<11'desc:answer0+>3+4+>")
        .says(1, "<9'op:listen<11'desc:answer4+><18'desc:import-object7+>f>")
        .accepted();
    talk.until(1);
    let said = talk.said().join("\n");
    assert!(said.contains("<10'op:deliver<11'desc:export5+>[7'fulfill7+]ff>"), "{said}");
    assert!(said.contains("<10'op:deliver<11'desc:export6+>[7'fulfill8+]ff>"), "{said}");
    assert!(said.contains("<10'op:deliver<11'desc:export7+>[5'break"), "{said}");
}

/// K4: messages that wait at a promise are for the peer, and so is the news of what it is settled
/// with.
#[test]
fn k4_what_waited_at_a_promise_is_written_before_its_settlement() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[5'later]0+<18'desc:import-object5+>>")
        .says(1, "<10'op:deliver<11'desc:answer0+>[3'one]ff>")
        .says(1, "<10'op:deliver<11'desc:answer0+>[3'two]ff>")
        .says(2, "<10'op:deliver<11'desc:export0+>[6'settle<18'desc:import-object6+>]ff>")
        .accepted();
    talk.until(2);
    let said = talk.said();
    assert_eq!(
        said[..3],
        [
            "<10'op:deliver<11'desc:export6+>[3'one]ff>",
            "<10'op:deliver<11'desc:export6+>[3'two]ff>",
            "<10'op:deliver<11'desc:export5+>[7'fulfill<11'desc:export6+>]ff>",
        ]
    );
}

#[test]
fn promises_of_the_peer_are_listened_to_at_once() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[5'greet<19'desc:import-promise4+>]ff>")
        .says(2, "<10'op:deliver<11'desc:export1+>[7'fulfill<18'desc:import-object5+>]ff>")
        .says(3, "<10'op:deliver<11'desc:export2+>[7'fulfill5\"Hello]ff>")
        .accepted();
    talk.until(1);
    assert_eq!(
        talk.said(),
        [
            "<9'op:listen<11'desc:export4+><18'desc:import-object1+>f>",
            "<10'op:deliver<11'desc:export4+>[5'hello]0+<18'desc:import-object2+>>",
        ]
    );
    talk.until(3);
    assert_eq!(talk.notes.take(), ["hello of peer", "answer \"Hello\""]);
}

#[test]
fn promises_of_ours_are_told_to_whoever_listens() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[5'later]0+f>")
        .says(1, "<9'op:listen<11'desc:answer0+><18'desc:import-object5+>f>")
        .says(2, "<10'op:deliver<11'desc:export0+>[6'settle2'ok]ff>")
        .says(3, "<9'op:listen<11'desc:answer0+><18'desc:import-object6+>f>")
        .says(4, "<10'op:deliver<11'desc:export0+>[5'later]1+<18'desc:import-object7+>>")
        .says(5, "<10'op:deliver<11'desc:export0+>[5'never]ff>")
        .accepted();
    talk.until(1);
    assert!(talk.said().is_empty());
    talk.until(2);
    assert_eq!(talk.said()[0], "<10'op:deliver<11'desc:export5+>[7'fulfill2'ok]ff>");
    talk.until(3);
    assert!(talk.said().iter().any(|said| said == "<10'op:deliver<11'desc:export6+>[7'fulfill2'ok]ff>"));
    talk.until(5);
    let said = talk.said();
    assert!(said.iter().any(|said| said.starts_with("<10'op:deliver<11'desc:export7+>[5'break")), "{said:?}");
}

/// A promise of the peer is sent home as what it is there.
#[test]
fn k5_what_is_the_peers_goes_home() {
    let mut talk = Script::greeted()
        .says(
            1,
            "<10'op:deliver<11'desc:export0+>[4'echo[<18'desc:import-object3+><19'desc:import-promise4+>\
             <11'desc:export0+>]]f<18'desc:import-object5+>>",
        )
        .accepted();
    talk.until(1);
    let said = talk.said();
    assert!(
        said.iter().any(|said| said
            == "<10'op:deliver<11'desc:export5+>[7'fulfill[<11'desc:export3+><11'desc:export4+><18'desc:import-object0+>]]ff>"
            || said.starts_with("<10'op:deliver<11'desc:export5+>[7'fulfill[<11'desc:export3+><11'desc:export4+><18'desc:import-object")),
        "{said:?}"
    );
}

#[test]
fn k16_one_script_has_one_trace() {
    let run = || {
        let mut talk = Script::greeted()
            .says(1, "<10'op:deliver<11'desc:export0+>[5'greet<18'desc:import-object4+>]0+<18'desc:import-object5+>>")
            .says(1, "<10'op:deliver<11'desc:export0+>[4'echo[<18'desc:import-object4+>7+]]1+<18'desc:import-object5+>>")
            .says(2, "<8'op:abort3\"end>")
            .accepted();
        let asked: Vec<_> = (0..5u8).map(|n| talk.ask("number", (n,))).collect();
        talk.until(2);
        assert!(asked.iter().all(|asked| why_ended(asked).is_some()));
        (talk.said(), without_numbers(&talk.sim.trace().to_string()))
    };
    assert!(run() == run());
}

/// Numbers of what is made outside of a sim are those of the whole program.
fn without_numbers(trace: &str) -> String {
    let mut parts = trace.split('#');
    let mut text = parts.next().unwrap_or_default().to_string();
    for part in parts {
        text.push('#');
        let part = part.strip_prefix('x').unwrap_or(part);
        text.push_str(part.trim_start_matches(|digit: char| digit.is_ascii_digit()));
    }
    text
}
