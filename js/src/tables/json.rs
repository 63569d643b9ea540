//! The tables as JSON, for `dump2()`.

use crate::tables::{PromiseRow, Tables};

impl Tables {
    /// The tables, with the run queue as it was said to be.
    pub(crate) fn to_json(&self) -> String {
        let rows = list(self.rows().iter().map(|row| list(row.iter().map(|part| quoted(part)))));
        let promises = list(self.promises().iter().map(promise));
        let queue = self.state().run_queue.clone();
        let queue = if queue.is_empty() { "[]" } else { &queue };
        format!("{{\"kernelTable\":{rows},\"promises\":{promises},\"runQueue\":{queue}}}")
    }
}

fn promise(row: &PromiseRow) -> String {
    let mut parts = vec![("id", quoted(&row.id)), ("state", quoted(row.state))];
    if let Some(decider) = &row.decider {
        parts.push(("decider", quoted(decider)));
    }
    match &row.resolution {
        None => parts.push(("subscribers", list(row.subscribers.iter().map(|vat| quoted(vat))))),
        Some(slot) if row.state == "fulfilledToPresence" => parts.push(("slot", quoted(slot))),
        Some(data) => parts.push(("data", quoted(data))),
    }
    let parts = parts.into_iter().map(|(key, value)| format!("{}:{value}", quoted(key)));
    format!("{{{}}}", parts.collect::<Vec<_>>().join(","))
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c < ' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}
