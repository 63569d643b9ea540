//! The figures of now against those that are recorded.

use std::fmt;
use std::fs;
use std::io;

use crate::counting::{self, CountError};
use crate::operations::OPERATIONS;
use crate::recorded::{self, FILE, Recorded, RecordedError};

/// By how much a figure may grow or shrink, in thousandths of the recorded one.
const TOLERANCE: u64 = 30;

/// Why nothing could be said.
pub(crate) enum Problem {
    Unoptimized,
    Count(CountError),
    File(io::Error),
    Recorded(RecordedError),
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Same,
    More,
    Less,
    /// It is not among the recorded ones.
    Unknown,
}

/// Counts, compares and prints. Says whether nothing costs clearly more than is recorded; where
/// that cannot be compared, nothing does.
pub(crate) fn check() -> Result<bool, Problem> {
    optimized()?;
    let recorded = Recorded::parse(&fs::read_to_string(FILE)?)?;
    let setting = recorded::setting();
    let comparable = recorded.setting == setting;
    if !comparable {
        println!("Recorded for {}.\nThis is {setting}: nothing is compared.", recorded.setting);
    }
    let mut verdicts = Vec::new();
    let measured = measure(|name, now| {
        let before = recorded.figure(name).filter(|_| comparable);
        verdicts.push(verdict(before, now));
        match (before, verdicts.last()) {
            (Some(before), Some(Verdict::More)) => format!("{}  MORE", difference(before, now)),
            (Some(before), Some(Verdict::Less)) => format!("{}  better", difference(before, now)),
            (Some(before), _) => difference(before, now),
            (None, _) => String::new(),
        }
    })?;
    if measured.is_none() || !comparable {
        return Ok(true);
    }
    if verdicts.contains(&Verdict::More) {
        println!("Something costs more than it did. If that is what it must cost: --record.");
    }
    if verdicts.contains(&Verdict::Less) {
        println!("Better: record it with --record.");
    }
    if verdicts.contains(&Verdict::Unknown) {
        println!("Something is not recorded: --record.");
    }
    Ok(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Same | Verdict::Less)))
}

/// Counts, prints and writes the figures down.
pub(crate) fn record() -> Result<bool, Problem> {
    optimized()?;
    let Some(figures) = measure(|_, _| String::new())? else { return Ok(true) };
    fs::write(FILE, Recorded { setting: recorded::setting(), figures }.to_string())?;
    println!("Recorded in {FILE}.");
    Ok(true)
}

/// Prints a line for each operation, with what is to be said of its figure. `None` without
/// valgrind.
fn measure(mut say: impl FnMut(&str, u64) -> String) -> Result<Option<Vec<(String, u64)>>, Problem> {
    let mut figures = Vec::new();
    for operation in &OPERATIONS {
        let now = match counting::cost(operation) {
            Ok(now) => now,
            Err(missing @ CountError::Missing) => {
                println!("{missing}");
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        if figures.is_empty() {
            println!(
                "{:<12}{:<34}{:>14}{:>10}  difference",
                "operation", "one of them", "instructions", "recorded"
            );
        }
        println!("{:<12}{:<34}{now:>14}{}", operation.name, operation.one, say(operation.name, now));
        figures.push((operation.name.to_string(), now));
    }
    Ok(Some(figures))
}

fn verdict(recorded: Option<u64>, now: u64) -> Verdict {
    let Some(recorded) = recorded else { return Verdict::Unknown };
    if now * 1_000 > recorded * (1_000 + TOLERANCE) {
        Verdict::More
    } else if now * 1_000 < recorded * (1_000 - TOLERANCE) {
        Verdict::Less
    } else {
        Verdict::Same
    }
}

fn difference(recorded: u64, now: u64) -> String {
    let percent = (now as f64 / recorded as f64 - 1.0) * 100.0;
    format!("{recorded:>10}  {percent:>+8.1} %")
}

/// Figures of an unoptimized program are those of another program.
fn optimized() -> Result<(), Problem> {
    if cfg!(debug_assertions) { Err(Problem::Unoptimized) } else { Ok(()) }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unoptimized => f.write_str("built without optimization: cargo run --release"),
            Self::Count(error) => error.fmt(f),
            Self::File(error) => write!(f, "{FILE}: {error}"),
            Self::Recorded(error) => write!(f, "{FILE}: {error}"),
        }
    }
}

impl From<CountError> for Problem {
    fn from(error: CountError) -> Self {
        Self::Count(error)
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl From<RecordedError> for Problem {
    fn from(error: RecordedError) -> Self {
        Self::Recorded(error)
    }
}

#[test]
fn three_in_a_hundred_are_too_many() {
    assert_eq!(verdict(Some(1_000), 1_030), Verdict::Same);
    assert_eq!(verdict(Some(1_000), 1_031), Verdict::More);
    assert_eq!(verdict(Some(1_000), 970), Verdict::Same);
    assert_eq!(verdict(Some(1_000), 969), Verdict::Less);
    assert_eq!(verdict(None, 1), Verdict::Unknown);
}
