//! Finds names of endpoints that were not meant as they are written. Only debug builds look for
//! them.

use crate::conversation::pid::Pid;
use crate::data::hash::Map;
use crate::data::library::is_of_library;
use crate::data::near::is_near;
use crate::data::numbers::TurnId;
use crate::data::value::{Value, View};
use crate::network::owner::ProcessSlot;
use crate::process::{Context, Misnamed, WhyMisnamed};
use crate::vm::Vm;
use crate::vm::processes::Processes;

/// How many names a VM remembers. If more are in use, nothing is found.
const MOST_NAMES: usize = 10_000;

/// The names that endpoints have had: texts and symbols, which people write.
#[derive(Default)]
pub(super) struct EndpointNames {
    /// The turn that has added one last.
    known: Map<(Pid, Value), TurnId>,
    are_too_many: bool,
}

impl EndpointNames {
    fn insert(&mut self, key: (Pid, Value), turn: TurnId, processes: &Processes) {
        if self.known.len() >= MOST_NAMES {
            self.known.retain(|(pid, _), _| processes.find(*pid).is_some());
            self.are_too_many = self.known.len() >= MOST_NAMES / 2;
        }
        self.known.insert(key, turn);
    }
}

impl Vm {
    /// A process adds an endpoint of this name.
    pub(super) fn look_for_same_name(
        &mut self,
        process: ProcessSlot,
        name: Option<&Value>,
        context: &mut Context,
    ) {
        let Some(name) = name.filter(|name| word(name).is_some() && !self.names.are_too_many) else { return };
        let Some(entry) = self.processes.get(process) else { return };
        let (key, turn) = ((entry.pid, name.clone()), context.action.1);
        let is_there = entry.names.as_ref().is_some_and(|names| names.endpoints.get(name).is_some());
        if is_there && turn != TurnId::NONE && self.names.known.get(&key) == Some(&turn) {
            self.note_misnamed(process, name, WhyMisnamed::Twice, context);
        }
        self.names.insert(key, turn, &self.processes);
    }

    /// A process deletes an endpoint of this name, which is not there.
    pub(super) fn look_for_name(&self, process: ProcessSlot, name: &Value, context: &mut Context) {
        let (Some(text), Some(entry)) = (word(name), self.processes.get(process)) else { return };
        let pid = entry.pid;
        if self.names.are_too_many || self.names.known.contains_key(&(pid, name.clone())) {
            return;
        }
        let had = self.names.known.keys().filter(|(other, _)| *other == pid).map(|(_, name)| name);
        let nearest =
            had.filter(|name| word(name).is_some_and(|other| other == text || is_near(other, text))).min();
        // A process may well delete what it has had no reason to add so far.
        if let Some(nearest) = nearest.cloned() {
            self.note_misnamed(process, name, WhyMisnamed::NeverThere { nearest }, context);
        }
    }

    #[cold]
    fn note_misnamed(&self, process: ProcessSlot, name: &Value, why: WhyMisnamed, context: &mut Context) {
        let Some(entry) = self.processes.get(process) else { return };
        if context.misnamed.len() < Misnamed::MOST && !is_of_library(entry.body.called().path()) {
            let who = self.processes.path_to(process);
            context.misnamed.push(Misnamed { name: name.clone(), who, why });
        }
    }
}

/// The text of a name that people write.
fn word(name: &Value) -> Option<&str> {
    match name.view() {
        View::Text(text) => Some(text),
        View::Symbol(symbol) => Some(symbol.as_str()),
        _ => None,
    }
}
