//! Messages, and the references in them (K2, K3, K5, K12).

use marketplace::Value;

use crate::session::tests::stage::{
    Scripted, Side, delivered, message, new_object, pair, pass, pass_one, settled, symbol, text,
};
use crate::session::{Bounds, Heard, Part, Target};
use crate::wire::{Signed, Spelling};

const ZERO: Target = Target::Import(0);

#[test]
fn k2_a_send_without_an_answer_has_neither_position_nor_resolver() {
    let (mut here, mut there, _) = pair();
    here.tell(ZERO, &message("hi", [])).unwrap();
    assert_eq!(here.written(), ["<10'op:deliver<11'desc:export0+>[2'hi]ff>"]);
    here.tell(ZERO, &message("hi", [])).unwrap();
    let heard = delivered(pass_one(&mut here, &mut there));
    assert_eq!((heard.answer, heard.resolver), (None, None));
    assert_eq!((here.sizes(), there.sizes()), ([0; 4], [0; 4]));
}

#[test]
fn k2_every_other_send_has_both() {
    let (mut here, mut there, _) = pair();
    here.ask(ZERO, &message("hi", [])).unwrap();
    let heard = delivered(pass_one(&mut here, &mut there));
    assert_eq!((heard.answer, heard.resolver), (Some(0), Some(1)));
    assert_eq!(heard.to, there.bootstrap);
    assert_eq!(heard.parts, [symbol("hi")]);
    assert_eq!(here.sizes(), [1, 0, 1, 0]);
    assert_eq!(there.sizes(), [0, 1, 0, 1]);
}

#[test]
fn k3_a_pipeline_leaves_at_once_addressed_to_the_answers() {
    let (mut here, mut there, _) = pair();
    let (builder, _) = here.ask(ZERO, &message("fetch", [1.into()])).unwrap();
    let (factory, _) = here.ask(Target::Question(builder), &[]).unwrap();
    here.tell(Target::Question(factory), &message("drive", [])).unwrap();
    assert_eq!(
        here.session.take_written().iter().map(text).collect::<Vec<_>>(),
        [
            "<10'op:deliver<11'desc:export0+>[5'fetch1+]0+<18'desc:import-object1+>>",
            "<10'op:deliver<11'desc:answer0+>[]1+<18'desc:import-object2+>>",
            "<10'op:deliver<11'desc:answer1+>[5'drive]ff>",
        ]
    );
    // Once more, heard: each message is for what was put in the place of the answer.
    let (builder, _) = here.ask(ZERO, &message("fetch", [1.into()])).unwrap();
    here.tell(Target::Question(builder), &message("drive", [])).unwrap();
    let mut messages = here.session.take_written().into_iter();
    let mut hear = |side: &mut Side| delivered(side.hear(&messages.next().unwrap()).unwrap());
    let asked = hear(&mut there);
    let answer = there.promise();
    there.session.answers_with(asked.answer.unwrap(), answer.clone());
    assert_eq!(hear(&mut there).to, answer);
}

#[test]
fn k3_e_s07_an_imported_promise_is_spoken_to_at_once() {
    let (mut here, mut there, _) = pair();
    let promise = here.promise();
    here.tell(ZERO, &[promise.clone().into()]).unwrap();
    let far = delivered(pass_one(&mut here, &mut there)).reference(0);
    there.session.listen(1);
    there.tell(there.target(&far), &message("foo", [])).unwrap();
    let written = there.session.take_written();
    assert_eq!(
        written,
        [
            "<9'op:listen<11'desc:export1+><18'desc:import-object1+>f>",
            "<10'op:deliver<11'desc:export1+>[3'foo]ff>"
        ]
    );
    here.hear(&written[0]).unwrap();
    assert_eq!(delivered(here.hear(&written[1]).unwrap()).to, promise);
}

#[test]
fn k3_an_answer_stands_as_an_argument_too() {
    let (mut here, mut there, _) = pair();
    let (question, promise) = here.ask(ZERO, &[]).unwrap();
    let asked = delivered(pass_one(&mut here, &mut there));
    let answer = there.promise();
    there.session.answers_with(asked.answer.unwrap(), answer.clone());
    here.tell(ZERO, &[promise.clone().into()]).unwrap();
    assert_eq!(here.written(), ["<10'op:deliver<11'desc:export0+>[<11'desc:answer0+>]ff>"]);
    here.tell(ZERO, &[promise.clone().into()]).unwrap();
    assert_eq!(delivered(pass_one(&mut here, &mut there)).reference(0), answer);
    // When it is let go of, it is a promise like any other.
    here.session.question_released(question);
    here.tell(ZERO, &[promise.into()]).unwrap();
    assert_eq!(here.written(), ["<10'op:deliver<11'desc:export0+>[<18'desc:import-object2+>]ff>"]);
}

#[test]
fn k5_what_is_sent_twice_is_one_and_sent_home_it_is_the_object() {
    let (mut here, mut there, _) = pair();
    let carol = new_object();
    here.tell(ZERO, &[carol.clone().into(), carol.clone().into()]).unwrap();
    here.tell(ZERO, &[carol.clone().into()]).unwrap();
    let mut heard = pass(&mut here, &mut there).into_iter().map(delivered);
    let (first, second) = (heard.next().unwrap(), heard.next().unwrap());
    let far = first.reference(0);
    assert_eq!(first.reference(1), far);
    assert_eq!(second.reference(0), far);
    assert_eq!(there.world.made, 1);

    there.session.bootstrap(&mut there.world);
    there.tell(ZERO, &[far.clone().into()]).unwrap();
    assert_eq!(there.written(), ["<10'op:deliver<11'desc:export0+>[<11'desc:export1+>]ff>"]);
    there.tell(there.target(&far), &[far.into()]).unwrap();
    let home = delivered(pass_one(&mut there, &mut here));
    assert_eq!((home.to.clone(), home.reference(0)), (carol.clone(), carol));
}

#[test]
fn k5_bootstrap_objects_are_objects() {
    let (mut here, mut there, bootstrap) = pair();
    let ours = here.bootstrap.clone();
    here.tell(ZERO, &[bootstrap.clone().into(), ours.clone().into()]).unwrap();
    let heard = delivered(pass_one(&mut here, &mut there));
    assert_eq!(heard.reference(0), there.bootstrap);
    let far = heard.reference(1);
    assert_eq!(there.session.bootstrap(&mut there.world), far, "it has come already");
    assert_eq!(here.session.bootstrap(&mut here.world), bootstrap);
    // The counted mention is released, and nothing else.
    drop((heard, far));
    assert_eq!(there.falls(), 1);
    there.session.write_releases();
    assert_eq!(there.written(), ["<13'op:gc-exports[0+][1+]>"]);
    drop(bootstrap);
    assert_eq!(here.falls(), 1);
    assert!(!here.session.has_releases());
    here.tell(ZERO, &[]).unwrap();
}

#[test]
fn k5_a_promise_that_is_sent_twice_is_one_export() {
    let (mut here, mut there, _) = pair();
    let promise = here.promise();
    here.tell(ZERO, &[promise.clone().into()]).unwrap();
    let heard = delivered(pass_one(&mut here, &mut there));
    assert!(there.world.imports[0].is_promise);
    here.tell(ZERO, &[promise.clone().into()]).unwrap();
    assert_eq!(here.written(), ["<10'op:deliver<11'desc:export0+>[<19'desc:import-promise1+>]ff>"]);
    here.tell(ZERO, &[promise.clone().into()]).unwrap();
    assert_eq!(delivered(pass_one(&mut here, &mut there)).reference(0), heard.reference(0));
    assert_eq!(here.session.tables().exports[1].count, 3);
    // When it is settled, it is that, whoever has the promise still.
    let carol = new_object();
    here.world.sorts.insert(promise.shown(), Scripted::Settled(carol.clone().into()));
    here.tell(ZERO, &[promise.into(), carol.into()]).unwrap();
    let settled = delivered(pass_one(&mut here, &mut there));
    assert_eq!(settled.reference(0), settled.reference(1));
    assert!(!there.world.imports[1].is_promise);
}

#[test]
fn one_position_is_one_thing_whatever_it_is_called() {
    let mut here = Side::plain();
    let heard = here
        .hear(b"<10'op:deliver<11'desc:export0+>[<19'desc:import-promise5+><18'desc:import-object5+>]ff>")
        .map(delivered)
        .unwrap();
    assert_eq!(heard.reference(0), heard.reference(1));
    assert_eq!(here.session.tables().imports[0].count, 2);
}

#[test]
fn a_settled_promise_is_written_as_what_it_is_settled_with() {
    let (mut here, mut there, _) = pair();
    let carol = new_object();
    let of_carol = here.settled(carol.clone());
    let list = here.settled(Value::sequence([carol.clone().into(), 7.into()]));
    here.tell(ZERO, &[carol.into(), of_carol.into(), list.into()]).unwrap();
    let heard = delivered(pass_one(&mut here, &mut there));
    assert_eq!(heard.reference(0), heard.reference(1));
    assert_eq!(heard.parts[2], Value::sequence([heard.parts[0].clone(), 7.into()]));
    assert_eq!(here.session.tables().exports[1].count, 3);
}

#[test]
fn a_chain_of_settled_promises_makes_no_stack_grow() {
    let (mut here, mut there, _) = pair();
    let mut value = Value::sequence([]);
    for _ in 0..100_000 {
        value = Value::sequence([here.settled(value).into()]);
    }
    here.tell(ZERO, &[value]).unwrap();
    let heard = delivered(pass_one(&mut here, &mut there));
    assert_eq!(here.sizes(), [1, 0, 0, 0], "what is deep is a promise");
    drop(heard);
}

#[test]
fn a_thing_of_a_third_machine_is_its_certificate() {
    let (mut here, mut there, _) = pair();
    let foreign = new_object();
    let signed =
        Signed(bytes::Bytes::from_static(b"<17'desc:sig-envelope<17'desc:handoff-give>[7'sig-val]>"));
    here.world.sorts.insert(foreign.shown(), Scripted::Foreign(signed.clone()));
    here.tell(ZERO, &[foreign.into()]).unwrap();
    let heard = delivered(pass_one(&mut here, &mut there));
    assert_eq!(heard.parts, [symbol("given")]);
    assert_eq!(there.world.given, [signed]);
    assert_eq!((here.sizes(), there.sizes()), ([0; 4], [0; 4]));
}

#[test]
fn parts_of_answers_are_selected() {
    let mut here = Side::plain();
    let answer = new_object();
    here.hear(b"<10'op:deliver<11'desc:export0+>[]3+f>").unwrap();
    here.session.answers_with(3, answer.clone());
    let selected = [
        (&b"<6'op:get<11'desc:answer3+>4\"name4+>"[..], Part::Field("name".into()), 4),
        (b"<8'op:index<11'desc:answer3+>7+5+>", Part::Item(7), 5),
        (b"<8'op:untag<11'desc:answer3+>3\"tag6+>", Part::Tagged("tag".into()), 6),
    ];
    for (bytes, wanted, position) in selected {
        let heard = here.hear(bytes).unwrap();
        let Heard::Select { of, part, answer: at } = heard else { panic!("{heard:?}") };
        assert_eq!((of, part, at), (answer.clone(), wanted, position));
    }
    assert_eq!(here.sizes(), [0, 0, 0, 4]);
}

#[test]
fn k13_an_operation_has_the_same_number_at_both_ends() {
    let (mut here, mut there, _) = pair();
    let opaque = Value::from(marketplace::Opaque::new(7u8));
    here.tell(ZERO, &[]).unwrap();
    here.tell(ZERO, &[opaque]).unwrap_err();
    assert_eq!(here.session.said(), 1);
    here.ask(ZERO, &[]).unwrap();
    pass(&mut here, &mut there);
    there.hear(b"<10'op:deliver<11'desc:export8+>[]ff>").unwrap_err();
    assert_eq!((there.session.heard(), there.session.said()), (here.session.said(), 0));
}

#[test]
fn k12_each_spelling_is_understood_whatever_is_written() {
    let all = [Spelling::Framed, Spelling::Next, Spelling::Snapshot];
    for (spelling, other) in all.into_iter().flat_map(|one| all.map(|other| (one, other))) {
        let mut here = Side::new(spelling, Bounds::default());
        let mut there = Side::new(other, Bounds::default());
        here.tell(ZERO, &[new_object().into()]).unwrap();
        let (question, _) = here.ask(ZERO, &[]).unwrap();
        let mut heard = pass(&mut here, &mut there).into_iter().map(delivered);
        drop(heard.next());
        let asked = heard.next().unwrap();
        there.session.answers_with(asked.answer.unwrap(), new_object());
        there.settle(asked.resolver, Ok(Value::UNIT));
        there.falls();
        there.session.write_releases();
        let answers = pass(&mut there, &mut here);
        assert!(matches!(answers[0], Heard::Settled { .. }), "{spelling:?} {other:?}");
        here.session.question_released(question);
        here.session.write_releases();
        pass(&mut here, &mut there);
        assert_eq!((here.sizes(), there.sizes()), ([0; 4], [0; 4]), "{spelling:?} {other:?}");
    }
}

#[test]
fn k12_what_is_written_follows_the_spelling() {
    let written = |spelling| {
        let mut here = Side::new(spelling, Bounds::default());
        here.tell(ZERO, &[]).unwrap();
        here.hear(b"<10'op:deliver<11'desc:export0+>[]f<18'desc:import-object4+>>").unwrap();
        here.settle(Some(4), Ok(Value::UNIT));
        here.session.write_releases();
        here.written()
    };
    assert_eq!(
        written(Spelling::Framed),
        [
            "37:<10'op:deliver<11'desc:export0+>[]ff>",
            "54:<10'op:deliver<11'desc:export4+>[7'fulfill<4'void>]ff>",
            "26:<13'op:gc-exports[4+][1+]>",
        ]
    );
    assert_eq!(
        written(Spelling::Snapshot),
        [
            "<15'op:deliver-only<11'desc:export0+>[]>",
            "<15'op:deliver-only<11'desc:export4+>[7'fulfill<4'void>]>",
            "<12'op:gc-export[4+][1+]>",
        ]
    );
}

#[test]
fn answers_are_send_only() {
    let (mut here, mut there, _) = pair();
    let (question, _) = here.ask(ZERO, &[]).unwrap();
    let asked = delivered(pass_one(&mut here, &mut there));
    there.settle(asked.resolver, Ok(7.into()));
    assert_eq!(there.written(), ["<10'op:deliver<11'desc:export1+>[7'fulfill7+]ff>"]);
    there.settle(asked.resolver, Ok(7.into()));
    assert!(there.written().is_empty(), "it was told once");
    let heard = here.hear(b"<10'op:deliver<11'desc:export1+>[7'fulfill7+]ff>").unwrap();
    assert_eq!(settled(heard), (Target::Question(question), Ok(7.into())));
}
