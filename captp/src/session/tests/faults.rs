//! A message that cannot be changes no table (K1, K9, K10).

use marketplace::{Opaque, Value};

use crate::session::tests::stage::{Side, delivered, new_object, new_promise, pair, pass_one};
use crate::session::{Bounds, SessionError, Target};
use crate::syrup::Limits;
use crate::wire::Spelling;

const ZERO: Target = Target::Import(0);

/// A side that has something in each table.
fn used() -> Side {
    let mut here = Side::plain();
    let promise = here.promise();
    here.tell(ZERO, &[new_object().into(), promise.into()]).unwrap();
    here.ask(ZERO, &[]).unwrap();
    let heard = here
        .hear(b"<10'op:deliver<11'desc:export0+>[<18'desc:import-object5+>]6+<18'desc:import-object7+>>")
        .unwrap();
    here.session.answers_with(6, new_promise());
    drop(heard);
    here.written();
    here
}

#[test]
fn k9_what_cannot_be_is_an_error_and_changes_no_table() {
    let nothing = |what: &str| SessionError::Nothing(what.to_string());
    let deliver = |to: &str, args: &str, rest: &str| format!("<10'op:deliver<{to}>[{args}]{rest}>");
    let object = "<18'desc:import-object9+>";
    let faults = [
        (deliver("11'desc:export8+", "", "ff"), Some(nothing("export 8"))),
        (deliver("11'desc:answer8+", object, "ff"), Some(nothing("answer 8"))),
        (deliver("11'desc:export0+", object, "6+f"), Some(SessionError::InUse(6))),
        (deliver("11'desc:export0+", &format!("{object}<11'desc:export8+>"), "7+f"), None),
        (deliver("11'desc:export0+", &format!("{object}<11'desc:answer7+>"), "7+f"), None),
        (deliver("11'desc:export3+", &format!("7'fulfill[{object}<11'desc:answer7+>]"), "ff"), None),
        (deliver("11'desc:export3+", &format!("3'foo{object}<11'desc:answer7+>"), "ff"), None),
        (deliver("11'desc:export0+", &format!("{object}1-x"), "ff"), None),
        ("<9'op:listen<11'desc:answer8+><18'desc:import-object9+>f>".into(), Some(nothing("answer 8"))),
        ("<6'op:get<11'desc:answer6+>1\"a6+>".into(), Some(SessionError::InUse(6))),
        ("<8'op:index<11'desc:answer8+>0+9+>".into(), Some(nothing("answer 8"))),
        ("<13'op:gc-exports[1+][2+]>".into(), Some(SessionError::Overreleased(1))),
        ("<13'op:gc-exports[2+1+1+][1+1+1+]>".into(), Some(SessionError::Overreleased(1))),
        ("<13'op:gc-exports[1+1+][18446744073709551615+1+]>".into(), Some(SessionError::Overreleased(1))),
        ("<13'op:gc-exports[0+][1+]>".into(), Some(SessionError::Overreleased(0))),
        ("<13'op:gc-exports[1+8+][1+0+]>".into(), Some(nothing("export 8"))),
        ("<13'op:gc-answers[6+8+]>".into(), Some(nothing("answer 8"))),
        ("<13'op:gc-answers[6+6+]>".into(), Some(nothing("answer 6"))),
        ("<8'op:flush<11'desc:export1+>f>".into(), None),
        ("".into(), None),
    ];
    let mut here = used();
    let tables = here.session.tables();
    for (message, error) in faults {
        let found = here.hear(message.as_bytes()).expect_err(&message);
        assert!(error.is_none_or(|error| error == found), "{message}: {found}");
        assert_eq!(here.session.tables(), tables, "{message}");
        assert!(here.written().is_empty(), "{message}");
    }
    // The things that fell with these messages, but import 5, stand for nothing.
    let before = here.session.tables();
    here.world.imports.retain(|standing| standing.position != 5);
    here.falls();
    assert_eq!(here.session.tables(), before);
}

#[test]
fn k1_e_s13_what_cannot_be_passed_on_leaves_everything_as_it_was() {
    let mut here = used();
    let (carol, promise) = (new_object(), here.promise());
    here.tell(ZERO, &[carol.clone().into()]).unwrap();
    here.written();
    let tables = here.session.tables();
    let parts = [new_object().into(), carol.into(), promise.into(), Value::from(Opaque::new(7u8))];
    for wants_answer in [false, true] {
        here.session.deliver(ZERO, &parts, wants_answer, &mut here.world).unwrap_err();
        assert_eq!(here.session.tables(), tables);
        assert!(here.written().is_empty());
    }
    // No position was used.
    here.tell(ZERO, &[new_object().into()]).unwrap();
    assert_eq!(here.written(), ["<10'op:deliver<11'desc:export0+>[<18'desc:import-object5+>]ff>"]);
}

fn bounded() -> Side {
    let bounds =
        Bounds { message: Limits { bytes: 300, depth: 6 }, exports: 3, imports: 3, questions: 2, answers: 2 };
    Side::new(Spelling::Next, bounds)
}

#[test]
fn k10_a_send_that_is_too_much_is_refused_here() {
    let mut here = bounded();
    let objects = |count| (0..count).map(|_| new_object().into()).collect::<Vec<Value>>();
    let tables = here.session.tables();
    here.tell(ZERO, &objects(4)).unwrap_err();
    here.ask(ZERO, &objects(3)).unwrap_err();
    here.tell(ZERO, &["a".repeat(300).into()]).unwrap_err();
    let deep = (0..6).fold(Value::UNIT, |inside, _| Value::sequence([inside]));
    here.tell(ZERO, &[new_object().into(), deep]).unwrap_err();
    assert_eq!(here.session.tables(), tables);
    here.ask(ZERO, &objects(1)).unwrap();
    here.ask(ZERO, &[]).unwrap();
    here.ask(ZERO, &[]).unwrap_err();
    assert_eq!(here.sizes(), [3, 0, 2, 0]);
}

#[test]
fn k10_values_that_are_deep_together_are_read() {
    let (mut here, mut there, _) = pair();
    let mut value = Value::UNIT;
    for _ in 0..20 {
        let deep = (0..100).fold(value, |inside, _| Value::sequence([inside]));
        value = here.settled(deep).into();
    }
    here.tell(ZERO, &[value]).unwrap();
    let heard = delivered(pass_one(&mut here, &mut there));
    assert_eq!(heard.parts[0].depth(), 200);
    assert_eq!(here.sizes(), [1, 0, 0, 0], "the next one is passed on as a promise");
}

#[test]
fn k10_a_promise_that_stands_in_many_places_is_not_written_without_end() {
    let mut here = Side::plain();
    let mut value = Value::from("abc".to_string());
    for _ in 0..8 {
        value = here.settled(Value::sequence(vec![value; 1_000])).into();
    }
    let tables = here.session.tables();
    let error = here.tell(ZERO, &[value]).unwrap_err().to_string();
    assert!(error.contains("may have 4194304 bytes"), "{error}");
    assert_eq!(here.session.tables(), tables);
}

#[test]
fn k10_an_answer_that_is_too_much_breaks() {
    let mut here = bounded();
    here.hear(b"<10'op:deliver<11'desc:export0+>[]f<18'desc:import-object7+>>").unwrap();
    here.settle(Some(7), Ok("a".repeat(300).into()));
    here.hear(b"<10'op:deliver<11'desc:export0+>[]f<18'desc:import-object7+>>").unwrap();
    here.settle(Some(7), Err(marketplace::Reason::Panic("a".repeat(300).into())));
    let written = here.written();
    assert!(written.iter().all(|message| message.contains("5'break")), "{written:?}");
    assert_eq!(written.len(), 2);
}

#[test]
fn k10_an_answer_comes_though_hardly_any_message_is_allowed() {
    let message = Limits { bytes: 64, depth: 6 };
    let mut here = Side::new(Spelling::Next, Bounds { message, ..Bounds::default() });
    here.hear(b"<10'op:deliver<11'desc:export0+>[]f<18'desc:import-object7+>>").unwrap();
    here.settle(Some(7), Ok("a".repeat(300).into()));
    let broken = "[5'break<10'desc:error22\"the reason is too long>]";
    assert_eq!(here.written(), [format!("<10'op:deliver<11'desc:export7+>{broken}ff>")]);
}

#[test]
fn k10_a_peer_that_gives_too_much_is_told_so() {
    let too_many = |here: &mut Side, message: &str, what| {
        let tables = here.session.tables();
        assert_eq!(here.hear(message.as_bytes()).unwrap_err(), SessionError::TooMany(what), "{message}");
        assert_eq!(here.session.tables(), tables);
    };
    let mut here = bounded();
    let objects = "<18'desc:import-object1+><18'desc:import-object2+><18'desc:import-object3+>";
    let more = format!("{objects}<18'desc:import-object4+>");
    too_many(&mut here, &format!("<10'op:deliver<11'desc:export0+>[{more}]ff>"), "imports");
    let resolver = "<18'desc:import-object4+>";
    too_many(&mut here, &format!("<10'op:deliver<11'desc:export0+>[{objects}]f{resolver}>"), "imports");
    let kept = here.hear(format!("<10'op:deliver<11'desc:export0+>[{objects}]1+f>").as_bytes()).unwrap();
    too_many(&mut here, &format!("<9'op:listen<11'desc:export0+>{resolver}f>"), "imports");
    // An object that is there already takes no place, and neither does the bootstrap object.
    let again = format!("<10'op:deliver<11'desc:export0+>[{objects}<18'desc:import-object0+>]ff>");
    drop(here.hear(again.as_bytes()).unwrap());
    here.hear(b"<10'op:deliver<11'desc:export0+>[]2+f>").unwrap();
    too_many(&mut here, "<10'op:deliver<11'desc:export0+>[]3+f>", "answers");
    assert_eq!(here.sizes(), [0, 3, 0, 2]);
    drop(kept);
}

#[test]
fn k10_a_peer_cannot_make_us_listen_without_end() {
    let mut here = bounded();
    let mut heard = Vec::new();
    let error = loop {
        let promise = "<19'desc:import-promise1+>";
        match here.hear(format!("<10'op:deliver<11'desc:export0+>[{promise}]ff>").as_bytes()) {
            Ok(promise) => heard.push(delivered(promise)),
            Err(error) => break error,
        }
        here.session.listen(1);
        heard.clear();
        here.falls();
    };
    assert_eq!(error, SessionError::TooMany("exports"));
    assert_eq!(here.sizes(), [3, 0, 0, 0]);
}

#[test]
fn k10_listening_once_more_is_never_refused_but_what_comes_next_is() {
    let mut here = bounded();
    let promise = b"<10'op:deliver<11'desc:export0+>[<19'desc:import-promise1+>]ff>";
    let heard = here.hear(promise).unwrap();
    for _ in 0..4 {
        here.session.listen(1);
    }
    assert_eq!(here.written().len(), 4);
    assert_eq!(here.hear(promise).unwrap_err(), SessionError::TooMany("exports"));
    drop(heard);
}

#[test]
fn k9_a_second_hello_ends_the_session() {
    use crate::syrup::Writer;
    use crate::wire::{Hello, Keys, Location};
    let mut writer = Writer::new();
    let location = Location::new("tcp-testing-only", "0000", &[]);
    Hello::write(&location, &Keys::of_seed(&[7; 32]), &mut writer);
    assert_eq!(Side::plain().hear(writer.as_bytes()).unwrap_err(), SessionError::Begun);
}

#[test]
fn what_was_let_go_of_is_spoken_to_no_more() {
    let (mut here, mut there, _) = pair();
    let (question, _) = here.ask(ZERO, &[]).unwrap();
    let asked = delivered(pass_one(&mut here, &mut there));
    there.settle(asked.resolver, Ok(Value::UNIT));
    pass_one(&mut there, &mut here);
    here.session.question_released(question);
    here.tell(Target::Question(question), &[]).unwrap_err();
    here.tell(Target::Import(1), &[]).unwrap_err();
    here.session.write_releases();
    here.tell(Target::Question(question), &[]).unwrap_err();
}
