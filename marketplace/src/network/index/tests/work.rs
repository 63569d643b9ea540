//! Work is counted in probes of tables: it depends on shapes, not on how many endpoints have them.

use super::{Index, Topic, Value, entry, int, lit, matching, meeting};
use crate::data::symbol::{Label, Symbol};
use crate::data::value::hashed::hash_value;
use crate::network::index::Order;
use crate::network::index::probes;

fn says(fields: [Topic; 2]) -> Topic {
    Topic::record("Says", fields)
}

/// Endpoints `Says(i, _)`, `Says(i, i)` and `Says([i, _], _)` for as many `i`.
fn crowd(count: u64) -> Index {
    let mut index = Index::new();
    for i in 0..count {
        index.add(&says([lit(i), Topic::any()]), entry(3 * i));
        index.add(&says([lit(i), lit(i)]), entry(3 * i + 1));
        index.add(&says([Topic::sequence([lit(i), Topic::any()]), Topic::any()]), entry(3 * i + 2));
    }
    index
}

#[test]
fn the_number_of_endpoints_does_not_matter() {
    let nobody = 1_000_000;
    let queries = [
        says([Topic::any(), lit(nobody)]),
        says([lit(nobody), Topic::any()]),
        says([lit(nobody), lit(nobody)]),
        says([Topic::sequence([Topic::any(), lit(nobody)]), lit(nobody)]),
        says([Topic::sequence([lit(nobody), lit(nobody)]), Topic::any()]),
    ];
    let work = |count| {
        let mut index = crowd(count);
        let body = Value::record("Says", [int(nobody), int(0)]);
        let mut work = vec![probes::during(|| assert!(matching(&index, &body).is_empty()))];
        for query in &queries {
            meeting(&mut index, query);
            work.push(probes::during(|| {
                meeting(&mut index, query);
            }));
        }
        work
    };
    let few = work(4);
    assert_eq!(few, work(33_400));
    // Of 12 endpoints and of 100,200.
    assert!(few.iter().all(|&probes| probes <= 3), "at most one probe for each shape: {few:?}");
}

#[test]
fn shapes_are_counted_under_each_label_and_the_wildcard_is_one() {
    let mut index = crowd(4);
    assert_eq!(index.shapes(), 3);
    index.add(&Topic::record("Hears", [lit(1)]), entry(100));
    assert_eq!(index.shapes(), 4);
    index.add(&Topic::any(), entry(101));
    assert_eq!(index.shapes(), 5);
}

#[test]
fn a_query_first_asked_of_a_crowd_finds_the_same_as_later() {
    let mut index = crowd(1000);
    let query = says([Topic::any(), lit(7)]);
    let first = meeting(&mut index, &query);
    assert_eq!(first, meeting(&mut index, &query));
    // Everybody but those with another second place.
    assert_eq!(first.len(), 1000 + 1 + 1000);
}

#[test]
fn tables_for_queries_are_bounded() {
    let mut index = Index::new();
    let literal: Vec<_> = (0..8).map(lit).collect();
    index.add(&Topic::record("Wide", literal), entry(0));
    for wild in 1..256u32 {
        let place = |i| if wild >> i & 1 == 1 { Topic::any() } else { lit(i) };
        let query = Topic::record("Wide", (0..8).map(place));
        assert_eq!(meeting(&mut index, &query), [entry(0)]);
        assert!(index.tables() <= 17);
    }
    let topic = Topic::record("Wide", (0..8).map(lit));
    index.remove(&topic, Order::made_up(0));
    assert!(index.is_as_new());
}

#[test]
fn a_query_asked_again_finds_its_table() {
    let mut index = crowd(20);
    let queries = [says([Topic::any(), lit(7)]), says([lit(7), Topic::any()])];
    let mut tables = || {
        queries.iter().for_each(|query| assert!(!meeting(&mut index, query).is_empty()));
        index.tables()
    };
    let asked_once = tables();
    assert_eq!(asked_once, 3 + 4, "of the three shapes, one knows both places, and two one place");
    assert_eq!(tables(), asked_once);
}

#[test]
fn few_topics_are_looked_at_one_by_one_and_found_in_order() {
    let topic = |i| says([lit(i), Topic::any()]);
    let everything = says([Topic::any(), Topic::any()]);
    let mut index = Index::new();
    for (count, tables) in [(16, 1), (17, 2)] {
        (index.len() as u64..count).for_each(|i| index.add(&topic(i), entry(i)));
        assert!(meeting(&mut index, &everything).into_iter().eq((0..count).map(entry)));
        assert_eq!(index.tables(), tables);
    }
    // The table that there is now does not matter once they are few.
    (0..10).for_each(|i| index.remove(&topic(i), Order::made_up(i)));
    assert!(meeting(&mut index, &everything).into_iter().eq((10..17).map(entry)));
    // The places of a table that was large are not all looked at for the few that are left.
    let mut index = Index::new();
    (0..1_000).for_each(|i| index.add(&topic(i), entry(i)));
    (10..1_000).for_each(|i| index.remove(&topic(i), Order::made_up(i)));
    assert!(meeting(&mut index, &everything).into_iter().eq((0..10).map(entry)));
    assert_eq!(index.tables(), 2);
    // Two of one topic are a crowd.
    let mut index = Index::new();
    for i in 0..8 {
        index.add(&topic(i % 4), entry(i));
        assert!(meeting(&mut index, &everything).into_iter().eq((0..=i).map(entry)));
        assert_eq!(index.tables(), if i < 4 { 1 } else { 2 });
    }
}

/// The topic of a shape with this value at its literal places; bit `i` stands for place `i`.
fn wide(shape: u64, value: u64) -> Topic {
    Topic::record("Wide", (0..8).map(|place| if shape >> place & 1 == 1 { lit(value) } else { Topic::any() }))
}

#[test]
fn of_many_shapes_only_those_that_can_match_are_probed() {
    for each in [1, 50] {
        let mut index = Index::new();
        for shape in 1..256 {
            for i in 0..each {
                index.add(&wide(shape, shape * each + i), entry(shape * each + i));
            }
        }
        let value = 85 * each;
        let body = Value::record("Wide", (0..8).map(|_| int(value)));
        assert_eq!(probes::during(|| assert_eq!(matching(&index, &body), [entry(value)])), 1);
        assert_eq!(
            probes::during(|| assert_eq!(meeting(&mut index, &body.clone().into()), [entry(value)])),
            1
        );
        assert_eq!(
            meeting(&mut index, &Topic::record("Wide", [const { Topic::any() }; 8])).len() as u64,
            255 * each
        );
        for shape in 1..256 {
            for i in 0..each {
                index.remove(&wide(shape, shape * each + i), Order::made_up(shape * each + i));
            }
        }
        assert!(index.is_as_new());
    }
}

#[test]
fn what_goes_leaves_no_literal_behind() {
    let mut index = Index::new();
    // Shapes of the first four places; then, for a while, of all.
    (1..16).for_each(|shape| index.add(&wide(shape, 0), entry(shape)));
    let before = index.sieved();
    assert_eq!(before, 4 + 4, "one column and one literal for each place");
    for order in 16..256 {
        index.add(&wide(order, order), entry(order));
        index.add(&wide(order % 15 + 1, order), entry(1000 + order));
    }
    for order in 16..256 {
        index.remove(&wide(order % 15 + 1, order), Order::made_up(1000 + order));
        index.remove(&wide(order, order), Order::made_up(order));
    }
    assert_eq!(index.sieved(), before);
}

#[test]
fn a_crowd_of_equal_topics_leaves_from_the_front() {
    let mut index = Index::new();
    let topic = says([lit(1), Topic::any()]);
    let count = 200_000;
    (0..count).for_each(|order| index.add(&topic, entry(order)));
    let body = Value::record("Says", [int(1), int(2)]);
    for order in 0..count - 1 {
        index.remove(&topic, Order::made_up(order));
    }
    assert_eq!(matching(&index, &body), [entry(count - 1)]);
    index.remove(&topic, Order::made_up(count - 1));
    assert!(index.is_as_new());
}

#[test]
fn values_of_equal_hash_are_told_apart() {
    // Beyond the parts of a sequence that are hashed, and in the middle of a text, where it is not.
    let long = |n| Value::sequence((0..100).map(|i| int(if i == 99 { n } else { 0 })));
    let text = |n: u64| {
        Value::from(crate::data::text::Text::from(format!("{}{n}{}", "a".repeat(50), "b".repeat(50))))
    };
    for literal in [&long as &dyn Fn(u64) -> Value, &text] {
        assert_eq!(hash_value(&literal(1)), hash_value(&literal(2)));
        let triple = |a, b, c| Topic::record("Triple", [a, b, c]);
        let mut index = Index::new();
        for i in 0..9 {
            let (a, b) = (literal(i / 3).into(), literal(i % 3).into());
            index.add(&triple(a, b, lit(i)), entry(i));
            index.add(&triple(literal(i).into(), Topic::any(), Topic::any()), entry(9 + i));
            let inside = Topic::sequence([literal(i).into(), Topic::any()]);
            index.add(&triple(inside, lit(0), Topic::any()), entry(18 + i));
        }
        for i in 0..9 {
            let (a, b) = (literal(i / 3), literal(i % 3));
            let body = Value::record("Triple", [a.clone(), b.clone(), int(i)]);
            assert_eq!(matching(&index, &body), [entry(i), entry(9 + i / 3)]);
            assert_eq!(
                meeting(&mut index, &triple(a.into(), b.into(), Topic::any())),
                [entry(i), entry(9 + i / 3)]
            );
            let inside = Value::sequence([literal(i), int(0)]);
            let body = Value::record("Triple", [inside, int(0), int(0)]);
            assert_eq!(matching(&index, &body), [entry(18 + i)]);
        }
    }
}

#[test]
fn who_hears_all_of_a_label_is_known_until_another_comes() {
    static ALONE: Label = Label::new("alone");
    let body = Value::record(Symbol::from_label(&ALONE), [int(1)]);
    let all = Topic::record("alone", [Topic::any()]);
    let mut index = Index::new();
    index.add(&all, entry(1));
    assert_eq!(index.sole(&body), None, "nobody has asked");
    let known = |index: &Index| {
        matching(index, &body);
        index.sole(&body)
    };
    assert_eq!(known(&index), Some(entry(1).slot));
    for other in [Topic::record("alone", [lit(1)]), Topic::any(), all.clone()] {
        index.add(&other, entry(2));
        assert_eq!((index.sole(&body), known(&index)), (None, None), "{other:?}");
        index.remove(&other, entry(2).order);
        assert_eq!(known(&index), Some(entry(1).slot));
    }
    // Another class takes the place of this one.
    index.add(&Topic::record("other", [Topic::any()]), entry(3));
    index.remove(&all, entry(1).order);
    assert_eq!((index.sole(&body), known(&index)), (None, None));
    index.add(&all, entry(4));
    assert_eq!((index.sole(&body), known(&index)), (None, Some(entry(4).slot)));
    // One of the same label that has more fields is none of it.
    assert_eq!(index.sole(&Value::record(Symbol::from_label(&ALONE), [int(1), int(2)])), None);
}

#[test]
fn who_alone_hears_several_literals_is_found_by_them() {
    static PAIR: Label = Label::new("pair");
    let topic = |a, b| Topic::record("pair", [lit(a), lit(b), Topic::any()]);
    let body = |a, b| Value::record(Symbol::from_label(&PAIR), [int(a), int(b), int(0)]);
    let mut index = Index::new();
    (1..9).for_each(|n| index.add(&topic(n, n + 1), entry(n)));
    // A message that has been sent makes the class of the label known.
    matching(&index, &body(1, 2));
    assert!((1..9).all(|n| index.sole(&body(n, n + 1)) == Some(entry(n).slot)));
    assert!([(1, 1), (2, 1), (9, 9)].into_iter().all(|(a, b)| index.sole(&body(a, b)).is_none()));
    index.add(&topic(1, 2), entry(9));
    let asked = probes::during(|| assert_eq!(index.sole(&body(1, 2)), None, "two hear it"));
    assert_eq!(asked, 0, "it would be asked twice");
    assert_eq!(matching(&index, &body(1, 2)), [entry(1), entry(9)]);
    assert_eq!(index.sole(&Value::record(Symbol::from_label(&PAIR), [int(1), int(2)])), None);
}
