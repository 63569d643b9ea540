//! All contenders on the same workloads in one run, in turn, and one table.
//!
//! ```text
//! cargo run --release --manifest-path benches/Cargo.toml -p compare -- \
//!     --only pingpong,routing --peers marketplace,tokio
//! ```
//!
//! `benches/README.md` says how to read the table.

mod arguments;
mod contender;
mod goals;
mod statistics;
mod table;

use std::fs::File;
use std::io::BufWriter;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use harness::{Line, Machine, Record, Results, Unsupported, WORKLOADS};

use arguments::Arguments;
use contender::Contender;

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(why) => {
            eprintln!("{why}\n{}", arguments::USAGE);
            return ExitCode::FAILURE;
        }
    };
    let machine = Machine::here();
    let contenders: Vec<_> =
        arguments.peers.iter().filter_map(|name| Contender::build(name, &arguments.profile)).collect();
    let results = run(&arguments, &contenders, machine);
    print!("{}", table::of(&results));
    let written = File::create(&arguments.out)
        .map_err(serde_json::Error::io)
        .and_then(|file| serde_json::to_writer_pretty(BufWriter::new(file), &results));
    match written {
        Ok(()) => println!("\nEvery sample is in {}.", arguments.out.display()),
        Err(why) => {
            eprintln!("{}: {why}", arguments.out.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// In each round, for each workload, each contender in turn: so that a time in which the machine is
/// slow hits all.
fn run(arguments: &Arguments, contenders: &[Contender], machine: Machine) -> Results {
    let profile = arguments.profile.clone();
    let mut results = Results { machine, profile, records: Vec::new(), unsupported: Vec::new() };
    let start = Instant::now();
    for round in 1..=arguments.rounds {
        for workload in WORKLOADS.iter().filter(|workload| arguments.wants(workload)) {
            eprint!("{}: round {round} of {}, {workload}:", short(start.elapsed()), arguments.rounds);
            for contender in contenders {
                let start = Instant::now();
                let lines = contender
                    .does(workload, arguments)
                    .unwrap_or_else(|why| vec![Line::Unsupported(contender.failed(workload, &why))]);
                if lines.iter().any(|line| matches!(line, Line::Record(_))) {
                    eprint!(" {} {:.1} s", contender.name(), start.elapsed().as_secs_f64());
                }
                lines.into_iter().for_each(|line| add(&mut results, line));
            }
            eprintln!();
        }
    }
    // The rows of a workload come together, and in one order whoever said them first.
    let place = |record: &Record| WORKLOADS.iter().position(|workload| *workload == record.workload);
    results.records.sort_by_key(place);
    results
}

fn short(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// The samples of the rounds of a row become one record.
fn add(results: &mut Results, line: Line) {
    match line {
        Line::Record(new) => match results.records.iter_mut().find(|old| is_same_row(old, &new)) {
            Some(old) => {
                old.samples.extend(new.samples);
                old.cpu_samples.extend(new.cpu_samples);
            }
            None => results.records.push(new),
        },
        Line::Unsupported(new) => {
            let is_known = |old: &Unsupported| *old == new;
            if !results.unsupported.iter().any(is_known) {
                results.unsupported.push(new);
            }
        }
    }
}

fn is_same_row(one: &Record, other: &Record) -> bool {
    one.contender == other.contender && one.workload == other.workload && one.parameters == other.parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn record(contender: &str, parameters: &str, samples: &[f64]) -> Record {
        Record {
            contender: contender.into(),
            version: "1".into(),
            workload: "fanout".into(),
            parameters: serde_json::from_str(parameters).unwrap(),
            unit: "ns/delivery".into(),
            samples: vec![0.0; samples.len()],
            cpu_samples: samples.into(),
        }
    }

    #[test]
    fn the_samples_of_rounds_are_put_together_and_what_is_not_done_is_said_once() {
        let mut results = Results {
            machine: Machine::default(),
            profile: String::new(),
            records: Vec::new(),
            unsupported: Vec::new(),
        };
        for sample in [1.0, 2.0] {
            add(&mut results, Line::Record(record("tokio", r#"{"n":1}"#, &[sample])));
            add(&mut results, Line::Record(record("tokio", r#"{"n":2}"#, &[sample])));
            add(
                &mut results,
                Line::Unsupported(Unsupported {
                    contender: "actix".into(),
                    workload: "wildcard".into(),
                    parameters: Default::default(),
                    unsupported: "no".into(),
                }),
            );
        }
        assert_eq!(results.records.len(), 2);
        assert_eq!(results.records[1].cpu_samples, [1.0, 2.0]);
        assert_eq!(results.unsupported.len(), 1);
    }
}
