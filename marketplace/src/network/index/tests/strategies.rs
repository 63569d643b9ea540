//! Small values and topics, so that they meet often.

use im::OrdSet;
use proptest::prelude::*;

use crate::conversation::topic::Topic;
use crate::data::symbol::{Label, Symbol};
use crate::data::text::Text;
use crate::data::value::Value;

static LABEL: Label = Label::new("A");

/// Few names; the same one as a label made at compile time and as a symbol made at run time.
fn name() -> impl Strategy<Value = Symbol> {
    prop_oneof![
        Just(Symbol::from_label(&LABEL)),
        Just("A").prop_map(Symbol::new),
        Just("B").prop_map(Symbol::new),
    ]
}

fn atom() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0..3i128).prop_map(Value::from),
        1 => Just(Value::from(1.0)),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::UNIT),
        1 => name().prop_map(Value::from),
        1 => name().prop_map(|label| Value::record(label, [])),
        1 => prop_oneof![Just("a".repeat(100)), Just("b".to_owned())].prop_map(|text| Text::from(text).into()),
        1 => (0..2i128).prop_map(|n| Value::set(OrdSet::unit(n.into())).unwrap()),
    ]
}

pub(super) fn value() -> impl Strategy<Value = Value> {
    atom().prop_recursive(3, 16, 3, |inner| {
        let parts = prop::collection::vec(inner, 0..=3);
        prop_oneof![
            (name(), parts.clone()).prop_map(|(label, fields)| Value::record(label, fields)),
            parts.prop_map(Value::sequence),
        ]
    })
}

pub(super) fn topic() -> impl Strategy<Value = Topic> {
    let leaf = prop_oneof![2 => Just(Topic::any()), 3 => atom().prop_map(Topic::from)];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let parts = prop::collection::vec(inner, 0..=3);
        prop_oneof![
            2 => (name(), parts.clone()).prop_map(|(label, fields)| Topic::record(label, fields)),
            1 => parts.prop_map(Topic::sequence),
        ]
    })
}

/// Topics of one label and arity, with every set of literal and nested places.
pub(super) fn wide_topic() -> impl Strategy<Value = Topic> {
    let leaf = || prop_oneof![2 => Just(Topic::any()), 2 => (0..2i128).prop_map(|n| Value::from(n).into())];
    let pair = prop::collection::vec(leaf(), 2).prop_map(Topic::sequence);
    let place = prop_oneof![8 => leaf(), 1 => pair];
    (name(), prop::collection::vec(place, 6)).prop_map(|(label, fields)| Topic::record(label, fields))
}

pub(super) fn wide_value() -> impl Strategy<Value = Value> {
    let leaf = || (0..2i128).prop_map(Value::from);
    let pair = prop::collection::vec(leaf(), 2).prop_map(Value::sequence);
    let place = prop_oneof![6 => leaf(), 1 => pair];
    (name(), prop::collection::vec(place, 6)).prop_map(|(label, fields)| Value::record(label, fields))
}
