//! Values of ours, made at random.

use bytes::Bytes;
use marketplace::View;
use marketplace::im::{OrdMap, OrdSet};
use marketplace::prelude::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Labels and tags that mean something on the wire.
pub(super) const KNOWN: [&str; 19] = [
    "void",
    "null",
    "desc:tagged",
    "desc:error",
    "desc:import-object",
    "desc:import-promise",
    "desc:export",
    "desc:answer",
    "desc:sig-envelope",
    "desc:handoff-give",
    "desc:",
    "ocapn-peer",
    "ocapn-sturdyref",
    "mp:record",
    "mp:map",
    "mp:set",
    "mp:plain",
    "Reason.Error",
    "Reason.Value",
];

pub(super) fn label() -> impl Strategy<Value = String> {
    prop_oneof![2 => select(&KNOWN[..]).prop_map(str::to_string), 1 => "[a-zé:.-]{0,4}"]
}

pub(super) fn number() -> impl Strategy<Value = f64> {
    any::<f64>().prop_map(|x| if x.is_nan() { f64::from_bits(0x7ff8_0000_0000_0000) } else { x })
}

fn symbol() -> impl Strategy<Value = Value> {
    label().prop_map(|text| Symbol::new(&text).into())
}

fn sequence(items: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    vec(items, 0..4).prop_map(Value::sequence)
}

/// A value, in which these references may stand.
fn any_value(references: Vec<Reference>) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::UNIT),
        any::<bool>().prop_map(Value::from),
        (-2..2i128).prop_map(Value::from),
        any::<i128>().prop_map(Value::from),
        number().prop_map(Value::from),
        ".{0,4}".prop_map(|text| text.as_str().into()),
        vec(any::<u8>(), 0..4).prop_map(|bytes| Bytes::from(bytes).into()),
        symbol(),
        label().prop_map(|label| Value::record(label, [])),
        select(references).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let record = |label, parts: (Value, Value)| Value::record(label, [parts.0, parts.1]);
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            sequence(inner.clone()),
            (label(), vec(inner.clone(), 0..4)).prop_map(|(label, fields)| Value::record(label, fields)),
            (symbol(), vec(inner.clone(), 0..3)).prop_map(|(tag, mut fields)| {
                fields.insert(0, tag);
                Value::record("desc:tagged", fields)
            }),
            (symbol(), sequence(inner.clone())).prop_map(move |parts| record("desc:tagged", parts)),
            (symbol(), sequence(inner.clone())).prop_map(move |parts| record("mp:plain", parts)),
            (inner.clone(), sequence(inner.clone())).prop_map(move |parts| record("mp:plain", parts)),
            pair.clone().prop_map(move |parts| record("desc:tagged", parts)),
            pair.clone().prop_map(move |parts| record("mp:plain", parts)),
            vec(inner.clone(), 0..4).prop_map(|items| Value::set(OrdSet::from_iter(items)).unwrap()),
            vec(pair, 0..4).prop_map(|entries| Value::map(OrdMap::from_iter(entries)).unwrap()),
            vec((".{0,3}", inner), 0..4).prop_map(|entries| {
                let entries = entries.into_iter().map(|(key, value)| (key.as_str().into(), value));
                Value::map(OrdMap::from_iter::<Vec<(Value, Value)>>(entries.collect())).unwrap()
            }),
        ]
    })
}

/// References, and a value in which they may stand.
fn value_with_references() -> impl Strategy<Value = (Vec<Reference>, Value)> {
    Just(())
        .prop_map(|()| vec![reference(), reference(), reference()])
        .prop_flat_map(|references| (Just(references.clone()), any_value(references)))
}

/// The value with others in the place of references.
fn replaced(value: &Value, others: &[(Reference, Value)]) -> Value {
    let replaced = |value: &Value| replaced(value, others);
    match value.view() {
        View::Reference(reference) => {
            let other = others.iter().find(|(replaced, _)| replaced == reference);
            other.map_or_else(|| value.clone(), |(_, other)| other.clone())
        }
        View::Sequence(items) => Value::sequence(items.iter().map(replaced)),
        View::Record(label, fields) => Value::record(label, fields.iter().map(replaced)),
        View::Set(items) => Value::set(items.iter().map(replaced).collect()).unwrap(),
        View::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (replaced(key), replaced(value)));
            Value::map(entries.collect()).unwrap()
        }
        _ => value.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn k19_what_is_sent_arrives((references, value) in value_with_references()) {
        let mut mirror = Mirror::of(&references);
        let bytes = mirror.written(&value).unwrap();
        let arrived = mirror.read(&bytes);
        prop_assert_eq!(&arrived, &Ok(value), "{}", String::from_utf8_lossy(&bytes));
        // It has one spelling.
        prop_assert_eq!(mirror.written(&arrived.unwrap()).unwrap(), bytes);
    }

    /// As if the data had stood there from the beginning.
    #[test]
    fn k19_the_data_of_a_settled_promise_arrives((references, value) in value_with_references()) {
        let data = [
            Value::sequence(["settled".into(), 1.into()]),
            Symbol::new("settled").into(),
            Value::record("desc:tagged", [Symbol::new("settled").into(), Value::sequence([])]),
        ];
        let mut mirror = Mirror::of(&references);
        mirror.settled = references.iter().cloned().zip(data).collect();
        let bytes = mirror.written(&value).unwrap();
        let expected = replaced(&value, &mirror.settled);
        prop_assert_eq!(mirror.read(&bytes), Ok(expected), "{}", String::from_utf8_lossy(&bytes));
    }
}
