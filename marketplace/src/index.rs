//! Which endpoints match a message or meet a topic.

use crate::topic::Topic;
use crate::value::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) order: u64,
    pub(crate) slot: u32,
}

pub(crate) struct Index(std::collections::BTreeMap<u64, (Topic, u32)>);

impl Index {
    pub(crate) fn new() -> Self {
        Self(Default::default())
    }
    pub(crate) fn add(&mut self, topic: &Topic, entry: Entry) {
        self.0.insert(entry.order, (topic.clone(), entry.slot));
    }
    pub(crate) fn remove(&mut self, _: &Topic, order: u64) {
        self.0.remove(&order);
    }
    pub(crate) fn matching(&self, body: &Value, out: &mut Vec<Entry>) {
        out.extend(
            self.0.iter().filter(|(_, e)| e.0.matches(body)).map(|(o, e)| Entry { order: *o, slot: e.1 }),
        );
    }
    pub(crate) fn meeting(&mut self, topic: &Topic, out: &mut Vec<Entry>) {
        out.extend(
            self.0.iter().filter(|(_, e)| e.0.meets(topic)).map(|(o, e)| Entry { order: *o, slot: e.1 }),
        );
    }
}
