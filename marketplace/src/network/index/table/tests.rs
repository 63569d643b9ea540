//! Tables keep and leave their room.

use super::*;
use crate::data::slots::Slot;

/// Adds the topic of each of these numbers, or removes it.
fn each(table: &mut Table, numbers: std::ops::Range<u64>, comes: bool) {
    for n in numbers {
        let topic = Topic::record("Says", [Value::from(i128::from(n)).into(), Topic::any()]);
        let query = Query::topic(&topic).unwrap();
        let trail = table.trail(query.fields).unwrap();
        if comes {
            assert!(table.insert(
                &topic,
                &query,
                &trail,
                IndexEntry { order: Order::made_up(n), slot: Slot::NONE }
            ));
        } else {
            assert!(table.remove(&query, &trail, Order::made_up(n)));
        }
    }
}

fn empty() -> Table {
    let topic = Topic::record("Says", [Value::UNIT.into(), Topic::any()]);
    Table::new(Shape::of(Query::topic(&topic).unwrap().fields), true)
}

/// A table with the first thousand in it.
fn crowd() -> Table {
    let mut table = empty();
    each(&mut table, 0..1_000, true);
    table
}

/// So many others come and go, one after the other.
fn churn(table: &mut Table, count: usize) {
    for n in 1_000..1_000 + count as u64 {
        each(table, n..n + 1, true);
        each(table, n..n + 1, false);
    }
}

#[test]
fn waves_keep_their_room() {
    let mut table = crowd();
    let room = table.buckets.places();
    for _ in 0..10 {
        each(&mut table, 10..1_000, false);
        assert_eq!(table.buckets.places(), room, "they come back");
        each(&mut table, 10..1_000, true);
        assert_eq!(table.buckets.places(), room);
    }
}

#[test]
fn a_small_table_leaves_its_room_to_the_next_one() {
    let room_of = |count| {
        let mut table = crowd();
        each(&mut table, count..1_000, false);
        table.buckets.shrink_to(count as usize);
        each(&mut table, 0..count, false);
        table.into_room()
    };
    let mut room = room_of(100);
    let buckets = room.as_ref().unwrap().0.places();
    assert!(buckets <= 256);
    let mut table = empty();
    for n in 0..100 {
        table.furnish(&mut room);
        each(&mut table, n..n + 1, true);
    }
    assert!(room.is_none(), "the table has moved there");
    assert_eq!(table.buckets.places(), buckets, "it does not grow");
    each(&mut table, 0..100, false);
    assert!(table.is_empty());
    assert!(room_of(1_000).is_none(), "it is not small");
    assert!(room_of(0).is_none(), "there is none");
}

#[test]
fn few_entries_do_not_keep_the_room_of_many() {
    for count in [1, 2, 4, 10, 50, 200] {
        let mut crowd = empty();
        each(&mut crowd, 0..150, true);
        each(&mut crowd, 0..150, false);
        let (mut room, mut no_room) = (crowd.into_room(), None);
        assert_eq!(room.as_ref().unwrap().0.places(), MOST_PLACES);
        let (mut table, mut alone) = (empty(), empty());
        for n in 0..count {
            table.furnish(&mut room);
            alone.furnish(&mut no_room);
            each(&mut table, n..n + 1, true);
            each(&mut alone, n..n + 1, true);
        }
        let (taken, needed) = (table.buckets.places(), alone.buckets.places());
        assert!(taken <= 4 * needed, "{count} keep {taken} and need {needed}");
    }
}

#[test]
fn a_table_of_one_bucket_takes_no_room_and_leaves_none() {
    let topic = Topic::record("Says", [Topic::any()]);
    let query = Query::topic(&topic).unwrap();
    let mut table = Table::new(Shape::of(query.fields), true);
    let mut crowd = empty();
    each(&mut crowd, 0..3, true);
    each(&mut crowd, 0..3, false);
    let mut room = crowd.into_room();
    table.furnish(&mut room);
    assert!(room.is_some());
    let trail = table.trail(query.fields).unwrap();
    let entry = IndexEntry { order: Order::made_up(1), slot: Slot::NONE };
    assert!(table.insert(&topic, &query, &trail, entry));
    assert!(table.remove(&query, &trail, Order::made_up(1)));
    assert!(table.into_room().is_none());
}

#[test]
fn with_an_eighth_in_use_it_is_not_sparse() {
    let mut table = crowd();
    let (room, capacity) = (table.buckets.places(), table.buckets.capacity());
    each(&mut table, capacity as u64 / 8..1_000, false);
    churn(&mut table, 3 * capacity);
    assert_eq!(table.buckets.places(), room);
}

#[test]
fn who_stays_behind_gives_the_room_back_after_as_many_goings_as_there_was_room() {
    let mut table = crowd();
    let (room, capacity) = (table.buckets.places(), table.buckets.capacity());
    each(&mut table, 10..1_000, false);
    // Of these, so many have left fewer than an eighth behind.
    let goings = capacity / 8 - 10;
    churn(&mut table, capacity - goings);
    assert_eq!(table.buckets.places(), room);
    churn(&mut table, 1);
    assert!(table.buckets.places() <= 64, "ten are left: {}", table.buckets.places());
    assert!(table.buckets.capacity() >= 20, "as many may come");
    each(&mut table, 0..10, false);
    assert!(table.is_empty());
}
