//! Random programs of additions, removals and queries, against a scan.

use proptest::prelude::*;
use proptest::sample::Index as Pick;

use super::strategies::{topic, value, wide_topic, wide_value};
use super::{Index, IndexEntry, Topic, Value, entry, matching, meeting};

#[derive(Clone, Debug)]
enum Step {
    Add(Topic),
    /// Adds as many equal topics.
    AddMany(Topic, usize),
    Remove(Pick),
    RemoveOldest(usize),
    /// Adds a topic with an order that was removed before.
    AddAgain(Topic, Pick),
    /// A role changes: out, and back with the same order.
    Replace(Pick),
    Matching(Value),
    Meeting(Topic),
    /// As if one more endpoint asked that already is there.
    MeetingOwn(Pick),
}

fn steps(
    topic: impl Strategy<Value = Topic> + Clone,
    value: impl Strategy<Value = Value>,
    len: usize,
) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => topic.clone().prop_map(Step::Add),
        1 => (topic.clone(), 2..600usize).prop_map(|(topic, count)| Step::AddMany(topic, count)),
        5 => any::<Pick>().prop_map(Step::Remove),
        1 => (1..400usize).prop_map(Step::RemoveOldest),
        3 => (topic.clone(), any::<Pick>()).prop_map(|(topic, pick)| Step::AddAgain(topic, pick)),
        2 => any::<Pick>().prop_map(Step::Replace),
        6 => value.prop_map(Step::Matching),
        6 => topic.prop_map(Step::Meeting),
        4 => any::<Pick>().prop_map(Step::MeetingOwn),
    ];
    prop::collection::vec(step, 1..len)
}

/// An index and what is in it.
#[derive(Default)]
struct Checked {
    index: Index,
    all: Vec<(IndexEntry, Topic)>,
    removed: Vec<u64>,
    orders: u64,
}

impl Checked {
    fn add(&mut self, topic: Topic, order: u64) {
        self.index.add(&topic, entry(order));
        self.all.push((entry(order), topic));
    }

    fn add_new(&mut self, topic: Topic) {
        self.orders += 1;
        self.add(topic, self.orders);
    }

    fn remove(&mut self, at: usize) -> (u64, Topic) {
        let (entry, topic) = self.all.swap_remove(at);
        self.index.remove(&topic, entry.order);
        (entry.order.number(), topic)
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Add(topic) => self.add_new(topic),
            Step::AddMany(topic, count) => (0..count).for_each(|_| self.add_new(topic.clone())),
            Step::Remove(pick) if !self.all.is_empty() => {
                let (order, _) = self.remove(pick.index(self.all.len()));
                self.removed.push(order);
            }
            Step::RemoveOldest(count) => {
                self.all.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.order));
                for _ in 0..count.min(self.all.len()) {
                    let (order, _) = self.remove(self.all.len() - 1);
                    self.removed.push(order);
                }
            }
            Step::AddAgain(topic, pick) if !self.removed.is_empty() => {
                let order = self.removed.swap_remove(pick.index(self.removed.len()));
                self.add(topic, order);
            }
            Step::Replace(pick) if !self.all.is_empty() => {
                let (order, topic) = self.remove(pick.index(self.all.len()));
                self.add(topic, order);
            }
            Step::Matching(body) => {
                assert_eq!(matching(&self.index, &body), self.scan(|topic| topic.matches(&body)), "{body:?}");
            }
            Step::Meeting(topic) => self.check_meeting(&topic),
            Step::MeetingOwn(pick) if !self.all.is_empty() => {
                let (_, topic) = self.all[pick.index(self.all.len())].clone();
                self.check_meeting(&topic);
            }
            _ => {}
        }
        assert_eq!(self.index.len(), self.all.len());
    }

    fn check_meeting(&mut self, topic: &Topic) {
        assert_eq!(meeting(&mut self.index, topic), self.scan(|other| other.meets(topic)), "{topic:?}");
    }

    fn scan(&self, wanted: impl Fn(&Topic) -> bool) -> Vec<IndexEntry> {
        let mut found: Vec<_> =
            self.all.iter().filter(|(_, topic)| wanted(topic)).map(|(entry, _)| *entry).collect();
        found.sort_by_key(|entry| entry.order);
        found
    }
}

fn check(steps: Vec<Step>) {
    let mut checked = Checked::default();
    steps.into_iter().for_each(|step| checked.run(step));
    while !checked.all.is_empty() {
        checked.remove(checked.all.len() / 2);
    }
    assert!(checked.index.is_as_new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nested_topics_are_found_as_by_a_scan(steps in steps(topic().boxed(), value(), 80)) {
        check(steps);
    }

    #[test]
    fn many_shapes_are_found_as_by_a_scan(steps in steps(wide_topic().boxed(), wide_value(), 160)) {
        check(steps);
    }
}
