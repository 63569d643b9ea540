//! The index answers as a scan of all endpoints would, and does no more work than its tables need.

mod laws;
mod oracle;
mod strategies;
mod work;

use super::*;

fn int(n: u64) -> Value {
    Value::from(i128::from(n))
}

fn lit(n: u64) -> Topic {
    int(n).into()
}

fn entry(order: u64) -> Entry {
    Entry { order, slot: order as u32 }
}

fn matching(index: &Index, body: &Value) -> Vec<Entry> {
    let mut out = Vec::new();
    index.matching(body).append_to(&mut out);
    out
}

fn meeting(index: &mut Index, topic: &Topic) -> Vec<Entry> {
    let mut out = Vec::new();
    index.meeting(topic, &mut out);
    out
}
