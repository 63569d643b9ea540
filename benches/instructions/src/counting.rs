//! Counting instructions: valgrind runs this program, which does an operation.

use std::fmt;
use std::io;
use std::process::{Command, Output, Stdio};

use crate::operations::Operation;

/// Why there is no figure.
#[derive(Debug)]
pub(crate) enum CountError {
    /// There is no valgrind here.
    Missing,
    /// It could not be started.
    Io(io::Error),
    /// The program that it started failed, or told no number of instructions: this is its output.
    Failed(String),
}

/// The cost of one such operation, in instructions: it is done n times and 2n times, and the
/// difference is n of them, without the work before and after.
pub(crate) fn cost(operation: &Operation) -> Result<u64, CountError> {
    let n = operation.enough;
    let (less, more) = (count(operation, n)?, count(operation, 2 * n)?);
    Ok((more.saturating_sub(less) + n / 2) / n)
}

/// The instructions of a run in which the operation is done so many times.
fn count(operation: &Operation, times: u64) -> Result<u64, CountError> {
    let mut valgrind = Command::new("valgrind");
    // The environment of a program moves its stack. Of valgrind's tools, this one counts fastest.
    valgrind.env_clear().args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
    for kept in ["PATH", "VALGRIND_LIB"] {
        valgrind.envs(std::env::var_os(kept).map(|value| (kept, value)));
    }
    valgrind.arg(std::env::current_exe().map_err(CountError::Io)?).arg(operation.name).arg(times.to_string());
    let Output { status, stderr, .. } = valgrind.stdin(Stdio::null()).output().map_err(not_started)?;
    let said = String::from_utf8_lossy(&stderr);
    match figure(&said) {
        Some(instructions) if status.success() => Ok(instructions),
        _ => Err(CountError::Failed(format!("{status}: {}", said.trim()))),
    }
}

/// `==12345== I   refs:      28,784,636`
fn figure(said: &str) -> Option<u64> {
    let line = said
        .lines()
        .find_map(|line| line.split_once("refs:").filter(|(before, _)| before.contains("== I ")))?;
    line.1.trim().replace(',', "").parse().ok()
}

fn not_started(error: io::Error) -> CountError {
    if error.kind() == io::ErrorKind::NotFound { CountError::Missing } else { CountError::Io(error) }
}

impl fmt::Display for CountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("no valgrind here: instructions are not counted"),
            Self::Io(error) => write!(f, "instructions cannot be counted: {error}"),
            Self::Failed(said) => write!(f, "instructions cannot be counted: valgrind says {said}"),
        }
    }
}

#[test]
fn the_figure_is_that_of_instructions() {
    let said =
        "==7== Cachegrind\n==7== Command: x\n==7== \n==7== I   refs:      28,784,636\n==7== D   refs:  5\n";
    assert_eq!(figure(said), Some(28_784_636));
    assert_eq!(figure("==7== D   refs:      5\n"), None);
    assert_eq!(figure("==7== I   refs:      many\n"), None);
    assert_eq!(figure(""), None);
}
