//! The laws of topics, on which the index relies.

use proptest::prelude::*;

use super::strategies::{topic, value};
use super::{Query, Topic, Value};
use crate::network::index::shape::{Determined, Shape};

fn both(a: Option<Topic>, b: &Topic) -> Option<Topic> {
    a.and_then(|a| a.intersect(b))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn intersection_is_commutative(a in topic(), b in topic()) {
        prop_assert_eq!(a.intersect(&b), b.intersect(&a));
    }

    #[test]
    fn intersection_is_associative(a in topic(), b in topic(), c in topic()) {
        prop_assert_eq!(both(a.intersect(&b), &c), both(b.intersect(&c), &a));
    }

    #[test]
    fn intersection_is_idempotent(a in topic(), b in topic()) {
        prop_assert_eq!(a.intersect(&a), Some(a.clone()));
        let ab = a.intersect(&b);
        prop_assert_eq!(both(ab.clone(), &b), ab);
    }

    #[test]
    fn topics_meet_when_they_have_an_intersection(a in topic(), b in topic()) {
        prop_assert_eq!(a.meets(&b), a.intersect(&b).is_some());
    }

    #[test]
    fn an_intersection_matches_what_both_match(a in topic(), b in topic(), v in value()) {
        let ab = a.intersect(&b);
        prop_assert_eq!(ab.is_some_and(|ab| ab.matches(&v)), a.matches(&v) && b.matches(&v));
    }

    #[test]
    fn matching_is_meeting_one_value(a in topic(), v in value()) {
        let literal = Topic::from(v.clone());
        prop_assert_eq!(a.matches(&v), a.intersect(&literal) == Some(literal));
    }

    #[test]
    fn a_table_serves_the_queries_that_determine_the_same_places(
        shape in nested_topic(), a in nested_topic(), b in nested_topic()
    ) {
        let [shape, a, b] = [&shape, &a, &b].map(|topic| Query::topic(topic).unwrap().fields);
        let shape = Shape::of(shape);
        if let Some(of_a) = shape.overlay(a) {
            prop_assert!(of_a.is_overlay(&shape, a));
            let of_b = shape.overlay(b);
            prop_assert_eq!(of_a.is_overlay(&shape, b), of_b.is_some_and(|of_b| is_same(&of_a, &of_b)));
        }
    }

    #[test]
    fn a_topic_without_wildcard_is_a_literal(v in value()) {
        prop_assert_eq!(rebuilt(&v), Topic::from(v));
    }
}

/// One label and arity; a place has a literal, structure or a wildcard.
fn nested_topic() -> impl Strategy<Value = Topic> {
    let leaf = || prop_oneof![Just(Topic::any()), Just(Topic::from(Value::UNIT))];
    let inside = (prop::collection::vec(leaf(), 1..=2), any::<bool>()).prop_map(|(places, is_record)| {
        if is_record { Topic::record("Inner", places) } else { Topic::sequence(places) }
    });
    let place = prop_oneof![leaf(), inside];
    // One place is always a wildcard and one a literal, so that there are places below the root.
    prop::collection::vec(place, 2).prop_map(|places| {
        Topic::record("Outer", places.into_iter().chain([Topic::any(), Value::UNIT.into()]))
    })
}

fn is_same(a: &Shape, b: &Shape) -> bool {
    a.iter().len() == b.iter().len()
        && a.iter().zip(b.iter()).all(|((a_at, a), (b_at, b))| {
            a_at == b_at
                && match (a, b) {
                    (Determined::Literal, Determined::Literal) => true,
                    (Determined::Node(a, a_inner), Determined::Node(b, b_inner)) => {
                        a.as_ref() == b.as_ref() && is_same(a_inner, b_inner)
                    }
                    _ => false,
                }
        })
}

/// The topic of a value, built from the leaves up.
fn rebuilt(value: &Value) -> Topic {
    use crate::data::value::View;
    match value.view() {
        View::Record(label, fields) => Topic::record(label.clone(), fields.iter().map(rebuilt)),
        View::Sequence(items) => Topic::sequence(items.iter().map(rebuilt)),
        _ => value.clone().into(),
    }
}
