//! No text makes the reader panic.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::values::{topics, values};
use crate::{Topic, Value};

/// Reads the text both ways: a value is a topic, too, and an error lies in the text.
fn check(text: &str) {
    let topic = text.parse::<Topic>();
    match text.parse::<Value>() {
        Ok(value) => assert_eq!(topic, Ok(value.into())),
        Err(error) => assert!(text.is_char_boundary(error.offset)),
    }
    if let Err(error) = topic {
        assert!(text.is_char_boundary(error.offset));
        assert!(!error.to_string().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 512 } else { 2048 }))]

    #[test]
    fn any_text(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..64)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_tokens(tokens in vec(select(&[
        "(", ")", "[", "]", "{", "}", ",", ":", "'", "\"", "|", "b\"", "\\", "\\u{", "\\x", "#", "fresh#", "_", "-", "1",
        ".", "e", "NaN", "NaN(", "0x7ff8000000000001", "inf", "true", "A", "A(", "é", " ", "\n", "\0", "\u{301}", "😀",
    ][..]), 0..24)) {
        check(&tokens.concat());
    }

    /// Printed texts, cut, and with a character put in somewhere.
    #[test]
    fn what_prints_spoilt(value in values(), topic in topics(), at in any::<Index>(), c in any::<char>()) {
        for text in [value.to_string(), topic.to_string()] {
            let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
            let (before, after) = text.split_at(*at.get(&places));
            check(before);
            check(after);
            check(&format!("{before}{c}{after}"));
            check(&format!("{before}\\{after}"));
        }
    }
}
