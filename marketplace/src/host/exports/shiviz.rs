//! A log for ShiViz.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use crate::conversation::pid::Pid;
use crate::data::hash::Map;
use crate::host::exports::json;
use crate::host::exports::label::label;
use crate::record::log::{Log, LoggedTurn};

/// How many turns [`Log::to_shiviz`] shows: the newest. Each line tells of all processes, so the
/// text grows with both.
pub const SHIVIZ_TURNS: usize = 2_000;

/// How ShiViz reads the rest: the process, its clock, and on the next line what happened.
const PARSER: &str = r"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)";

/// How often each process has taken a turn that lies before this one, or is this one.
type Clock = Arc<BTreeMap<usize, u64>>;

impl Log {
    /// The log in the format of [ShiViz](https://bestchai.bitbucket.io/shiviz/), with vector
    /// clocks: a line of its own for each process, and for each turn what was heard; and one for
    /// the host, with the answers that it hears. The first line is the expression by which ShiViz
    /// reads it, the second separates executions: there is one.
    ///
    /// It has the last [`SHIVIZ_TURNS`] turns at most. Texts longer than
    /// [`MAX_LABEL`](crate::exports::MAX_LABEL) characters are cut.
    #[must_use]
    pub fn to_shiviz(&self) -> String {
        let mut text = format!("{PARSER}\n\n");
        let mut hosts = Hosts::default();
        let mut clocks: Map<u64, Clock> = Map::default();
        let mut last: Vec<Clock> = Vec::new();
        for turn in self.turns().skip(self.len().saturating_sub(SHIVIZ_TURNS)) {
            let host = hosts.of(turn);
            last.resize(hosts.names.len(), Clock::default());
            let mut clock = (*last[host]).clone();
            for (of, count) in clocks.get(&turn.cause).into_iter().flat_map(|cause| cause.iter()) {
                let known = clock.entry(*of).or_default();
                *known = (*known).max(*count);
            }
            *clock.entry(host).or_default() += 1;
            let written = hosts.written(&clock);
            let failed = turn.failed.as_ref().map_or(String::new(), |reason| format!(", fails: {reason}"));
            let what = label(format_args!("{}{failed}", turn.heard));
            let _ = writeln!(text, "{} {written}\n{what}", hosts.names[host]);
            last[host] = Arc::new(clock);
            clocks.insert(turn.id, last[host].clone());
            for told in &turn.told_host {
                let ear = hosts.host();
                last.resize(hosts.names.len(), Clock::default());
                let mut clock = (*last[host]).clone();
                for (of, count) in last[ear].iter() {
                    let known = clock.entry(*of).or_default();
                    *known = (*known).max(*count);
                }
                *clock.entry(ear).or_default() += 1;
                let _ = writeln!(text, "host {}\n{}", hosts.written(&clock), label(told));
                last[ear] = Arc::new(clock);
            }
        }
        text
    }
}

/// The processes that have been seen.
#[derive(Default)]
struct Hosts<'l> {
    known: Map<(&'l [Pid], Pid), usize>,
    /// The host of the vat, once it has heard an answer.
    host: Option<usize>,
    names: Vec<String>,
}

impl<'l> Hosts<'l> {
    fn written(&self, clock: &BTreeMap<usize, u64>) -> String {
        json::object(|members| {
            clock.iter().for_each(|(of, count)| members.number(&self.names[*of], *count));
        })
    }

    fn host(&mut self) -> usize {
        *self.host.get_or_insert_with(|| {
            self.names.push(String::from("host"));
            self.names.len() - 1
        })
    }

    fn of(&mut self, turn: &'l LoggedTurn) -> usize {
        let next = self.names.len();
        let host = *self.known.entry((&turn.vm, turn.pid)).or_insert(next);
        if host == next {
            self.names.push(name(turn));
        }
        host
    }
}

/// The path, which no other process has, and the name as far as it can be shown: a space would end
/// it, and ShiViz puts it into a page as it is.
fn name(turn: &LoggedTurn) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c } else { '_' };
    let name: String = turn.name.as_ref().map(label).unwrap_or_default().chars().map(plain).collect();
    match name.trim_matches('_') {
        "" => turn.path().to_string(),
        name => format!("{}:{name}", turn.path()),
    }
}
