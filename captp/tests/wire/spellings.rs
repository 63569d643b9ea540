//! The three spellings.

use std::convert::Infallible;

use marketplace_captp::syrup::{Kind, Limits, Writer};
use marketplace_captp::wire::{Args, Import, Op, Spelling, To, WireError};

const ALL: [Spelling; 3] = [Spelling::Framed, Spelling::Next, Spelling::Snapshot];

fn written(write: impl FnOnce(&mut Writer)) -> String {
    let mut writer = Writer::new();
    write(&mut writer);
    String::from_utf8(writer.into_bytes()).unwrap()
}

fn delivered(spelling: Spelling, to: To, answer: Option<u64>, resolver: Option<Import>) -> String {
    written(|writer| {
        let args = |writer: &mut Writer| -> Result<(), Infallible> {
            writer.open(Kind::List);
            writer.text("Hello");
            writer.close(Kind::List);
            Ok(())
        };
        let Ok(()) = spelling.deliver(writer, to, args, answer, resolver);
    })
}

fn read(text: &str) -> Result<Op<'_>, WireError> {
    Op::read(text.as_bytes(), Limits::default())
}

const HELLO: Args<'_> = Args(b"[5\"Hello]");

/// A message without an answer, the releases, and the length before a message differ.
#[test]
fn k12_three_spellings_are_chosen_when_writing() {
    let all = |write: fn(Spelling) -> String| ALL.map(write);

    let send_only = "<10'op:deliver<11'desc:export1+>[5\"Hello]ff>";
    let snapshot = "<15'op:deliver-only<11'desc:export1+>[5\"Hello]>";
    let written_ = all(|spelling| delivered(spelling, To::Export(1), None, None));
    assert_eq!(written_, [send_only, send_only, snapshot]);

    let gc = "<13'op:gc-exports[1+7+][4+1+]>";
    let written_ = all(|spelling| written(|writer| spelling.gc_exports(writer, &[(1, 4), (7, 1)])));
    assert_eq!(written_, [gc, gc, "<12'op:gc-export[1+7+][4+1+]>"]);

    let gc = "<13'op:gc-answers[0+3+]>";
    let written_ = all(|spelling| written(|writer| spelling.gc_answers(writer, &[0, 3])));
    assert_eq!(written_, [gc, gc, "<12'op:gc-answer[0+3+]>"]);

    let message = b"<8'op:abort4\"idle>".to_vec();
    let framed = ALL.map(|spelling| spelling.framed(message.clone()));
    assert_eq!(framed, [b"18:<8'op:abort4\"idle>".to_vec(), message.clone(), message]);
}

#[test]
fn k12_the_rest_is_written_alike() {
    for spelling in ALL {
        let asked = delivered(spelling, To::Answer(2), Some(0), Some(Import::Object(3)));
        assert_eq!(asked, "<10'op:deliver<11'desc:answer2+>[5\"Hello]0+<18'desc:import-object3+>>");
        let heard = delivered(spelling, To::Export(0), None, Some(Import::Promise(3)));
        assert_eq!(heard, "<10'op:deliver<11'desc:export0+>[5\"Hello]f<19'desc:import-promise3+>>");
        let unheard = delivered(spelling, To::Export(0), Some(1), None);
        assert_eq!(unheard, "<10'op:deliver<11'desc:export0+>[5\"Hello]1+f>");
        let listens = written(|writer| spelling.listen(writer, To::Export(2), Import::Object(2)));
        assert_eq!(listens, "<9'op:listen<11'desc:export2+><18'desc:import-object2+>f>");
        let aborts = written(|writer| spelling.abort(writer, "idle"));
        assert_eq!(aborts, "<8'op:abort4\"idle>");
    }
}

#[test]
fn k12_all_spellings_are_understood() {
    let send_only = Op::Deliver { to: To::Export(1), args: HELLO, answer: None, resolver: None };
    assert_eq!(read("<10'op:deliver<11'desc:export1+>[5\"Hello]ff>"), Ok(send_only.clone()));
    assert_eq!(read("<15'op:deliver-only<11'desc:export1+>[5\"Hello]>"), Ok(send_only));

    let gc = Op::GcExports(vec![(1, 4), (7, 1)]);
    assert_eq!(read("<13'op:gc-exports[1+7+][4+1+]>"), Ok(gc.clone()));
    assert_eq!(read("<12'op:gc-export[1+7+][4+1+]>"), Ok(gc));

    let gc = Op::GcAnswers(vec![0, 3]);
    assert_eq!(read("<13'op:gc-answers[0+3+]>"), Ok(gc.clone()));
    assert_eq!(read("<12'op:gc-answer[0+3+]>"), Ok(gc));

    let listens = Op::Listen { to: To::Answer(2), listener: Import::Object(0) };
    for end in ["", "f", "t"] {
        let text = format!("<9'op:listen<11'desc:answer2+><18'desc:import-object0+>{end}>");
        assert_eq!(read(&text), Ok(listens.clone()));
    }
}

#[test]
fn pipelined_selections_are_understood() {
    let of = To::Answer(4);
    let get = Op::Get { of, field: "name", answer: 5 };
    assert_eq!(read("<6'op:get<11'desc:answer4+>4\"name5+>"), Ok(get));
    let index = Op::Index { of, at: 2, answer: 5 };
    assert_eq!(read("<8'op:index<11'desc:answer4+>2+5+>"), Ok(index));
    let untag = Op::Untag { of: To::Export(4), tag: "money", answer: 0 };
    assert_eq!(read("<8'op:untag<11'desc:export4+>5\"money0+>"), Ok(untag));
}

#[test]
fn k9_an_operation_with_other_fields_is_told() {
    let malformed = |label| Err(WireError::Malformed(label));
    for (text, label) in [
        // One too few, one too many.
        ("<10'op:deliver<11'desc:export1+>[]f>", "op:deliver"),
        ("<10'op:deliver<11'desc:export1+>[]fff>", "op:deliver"),
        ("<15'op:deliver-only<11'desc:export1+>[]f>", "op:deliver-only"),
        ("<9'op:listen<11'desc:export1+><18'desc:import-object1+>ff>", "op:listen"),
        // Positions that there are not.
        ("<10'op:deliver<11'desc:export1->[]ff>", "op:deliver"),
        ("<10'op:deliver<11'desc:export18446744073709551616+>[]ff>", "op:deliver"),
        ("<10'op:deliver<11'desc:export1+>[]1-f>", "op:deliver"),
        ("<10'op:deliver<11'desc:export1+>[]tf>", "op:deliver"),
        ("<8'op:index<11'desc:export1+>1-0+>", "op:index"),
        ("<12'op:gc-answer[1-]>", "op:gc-answer"),
        // Descriptors that cannot be there.
        ("<10'op:deliver<18'desc:import-object1+>[]ff>", "op:deliver"),
        ("<10'op:deliver<11'desc:export1+>[]f<11'desc:export1+>>", "op:deliver"),
        ("<9'op:listen<11'desc:export1+><11'desc:export1+>f>", "op:listen"),
        // Other kinds.
        ("<10'op:deliver<11'desc:export1+>{}ff>", "op:deliver"),
        ("<10'op:deliver<11'desc:export1+>0:ff>", "op:deliver"),
        ("<13'op:gc-exports[1+2+][1+]>", "op:gc-exports"),
        ("<12'op:gc-export1+1+>", "op:gc-export"),
        ("<8'op:abort4'idle>", "op:abort"),
        ("<16'op:start-session3'1.0>", "op:start-session"),
        ("<16'op:start-session3\"1.0[]>", "op:start-session"),
    ] {
        assert_eq!(read(text), malformed(label), "{text}");
    }
    assert_eq!(read("<8'op:flush>"), Err(WireError::Unknown("op:flush".into())));
    assert!(matches!(read("[8'op:abort4\"idle]"), Err(WireError::Syrup(_))));
    assert!(matches!(read("<8'op:abort4\"idle>f"), Err(WireError::Syrup(_))));
    let long = format!("<1000'{}>", "x".repeat(1000));
    assert_eq!(read(&long), Err(WireError::Unknown("x".repeat(64))));
}

/// A swiss number in a message is not printed with it.
#[test]
fn k11_a_message_that_is_printed_tells_no_secret() {
    let text = "<10'op:deliver<11'desc:export0+>[5'fetch6:secret]ff>";
    let shown = format!("{:?}", read(text).unwrap());
    assert!(shown.contains("Args(17 bytes)") && !shown.contains("secret"), "{shown}");
}
