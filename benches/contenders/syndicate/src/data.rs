//! The messages, and the patterns of the actors that want to hear them.

use syndicate::actor::AnyValue;
use syndicate::schemas::dataspace_patterns::{AnyAtom, GroupType, Pattern};
use syndicate::value::{Map, NestedValue, Value};

pub(crate) fn says(topic: u64, payload: u64) -> AnyValue {
    record("topic", [AnyValue::new(topic), AnyValue::new(payload)])
}

pub(crate) fn about(topic: u64) -> Pattern {
    group("topic", [(0, literal(topic)), (1, bound())])
}

pub(crate) fn sorted(topic: u64, payload: u64) -> AnyValue {
    record("topic", [AnyValue::new(topic), AnyValue::new(9u64), AnyValue::new(payload)])
}

pub(crate) fn about_one_sort(topic: u64) -> Pattern {
    group("topic", [(0, literal(topic)), (1, literal(9)), (2, bound())])
}

pub(crate) fn about_any_sort(topic: u64) -> Pattern {
    group("topic", [(0, literal(topic)), (2, bound())])
}

/// Eight places that patterns look at.
pub(crate) fn wide(payload: u64) -> AnyValue {
    record("topic", [0; 8].into_iter().chain([payload]).map(AnyValue::new))
}

/// The literal 1 where there is a bit.
pub(crate) fn shape(places: u64) -> Pattern {
    let literals = (0..8).filter(|place| places >> place & 1 == 1).map(|place| (place, literal(1)));
    group("topic", literals.chain([(8, bound())]))
}

pub(crate) fn present(who: u64) -> AnyValue {
    record("present", [AnyValue::symbol("room"), AnyValue::new(who)])
}

pub(crate) fn anybody() -> Pattern {
    let room = Pattern::Lit { value: Box::new(AnyAtom::Symbol("room".into())) };
    group("present", [(0, room), (1, bound())])
}

/// The number that a pattern has bound.
pub(crate) fn number(bound: &AnyValue) -> u64 {
    let bound = bound.value().as_sequence().and_then(|bound| bound.first()?.value().as_u64());
    bound.expect("every pattern here binds a number")
}

fn record(label: &str, fields: impl IntoIterator<Item = AnyValue>) -> AnyValue {
    let fields = fields.into_iter();
    let mut record = Value::simple_record(label, fields.size_hint().0);
    record.fields_vec_mut().extend(fields);
    record.finish().wrap()
}

fn literal(number: u64) -> Pattern {
    Pattern::Lit { value: Box::new(AnyAtom::Int(number.into())) }
}

fn bound() -> Pattern {
    Pattern::Bind { pattern: Box::new(Pattern::Discard) }
}

fn group(label: &str, places: impl IntoIterator<Item = (u64, Pattern)>) -> Pattern {
    Pattern::Group {
        type_: Box::new(GroupType::Rec { label: AnyValue::symbol(label) }),
        entries: places
            .into_iter()
            .map(|(place, pattern)| (AnyValue::new(place), pattern))
            .collect::<Map<_, _>>(),
    }
}
