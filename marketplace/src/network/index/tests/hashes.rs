//! Different things have different hashes: what finds in one step relies on that.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;

use super::{Query, Topic, Value};
use crate::data::value::hashed::hash_value;
use crate::network::index::shape::{Kind, places};
use crate::network::index::trail::Trail;

fn assert_all_differ<T: Debug, H: Hash + Eq>(things: &[T], hash: impl Fn(&T) -> H) {
    let mut known = HashMap::new();
    for thing in things {
        let other = known.insert(hash(thing), thing);
        assert!(other.is_none(), "{thing:?} has the hash of {other:?}");
    }
}

/// Each is read in the notation.
fn values(written: &[&str]) -> Vec<Value> {
    written.iter().map(|written| written.parse().unwrap()).collect()
}

#[test]
fn of_values() {
    let one_word = ["0", "1", "-5", "18446744073709551616", "18446744073709551617", "'a", "'b"];
    let others = ["()", "true", "false", "1.0", "2.0", "\"a\"", "\"b\"", "{1}", "{2}", "{1: 2}", "{1: 3}"];
    let sequences =
        ["[1]", "[2]", "[1, 2]", "[2, 1]", "['a]", "['b]", "[\"a\"]", "[\"b\"]", "[[1]]", "[[2]]", "[{1}]"];
    let records = ["A(1)", "A(2)", "B(1)", "A('a)", "A({1})", "A({2})", "A([1])", "A([2])"];
    let sets = ["{[1]}", "{[2]}", "{1: [1]}", "{1: [2]}", "{[1], [2]}", "{[1], [3]}"];
    // Of all together a few have equal ones: 0, () and [].
    for kind in [&one_word[..], &others, &sequences, &records, &sets] {
        assert_all_differ(&values(kind), hash_value);
    }
}

/// A message is not hashed whole, however its parts lie.
#[test]
fn of_values_up_to_so_many_parts() {
    let row = |place: usize| Value::sequence((0..100).map(|at| Value::from(i128::from(at == place))));
    let rows = |place: usize| Value::sequence((0..10).map(|at| row(if at == 5 { place } else { 100 })));
    assert_all_differ(&(0..64).map(row).collect::<Vec<_>>(), hash_value);
    assert_eq!(hash_value(&row(64)), hash_value(&row(100)));
    assert_eq!(hash_value(&rows(0)), hash_value(&rows(100)), "the first row takes what there is");
}

#[test]
fn of_labels_arities_and_lengths() {
    let kinds = values(&["A(1)", "A(1, 2)", "B(1)", "[]", "[1]", "[1, 2]", "1"]);
    assert_all_differ(&kinds, |value| places(value).0.hash());
    assert_eq!(Kind::Other.hash(), places(&Value::UNIT).0.hash());
}

#[test]
fn of_the_places_that_are_determined() {
    let topics = [
        "A(_, _, 1)",
        "A(_, 1, _)",
        "A(1, _, _)",
        "A(1, 1, _)",
        "A(1, _, 1)",
        "A([_], _, _)",
        "A([1, _], _, _)",
        "A([_, 1], _, _)",
        "A(B(_), _, _)",
        "A(B(1, _), _, _)",
        "A(C(1, _), _, _)",
        "A([_], 1, _)",
        "A([_, [_]], _, _)",
        "A([_, _], [_], _)",
    ];
    let topics: Vec<Topic> = topics.iter().map(|written| written.parse().unwrap()).collect();
    assert_all_differ(&topics, |topic| Trail::of(Query::topic(topic).unwrap().fields).places);
    let other_value: Topic = "A(2, _, _)".parse().unwrap();
    let places = |topic: &Topic| Trail::of(Query::topic(topic).unwrap().fields).places;
    assert_eq!(places(&topics[2]), places(&other_value));
}
