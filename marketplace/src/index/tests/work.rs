//! Work is counted in probes of tables: it depends on shapes, not on how many endpoints have them.

use super::{Index, Topic, Value, entry, int, lit, matching, meeting};
use crate::index::probes;

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
    let few = work(10);
    assert_eq!(few, work(100_000));
    assert!(few.iter().all(|&probes| probes <= 3), "at most one probe for each shape: {few:?}");
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
    index.remove(&topic, 0);
    assert!(index.is_as_new());
}
