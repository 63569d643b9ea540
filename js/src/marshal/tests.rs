//! Values to bodies and back, and bodies that nobody should have written.

use marketplace::im::{OrdMap, OrdSet};
use marketplace::objects::{Reference, promise};
use marketplace::{Message, Symbol, Text, Value};
use proptest::prelude::*;

use crate::marshal::{Unreadable, read, write};

fn through(value: &Value) -> Value {
    let mut references = Vec::new();
    let body = write(value, usize::MAX, &mut |reference: &Reference| {
        references.push(reference.clone());
        format!("o-{}", references.len())
    });
    let slots: Vec<Value> = references.into_iter().map(Value::from).collect();
    read(&body.unwrap().text, &slots).unwrap()
}

fn value() -> impl Strategy<Value = Value> {
    let atom = prop_oneof![
        Just(Value::UNIT),
        any::<bool>().prop_map(Value::from),
        any::<i128>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        // A number without a fraction is an integer in JavaScript.
        any::<f64>().prop_filter("a fraction", |x| !x.is_nan()).prop_map(Value::from),
        any::<String>().prop_map(|text| Text::from(text).into()),
        any::<String>().prop_map(|text| Symbol::new(&text).into()),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(|bytes| bytes::Bytes::from(bytes).into()),
        Just(Reference::from_value(&promise::<Value>().0.to_value()).unwrap().into()),
    ];
    let label = prop_oneof![
        "[a-z:]{0,6}",
        Just("null".to_string()),
        Just("desc:error".to_string()),
        Just("mp:bigint".to_string()),
        Just("mp:map".to_string()),
        Just("mp:set".to_string()),
        Just("mp:bytes".to_string()),
        Just("mp:record".to_string()),
    ];
    atom.prop_recursive(4, 32, 4, move |inner| {
        let several = || prop::collection::vec(inner.clone(), 0..4);
        let key = prop_oneof![Just("@qclass".to_string()), any::<String>()]
            .prop_map(|key| Value::from(Text::from(key)));
        prop_oneof![
            several().prop_map(Value::sequence),
            several().prop_map(|items| Value::set(items.into_iter().collect::<OrdSet<_>>()).unwrap()),
            (label.clone(), several()).prop_map(|(label, fields)| Value::record(label.as_str(), fields)),
            prop::collection::vec((inner.clone(), inner.clone()), 0..3)
                .prop_map(|pairs| Value::map(pairs.into_iter().collect::<OrdMap<_, _>>()).unwrap()),
            prop::collection::vec((key, inner.clone()), 0..3)
                .prop_map(|pairs| Value::map(pairs.into_iter().collect::<OrdMap<_, _>>()).unwrap()),
        ]
    })
}

proptest! {
    #[test]
    fn v8_each_value_comes_back(value in value()) {
        prop_assert_eq!(through(&value), value);
    }

    #[test]
    fn v8_no_body_is_a_panic(text in "[\\[\\]{}:,\"a-z0-9@.\\\\-]{0,40}") {
        let _ = read(&text, &[]);
    }

    #[test]
    fn v8_no_special_body_is_a_panic(
        class in "undefined|bigint|symbol|error|slot|ibid|tagged|x",
        label in "mp:(bytes|set|map|record|bigint)|desc:error|null",
        part in "-?[0-9]{1,40}|\"[a-f0-9]{0,5}\"|\\[\\]|\\[\\[1,2\\]\\]|null|\\{\\}",
    ) {
        let text = format!(
            r#"[1,{{"@qclass":"{class}","index":{part},"digits":{part},"key":{part},"name":{part},"message":{part},"label":"{label}","fields":[{part}]}}]"#
        );
        let _ = read(&text, &[]);
    }
}

#[test]
fn v8_bodies_that_say_nothing() {
    for text in [
        "",
        "[",
        "[1,",
        "{\"a\"",
        "{\"a\":",
        "tru",
        "1 2",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\\u12\"",
        "\"\\x\"",
        "1e999",
        "{\"@qclass\":\"slot\",\"index\":0}",
        "{\"@qclass\":\"slot\",\"index\":-1}",
        "{\"@qclass\":\"ibid\",\"index\":0}",
        "[{\"@qclass\":\"ibid\",\"index\":0}]",
        "{\"@qclass\":5}",
        "{\"@qclass\":\"bigint\",\"digits\":\"99999999999999999999999999999999999999999\"}",
    ] {
        assert!(read(text, &[]).is_err(), "{text}");
    }
    assert!(read(&"[".repeat(100_000), &[]).is_err());
}

/// A vat on the bare `syscall` may write any text. `JSON.parse` is in force at the other end.
#[test]
fn v8_only_json_is_read() {
    for text in [
        "01",
        "-01",
        "1.",
        "-.5",
        ".5",
        "-",
        "+1",
        "1e",
        "1e+",
        "1.e5",
        "--1",
        "1-1",
        "1e5.5",
        "0x10",
        "1_000",
        "00",
        "\"a\nb\"",
        "\"a\tb\"",
        "\"a\u{0}\"",
        "{\"a\u{1f}\":1}",
        "[1,]",
        "{\"a\":1,}",
        "[,1]",
        "'a'",
        "NaN",
        "Infinity",
        "\u{feff}1",
        "1\u{a0}",
        "// 1\n1",
        "truely",
        "nul",
        "\"\\u00g0\"",
        "\"\\u+123\"",
        "{a:1}",
    ] {
        assert!(matches!(read(text, &[]), Err(Unreadable::Json(_))), "{text}: {:?}", read(text, &[]));
    }
    let half = Err(Unreadable::Json("half of a character stands in a string"));
    for text in ["\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\u0041\""] {
        assert_eq!(read(text, &[]), half, "{text}");
    }
    assert_eq!(read("1e999", &[]), Err(Unreadable::Json("the number is too great")));
    assert_eq!(read(&"[".repeat(2000), &[]), Err(Unreadable::Json("it nests too deep")));
}

#[test]
fn v8_numbers_and_characters_as_they_are_written() {
    let int = |int: i64| Ok(Value::from(int));
    let float = |x: f64| Ok(Value::from(x));
    for (text, value) in [
        ("0", int(0)),
        ("1.0", float(1.0)),
        ("1e3", float(1000.0)),
        ("-25E-1", float(-2.5)),
        ("-0", float(-0.0)),
        ("-0.0e5", float(-0.0)),
        ("9007199254740991", int((1 << 53) - 1)),
        ("9007199254740993", float(9_007_199_254_740_992.0)),
        ("1e-400", float(0.0)),
        ("\"\\ud83d\\ude00\\/\"", Ok(Value::from(Text::from("\u{1f600}/")))),
        ("\"\u{7f}\u{2028}\"", Ok(Value::from(Text::from("\u{7f}\u{2028}")))),
    ] {
        assert_eq!(read(text, &[]), value, "{text}");
    }
}

/// As `JSON.parse` has it: the last one counts, in the place of the first.
#[test]
fn v8_of_two_parts_with_one_name_the_last_counts() {
    let entry = |value: i64| Value::map(OrdMap::unit(Text::from("a").into(), value.into())).unwrap();
    assert_eq!(read("{\"a\":1,\"a\":2}", &[]), Ok(entry(2)));
    assert_eq!(read("{\"@qclass\":\"slot\",\"@qclass\":\"undefined\"}", &[]), Ok(Value::UNIT));
    // A part that does not count has no number by which it could be named again.
    let text = "[{\"a\":[],\"a\":[1]},{\"@qclass\":\"ibid\",\"index\":2}]";
    let Ok(read) = read(text, &[]) else { panic!("{:?}", read(text, &[])) };
    assert!(read.to_string().ends_with("[1]]"), "{read}");
}

#[test]
fn v8_a_value_that_is_small_only_because_it_is_shared_is_refused() {
    let laughs = (0..60).fold(String::from("[\"ha\"]"), |inner, _| inner);
    assert!(read(&laughs, &[]).is_ok());
    // Each list has the one inside of it twice: as itself, and as its number.
    let nested = |n: usize| {
        let mut text = "[\"ha\"]".to_string();
        for at in (0..n).rev() {
            text = format!("[{text},{{\"@qclass\":\"ibid\",\"index\":{}}}]", at + 1);
        }
        text
    };
    assert!(read(&nested(10), &[]).is_ok());
    assert_eq!(read(&nested(40), &[]), Err(Unreadable::TooLarge));
}
