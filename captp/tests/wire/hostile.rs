//! No bytes do any harm.

use marketplace_captp::syrup::{Limits, SyrupError};
use marketplace_captp::wire::{Give, Op, Receive, Signed, WireError};
use proptest::prelude::*;
use proptest::sample::select;

use crate::changes;
use crate::check::check;
use crate::known;
use crate::transcripts;
use crate::vectors::of_hex;

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

/// The examples, and all messages that were recorded.
fn said() -> Vec<Vec<u8>> {
    transcripts::messages().into_iter().map(|(_, message)| message).chain(examples()).collect()
}

#[test]
fn k9_a_message_that_is_cut_off_is_none() {
    for message in said() {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn k9_random_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes);
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
        check(format!("<{}'{label}{}>", label.len(), parts.concat()).as_bytes());
    }

    #[test]
    fn k9_a_changed_message_does_no_harm(message in select(said()), changes in changes::any()) {
        check(&changes::changed(message, changes));
    }
}
