//! Bytes that are split at any place give the same messages.

use bytes::Bytes;

use crate::session::Inbox;
use crate::syrup::{Limits, SyrupError};
use crate::wire::WireError;

const LIMITS: Limits = Limits { bytes: 40, depth: 4 };

fn all(inbox: &mut Inbox) -> Vec<Bytes> {
    std::iter::from_fn(|| inbox.next().unwrap()).collect()
}

fn error(bytes: &'static str) -> WireError {
    let mut inbox = Inbox::new(LIMITS);
    inbox.push(bytes.into());
    inbox.next().unwrap_err()
}

#[test]
fn messages_come_whole_wherever_their_bytes_are_split() {
    for stream in ["<2'ab1+><1'c[]><1'd>", "8:<2'ab1+>7:<1'c[]>5:<1'd>"] {
        for first in 0..stream.len() {
            for second in first..stream.len() {
                let mut inbox = Inbox::new(LIMITS);
                let mut messages = Vec::new();
                for part in [&stream[..first], &stream[first..second], &stream[second..]] {
                    inbox.push(Bytes::copy_from_slice(part.as_bytes()));
                    messages.append(&mut all(&mut inbox));
                }
                let split = (first, second);
                assert_eq!(messages, [&b"<2'ab1+>"[..], b"<1'c[]>", b"<1'd>"], "{stream} at {split:?}");
            }
        }
    }
}

#[test]
fn many_messages_come_in_one_piece() {
    let mut inbox = Inbox::new(LIMITS);
    inbox.push("4:<0'>".repeat(1000).into());
    assert_eq!(all(&mut inbox).len(), 1000);
    assert_eq!(inbox.next(), Ok(None));
}

#[test]
fn k9_what_is_no_message_is_an_error() {
    let cut = SyrupError::Unexpected { at: 0, found: b'x', expected: "a message, or its length" };
    assert_eq!(error("x"), cut.into());
    assert_eq!(error("04:<0'>"), WireError::Length);
    assert_eq!(error("0:"), WireError::Length);
    assert_eq!(error("4<0'>"), WireError::Length);
    assert_eq!(error("99999999999999999999999"), WireError::Length);
    assert!(matches!(error("<<<<<<"), WireError::Syrup(SyrupError::TooDeep { .. })));
}

#[test]
fn k10_a_message_that_is_too_large_is_an_error_before_it_is_there() {
    assert_eq!(error("41:"), WireError::Length);
    assert!(matches!(error("<99\"abc"), WireError::Syrup(SyrupError::TooLong { limit: 40 })));
}

#[test]
fn a_bare_message_is_looked_at_once() {
    let mut inbox = Inbox::new(Limits { bytes: 1 << 21, depth: 4 });
    inbox.push("<".into());
    // A few seconds, if each piece were looked at from the beginning.
    for _ in 0..200_000 {
        inbox.push("1+".into());
        assert_eq!(inbox.next(), Ok(None));
    }
    inbox.push(">".into());
    assert_eq!(inbox.next().unwrap().map(|message| message.len()), Some(400_002));
}
