//! The index answers as a scan of all endpoints would, and does no more work than its tables need.

mod hashes;
mod laws;
mod oracle;
mod strategies;
mod work;

use super::*;
use crate::data::slots::Slot;

fn int(n: u64) -> Value {
    Value::from(i128::from(n))
}

fn lit(n: u64) -> Topic {
    int(n).into()
}

fn entry(order: u64) -> IndexEntry {
    IndexEntry { order: Order::made_up(order), slot: Slot::numbered(order as u32) }
}

fn matching(index: &Index, body: &Value) -> Vec<IndexEntry> {
    let (sole, runs, mut out) = (index.sole(body), index.matching(body), Vec::new());
    runs.append_to(&mut out);
    let slots = || out.iter().map(|entry| entry.slot);
    // The known endpoint is the right one, before the index is asked and after.
    assert!([sole, index.sole(body)].into_iter().flatten().all(|sole| slots().eq([sole])), "{body:?}");
    // The short ways give the same entries.
    assert!(runs.only().is_none_or(|only| out == [only]), "{body:?}");
    assert!(runs.pair().is_none_or(|pair| out == pair), "{body:?}");
    out
}

fn meeting(index: &mut Index, topic: &Topic) -> Vec<IndexEntry> {
    let mut out = Vec::new();
    index.meeting(topic, &mut out);
    out
}
