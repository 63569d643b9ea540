//! The run queue, as SwingSet shows it: messages to objects, and news of promises.

use std::fmt::Write;

use marketplace::objects::Reference;
use marketplace::{Dump, Performed, Value, View};
use marketplace_js::Tables;

/// The run queue as JSON. Actions that only tell the kernel something are left out. A dump has the
/// first actions; the last row says how many more there are.
pub(super) fn run_queue(dump: &Dump, tables: &Tables) -> String {
    let promises = tables.promises();
    let mut rows = Vec::new();
    for queued in &dump.queue {
        let promise = queued.promise.as_ref().and_then(|promise| tables.name_of(promise));
        match &queued.action {
            Performed::SendTo(target, body) => rows.push(message(target, body, promise.as_deref(), tables)),
            Performed::Answer(..) | Performed::AnswerOn(..) => {
                let Some(row) = promises.iter().find(|row| Some(&row.id) == promise.as_ref()) else {
                    continue;
                };
                rows.extend(row.subscribers.iter().map(|vat| {
                    format!(r#"{{"type":"notify","vatID":{},"kpid":{}}}"#, text(vat), text(&row.id))
                }));
            }
            _ => {}
        }
    }
    let more = dump.queued.saturating_sub(dump.queue.len());
    if more > 0 {
        rows.push(format!(r#"{{"type":"more","count":{more}}}"#));
    }
    format!("[{}]", rows.join(","))
}

fn message(target: &Reference, body: &Value, result: Option<&str>, tables: &Tables) -> String {
    let parts = match body.view() {
        View::Sequence(parts) => parts,
        _ => std::slice::from_ref(body),
    };
    let (method, arguments) = match parts.split_first() {
        Some((verb, arguments)) if matches!(verb.view(), View::Symbol(_)) => (verb.view(), arguments),
        _ => (View::Unit, parts),
    };
    let method = match method {
        View::Symbol(verb) => text(verb.as_str()),
        _ => "null".into(),
    };
    let mut arrived = Arrived { tables, slots: Vec::new(), left: SHOWN };
    let (arguments, slots) = (text(&arrived.list(arguments)), arrived.slots.join(","));
    let (target, result) = (name(target, tables), result.map_or("null".into(), text));
    format!(
        r#"{{"type":"send","target":{target},"msg":{{"method":{method},"args":{{"body":{arguments},"slots":[{slots}]}},"result":{result}}}}}"#
    )
}

/// The name that the vats' tables have for a reference, or else the one by which it prints.
fn name(reference: &Reference, tables: &Tables) -> String {
    text(&tables.name_of(reference).unwrap_or_else(|| format!("{reference:?}")))
}

/// How many values of a message are shown. A small message may print as a great one: its parts may
/// be one value, many times.
const SHOWN: usize = 10_000;

/// Arguments, taken apart into text and slots.
struct Arrived<'t> {
    tables: &'t Tables,
    slots: Vec<String>,
    /// How many more values are shown.
    left: usize,
}

impl Arrived<'_> {
    fn list(&mut self, items: &[Value]) -> String {
        let shown: Vec<_> = items.iter().map_while(|item| self.json(item)).collect();
        format!("[{}]", shown.join(","))
    }

    /// A value, if another one is shown. It nests to a bounded depth.
    fn json(&mut self, value: &Value) -> Option<String> {
        self.left = self.left.checked_sub(1)?;
        Some(match value.view() {
            View::Unit => r#"{"@qclass":"undefined"}"#.into(),
            View::Bool(_) | View::Int(_) => value.to_string(),
            View::Float(float) if float.is_finite() => float.to_string(),
            View::Text(words) => text(words.shown()),
            View::Sequence(items) => self.list(items),
            View::Map(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map_while(|(key, value)| {
                        let key = match key.view() {
                            View::Text(key) => text(key.shown()),
                            _ => text("a key that is no text"),
                        };
                        Some(format!("{key}:{}", self.json(value)?))
                    })
                    .collect();
                format!("{{{}}}", entries.join(","))
            }
            View::Reference(reference) => {
                let slot = name(reference, self.tables);
                let index = self.slots.iter().position(|known| *known == slot).unwrap_or(self.slots.len());
                if index == self.slots.len() {
                    self.slots.push(slot);
                }
                format!(r#"{{"@qclass":"slot","index":{index}}}"#)
            }
            View::Record(label, fields) => {
                format!(
                    r#"{{"@qclass":"record","label":{},"fields":{}}}"#,
                    text(label.as_str()),
                    self.list(fields)
                )
            }
            _ => r#"{"@qclass":"other"}"#.into(),
        })
    }
}

/// A string of JSON.
fn text(plain: &str) -> String {
    let mut quoted = String::from("\"");
    for c in plain.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c < ' ' => drop(write!(quoted, "\\u{:04x}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use marketplace::objects::*;
    use marketplace::prelude::*;
    use marketplace::sim::Sim;

    use super::*;

    struct Left;

    #[object]
    impl Left {
        fn foo(&self, _n: u32, _other: Reference, _more: Value) {}
    }

    #[test]
    fn a_message_whose_parts_are_one_value_is_shown_in_part() {
        let mut sim = Sim::new(|_| transition_no_state!());
        let left = sim.spawn_object(Left);
        sim.run();
        let laughs =
            (0..60).fold(Value::from(Text::from("ha")), |laughs, _| vec![laughs.clone(), laughs].to_value());
        sim.tell(|cx| left.foo(cx, 1, &left, laughs));
        let shown = run_queue(&sim.dump(), &Tables::default());
        assert!(shown.contains("foo") && shown.len() < 100 * SHOWN, "{}", shown.len());
    }

    #[test]
    fn v15_secrets_are_not_shown() {
        let mut sim = Sim::new(|_| transition_no_state!());
        let left = sim.spawn_object(Left);
        sim.run();
        let key = || Value::from(Text::with_secret("key=4711", "key=.."));
        let map = Value::map([(key(), key()), (1.into(), key())].into_iter().collect()).unwrap();
        let more = Value::sequence([key(), map, Value::secret("4711".into())]);
        sim.tell(|cx| left.foo(cx, 1, &left, more));
        let shown = run_queue(&sim.dump(), &Tables::default());
        assert!(!shown.contains("4711"), "{shown}");
        assert_eq!(shown.matches("key=..").count(), 4, "{shown}");
    }

    #[test]
    fn a_message_has_its_arguments_and_its_slots() {
        let mut sim = Sim::new(|_| transition_no_state!());
        let left = sim.spawn_object(Left);
        sim.run();
        let tree = vec![Value::from(Text::from("a\n\"b\"")), Value::from(&left)];
        sim.tell(|cx| left.foo(cx, 1, &left, tree.to_value()));
        let target = format!("{:?}", Reference::from(&left));
        assert_eq!(
            run_queue(&sim.dump(), &Tables::default()),
            format!(
                r#"[{{"type":"send","target":"{target}","msg":{{"method":"foo","args":{{"body":{body},"slots":["{target}"]}},"result":null}}}}]"#,
                body =
                    text(r#"[1,{"@qclass":"slot","index":0},["a\u000a\"b\"",{"@qclass":"slot","index":0}]]"#),
            )
        );
    }
}
