//! The laws of topics, on which the index relies.

use proptest::prelude::*;

use super::strategies::{topic, value};
use super::{Topic, Value};

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
    fn a_topic_without_wildcard_is_a_literal(v in value()) {
        prop_assert_eq!(rebuilt(&v), Topic::from(v));
    }
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
