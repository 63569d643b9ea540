//! Resolvers in messages.

use super::*;

/// A promise of ours, whose resolver the peer has as object 1, and keeps for ever.
fn taken(script: Script) -> (Talk, Asked<Value>) {
    let mut talk = script.accepted();
    let (settled, resolver) = promise::<Value>();
    let settled = talk.sim.ask(|_| settled);
    let bootstrap = talk.bootstrap();
    talk.sim.tell(|cx| {
        send(cx, &bootstrap, "take", (resolver.clone(), resolver.clone()));
    });
    drop(resolver);
    talk.sim.run();
    let told =
        "<10'op:deliver<11'desc:export0+>[4'take<18'desc:import-object1+><18'desc:import-object1+>]ff>";
    assert_eq!(talk.said(), [told]);
    (talk, settled)
}

#[test]
fn k1_a_resolver_is_an_object_to_the_peer() {
    for (said, expected) in
        [("7'fulfill7+", Ok(Value::from(7u8))), ("5'break5'oh-no", Err(Reason::value(&Symbol::new("oh-no"))))]
    {
        let said = format!("<10'op:deliver<11'desc:export1+>[{said}]0+<18'desc:import-object5+>>");
        let (mut talk, settled) = taken(Script::greeted().says(1, &said));
        assert_eq!(settled.answer(), None, "the peer keeps it");
        talk.until(1);
        assert_eq!(settled.answer(), Some(expected));
        let told = "<10'op:deliver<11'desc:export5+>[7'fulfill<4'void>]ff>";
        assert_eq!(talk.said()[1], told, "whoever settles it is told that it was heard");
    }
}

#[test]
fn k1_a_resolver_hears_nothing_else() {
    for said in ["7'fulfill", "7'fulfill1+2+", "7'unknown1+", "", "1+"] {
        let said = format!("<10'op:deliver<11'desc:export1+>[{said}]0+<18'desc:import-object5+>>");
        let (mut talk, settled) = taken(Script::greeted().says(1, &said));
        talk.until(1);
        assert_eq!(settled.answer(), None);
        let answer = &talk.said()[1];
        assert!(answer.starts_with("<10'op:deliver<11'desc:export5+>[5'break"), "{answer}");
    }
}

#[test]
fn k1_a_resolver_that_the_peer_lets_go_of_settles_nothing() {
    let (mut talk, settled) = taken(Script::greeted().says(1, "<13'op:gc-exports[1+][2+]>"));
    talk.until(1);
    let reason = settled.answer().unwrap().unwrap_err();
    assert!(matches!(Broken::of(&reason), Some(Broken::Abandoned)), "{reason}");
}

/// Sent home, it is an object, as elsewhere.
#[test]
fn k5_a_resolver_that_was_passed_on_is_one_object() {
    let echo = "<10'op:deliver<11'desc:export0+>[4'keep<11'desc:export1+>]ff>";
    let same = "<10'op:deliver<11'desc:export0+>[4'same<11'desc:export1+><11'desc:export1+>]f<18'desc:import-object5+>>";
    let (mut talk, settled) = taken(Script::greeted().says(1, echo).says(1, same));
    talk.until(1);
    assert_eq!(talk.said()[1], "<10'op:deliver<11'desc:export5+>[7'fulfillt]ff>");
    assert_eq!(settled.answer(), None);
}

/// Before the peer has heard of it.
#[test]
fn k3_a_resolver_that_is_selected_is_an_object() {
    let mut talk = Script::greeted()
        .says(1, "<10'op:deliver<11'desc:export0+>[4'pair]0+f>")
        .says(1, "<8'op:index<11'desc:answer0+>1+1+>")
        .says(1, "<10'op:deliver<11'desc:answer1+>[7'fulfill7+]2+<18'desc:import-object5+>>")
        .says(1, "<8'op:index<11'desc:answer0+>0+3+>")
        .says(1, "<9'op:listen<11'desc:answer3+><18'desc:import-object6+>f>")
        .accepted();
    talk.until(1);
    let said = talk.said().join("\n");
    assert!(said.contains("<10'op:deliver<11'desc:export5+>[7'fulfill<4'void>]ff>"), "{said}");
    assert!(said.contains("<10'op:deliver<11'desc:export6+>[7'fulfill7+]ff>"), "{said}");
}
