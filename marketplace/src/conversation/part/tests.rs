//! Parts of one topic, and of two that meet, are those of the intersection.

use super::Part;
use crate::conversation::topic::Topic;
use crate::data::symbol::Symbol;
use crate::data::value::Value;

fn record(label: &str, fields: impl IntoIterator<Item = Topic>) -> Topic {
    Topic::record(label, fields)
}

fn value(n: i64) -> Topic {
    Value::from(&n).into()
}

/// The same two places as a value, as a topic, and as two topics that meet.
fn three(make: impl Fn([Topic; 2]) -> Topic) -> [[Topic; 2]; 3] {
    let (whole, left, right) =
        (make([value(1), value(2)]), make([value(1), Topic::any()]), make([Topic::any(), value(2)]));
    [[whole.clone(), whole], [left.clone(), Topic::any()], [left, right]]
}

#[test]
fn a_record_has_parts_by_its_label_and_arity_only() {
    let label = Symbol::new("pair");
    for [a, b] in three(|places| record("pair", places)) {
        let part = Part::both(&a, &b);
        let parts = part.record(&label, 2).expect("it is one");
        assert_eq!(parts.len(), 2);
        assert_eq!(parts.at(0).to_topic(), value(1));
        assert!(part.record(&label, 1).is_none() && part.record(&label, 3).is_none());
        assert!(part.record(&Symbol::new("pear"), 2).is_none());
        assert!(part.sequence(2).is_none());
    }
}

#[test]
fn a_sequence_has_parts_by_its_length_only() {
    for [a, b] in three(Topic::sequence) {
        let part = Part::both(&a, &b);
        let parts = part.sequence(2).expect("it is one");
        assert_eq!(parts.len(), 2);
        assert_eq!(parts.at(0).to_topic(), value(1));
        assert!(part.sequence(1).is_none() && part.sequence(3).is_none());
        assert!(part.record(&Symbol::new("pair"), 2).is_none());
    }
}

#[test]
fn a_field_is_what_both_topics_say_of_its_place() {
    for make in [|places| record("pair", places), |places: [Topic; 2]| Topic::sequence(places)] {
        for [a, b] in three(make) {
            let part = Part::both(&a, &b);
            let met = a.intersect(&b).expect("they meet");
            for at in 0..2 {
                let other = Part::topic(&met).field(at).expect("there is such a place");
                assert_eq!(part.field(at).expect("there is such a place").to_topic(), other.to_topic());
            }
            assert!(part.field(2).is_none());
        }
    }
    assert!(Part::topic(&Topic::any()).field(0).is_none());
    assert!(Part::value(&Value::from(&1)).field(0).is_none());
}

#[test]
fn a_part_prints_as_its_topic() {
    let [_, _, [a, b]] = three(|places| record("pair", places));
    assert_eq!(format!("{:?}", Part::both(&a, &b)), format!("{:?}", a.intersect(&b).unwrap()));
}
