//! A log as a trace for viewers of Chrome's format.

use crate::conversation::pid::Pid;
use crate::data::hash::Map;
use crate::host::exports::json::{self, Json};
use crate::host::exports::label::{Path, Way, ears, label};
use crate::record::log::{Log, LoggedTurn};

/// Where turns are shown: the number of the VM's row, and that of the process's row, which no other
/// VM's process has.
type Row = (u64, u64);

impl Log {
    /// The log as JSON in [Chrome's trace format](https://ui.perfetto.dev): to be opened in
    /// Perfetto.
    ///
    /// | there | is |
    /// |---|---|
    /// | process | a VM |
    /// | thread | a process |
    /// | slice | a turn. Its time is its stamp: one microsecond a tick. Its arguments say what was heard and asked for, and why it failed |
    /// | flow arrow | what led to what: a `delivery` to an object, an `answer`, or `no answer`; else `led to` |
    ///
    /// An answer that the host hears is a slice of its own, in a row of the host.
    ///
    /// Texts longer than [`MAX_LABEL`](crate::exports::MAX_LABEL) characters are cut.
    #[must_use]
    pub fn to_chrome_trace(&self) -> String {
        let mut rows = Rows::default();
        let placed: Vec<(Row, &LoggedTurn)> = self.turns().map(|turn| (rows.of(turn), turn)).collect();
        let host = placed.iter().any(|(_, turn)| !turn.told_host.is_empty()).then(|| rows.host());
        let mut text = json::object(|trace| {
            trace.text("displayTimeUnit", "ns");
            trace.array("traceEvents", |events| {
                rows.names.iter().for_each(|name| name.write(events));
                for (row, turn) in &placed {
                    slice(events, *row, turn);
                    let cause = placed.binary_search_by_key(&turn.cause, |(_, turn)| turn.id);
                    if let Some((from, cause)) = cause.ok().and_then(|at| placed.get(at)) {
                        arrow(events, "s", turn.way(), turn.id, *from, cause.stamp);
                        arrow(events, "f", turn.way(), turn.id, *row, turn.stamp);
                    }
                    for (ear, host) in ears(turn).zip(host.iter().cycle()) {
                        let (told, id) = (ear.told, ear.number());
                        let way = Way::of(&told.heard);
                        events.line(|event| {
                            place(event, "X", *host);
                            event.number("ts", told.stamp);
                            event.number("dur", 1);
                            event.text("cat", "host");
                            event.text("name", &label(told));
                        });
                        arrow(events, "s", way, id, *row, turn.stamp);
                        arrow(events, "f", way, id, *host, told.stamp);
                    }
                }
            });
        });
        text.push('\n');
        text
    }
}

fn slice(events: &mut Json<'_>, row: Row, turn: &LoggedTurn) {
    let heard = label(&turn.heard);
    events.line(|event| {
        place(event, "X", row);
        event.number("ts", turn.stamp);
        event.number("dur", 1);
        event.text("cat", if turn.failed.is_some() { "failed" } else { "turn" });
        event.text("name", &heard);
        event.object("args", |args| {
            args.number("turn", turn.id);
            args.number("cause", turn.cause);
            args.text("heard", &heard);
            args.array("produced", |actions| {
                turn.produced.iter().for_each(|produced| actions.text_item(&label(&produced.action)));
            });
            if !turn.duct.is_empty() {
                args.array("duct", |hops| turn.duct.hops().for_each(|hop| hops.text_item(&label(hop))));
            }
            if let Some(reason) = &turn.failed {
                args.text("failed", &label(reason));
            }
            if let Some(origin) = turn.origin {
                args.object("from", |from| {
                    from.number("vat", origin.vat);
                    from.number("turn", origin.turn);
                    from.number("stamp", origin.stamp);
                });
            }
        });
    });
}

fn arrow(events: &mut Json<'_>, end: &str, way: Way, id: u64, row: Row, stamp: u64) {
    events.line(|event| {
        place(event, end, row);
        event.number("ts", stamp);
        event.text("cat", "cause");
        event.text("name", way.name().unwrap_or("led to"));
        event.number("id", id);
        if end == "f" {
            // It ends at the slice that is there, not at the next one.
            event.text("bp", "e");
        }
    });
}

fn place(event: &mut Json<'_>, phase: &str, (vm, process): Row) {
    event.text("ph", phase);
    event.number("pid", vm);
    event.number("tid", process);
}

/// The rows that have been given out, from 1 on.
#[derive(Default)]
struct Rows<'l> {
    vms: Map<&'l [Pid], u64>,
    processes: Map<(&'l [Pid], Pid), u64>,
    names: Vec<Name>,
}

struct Name {
    kind: &'static str,
    row: Row,
    name: String,
}

impl<'l> Rows<'l> {
    /// The row of the host.
    fn host(&mut self) -> Row {
        let row = (self.vms.len() as u64 + 1, self.processes.len() as u64 + 1);
        for kind in ["process_name", "thread_name"] {
            self.names.push(Name { kind, row, name: String::from("host") });
        }
        row
    }

    fn of(&mut self, turn: &'l LoggedTurn) -> Row {
        let (vms, processes) = (self.vms.len() as u64, self.processes.len() as u64);
        let vm = *self.vms.entry(&turn.vm).or_insert(vms + 1);
        let process = *self.processes.entry((&turn.vm, turn.pid)).or_insert(processes + 1);
        if vm > vms {
            let name = match &*turn.vm {
                [] => String::from("ground VM"),
                [around @ .., pid] => format!("VM {}", Path(around, *pid)),
            };
            self.names.push(Name { kind: "process_name", row: (vm, process), name: label(name) });
        }
        if process > processes {
            self.names.push(Name { kind: "thread_name", row: (vm, process), name: turn.who() });
        }
        (vm, process)
    }
}

impl Name {
    fn write(&self, events: &mut Json<'_>) {
        events.line(|event| {
            place(event, "M", self.row);
            event.text("name", self.kind);
            event.object("args", |args| args.text("name", &self.name));
        });
    }
}
