//! Says which driver is missing, once for each, which types are one message by mistake, which
//! errors reached nobody, of which messages none was heard, and who waits in vain for promises or
//! for the presence of somebody.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Sleep, sleep};

use crate::data::driver::Driver;
use crate::data::symbol::Symbol;
use crate::ground_vm::GroundVm;
use crate::process::{Missed, Stuck, Twins};

/// For how long messages that nobody hears wait for somebody while a program goes on.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many errors that reached nobody are warnings in one program: a peer may say any verb.
const MOST_ERRORS: usize = 20;

/// How many names of endpoints are warnings in one program.
const MOST_NAMES: usize = 20;

/// How many promises that nobody settles are warnings in one program.
const MOST_STUCK: usize = 20;

/// Errors that reached nobody are of one kind, if one type of object failed in one verb.
#[derive(PartialEq, Eq, Hash)]
enum Kind {
    /// By the type of the object; if none is known, by the process.
    Called { whose: Option<String>, verb: Symbol },
    /// No call has failed: the promise was broken in another way. This is the text.
    Dropped(String),
}

#[derive(Default)]
pub(super) struct Hints {
    told: Vec<Driver>,
    /// The kinds of errors that reached nobody of which one is a warning.
    told_errors: HashSet<Kind>,
    /// The rings and promises that nobody settles of which one is a warning.
    told_stuck: HashSet<String>,
    /// The names of endpoints of which one was told.
    told_names: HashSet<String>,
    /// How often the VM was idle.
    idles: u64,
    /// The time for which messages that nobody hears may wait for somebody.
    patience: Option<Pin<Box<Sleep>>>,
    /// It has been looked who waits in vain.
    at_first_idle: bool,
    at_end: bool,
}

impl Hints {
    /// The VM is idle. Processes that wait in vain for drivers are looked for the first time, and
    /// in a debug build ever more seldom after that: it costs as much as there are endpoints, and
    /// those of a server come with its first client.
    pub(super) fn idle(&mut self, vm: &mut GroundVm, cx: &mut Context<'_>) {
        vm.take_twins().iter().for_each(tell_twins);
        self.tell_errors(vm);
        // A release build notices nothing of these.
        if cfg!(debug_assertions) {
            self.tell_misnamed(vm);
            self.idles += 1;
        }
        let again = self.idles.is_power_of_two();
        if again {
            self.tell_stuck(&vm.stuck());
        }
        let first = !std::mem::replace(&mut self.at_first_idle, true);
        if first || vm.has_missed() {
            tell_missed(&vm.take_missed());
        }
        if first || again || vm.has_unheard() {
            self.warn_of_drivers(vm, first || again);
        }
        if cfg!(debug_assertions) && vm.has_kept_missed() {
            self.wait(vm, cx);
        }
    }

    /// Nobody has heard a message, and perhaps nobody will: a program that goes on is told of it
    /// after a while. Only debug builds notice such messages.
    #[cold]
    fn wait(&mut self, vm: &mut GroundVm, cx: &mut Context<'_>) {
        // Without a runtime no timer says when time is up.
        if Handle::try_current().is_err() {
            return;
        }
        let patience = self.patience.get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
        if patience.as_mut().poll(cx).is_ready() {
            self.patience = None;
            tell_missed(&vm.take_all_missed());
        }
    }

    /// The VM is done.
    pub(super) fn done(&mut self, vm: &mut GroundVm) {
        vm.take_twins().iter().for_each(tell_twins);
        self.tell_errors(vm);
        self.tell_misnamed(vm);
        if !std::mem::replace(&mut self.at_end, true) {
            tell_missed(&vm.take_all_missed());
            self.warn_of_drivers(vm, true);
            if cfg!(debug_assertions) && !vm.has_quit() {
                self.tell_stuck(&vm.stuck_at_end());
                for never_met in vm.never_met() {
                    tracing::warn!(target: "marketplace", "{never_met}");
                }
            }
            let processes = vm.stats().processes;
            if !vm.has_quit() && processes > 0 {
                tracing::info!(target: "marketplace", processes, "the program is done: no process listens to the outside");
            }
        }
    }

    /// The first of a kind is a warning, the others are for whoever looks for them.
    fn tell_errors(&mut self, vm: &mut GroundVm) {
        for error in vm.take_unheard_errors() {
            let said = error.to_string();
            let kind = match error.verb {
                Some(verb) => Kind::Called { whose: error.object.map(String::from).or(error.of), verb },
                None => Kind::Dropped(said.clone()),
            };
            if self.told_errors.len() < MOST_ERRORS && self.told_errors.insert(kind) {
                tracing::warn!(target: "marketplace", "{said}");
            } else {
                tracing::debug!(target: "marketplace", "{said}");
            }
        }
    }

    fn tell_misnamed(&mut self, vm: &mut GroundVm) {
        for misnamed in vm.take_misnamed() {
            let said = misnamed.to_string();
            if self.told_names.len() < MOST_NAMES && self.told_names.insert(said.clone()) {
                tracing::warn!(target: "marketplace", "{said}");
            }
        }
    }

    /// Promises that nobody settles. That is looked for ever more seldom while the program runs: it
    /// costs as much as there is that waits.
    fn tell_stuck(&mut self, stuck: &[Stuck]) {
        for stuck in stuck {
            let said = stuck.to_string();
            if self.told_stuck.len() < MOST_STUCK && self.told_stuck.insert(said.clone()) {
                tracing::warn!(target: "marketplace", "{said}");
            }
        }
    }

    fn warn_of_drivers(&mut self, vm: &mut GroundVm, waiting: bool) {
        let unheard = vm.take_unheard();
        for unmet in if waiting { vm.unmet() } else { Vec::new() }.iter().chain(&unheard) {
            if !self.told.contains(&unmet.driver) {
                self.told.push(unmet.driver);
                tracing::warn!(target: "marketplace", "{unmet}");
            }
        }
    }
}

/// A message that nobody hears is nothing wrong by itself. But if none of its kind was ever heard,
/// it was most likely said too early, or beside the topic.
fn tell_missed(missed: &[Missed]) {
    for missed in missed {
        tracing::warn!(target: "marketplace", "{missed}");
    }
}

fn tell_twins(twins: &Twins) {
    tracing::warn!(target: "marketplace", "{twins}");
}
