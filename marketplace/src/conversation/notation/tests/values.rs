//! Random values and topics, of every kind that can be written.

use bytes::Bytes;
use im::{OrdMap, OrdSet};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{Symbol, Text, Topic, Value};

/// Texts that look like something else, and any text.
pub(super) fn texts() -> impl Strategy<Value = String> {
    const HOSTILE: &[&str] = &[
        "",
        "_",
        "__",
        "_a",
        "true",
        "false",
        "inf",
        "-inf",
        "NaN",
        "-NaN",
        "NaN(0x7ff8000000000001)",
        "b",
        "b\"",
        "fresh",
        "fresh#7",
        "#7",
        "1",
        "1.5",
        "-1",
        "1e5",
        "-",
        "--",
        "+1",
        ".",
        "..",
        "()",
        "{}",
        "{:}",
        "a b",
        " a",
        "a ",
        "a,b",
        "a:b",
        "a(b",
        "'",
        "'a",
        "a'b",
        "\"",
        "|",
        "||",
        "a|b",
        "\\",
        "\\|",
        "\\u{41}",
        "\0",
        "\n",
        "\r\n\t",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "\u{301}",
        "e\u{301}",
        "\u{345}",
        "é",
        "字",
        "²",
        "٣",
        "😀",
        "\u{202e}x",
        "\u{10ffff}",
        "Enum.Variant",
        "event-relay",
        "/term/1",
        "4_shell",
    ];
    prop_oneof![
        3 => select(HOSTILE).prop_map(str::to_owned),
        2 => "[a-zA-Z_][a-zA-Z0-9_.-]{0,6}",
        2 => "[ -~]{0,6}",
        2 => vec(any::<char>(), 0..6).prop_map(String::from_iter),
    ]
}

fn floats() -> impl Strategy<Value = f64> {
    const ODD: &[u64] = &[
        0x7ff8_0000_0000_0000,
        0xfff8_0000_0000_0000,
        0x7ff8_0000_0000_0001,
        0x7ff0_0000_0000_0001,
        0xffff_ffff_ffff_ffff,
        0x8000_0000_0000_0000,
        0x0000_0000_0000_0001,
        0x7fef_ffff_ffff_ffff,
        0x7ff0_0000_0000_0000,
        0xfff0_0000_0000_0000,
    ];
    prop_oneof![
        2 => any::<u64>().prop_map(f64::from_bits),
        2 => select(ODD).prop_map(f64::from_bits),
        2 => (-1000..1000i32).prop_map(|x| f64::from(x) / 8.0),
        1 => (-320..=308i32).prop_map(|exponent| 10f64.powi(exponent)),
    ]
}

fn integers() -> impl Strategy<Value = i128> {
    prop_oneof![any::<i128>(), -20..20i128, select(&[i128::MIN, i128::MAX][..])]
}

pub(super) fn values() -> impl Strategy<Value = Value> {
    let atoms = prop_oneof![
        1 => Just(Value::UNIT),
        1 => any::<bool>().prop_map(Value::from),
        2 => integers().prop_map(Value::from),
        2 => floats().prop_map(Value::from),
        2 => texts().prop_map(|text| Text::from(text).into()),
        2 => texts().prop_map(|text| Symbol::from(text).into()),
        1 => vec(any::<u8>(), 0..8).prop_map(|bytes| Bytes::from(bytes).into()),
        2 => texts().prop_map(|label| Value::record(label, [])),
    ];
    atoms.prop_recursive(5, 40, 5, |inner| {
        let several = vec(inner.clone(), 0..5);
        prop_oneof![
            (texts(), several.clone()).prop_map(|(label, fields)| Value::record(label, fields)),
            several.clone().prop_map(Value::sequence),
            several.prop_map(|items| Value::set(OrdSet::from_iter(items)).unwrap()),
            vec((inner.clone(), inner), 0..5)
                .prop_map(|entries| Value::map(OrdMap::from_iter(entries)).unwrap()),
        ]
    })
}

pub(super) fn topics() -> impl Strategy<Value = Topic> {
    prop_oneof![1 => Just(Topic::any()), 2 => values().prop_map(Topic::from)].prop_recursive(
        4,
        30,
        4,
        |inner| {
            let several = vec(inner, 0..4);
            prop_oneof![
                (texts(), several.clone()).prop_map(|(label, fields)| Topic::record(label, fields)),
                several.prop_map(Topic::sequence),
            ]
        },
    )
}
