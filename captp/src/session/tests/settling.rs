//! Resolvers and listeners: how one side learns how the other has settled a promise.

use marketplace::objects::Broken;
use marketplace::{Reason, Symbol, Value};

use crate::session::tests::stage::{
    Side, delivered, message, new_object, pair, pass, pass_one, settled, symbol,
};
use crate::session::{Heard, SessionError, Target};

const ZERO: Target = Target::Import(0);

/// The peer has a promise of `here`, and listens to it.
fn listening() -> (Side, Side, marketplace::objects::Reference) {
    let (mut here, mut there, _) = pair();
    let promise = here.promise();
    here.tell(ZERO, &[promise.into()]).unwrap();
    let far = delivered(pass_one(&mut here, &mut there)).reference(0);
    there.session.listen(1);
    (here, there, far)
}

#[test]
fn a_listener_hears_how_a_promise_is_settled() {
    for result in [Ok(symbol("ok")), Err(Reason::Value(symbol("oh-no")))] {
        let (mut here, mut there, _far) = listening();
        let heard = pass_one(&mut there, &mut here);
        let Heard::Listen { to, listener } = heard else { panic!("{heard:?}") };
        assert_eq!(to, here.session.tables().exports[1].reference.clone().unwrap());
        here.settle(Some(listener), result.clone());
        assert_eq!(settled(pass_one(&mut here, &mut there)), (Target::Import(1), result));
    }
}

#[test]
fn what_is_settled_when_nobody_has_the_promise_is_nothing() {
    let (mut here, mut there, far) = listening();
    drop(far);
    there.falls();
    pass(&mut there, &mut here);
    here.settle(Some(1), Ok(new_object().into()));
    assert!(matches!(pass_one(&mut here, &mut there), Heard::Nothing));
    // The object in it came nevertheless, and is let go of.
    assert_eq!(there.falls(), 1);
    there.session.write_releases();
    here.session.write_releases();
    pass(&mut there, &mut here);
    pass(&mut here, &mut there);
    assert_eq!((here.sizes(), there.sizes()), ([0; 4], [0; 4]));
}

#[test]
fn the_settlement_of_an_old_promise_is_not_that_of_a_new_one_at_its_position() {
    let (mut here, mut there, far) = listening();
    pass(&mut there, &mut here);
    drop(far);
    there.falls();
    let promise = here.session.tables().exports[1].reference.clone().unwrap();
    here.tell(ZERO, &[promise.into()]).unwrap();
    let again = pass_one(&mut here, &mut there);
    here.settle(Some(1), Ok(7.into()));
    assert!(matches!(pass_one(&mut here, &mut there), Heard::Nothing));
    drop(again);
}

#[test]
fn who_listens_twice_hears_twice() {
    let (mut here, mut there, _far) = listening();
    there.session.listen(1);
    for heard in pass(&mut there, &mut here) {
        let Heard::Listen { listener, .. } = heard else { panic!("{heard:?}") };
        here.settle(Some(listener), Ok(7.into()));
    }
    assert_eq!(pass(&mut here, &mut there).into_iter().map(settled).count(), 2);
}

#[test]
fn the_settlement_of_an_old_question_is_not_that_of_a_new_one_at_its_place() {
    let (mut here, mut there, _) = pair();
    let (question, _) = here.ask(ZERO, &[]).unwrap();
    let asked = delivered(pass_one(&mut here, &mut there));
    there.session.answers_with(asked.answer.unwrap(), new_object());
    there.settle(asked.resolver, Ok(7.into()));
    assert_eq!(settled(pass_one(&mut there, &mut here)), (Target::Question(question), Ok(7.into())));
    // Somebody wants to hear it once more, and then nobody does.
    here.session.listen_again(Target::Question(question));
    here.session.question_released(question);
    here.session.write_releases();
    assert_eq!(here.ask(ZERO, &[]).unwrap().0, question);
    let mut heard = pass(&mut here, &mut there).into_iter();
    let Some(Heard::Listen { listener, .. }) = heard.next() else { panic!("nobody listens") };
    there.settle(Some(listener), Ok(7.into()));
    assert!(matches!(pass_one(&mut there, &mut here), Heard::Nothing));
    let asked = delivered(heard.nth(1).unwrap());
    there.settle(asked.resolver, Ok(8.into()));
    assert_eq!(settled(pass_one(&mut there, &mut here)), (Target::Question(question), Ok(8.into())));
}

#[test]
fn who_listens_to_an_answer_hears_it_twice() {
    let (mut here, mut there, _) = pair();
    let (question, _) = here.ask(ZERO, &[]).unwrap();
    here.session.listen_again(Target::Question(question));
    let mut heard = here.session.take_written().into_iter();
    let asked = delivered(there.hear(&heard.next().unwrap()).unwrap());
    there.session.answers_with(asked.answer.unwrap(), new_object());
    let Ok(Heard::Listen { listener, .. }) = there.hear(&heard.next().unwrap()) else { panic!() };
    for resolver in [asked.resolver, Some(listener)] {
        there.settle(resolver, Ok(7.into()));
        let (target, _) = settled(pass_one(&mut there, &mut here));
        assert_eq!(target, Target::Question(question));
    }
}

#[test]
fn a_second_settlement_is_ignored() {
    let (mut here, mut there, _) = pair();
    here.ask(ZERO, &[]).unwrap();
    pass(&mut here, &mut there);
    let fulfill = b"<10'op:deliver<11'desc:export1+>[7'fulfill<18'desc:import-object9+>]ff>";
    assert!(settled(here.hear(fulfill).unwrap()).1.is_ok());
    assert!(matches!(here.hear(fulfill), Ok(Heard::Nothing)));
    assert!(matches!(
        here.hear(b"<10'op:deliver<11'desc:export1+>[5'break1+]f<18'desc:import-object8+>>"),
        Ok(Heard::Nothing)
    ));
    // The message that wants an answer has one, and all that came is counted.
    assert_eq!(here.written(), ["<10'op:deliver<11'desc:export8+>[7'fulfill<4'void>]ff>"]);
    here.falls();
    here.session.write_releases();
    assert_eq!(here.written(), ["<13'op:gc-exports[8+9+][1+2+]>"]);
}

#[test]
fn a_settlement_that_wants_an_answer_has_one() {
    let mut here = Side::plain();
    let (question, _) = here.ask(ZERO, &[]).unwrap();
    here.written();
    let heard = here.hear(b"<10'op:deliver<11'desc:export1+>[7'fulfill7+]4+<18'desc:import-object8+>>");
    assert_eq!(settled(heard.unwrap()), (Target::Question(question), Ok(7.into())));
    assert_eq!(here.written(), ["<10'op:deliver<11'desc:export8+>[7'fulfill<4'void>]ff>"]);
    assert_eq!(here.sizes(), [1, 0, 1, 1]);
    // Its answer is there, and hears nothing.
    delivered(here.hear(b"<10'op:deliver<11'desc:answer4+>[]f<18'desc:import-object8+>>").unwrap());
}

#[test]
fn a_resolver_hears_nothing_else() {
    let mut here = Side::plain();
    here.ask(ZERO, &[]).unwrap();
    for args in ["", "7+", "3'foo", "7'fulfill", "5'break", "7'fulfill1+2+", "7\"fulfill1+"] {
        let only = format!("<10'op:deliver<11'desc:export1+>[{args}]ff>");
        assert!(matches!(here.hear(only.as_bytes()), Ok(Heard::Nothing)), "{args}");
        let asks = format!("<10'op:deliver<11'desc:export1+>[{args}]f<18'desc:import-object8+>>");
        // Somebody who does not answer: a reference of which nothing is in a table.
        let heard = delivered(here.hear(asks.as_bytes()).unwrap());
        assert!(here.session.tables().exports.iter().all(|row| row.reference != Some(heard.to.shown())));
    }
    let heard = here.hear(b"<10'op:deliver<11'desc:export1+>[7'fulfill1+]ff>").unwrap();
    assert_eq!(settled(heard).1, Ok(1.into()));
}

#[test]
fn a_resolver_stands_as_an_argument_and_is_listened_to() {
    let mut here = Side::plain();
    here.ask(ZERO, &[]).unwrap();
    let heard = here.hear(b"<10'op:deliver<11'desc:export0+>[<11'desc:export1+>]ff>").unwrap();
    let nobody = delivered(heard).reference(0);
    let heard = here.hear(b"<9'op:listen<11'desc:export1+><18'desc:import-object8+>f>").unwrap();
    assert!(matches!(heard, Heard::Listen { to, listener: 8 } if to == nobody));
}

#[test]
fn a_value_that_cannot_be_passed_on_breaks_the_promise() {
    let (mut here, mut there, _) = pair();
    let (question, _) = here.ask(ZERO, &[]).unwrap();
    let asked = delivered(pass_one(&mut here, &mut there));
    let opaque = marketplace::Opaque::new(7u8).into();
    there.settle(asked.resolver, Ok(Value::sequence([new_object().into(), opaque])));
    let (target, result) = settled(pass_one(&mut there, &mut here));
    assert_eq!(target, Target::Question(question));
    let why = result.unwrap_err().to_string();
    assert!(why.ends_with("cannot be passed on") && !why.starts_with("the answer"), "{why}");
    assert_eq!(there.sizes(), [0, 0, 0, 1], "the object was not exported");
}

#[test]
fn reasons_are_read_as_what_they_are() {
    let (mut here, mut there, _) = pair();
    let reason = Reason::from(Broken::NotCallable { verb: Symbol::new("foo"), found: "7".into() });
    here.ask(ZERO, &[]).unwrap();
    let asked = delivered(pass_one(&mut here, &mut there));
    there.settle(asked.resolver, Err(reason.clone()));
    let (_, result) = settled(pass_one(&mut there, &mut here));
    assert_eq!(result.unwrap_err().decode::<Broken>(), reason.decode());
}

#[test]
fn an_answer_that_the_peer_will_never_give_is_told() {
    let (mut here, mut there, _) = pair();
    let promise = there.promise();
    let (question, _) = here.ask(ZERO, &[]).unwrap();
    here.tell(ZERO, &message("promise", [])).unwrap();
    pass(&mut here, &mut there);
    there.session.bootstrap(&mut there.world);
    there.tell(ZERO, &[promise.into()]).unwrap();
    let far = pass_one(&mut there, &mut here);
    here.session.listen(1);
    // The peer lets go of the resolver, and of the listener, without a word.
    let heard = here.hear(b"<13'op:gc-exports[2+1+][1+1+]>").unwrap();
    let Heard::Abandoned(promises) = heard else { panic!("{heard:?}") };
    assert_eq!(promises, [Target::Question(question), Target::Import(1)]);
    here.session.question_released(question);
    here.written();
    here.session.write_releases();
    assert_eq!(here.written(), ["<13'op:gc-answers[0+]>"]);
    drop(far);
}

#[test]
fn what_is_listened_to_is_there() {
    let mut here = Side::plain();
    let nothing = here.hear(b"<9'op:listen<11'desc:export4+><18'desc:import-object8+>f>").unwrap_err();
    assert_eq!(nothing, SessionError::Nothing("export 4".into()));
    here.session.listen(4);
    assert!(here.written().is_empty(), "nobody here has it");
}
