//! The end of a session: everybody who waits is told (K8), and nobody else is harmed (K9).

use super::*;
use crate::peer::line::CapTpSession;

fn what_ends(script: Script) -> (Talk, Asked<Value>, Asked<Value>, Asked<Value>) {
    let mut talk = script.accepted();
    let question = talk.ask("question", ());
    talk.until(1);
    let home = talk.notes.0.lock().unwrap().lines.len();
    assert!(home >= 1);
    let bootstrap = talk.bootstrap();
    let pipelined = talk.sim.ask(|cx| {
        let open = send(cx, &bootstrap, "open", ());
        send(cx, &open, "next", ())
    });
    talk.sim.run();
    talk.until(2);
    let late = talk.ask("late", ());
    (talk, question, pipelined, late)
}

#[test]
fn k8_nobody_waits_for_ever() {
    for (script, why) in [
        (Script::greeted().says(2, "<8'op:abort4\"away>"), "away"),
        (Script::greeted().ends(2), "the peer has closed the connection"),
        (Script::greeted().fails(2, "the cable was cut"), "the cable was cut"),
    ] {
        let (talk, question, pipelined, late) = what_ends(script);
        for asked in [&question, &pipelined, &late] {
            assert_eq!(why_ended(asked), Some(why.into()), "{:?}", asked.answer());
        }
        assert_eq!(talk.sim.exits().len(), 1);
        assert!(talk.roster.lock().unwrap().is_empty());
        assert!(!talk.sim.is_on(&talk.sources[0]));
    }
}

#[test]
fn k8_who_holds_a_far_reference_hears_of_the_end() {
    let mut talk = Script::greeted().says(2, "<8'op:abort4\"away>").accepted();
    let bootstrap: Far<()> = cast(&talk.bootstrap());
    talk.sim.spawn(spawn!(transition_no_state!(when_broken(&bootstrap, |(), why| {
        transition_no_state!(send_message!(why.to_string()))
    }))));
    talk.until(2);
    assert_eq!(talk.sim.messages_of::<Text>(), ["it is gone (SessionEnded(\"away\"))"]);
}

/// Promises that the peer decides break, also those that are parts of values.
#[test]
fn k8_imported_promises_break() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[5'greet<19'desc:import-promise4+>]ff>")
        .says(2, "<8'op:abort4\"away>")
        .accepted();
    talk.until(2);
    assert_eq!(talk.notes.take(), ["hello of peer", "no answer: it is gone (SessionEnded(\"away\"))"]);
}

/// The process is ended by somebody else: nothing is left behind.
#[test]
fn k8_a_session_that_is_killed_is_no_longer_in_the_roster() {
    let mut talk = Script::greeted().accepted();
    let question = talk.ask("question", ());
    let pid = *talk.roster.lock().unwrap().keys().next().unwrap();
    talk.sim.kill(pid, "no more");
    talk.sim.run();
    assert!(talk.roster.lock().unwrap().is_empty());
    assert!(matches!(question.answer(), Some(Err(_))));
}

#[test]
fn k9_whatever_cannot_be_ends_the_session() {
    for message in [
        "<10'op:nothing1+>",
        "<10'op:deliver<11'desc:export77+>[]ff>",
        "<10'op:deliver<11'desc:answer77+>[]ff>",
        "<10'op:deliver<11'desc:export0+>[4'note<11'desc:export77+>]ff>",
        "<13'op:gc-exports[77+][1+]>",
        "[7+]",
        "7+",
        "<10'op:deliver<11'desc:export0+>7+ff>",
    ] {
        let mut talk = Script::greeted().says(1, message).accepted();
        let question = talk.ask("question", ());
        talk.until(1);
        let said = talk.said();
        assert!(said[1].starts_with("<8'op:abort"), "{message}: {said:?}");
        assert_eq!(said[2], "close");
        assert!(why_ended(&question).is_some(), "{message}: {:?}", question.answer());
    }
}

/// A message that came before it, in the same bytes, is heard.
#[test]
fn k9_bad_bytes_behind_good_ones() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[4'note3\"one]ff>")
        .says(1, "<1'x>")
        .says(1, "<10'op:deliver<11'desc:export0+>[4'note3\"two]ff>")
        .accepted();
    talk.until(1);
    assert_eq!(talk.notes.take(), ["hello of peer", "\"one\""]);
}

/// K18
#[test]
fn k18_at_shutdown_sessions_say_so() {
    let mut talk = Script::greeted().accepted();
    talk.tell("ring", ());
    talk.sim.shutdown();
    talk.sim.run();
    assert_eq!(
        talk.said(),
        ["<10'op:deliver<11'desc:export0+>[4'ring]ff>", "<8'op:abort8\"shutdown>", "close"]
    );
}

/// Programs learn by presence who is connected.
#[test]
fn k14_sessions_are_present_in_their_vm() {
    let mut talk = Talk::new();
    talk.sim.spawn(spawn!(transition_no_state!(subscriber!(
        CapTpSession { .. },
        match_conversation!(CapTpSession { peer, dialled } =>
            on_presence!(send_message!((peer, dialled))),
            match_reason!(SessionEnded { why } => on_absence!(send_message!(why)))),
    ))));
    talk.connect(Script::greeted().says(1, "<8'op:abort4\"away>"), false, Spelling::Framed);
    assert_eq!(talk.sim.messages_of::<(Text, bool)>(), [("ocapn://peer.memory?at=peer".into(), false)]);
    assert!(talk.sim.messages_of::<Text>().is_empty());
    talk.until(1);
    assert_eq!(talk.sim.messages_of::<Text>(), ["away"]);
}

#[test]
fn k10_objects_that_are_to_hear_answers_are_bounded() {
    let mut talk = Talk::new();
    talk.bounds.answers = 3;
    let mut script = Script::greeted().says(1, "<10'op:deliver<11'desc:export0+>[5'later]0+f>");
    for second in 2..8 {
        // Always the same object: so no table grows.
        script = script.says(second, "<9'op:listen<11'desc:answer0+><18'desc:import-object5+>f>");
    }
    talk.connect(script, false, Spelling::Framed);
    talk.until(5);
    assert!(talk.said().is_empty());
    talk.until(6);
    assert_eq!(talk.said(), ["<8'op:abort39\"more answers are waited for than may be>", "close"]);
}

/// The outer half says when more than 16 MiB wait, and when that is over.
#[test]
fn k10_while_too_much_waits_sends_break_with_too_many() {
    let mut script = Script::greeted();
    script.0.push((Duration::from_secs(1), FromLine::Congested(true)));
    script.0.push((Duration::from_secs(2), FromLine::Congested(false)));
    let mut talk = script.accepted();
    talk.until(1);
    let refused = talk.ask("question", ()).answer().unwrap().unwrap_err();
    assert!(matches!(Broken::of(&refused), Some(Broken::TooMany)), "{refused}");
    assert!(talk.said().is_empty(), "nothing is written");
    talk.until(2);
    let asked = talk.ask("question", ());
    assert_eq!(asked.answer(), None);
    assert_eq!(talk.said(), ["<10'op:deliver<11'desc:export0+>[8'question]0+<18'desc:import-object1+>>"]);
}

#[test]
fn k10_a_peer_that_takes_nothing_ends_the_session_with_overrun() {
    let mut script = Script::greeted().fails(1, "");
    script.1 = Reason::value(&Symbol::new("overrun"));
    let mut talk = script.accepted();
    let asked = talk.ask("question", ());
    talk.until(1);
    assert_eq!(why_ended(&asked), Some("overrun".into()));
}
