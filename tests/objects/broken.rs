//! Rule O10: what the sender is told if there is no answer.

use marketplace::objects::*;
use marketplace::prelude::*;

use crate::notes::{Doer, Notes, Scribe, act, answer, empty, reason, spawned};

#[test]
fn o10_no_such_method() {
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, Notes::default().scribe());
    let why = reason(&mut sim, |cx| send(cx, &scribe, "nota", (Text::from("hello"),)));
    let Some(Broken::NoMethod { verb, has }) = Broken::of(&why) else { panic!("{why:?}") };
    assert_eq!(verb.as_str(), "nota");
    let has: Vec<_> = has.iter().map(Symbol::as_str).collect();
    assert_eq!(has, ["note", "me", "echo", "fail", "panic"]);
    assert_eq!(why.to_string(), "there is no method `nota`: there is `note`, `me`, `echo`, `fail`, `panic`");
    // A face that the object does not have is trusted until somebody calls.
    let other: Far<Doer> = cast(&scribe);
    let why = reason(&mut sim, |cx| other.go(cx));
    assert!(matches!(Broken::of(&why), Some(Broken::NoMethod { verb, .. }) if verb.as_str() == "go"));
}

#[test]
fn o10_an_argument_of_another_type() {
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, Notes::default().scribe());
    let why = reason(&mut sim, |cx| send(cx, &scribe, "note", (7u32,)));
    let Some(Broken::BadArgument { verb, place, expected, found }) = Broken::of(&why) else {
        panic!("{why:?}")
    };
    assert_eq!((verb.as_str(), *place, &**expected, &**found), ("note", 1, "Text", "7"));
    assert_eq!(why.to_string(), "`note` takes Text at place 1, but was given 7");
}

#[test]
fn o10_too_many_or_too_few_arguments() {
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, Notes::default().scribe());
    let why = reason(&mut sim, |cx| send(cx, &scribe, "note", ()));
    assert!(matches!(Broken::of(&why), Some(Broken::BadArgument { place: 0, .. })), "{why:?}");
    assert_eq!(why.to_string(), "`note` takes 1 argument, but was given no argument");
    let why = reason(&mut sim, |cx| send(cx, &scribe, "me", (1u8, 2u8)));
    assert_eq!(why.to_string(), "`me` takes no argument, but was given 2 arguments");
}

#[test]
fn o10_data_cannot_be_called() {
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, Notes::default().scribe());
    let why = reason(&mut sim, |cx| send(cx, &scribe.note(cx, "hello"), "shout", ()));
    let Some(Broken::NotCallable { verb, found }) = Broken::of(&why) else { panic!("{why:?}") };
    assert_eq!((verb.as_str(), &**found), ("shout", "\"hello\""));
    assert_eq!(why.to_string(), "\"hello\" hears no messages, so not `shout` either");
    // Also if it is no promise at all.
    let plain = Promise::from(7u32);
    let why = reason(&mut sim, |cx| send(cx, &plain, "shout", ()));
    assert!(matches!(Broken::of(&why), Some(Broken::NotCallable { .. })), "{why:?}");
}

#[test]
fn o10_gone() {
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, Notes::default().scribe());
    let why = reason(&mut sim, |cx| scribe.panic(cx, "at the disco"));
    let gone = Broken::Gone(Reason::Panic("at the disco".into()));
    assert_eq!(Broken::of(&why), Some(&gone));
    assert_eq!(why.to_string(), "it is gone (panic: at the disco)");
    let why = reason(&mut sim, |cx| scribe.note(cx, "hello"));
    assert_eq!(Broken::of(&why), Some(&gone));
    let quits = spawned(&mut sim, 1, Doer::quiet(|cx| cx.act(quit())));
    answer(&mut sim, |cx| quits.go(cx)).unwrap();
    let why = reason(&mut sim, |cx| quits.go(cx));
    assert_eq!(Broken::of(&why), Some(&Broken::Gone(Reason::Normal)));
    assert_eq!(why.to_string(), "it is gone (normal)");
}

#[test]
fn o10_abandoned() {
    let mut sim = empty();
    let (later, resolver) = promise::<Far<Scribe>>();
    let asked = sim.ask(|cx| later.note(cx, "never"));
    sim.run();
    drop(resolver);
    sim.run();
    let why = asked.answer().unwrap().unwrap_err();
    assert_eq!(Broken::of(&why), Some(&Broken::Abandoned));
    assert_eq!(why.to_string(), "nobody is left who could answer");
}

#[test]
fn o10_a_promise_that_waits_for_itself() {
    let mut sim = empty();
    let (later, resolver) = promise::<Far<Scribe>>();
    let own = later.clone();
    act(&mut sim, move || actions!(resolver.follow(&own)));
    let why = reason(&mut sim, |cx| later.note(cx, "never"));
    assert_eq!(Broken::of(&why), Some(&Broken::Cycle));
    assert_eq!(why.to_string(), "the promise waits for itself");
}

#[test]
fn o10_an_answer_of_another_type() {
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, Notes::default().scribe());
    let why = reason(&mut sim, |cx| {
        let text = send(cx, &scribe, "note", (Text::from("hello"),));
        Promise::<u32>::from_value(&text.to_value()).unwrap()
    });
    let Some(Broken::BadAnswer { expected, found }) = Broken::of(&why) else { panic!("{why:?}") };
    assert_eq!((&**expected, &**found), ("u32", "\"hello\""));
    assert_eq!(why.to_string(), "the answer was to be u32, but it is \"hello\"");
}

#[test]
fn o10_a_message_without_a_verb() {
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, Notes::default().scribe());
    let notes = Notes::default();
    let heard = notes.clone();
    act(&mut sim, move || {
        actions!(
            pass(&scribe, "number", &7u32),
            pass(&scribe, "sequence", &(7u32, 8u32)),
            pass(&scribe, "empty", &()),
            replies!(match_wire!(wire: Text => match_reason!(reason: Reason => on_duct_absence!({
                assert!(matches!(Broken::of(&reason), Some(Broken::NoMethod { .. })), "{reason:?}");
                heard.add(format!("{wire}: {reason}"))
            })))),
        )
    });
    let has = "there is `note`, `me`, `echo`, `fail`, `panic`";
    let told = ["number", "sequence", "empty"].map(|it| format!("{it}: a message without a verb: {has}"));
    assert_eq!(notes.take(), told);
}

struct Ear(Notes);

#[object]
impl Ear {
    #[method(bare)]
    fn number(&mut self, n: u32) -> u32 {
        self.0.add(format!("bare {n}"));
        n + 1
    }

    fn verb(&mut self, n: u32) -> u32 {
        n
    }
}

#[test]
fn o10_a_message_without_a_verb_is_for_a_bare_method() {
    let notes = Notes::default();
    let mut sim = empty();
    let ear = spawned(&mut sim, 1, Ear(notes.clone()));
    assert_eq!(answer(&mut sim, |cx| ear.number(cx, 7)), Ok(8));
    let heard = notes.clone();
    act(&mut sim, move || {
        actions!(
            pass(&ear, "w", &vec![9u32]),
            replies!(on_reply!(_: Text, n: u32 => heard.add(format!("{n}")))),
        )
    });
    assert_eq!(notes.take(), ["bare 7", "bare 9", "10"]);
}

#[test]
fn o10_an_object_that_will_never_be_there() {
    let mut sim = empty();
    let (spawn, far) = spawn_object::<(), _>(Notes::default().scribe());
    let asked = sim.ask(|cx| far.note(cx, "never"));
    sim.run();
    assert_eq!(asked.answer(), None);
    drop(spawn);
    sim.run();
    let why = asked.answer().unwrap().unwrap_err();
    assert_eq!(Broken::of(&why), Some(&Broken::NeverSpawned));
    assert_eq!(why.to_string(), "the object was never there: the action that spawns it was dropped");
    let why = reason(&mut sim, |cx| far.note(cx, "never"));
    assert_eq!(Broken::of(&why), Some(&Broken::NeverSpawned));
    let (far, here) = reference::<Scribe>();
    drop(here);
    let why = reason(&mut sim, |cx| far.note(cx, "never"));
    assert_eq!(Broken::of(&why), Some(&Broken::NeverMade));
    assert_eq!(why.to_string(), "the object was never there: its `Here` was dropped");
}

#[test]
fn o10_a_program_takes_a_reason_apart() {
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, Notes::default().scribe());
    let notes = Notes::default();
    let heard = notes.clone();
    act(&mut sim, move || {
        actions!(
            pass(&scribe, "w", &(Symbol::new("shout"),)),
            replies!(match_reason!(Broken::NoMethod { verb, has: _ } =>
                on_duct_absence!({ let verb: Symbol = verb; heard.add(format!("no {}", verb.as_str())) }))),
        )
    });
    assert_eq!(notes.take(), ["no shout"]);
}
