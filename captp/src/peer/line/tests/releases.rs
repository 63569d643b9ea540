//! The peer is told of the things that nobody here has any more (K7).

use super::*;

fn gc(said: &[String]) -> Vec<&String> {
    said.iter().filter(|said| said.contains("'op:gc")).collect()
}

/// The answer is written, then the release.
#[test]
fn k7_an_object_that_nobody_keeps_is_released() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[4'note<18'desc:import-object4+>]ff>")
        .accepted();
    talk.until(1);
    assert_eq!(talk.said(), ["<13'op:gc-exports[4+][1+]>"]);
}

#[test]
fn k7_each_mention_counts() {
    let mention =
        "<10'op:deliver<11'desc:export0+>[4'keep[<18'desc:import-object4+><18'desc:import-object4+>]]ff>";
    let mut talk = Script::greeted()
        .says(1, mention)
        .says(1, mention)
        .says(2, "<10'op:deliver<11'desc:export0+>[6'forget]ff>")
        .says(3, mention)
        .says(4, "<10'op:deliver<11'desc:export0+>[6'forget]ff>")
        .accepted();
    talk.until(1);
    assert!(talk.said().is_empty());
    talk.until(2);
    assert_eq!(talk.said(), ["<13'op:gc-exports[4+][4+]>"]);
    talk.until(4);
    assert_eq!(talk.said()[1..], ["<13'op:gc-exports[4+][2+]>"]);
}

#[test]
fn k7_many_are_released_by_one_message() {
    let mut talk = Script::greeted()
        .says(
            1,
            "<10'op:deliver<11'desc:export0+>[4'keep[<18'desc:import-object4+><18'desc:import-object5+>]]ff>",
        )
        .says(2, "<10'op:deliver<11'desc:export0+>[6'forget]ff>")
        .accepted();
    talk.until(2);
    assert_eq!(talk.said(), ["<13'op:gc-exports[4+5+][1+1+]>"]);
}

/// The resolver of the peer counts as any mention does.
#[test]
fn k7_resolvers_are_released_when_they_were_told() {
    let mut talk = Script::greeted()
        .says(
            1,
            "<10'op:deliver<11'desc:export0+>[4'echo<18'desc:import-object4+>]f<18'desc:import-object5+>>",
        )
        .accepted();
    talk.until(1);
    let said = talk.said();
    assert_eq!(said[0], "<10'op:deliver<11'desc:export5+>[7'fulfill<11'desc:export4+>]ff>");
    let released = gc(&said);
    let released: String = released.iter().map(|said| said.as_str()).collect();
    assert!(released.contains("5+") && released.contains("4+"), "{said:?}");
}

#[test]
fn k7_an_answer_is_released_once_when_it_was_given() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[5'greet<18'desc:import-object4+>]ff>")
        .says(2, "<10'op:deliver<11'desc:export1+>[7'fulfill5\"Hello]ff>")
        .accepted();
    talk.until(1);
    let said = talk.said();
    assert_eq!(said[0], "<10'op:deliver<11'desc:export4+>[5'hello]0+<18'desc:import-object1+>>");
    assert!(!said.iter().any(|said| said.contains("gc-answers")), "{said:?}");
    talk.until(3);
    let said = talk.said();
    let answers: Vec<_> = said.iter().filter(|said| said.contains("gc-answers")).collect();
    assert_eq!(answers, ["<13'op:gc-answers[0+]>"]);
    assert_eq!(talk.notes.take(), ["hello of peer", "answer \"Hello\""]);
}

#[test]
fn k7_a_settled_promise_is_released() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[4'keep<19'desc:import-promise4+>]ff>")
        .says(2, "<10'op:deliver<11'desc:export1+>[7'fulfill7+]ff>")
        .accepted();
    talk.until(2);
    let said = talk.said();
    assert_eq!(said[0], "<9'op:listen<11'desc:export4+><18'desc:import-object1+>f>");
    assert_eq!(gc(&said), ["<13'op:gc-exports[4+][1+]>"]);
}

/// The count of a thing that nobody here has any more is not lost when the session ends meanwhile.
#[test]
fn k7_releases_are_written_before_the_end() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[4'note<18'desc:import-object4+>]ff>")
        .accepted();
    talk.until(1);
    let hub = talk.hub.clone();
    talk.sim.tell(|cx| {
        hub.end(cx, "enough");
    });
    talk.sim.run();
    assert_eq!(talk.said(), ["<13'op:gc-exports[4+][1+]>", "<8'op:abort6\"enough>", "close"]);
}

/// Our object goes when the peer has let go of it, as often as it was told of it.
#[test]
fn k7_the_peer_lets_go_of_ours() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[7'another]f<18'desc:import-object5+>>")
        .says(2, "<10'op:deliver<11'desc:export1+>[4'note3\"her]ff>")
        .says(3, "<13'op:gc-exports[1+][1+]>")
        .says(4, "<10'op:deliver<11'desc:export1+>[4'note3\"him]ff>")
        .accepted();
    talk.until(1);
    talk.until(4);
    assert_eq!(talk.notes.take(), ["hello of peer", "\"her\""]);
    let said = talk.said();
    assert!(said[said.len() - 2].starts_with("<8'op:abort"), "{said:?}");
}

/// The session writes anyway, so the release does not wait for its own turn.
#[test]
fn k7_what_was_noted_is_written_when_the_session_writes_next() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[4'keep<18'desc:import-object4+>]ff>")
        .accepted();
    talk.until(1);
    let home = Reference::from_value(&talk.home()).unwrap();
    let bootstrap = talk.bootstrap();
    talk.sim.tell(|cx| {
        send(cx, &home, "forget", ());
        send(cx, &bootstrap, "one", ());
        send(cx, &bootstrap, "two", ());
    });
    talk.sim.run();
    assert_eq!(
        talk.said(),
        [
            "<10'op:deliver<11'desc:export0+>[3'one]ff>",
            "<13'op:gc-exports[4+][1+]>",
            "<10'op:deliver<11'desc:export0+>[3'two]ff>",
        ]
    );
}
