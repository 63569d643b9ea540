//! No bytes do any harm.

use marketplace_captp::syrup::{Limits, SyrupError};
use marketplace_captp::wire::{Give, Keys, Op, Receive, Signed, Spelling, WireError};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::known;
use crate::recorded::write;
use crate::transcripts;
use crate::vectors::of_hex;

/// Reads these bytes as all that they could be. An operation that is read is written and read
/// again, in each spelling: it is the one that it was.
fn read(bytes: &[u8]) {
    let signed = Signed(bytes.to_vec().into());
    let _ = (Give::read(&signed), Receive::read(&signed));
    let _ = signed.is_signed_by(&Keys::of_seed(&[7; 32]).public());
    match Op::read(bytes, Limits::default()) {
        Ok(Op::Start(_) | Op::Get { .. } | Op::Index { .. } | Op::Untag { .. }) | Err(_) => {}
        Ok(op) => {
            for spelling in [Spelling::Framed, Spelling::Next, Spelling::Snapshot] {
                let written = write(&op, spelling);
                assert_eq!(Op::read(&written, Limits::default()), Ok(op.clone()));
            }
        }
    }
}

/// One of each kind of operation, and the certificates.
fn examples() -> Vec<Vec<u8>> {
    let mut examples: Vec<_> = [
        "<10'op:deliver<11'desc:export1+>[5\"Hello]0+<18'desc:import-object2+>>",
        "<10'op:deliver<11'desc:answer1+>[5\"Hello]f<19'desc:import-promise2+>>",
        "<10'op:deliver<11'desc:answer1+>[{1\"a<4'void>}]ff>",
        "<15'op:deliver-only<11'desc:export1+>[5\"Hello]>",
        "<9'op:listen<11'desc:export2+><18'desc:import-object2+>f>",
        "<6'op:get<11'desc:answer4+>4\"name5+>",
        "<8'op:index<11'desc:answer4+>2+5+>",
        "<8'op:untag<11'desc:export4+>5\"money0+>",
        "<13'op:gc-exports[1+7+][4+1+]>",
        "<12'op:gc-export[1+][1+]>",
        "<13'op:gc-answers[0+3+]>",
        "<12'op:gc-answer[0+]>",
        "<8'op:abort4\"idle>",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    let known = [known::OP_START_SESSION, known::SIGNED_HANDOFF_GIVE, known::SIGNED_HANDOFF_RECEIVE];
    examples.extend(known.map(of_hex));
    examples
}

#[test]
fn k9_a_message_that_is_cut_off_is_none() {
    for message in transcripts::messages().into_iter().map(|(_, message)| message).chain(examples()) {
        for end in 0..message.len() {
            let cut = Op::read(&message[..end], Limits::default());
            assert!(cut.is_err(), "{}", message[..end].escape_ascii());
            let signed = Signed(message[..end].to_vec().into());
            assert!(Give::read(&signed).is_err() && Receive::read(&signed).is_err());
        }
    }
}

#[test]
fn k10_a_message_nests_as_deep_as_it_may() {
    let deep = |depth: usize| {
        let lists = ["[".repeat(depth), "]".repeat(depth)].concat();
        format!("<15'op:deliver-only<11'desc:export1+>{lists}>")
    };
    let limits = Limits { depth: 128, ..Limits::default() };
    let read = |text: &str| Op::read(text.as_bytes(), limits).map(drop);
    assert_eq!(read(&deep(127)), Ok(()));
    for depth in [128, 1 << 20] {
        let too_deep = read(&deep(depth));
        assert!(matches!(too_deep, Err(WireError::Syrup(SyrupError::TooDeep { .. }))), "{too_deep:?}");
    }
    assert!(read(&"<".repeat(1 << 20)).is_err());
}

/// A change to a message: at a place, some bytes make room for others.
fn change() -> impl Strategy<Value = (Index, usize, Vec<u8>)> {
    let byte = prop_oneof![any::<u8>(), select(b"<>[]{}#$tfD0123456789+-:\"'".to_vec())];
    (any::<Index>(), 0usize..4, prop::collection::vec(byte, 0..4))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000 * ProptestConfig::default().cases / 256))]

    #[test]
    fn k9_random_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&bytes);
    }

    #[test]
    fn k9_random_syrup_does_no_harm(
        label in "op:(deliver|deliver-only|listen|get|index|untag|gc-exports|gc-answer|abort)",
        parts in prop::collection::vec(
            select(vec![
                "<11'desc:export", "<11'desc:answer", "<18'desc:import-object", "1+", "0+", "1-", ">",
                "[", "]", "{", "}", "f", "t", "1\"a", "1'a", "0:", "340282366920938463463374607431768211456+",
                "99999999999999999999:", "#", "$", "D",
            ]),
            0..16,
        ),
    ) {
        read(format!("<{}'{label}{}>", label.len(), parts.concat()).as_bytes());
    }

    #[test]
    fn k9_a_changed_message_does_no_harm(
        example in select(examples()),
        changes in prop::collection::vec(change(), 1..5),
    ) {
        let mut message = example;
        for (at, removed, added) in changes {
            let from = at.index(message.len() + 1);
            let to = message.len().min(from + removed);
            message.splice(from..to, added);
        }
        read(&message);
    }
}
