//! Dumps and turns as JSON for the page. Every text of the program has a bounded length.

use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

use crate::conversation::pid::Pid;
use crate::conversation::role::{InterestType, Orientation};
use crate::data::door;
use crate::host::vat::Debugger;
use crate::record::log::{LoggedTurn, Produced};
use crate::vm::dump::{Dump, DumpedAction, DumpedEndpoint, DumpedOuter, DumpedProcess};

/// How many bytes of a text are shown.
const TEXT_LIMIT: usize = 2_000;

/// How many bytes of a name or a topic are shown: there may be thousands of them.
const NAME_LIMIT: usize = 200;

/// How many of a turn's actions are shown, and how many bytes of them: the list ends with the first
/// action that passes this.
const PRODUCED_LIMIT: usize = 200;
const PRODUCED_BYTES: usize = 16 * 1024;

/// How many hops of a turn's duct are shown, the nearest first.
const HOPS_LIMIT: usize = 64;

/// A dump as the vat gives it, which takes the vat next to no time. It is written as JSON on the
/// inspector's thread.
pub(super) struct DumpedVat {
    vat: Option<String>,
    paused: bool,
    logging: bool,
    turns: u64,
    vm: Dump,
}

#[derive(Debug, PartialEq, Serialize)]
pub(super) struct ShownDump<'d> {
    vat: Option<&'d str>,
    paused: bool,
    logging: bool,
    turns: u64,
    vm: ShownVm,
}

#[derive(Debug, PartialEq, Serialize)]
struct ShownVm {
    path: Vec<u64>,
    name: Option<String>,
    processes: Vec<ShownProcess>,
    /// How many actions wait; the first of them.
    queued: usize,
    queue: Vec<ShownAction>,
    endpoints: usize,
    shapes: usize,
}

#[derive(Debug, PartialEq, Serialize)]
struct ShownProcess {
    pid: u64,
    name: Option<String>,
    /// The function that booted it, as `session()`.
    function: Option<String>,
    queued: usize,
    failed: bool,
    endpoints: Vec<ShownEndpoint>,
    outer: Vec<ShownOuter>,
    vm: Option<ShownVm>,
}

#[derive(Debug, PartialEq, Serialize)]
struct ShownEndpoint {
    id: u64,
    name: Option<String>,
    orientation: &'static str,
    interest: &'static str,
    topic: String,
    /// How many peers are present to it; the first of them.
    present: usize,
    peers: Vec<u64>,
}

#[derive(Debug, PartialEq, Serialize)]
struct ShownOuter {
    levels: u32,
    name: String,
    /// Its name out there.
    outside: String,
}

#[derive(Debug, PartialEq, Serialize)]
struct ShownAction {
    id: u64,
    cause: u64,
    pid: Option<u64>,
    action: String,
}

#[derive(Debug, PartialEq, Serialize)]
pub(super) struct ShownTurn {
    id: u64,
    action: u64,
    cause: u64,
    stamp: u64,
    far_stamp: Option<u64>,
    vm: Vec<u64>,
    pid: u64,
    name: Option<String>,
    function: Option<String>,
    heard: String,
    produced: Vec<ShownProduced>,
    /// How many actions are not in `produced`.
    more: usize,
    failed: Option<String>,
    duct: Option<Vec<String>>,
    /// The state before the turn.
    state: Option<String>,
}

#[derive(Debug, PartialEq, Serialize)]
struct ShownProduced {
    id: u64,
    action: String,
}

/// A request to kill a process, with a reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kill {
    #[serde(default)]
    pub(super) vm: Vec<u64>,
    pub(super) pid: u64,
    #[serde(default)]
    pub(super) reason: String,
}

impl DumpedVat {
    pub(super) fn new(vat: Option<String>, debugger: &mut Debugger<'_>) -> Self {
        Self {
            vat,
            paused: debugger.is_paused(),
            logging: debugger.log().is_on(),
            turns: debugger.log().logged(),
            vm: debugger.dump(),
        }
    }
}

impl<'d> From<&'d DumpedVat> for ShownDump<'d> {
    fn from(dumped: &'d DumpedVat) -> Self {
        Self {
            vat: dumped.vat.as_deref(),
            paused: dumped.paused,
            logging: dumped.logging,
            turns: dumped.turns,
            vm: ShownVm::new(&dumped.vm, None),
        }
    }
}

impl ShownVm {
    fn new(dump: &Dump, name: Option<String>) -> Self {
        Self {
            path: numbers(&dump.vm),
            name,
            processes: dump.processes.iter().map(ShownProcess::from).collect(),
            queued: dump.queued,
            queue: dump.queue.iter().map(ShownAction::from).collect(),
            endpoints: dump.endpoints,
            shapes: dump.shapes,
        }
    }
}

impl From<&DumpedProcess> for ShownProcess {
    fn from(process: &DumpedProcess) -> Self {
        let name = process.name.as_ref().map(shown_name);
        Self {
            pid: process.pid.number(),
            function: process.function.as_ref().map(shown_name),
            queued: process.queued,
            failed: process.failed,
            endpoints: process.endpoints.iter().map(ShownEndpoint::from).collect(),
            outer: process.outer.iter().map(ShownOuter::from).collect(),
            vm: process.inside.as_ref().map(|inside| ShownVm::new(inside, name.clone())),
            name,
        }
    }
}

impl From<&DumpedEndpoint> for ShownEndpoint {
    fn from(endpoint: &DumpedEndpoint) -> Self {
        Self {
            id: endpoint.id,
            name: endpoint.name.as_ref().map(shown_name),
            orientation: match endpoint.role.orientation {
                Orientation::Publisher => "publisher",
                Orientation::Subscriber => "subscriber",
            },
            interest: match endpoint.role.interest {
                InterestType::Participant => "participant",
                InterestType::Observer => "observer",
                InterestType::Everything => "everything",
            },
            topic: shown_name(&endpoint.role.topic),
            present: endpoint.present,
            peers: endpoint.peers.clone(),
        }
    }
}

impl From<&DumpedOuter> for ShownOuter {
    fn from(outer: &DumpedOuter) -> Self {
        Self { levels: outer.levels, name: shown_name(&outer.name), outside: shown_name(&outer.outside) }
    }
}

impl From<&DumpedAction> for ShownAction {
    fn from(waiting: &DumpedAction) -> Self {
        Self {
            id: waiting.id,
            cause: waiting.cause,
            pid: waiting.pid.map(Pid::number),
            action: shown(&waiting.action),
        }
    }
}

impl From<&LoggedTurn> for ShownTurn {
    fn from(turn: &LoggedTurn) -> Self {
        let mut produced = Vec::new();
        let mut bytes = 0;
        for action in turn.produced.iter().take(PRODUCED_LIMIT) {
            produced.push(ShownProduced::from(action));
            bytes += produced.last().map_or(0, |shown| shown.action.len());
            if bytes > PRODUCED_BYTES {
                break;
            }
        }
        Self {
            id: turn.id,
            action: turn.action,
            cause: turn.cause,
            stamp: turn.stamp,
            far_stamp: turn.origin.map(|origin| origin.stamp),
            vm: numbers(&turn.vm),
            pid: turn.pid.number(),
            name: turn.name.as_ref().map(shown_name),
            function: turn.function().as_ref().map(shown_name),
            heard: shown(&turn.heard),
            more: turn.produced.len() - produced.len(),
            produced,
            failed: turn.failed.as_ref().map(shown),
            duct: (!turn.duct.is_empty())
                .then(|| turn.duct.hops().take(HOPS_LIMIT).map(|hop| shown_name(&hop)).collect()),
            state: turn.snapshot.as_ref().map(|state| shown(&format_args!("{state:?}"))),
        }
    }
}

impl ShownTurn {
    /// About how long it is as JSON.
    pub(super) fn bytes(&self) -> usize {
        let named = [self.name.as_ref(), self.function.as_ref()];
        let texts = [Some(&self.heard), self.failed.as_ref(), self.state.as_ref()];
        let texts = texts.into_iter().chain(named).flatten().chain(self.duct.iter().flatten());
        let actions = self.produced.iter().map(|produced| produced.action.len() + 32);
        200 + 8 * self.vm.len() + texts.map(|text| text.len() + 4).chain(actions).sum::<usize>()
    }
}

impl From<&Produced> for ShownProduced {
    fn from(produced: &Produced) -> Self {
        Self { id: produced.id, action: shown(&produced.action) }
    }
}

/// JSON in one line, whatever character its reader takes for the end of a line.
pub(super) fn json(what: &(impl Serialize + ?Sized)) -> String {
    let json = match serde_json::to_string(what) {
        Ok(json) => json,
        // It consists of structs, lists, texts and numbers.
        Err(error) => unreachable!("{error}"),
    };
    // These characters can only be in texts. The line ends of ASCII are escaped already.
    let ends = [('\u{85}', "\\u0085"), ('\u{2028}', "\\u2028"), ('\u{2029}', "\\u2029")];
    let escape =
        |json: String, (end, escaped)| if json.contains(end) { json.replace(end, escaped) } else { json };
    ends.into_iter().fold(json, escape)
}

fn numbers(vm: &[Pid]) -> Vec<u64> {
    vm.iter().copied().map(Pid::number).collect()
}

fn shown(what: &impl fmt::Display) -> String {
    clipped(what, TEXT_LIMIT)
}

fn shown_name(what: &impl fmt::Display) -> String {
    clipped(what, NAME_LIMIT)
}

/// The `Display` may be the user's and fail, and its text may be megabytes long: it is written only
/// up to the limit.
fn clipped(what: &impl fmt::Display, limit: usize) -> String {
    let mut text = Clipped { text: String::new(), limit };
    match door::look_on(|| write!(text, "{what}")) {
        Ok(Ok(())) => {}
        Ok(Err(fmt::Error)) => text.text.push('…'),
        Err(_) => text.text.push_str("(cannot be shown)"),
    }
    text.text
}

struct Clipped {
    text: String,
    limit: usize,
}

impl Write for Clipped {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let left = self.limit - self.text.len().min(self.limit);
        let fits = (0..=left.min(more.len())).rev().find(|&at| more.is_char_boundary(at)).unwrap_or(0);
        self.text.push_str(&more[..fits]);
        if fits == more.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_clipped_between_characters() {
        let text = "é".repeat(TEXT_LIMIT);
        assert_eq!(shown(&text), "é".repeat(TEXT_LIMIT / 2) + "…");
        assert_eq!(clipped(&"aé", 2), "a…");
        assert_eq!(clipped(&"aé", 3), "aé");
    }

    #[test]
    fn json_is_one_line_for_whoever_reads_it() {
        let text = "a\nb\r\u{b}\u{c}\u{85}c\u{2028}d\u{2029}\u{1e}é";
        let json = json(text);
        assert!(json.chars().all(|c| c == 'é' || c.is_ascii() && !c.is_control()), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn what_fails_to_show_itself_is_told() {
        struct Fails;
        impl fmt::Display for Fails {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("so far ")?;
                panic!("no further")
            }
        }
        assert_eq!(shown(&Fails), "so far (cannot be shown)");
    }
}
