//! Stepping, a slice at a time: the vat serves others between slices, whatever the number of steps.

use std::time::{Duration, Instant};

use crate::conversation::pid::Pid;
use crate::host::shell::error::ShellError;
use crate::host::shell::looking;
use crate::host::vat::{Debugger, Vat, VatError};

/// How long a slice takes, unless one step takes longer.
const SLICE: Duration = Duration::from_millis(10);

/// Why no more steps are made.
#[derive(Clone, Copy)]
enum Stop {
    Done,
    NothingLeft,
    /// Somebody told the program to stop, to go on or to end, or nobody wants more steps.
    Interrupted,
}

/// Performs so many actions: in the ground VM in order, in another VM out of turn. Gives the turns
/// that were taken; and how many actions were performed, if not all.
pub(super) fn step(
    vat: &Vat,
    vm: &[Pid],
    n: usize,
    mut wanted: impl FnMut() -> bool,
) -> Result<String, ShellError> {
    let (before, orders) = vat.inspect(|debugger| (debugger.stamp(), debugger.orders()))?;
    let mut done = 0;
    let stop = loop {
        let at = vm.to_vec();
        match vat.inspect(move |debugger| slice(debugger, &at, n - done, orders)) {
            Ok((performed, stop)) => {
                done += performed;
                match stop {
                    Some(stop) => break stop,
                    None if wanted() => {}
                    None => break Stop::Interrupted,
                }
            }
            Err(VatError::NotRunning) if done > 0 => {
                return Ok(format!("the program has ended after {done} steps\n"));
            }
            Err(error) => return Err(error.into()),
        }
    };
    let at = vm.to_vec();
    let mut text: String = vat.look(move |debugger| {
        let turns = looking::turns_in(debugger.log(), &at);
        turns.filter(|turn| turn.stamp > before).map(looking::line).collect()
    })?;
    match stop {
        Stop::Done => {}
        Stop::NothingLeft => text.push_str("nothing is left to do\n"),
        Stop::Interrupted => text.push_str(&format!("interrupted after {done} steps\n")),
    }
    Ok(text)
}

/// Makes at most so many steps. Gives how many it made, and why no more are to be made.
fn slice(debugger: &mut Debugger<'_>, vm: &[Pid], left: usize, orders: u64) -> (usize, Option<Stop>) {
    if debugger.orders() != orders {
        return (0, Some(Stop::Interrupted));
    }
    let end = Instant::now() + SLICE;
    let mut done = 0;
    loop {
        if done == left {
            return (done, Some(Stop::Done));
        }
        if done > 0 && Instant::now() >= end {
            return (done, None);
        }
        if !debugger.step_in(vm) {
            return (done, Some(Stop::NothingLeft));
        }
        done += 1;
    }
}
