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
