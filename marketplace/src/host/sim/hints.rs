//! Hints that a sim gives a test unasked: for which driver processes wait in vain while time
//! passes; which process goes on without end; and, if the test fails, what went wrong in the sim.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::Duration;

use crate::data::driver::Driver;
use crate::data::one_line::one_line;
use crate::ground_vm::GroundVm;
use crate::process::Exit;

/// How many lines a test that fails is told.
const MOST: usize = 20;

/// After so many steps without a rest, a run may have no end.
pub(super) const MANY_STEPS: usize = 300_000;

#[derive(Default)]
pub(super) struct Hints {
    told: Vec<Driver>,
    goes_on: bool,
    /// The processes that turned on what nothing plays here.
    not_scripted: BTreeSet<String>,
}

impl Hints {
    /// Time passes. It is told as text, and not by a log: a test shows what it printed if it fails.
    pub(super) fn time_passes(&mut self, vm: &mut GroundVm) {
        // A test may hear what is said to a driver, but nobody can answer who waited in a VM that
        // is done.
        let waited = vm.take_unheard().into_iter().filter(|unmet| !unmet.said);
        for unmet in waited.chain(vm.unmet()) {
            if !self.told.contains(&unmet.driver) {
                self.told.push(unmet.driver);
                eprintln!("sim: {unmet}, or let a process of the test play its part");
            }
        }
    }

    /// A process, if it is known, has turned on an outer half that nothing plays here.
    pub(super) fn is_not_scripted(&mut self, who: Option<String>) {
        self.not_scripted.insert(who.unwrap_or_else(|| "a process".into()));
    }

    /// It has done [`MANY_STEPS`] and is not idle. A test that never ends shows nothing of what it
    /// prints, so this goes past that.
    #[cold]
    pub(super) fn goes_on(&mut self, vm: &mut GroundVm) {
        if !std::mem::replace(&mut self.goes_on, true) {
            let who = vm.busiest().map_or("host".into(), |(who, _)| one_line(who).to_string());
            let _ = writeln!(
                std::io::stderr(),
                "sim: {MANY_STEPS} steps, and it is not idle: of the actions that wait, most are of {who}"
            );
        }
    }
}

/// The test fails, or another panic drops the sim. Most failures in a sim are what its test is
/// about, so they are told here, and not when they happen.
///
/// `due`: when the next thing happens by the passing of time, if the test has let none pass.
pub(super) fn test_fails(vm: &mut GroundVm, exits: &[Exit], due: Option<Duration>, hints: &Hints) {
    let failed = exits.iter().filter_map(of_exit);
    let not_scripted = hints.not_scripted.iter().map(|who| {
        format!(
            "{} has turned on an outer half, and nothing plays that in a sim: let a process of the test play the \
             part of the driver",
            one_line(who)
        )
    });
    let unheard = vm.take_unheard_errors().into_iter().map(|error| error.to_string());
    // The test itself looks at what processes say to nobody.
    let missed = vm.take_all_missed().into_iter();
    let missed = missed.filter(|missed| missed.why.is_known() || missed.who.is_none());
    let missed = missed.map(|missed| missed.to_string());
    let twins = vm.take_twins().into_iter().map(|twins| twins.to_string());
    let misnamed = vm.take_misnamed().into_iter().map(|misnamed| misnamed.to_string());
    let stuck = vm.stuck().into_iter().map(|stuck| stuck.to_string());
    let never_met = if vm.is_idle() && due.is_none() { vm.never_met() } else { Vec::new() };
    let never_met = never_met.into_iter().map(|never_met| never_met.to_string());
    let waits = (!vm.is_idle()).then(|| String::from("actions wait: `sim.run()` performs them"));
    let due = due.map(|due| format!("something is due in {due:?}: `sim.advance(..)` lets time pass"));
    let mut told = BTreeSet::new();
    let lines =
        failed.chain(not_scripted).chain(unheard).chain(missed).chain(twins).chain(misnamed).chain(stuck);
    let lines = lines.chain(waits).chain(due).chain(never_met);
    for line in lines.filter(|line| told.insert(line.clone())).take(MOST) {
        eprintln!("sim: {line}");
    }
}

fn of_exit(exit: &Exit) -> Option<String> {
    let fault = exit.fault.as_ref()?;
    let (process, reason) = (one_line(exit.path()), one_line(exit.reason.to_string()));
    Some(match &fault.heard {
        Some(heard) => format!("{process} failed: {reason}; it {}", one_line(heard.to_string())),
        None => format!("{process} failed: {reason}"),
    })
}
