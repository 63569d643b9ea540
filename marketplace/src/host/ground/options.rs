//! How a ground VM is run: its limits, and from when on it warns.

use std::env::VarError;
use std::time::Duration;

use crate::data::one_line::one_line;
use crate::host::ground::stdio;
use crate::process::limits::Limits;

/// The variable that says from when on is warned, instead of the program.
const VARIABLE: &str = "MARKETPLACE_WARN";

/// How a ground VM is run. [`Limits`] or [`Warnings`] alone may stand for all of it.
///
/// ```
/// use marketplace::ground::{Options, Warnings};
/// use marketplace::Limits;
///
/// let options = Options::from(Limits { processes: 100, ..Limits::default() });
/// assert_eq!(options.warnings, Warnings::default());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// How much there may be in it.
    pub limits: Limits,
    /// From when on it is a warning in the logs that it does not get on.
    pub warnings: Warnings,
}

impl From<Limits> for Options {
    fn from(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }
}

impl From<Warnings> for Options {
    fn from(warnings: Warnings) -> Self {
        Self { warnings, ..Self::default() }
    }
}

/// From when on it is a warning in the logs that a ground VM does not get on. `None`: never.
///
/// The variable `MARKETPLACE_WARN` has its way over what the program says: `off`, or a list such as
/// `turn=250ms,queue=off,busy=1m`.
///
/// ```
/// use std::time::Duration;
/// use marketplace::ground::Warnings;
///
/// let patient = Warnings { slow_turn: Some(Duration::from_secs(1)), ..Warnings::default() };
/// assert_eq!(patient.queued, Some(100_000));
/// assert_eq!(Warnings::OFF.busy, None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warnings {
    /// How long a turn may take: 100 ms by default. Each turn that takes longer is a warning when
    /// it is over, with its process, with what that heard, and with the time; but not one that
    /// panics, which is told as a failure. If it is not over
    /// after ten times as long, that is another warning. Nothing else runs in the VM meanwhile.
    ///
    /// A thread looks four times in this time, at most once a millisecond, so times are told to
    /// within a quarter of it, and a turn that takes up to a quarter longer may be told nobody. It
    /// sleeps while nothing runs. A turn takes 20 instructions, or 5 ns, more than with
    /// `None`.
    pub slow_turn: Option<Duration>,
    /// How many actions may wait: 100,000 by default. That more wait is a warning, once, with the
    /// process that has most of them.
    pub queued: Option<usize>,
    /// For how long a VM may go on without being idle: 10 s by default. That it goes on for longer
    /// is a warning, once, with the process that has most actions waiting, or that alone keeps it
    /// busy, by what it sends to itself. If there are ever more processes, at whatever level, it
    /// says how many more, which boot made most of them, and in which nested VM those are.
    pub busy: Option<Duration>,
}

impl Default for Warnings {
    fn default() -> Self {
        Self {
            slow_turn: Some(Duration::from_millis(100)),
            queued: Some(100_000),
            busy: Some(Duration::from_secs(10)),
        }
    }
}

impl Warnings {
    /// It never warns that it does not get on.
    pub const OFF: Self = Self { slow_turn: None, queued: None, busy: None };

    /// These options, if the environment does not say otherwise.
    pub(super) fn or_as_the_environment_says(self) -> Self {
        let problem = match std::env::var(VARIABLE) {
            Ok(said) => match self.changed(&said) {
                Ok(warnings) => return warnings,
                Err(part) => part.to_string(),
            },
            Err(VarError::NotPresent) => return self,
            Err(VarError::NotUnicode(said)) => said.display().to_string(),
        };
        stdio::to_stderr(format_args!(
            "{VARIABLE}: expected off, or a list of turn, queue and busy, such as `turn=250ms,queue=off,busy=1m`, \
             not `{}`; it does nothing",
            one_line(problem),
        ));
        self
    }

    /// As this text says. The error is the part of it that says nothing.
    fn changed(mut self, said: &str) -> Result<Self, &str> {
        if said.trim() == "off" {
            return Ok(Self::OFF);
        }
        for part in said.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (what, from) = part.split_once('=').ok_or(part)?;
            match what {
                "turn" => self.slow_turn = unless_off(from, duration).ok_or(part)?,
                "queue" => self.queued = unless_off(from, |from| from.parse().ok()).ok_or(part)?,
                "busy" => self.busy = unless_off(from, duration).ok_or(part)?,
                _ => return Err(part),
            }
        }
        Ok(self)
    }
}

/// The value that is read; `Some(None)`: it is off.
fn unless_off<T>(from: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    if from == "off" { Some(None) } else { read(from).map(Some) }
}

/// Reads a whole number of milliseconds, seconds or minutes.
fn duration(from: &str) -> Option<Duration> {
    let (number, unit) = from.split_at(from.find(|c: char| !c.is_ascii_digit())?);
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return None,
    };
    Some(Duration::from_millis(number.parse::<u64>().ok()?.checked_mul(millis)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_changes_what_it_names() {
        let default = Warnings::default();
        assert_eq!(default.changed(""), Ok(default));
        assert_eq!(default.changed("off"), Ok(Warnings::OFF));
        let changed = Warnings { slow_turn: Some(Duration::from_millis(250)), queued: None, ..default };
        assert_eq!(default.changed("turn=250ms, queue=off"), Ok(changed));
        let changed = Warnings { queued: Some(7), busy: Some(Duration::from_secs(60)), ..default };
        assert_eq!(default.changed("busy=1m,queue=7"), Ok(changed));
        let changed = Warnings { busy: Some(Duration::from_secs(3)), ..Warnings::OFF };
        assert_eq!(Warnings::OFF.changed("busy=3s"), Ok(changed));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for part in [
            "turn",
            "turn=",
            "turn=250",
            "turn=ms",
            "queue=-1",
            "busy=1h",
            "idle=1s",
            "turn=99999999999999999999m",
        ] {
            assert_eq!(Warnings::OFF.changed(&format!("queue=off,{part}")), Err(part));
        }
    }
}
