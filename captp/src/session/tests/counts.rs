//! Counts, and places that are free again (K7).

use marketplace::Value;

use crate::session::tests::stage::{Side, delivered, new_object, new_promise, pair, pass, pass_one, settled};
use crate::session::{Heard, Target};

const ZERO: Target = Target::Import(0);

#[test]
fn k7_each_occurrence_counts_and_all_are_released_at_once() {
    let (mut here, mut there, _) = pair();
    let (carol, dave) = (new_object(), new_object());
    here.tell(ZERO, &[carol.clone().into(), Value::sequence([carol.clone().into(), dave.into()])]).unwrap();
    here.tell(ZERO, &[carol.into()]).unwrap();
    let heard = pass(&mut here, &mut there);
    assert_eq!(there.falls(), 0);
    assert!(!there.session.has_releases());
    drop(heard);
    assert_eq!(there.falls(), 2);
    assert!(there.session.has_releases());
    there.session.write_releases();
    assert_eq!(there.session.take_written(), ["<13'op:gc-exports[1+2+][3+1+]>"]);
    assert_eq!(there.sizes(), [0; 4]);
}

#[test]
fn k7_what_is_exported_stays_until_the_peer_lets_go_of_it() {
    let (mut here, mut there, _) = pair();
    let carol = new_object();
    let shown = carol.shown();
    here.tell(ZERO, &[carol.into()]).unwrap();
    let far = delivered(pass_one(&mut here, &mut there)).reference(0);
    there.tell(there.target(&far), &[]).unwrap();
    assert_eq!(delivered(pass_one(&mut there, &mut here)).to, shown);
    drop(far);
    there.falls();
    there.session.write_releases();
    assert!(matches!(pass_one(&mut there, &mut here), Heard::Nothing));
    assert_eq!((here.sizes(), there.sizes()), ([0; 4], [0; 4]));
}

#[test]
fn k7_a_release_that_crosses_a_mention_frees_nothing_that_is_held() {
    let (mut here, mut there, _) = pair();
    let carol = new_object();
    here.tell(ZERO, &[carol.clone().into()]).unwrap();
    drop(pass(&mut here, &mut there));
    there.falls();
    there.session.write_releases();
    // They cross.
    here.tell(ZERO, &[carol.clone().into()]).unwrap();
    pass(&mut there, &mut here);
    assert_eq!(here.session.tables().exports[1].count, 1);
    let again = delivered(pass_one(&mut here, &mut there));
    there.tell(there.target(&again.reference(0)), &[]).unwrap();
    assert_eq!(delivered(pass_one(&mut there, &mut here)).to, carol);
}

#[test]
fn k7_an_import_comes_again_while_the_old_one_falls() {
    let (mut here, mut there, _) = pair();
    let carol = new_object();
    here.tell(ZERO, &[carol.clone().into()]).unwrap();
    drop(pass(&mut here, &mut there));
    // Nobody has it, but the session was not told so yet.
    here.tell(ZERO, &[carol.into()]).unwrap();
    let again = delivered(pass_one(&mut here, &mut there)).reference(0);
    let [old, new] = &there.world.imports[..] else { panic!("there are two") };
    assert_ne!(old.number, new.number);
    assert_eq!(there.falls(), 1);
    assert!(!there.session.has_releases(), "the new one stands at the position");
    assert_eq!(there.sizes(), [0, 1, 0, 0]);
    assert_eq!(there.target(&again), Target::Import(1));
    there.session.bootstrap(&mut there.world);
    there.tell(ZERO, &[again.clone().into()]).unwrap();
    assert_eq!(there.written(), ["<10'op:deliver<11'desc:export0+>[<11'desc:export1+>]ff>"]);
    drop(again);
    there.falls();
    there.session.write_releases();
    assert_eq!(there.written(), ["<13'op:gc-exports[1+][2+]>"]);
}

#[test]
fn k7_a_position_has_a_new_number_each_time() {
    let (mut here, mut there, _) = pair();
    let carol = new_object();
    here.tell(ZERO, &[carol.clone().into()]).unwrap();
    drop(pass(&mut here, &mut there));
    let (position, number) = (there.world.imports[0].position, there.world.imports[0].number);
    there.falls();
    here.tell(ZERO, &[carol.into()]).unwrap();
    let again = pass(&mut here, &mut there);
    assert_ne!(there.world.imports[0].number, number);
    there.session.released(position, number);
    assert_eq!(there.sizes(), [0, 1, 0, 0], "that was the old one");
    drop(again);
    there.falls();
    there.session.write_releases();
    assert_eq!(there.written(), ["<13'op:gc-exports[1+][2+]>"], "both counts in one message");
}

#[test]
fn k7_resolvers_and_listeners_count_and_are_released_when_they_have_heard() {
    let mut here = Side::plain();
    here.hear(b"<10'op:deliver<11'desc:export0+>[]f<18'desc:import-object7+>>").unwrap();
    here.hear(b"<9'op:listen<11'desc:export0+><18'desc:import-object7+>f>").unwrap();
    assert_eq!(here.sizes(), [0, 1, 0, 0]);
    here.settle(Some(7), Ok(Value::UNIT));
    assert!(!here.session.has_releases(), "it is to hear once more");
    here.settle(Some(7), Ok(Value::UNIT));
    assert_eq!(here.sizes(), [0; 4]);
    here.written();
    here.session.write_releases();
    assert_eq!(here.written(), ["<13'op:gc-exports[7+][2+]>"]);
}

#[test]
fn k7_a_resolver_that_somebody_has_is_released_with_what_stands_for_it() {
    let mut here = Side::plain();
    let heard = here
        .hear(b"<10'op:deliver<11'desc:export0+>[<18'desc:import-object7+>]f<18'desc:import-object7+>>")
        .unwrap();
    here.settle(Some(7), Ok(Value::UNIT));
    assert!(!here.session.has_releases());
    drop(heard);
    here.falls();
    here.written();
    here.session.write_releases();
    assert_eq!(here.written(), ["<13'op:gc-exports[7+][2+]>"]);
}

#[test]
fn k7_what_stands_for_a_resolver_falls_before_it_has_heard() {
    let mut here = Side::plain();
    drop(
        here.hear(b"<10'op:deliver<11'desc:export0+>[<18'desc:import-object7+>]f<18'desc:import-object7+>>"),
    );
    here.falls();
    assert!(!here.session.has_releases(), "it is to hear the answer");
    here.settle(Some(7), Ok(Value::UNIT));
    assert_eq!(here.written(), ["<10'op:deliver<11'desc:export7+>[7'fulfill<4'void>]ff>"]);
    here.session.write_releases();
    assert_eq!(here.written(), ["<13'op:gc-exports[7+][2+]>"]);
}

#[test]
fn k7_an_answer_is_released_once_when_it_was_answered_and_nobody_has_its_promise() {
    for answered_first in [true, false] {
        let (mut here, mut there, _) = pair();
        let (question, _) = here.ask(ZERO, &[]).unwrap();
        let asked = delivered(pass_one(&mut here, &mut there));
        there.session.answers_with(asked.answer.unwrap(), new_promise());
        let mut answer = |here: &mut Side| {
            there.settle(asked.resolver, Ok(7.into()));
            assert!(settled(pass_one(&mut there, here)).1.is_ok());
        };
        if answered_first {
            answer(&mut here);
            assert!(!here.session.has_releases());
            here.session.question_released(question);
        } else {
            here.session.question_released(question);
            assert!(!here.session.has_releases());
            answer(&mut here);
        }
        here.session.question_released(question);
        here.session.write_releases();
        assert_eq!(here.session.take_written(), ["<13'op:gc-answers[0+]>"]);
        assert!(!here.session.has_releases());
    }
}

#[test]
fn k7_a_place_of_a_question_is_used_again_when_the_peer_was_told_that_it_is_free() {
    let (mut here, mut there, _) = pair();
    let mut ask = |here: &mut Side| {
        let (question, _) = here.ask(ZERO, &[]).unwrap();
        let asked = delivered(pass_one(here, &mut there));
        there.settle(asked.resolver, Ok(Value::UNIT));
        assert!(settled(pass_one(&mut there, here)).1.is_ok());
        question
    };
    assert_eq!(ask(&mut here), 0);
    assert_eq!(ask(&mut here), 1, "the first is not let go of");
    here.session.question_released(0);
    assert_eq!(ask(&mut here), 2, "the peer does not know yet");
    here.session.write_releases();
    here.written();
    // `there` was not told, so it is asked nothing more.
    assert_eq!(here.ask(ZERO, &[]).unwrap().0, 0);
}

#[test]
fn k7_all_that_was_released_is_told_in_one_message_of_each_kind() {
    let (mut here, mut there, _) = pair();
    there.session.bootstrap(&mut there.world);
    for _ in 0..3 {
        here.tell(ZERO, &[new_object().into()]).unwrap();
    }
    drop(pass(&mut here, &mut there));
    let asked: Vec<_> = (0..3).map(|_| there.ask(ZERO, &[]).unwrap().0).collect();
    for heard in pass(&mut there, &mut here) {
        here.settle(delivered(heard).resolver, Ok(Value::UNIT));
    }
    pass(&mut here, &mut there);
    for question in asked {
        there.session.question_released(question);
    }
    // The implicit bootstrap object is among them: nobody has to be told of it.
    assert_eq!(there.falls(), 4);
    there.session.write_releases();
    assert_eq!(there.written(), ["<13'op:gc-exports[1+2+3+][1+1+1+]>", "<13'op:gc-answers[0+1+2+]>"]);
    here.session.write_releases();
    assert_eq!(here.written(), ["<13'op:gc-exports[1+2+3+][1+1+1+]>"]);
    assert_eq!(there.ask(ZERO, &[]).unwrap().0, 0, "the first place that is free");
}
