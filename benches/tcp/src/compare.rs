//! Runs everything, in turn.

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use harness::{Machine, Results};

use crate::Outcome;
use crate::row::{Contender, ROWS, Row, Sample, Work};
use crate::table::{self, Figures};

/// The arguments of the command line.
#[derive(Debug, PartialEq)]
pub(crate) struct Asked {
    rounds: usize,
    seconds: f64,
    only: Vec<Work>,
    out: Option<PathBuf>,
}

impl Asked {
    pub(crate) fn parse(arguments: &[&str]) -> Result<Self, Box<dyn Error>> {
        let mut asked = Self { rounds: 7, seconds: 1.0, only: Work::ALL.into(), out: None };
        let mut arguments = arguments.iter();
        while let Some(&name) = arguments.next() {
            if name == "--quick" {
                (asked.rounds, asked.seconds) = (3, 0.5);
                continue;
            }
            let value = *arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
            match name {
                "--rounds" => asked.rounds = value.parse::<usize>()?.max(1),
                "--seconds" => asked.seconds = value.parse()?,
                "--only" => asked.only = value.split(',').map(Work::parse).collect::<Result<_, _>>()?,
                "--out" => asked.out = Some(value.into()),
                _ => return Err(format!("no argument {name:?}").into()),
            }
        }
        Ok(asked)
    }
}

pub(crate) fn run(asked: Asked) -> Outcome {
    let machine = Machine::here();
    let mut all = Vec::new();
    for row in ROWS.into_iter().filter(|row| asked.only.contains(&row.work)) {
        let mut figures = Contender::ALL.map(|contender| Figures { row, contender, samples: Vec::new() });
        for round in 0..asked.rounds {
            eprintln!(
                "{} with {} connections, round {} of {}",
                row.work.name(),
                row.connections,
                round + 1,
                asked.rounds
            );
            // Nobody is always the first.
            for turn in 0..figures.len() {
                let turn = (turn + round) % figures.len();
                let sample = sample(figures[turn].contender, row, asked.seconds)?;
                figures[turn].samples.push(sample);
            }
        }
        all.push(figures);
    }
    print!("{}", table::table(&all));
    if let Some(out) = asked.out {
        let records = all.iter().flatten().map(Figures::record).collect();
        let results = Results { machine, profile: "release".into(), records, unsupported: Vec::new() };
        fs::write(out, serde_json::to_string_pretty(&results)? + "\n")?;
    }
    Ok(())
}

/// A process that ends when nobody needs it any more.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        // If it has ended already, so much the better.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn sample(contender: Contender, row: Row, seconds: f64) -> Result<Sample, Box<dyn Error>> {
    let program = std::env::current_exe()?;
    let mut server = Serving(
        Command::new(&program)
            .args(["serve", contender.name(), row.work.needs().name()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?,
    );
    let mut address = String::new();
    BufReader::new(server.0.stdout.take().ok_or("no output")?).read_line(&mut address)?;
    let load = Command::new(&program)
        .args(["load", row.work.name(), &row.connections.to_string(), &seconds.to_string()])
        .args([address.trim(), &server.0.id().to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    let said = String::from_utf8(load.stdout)?;
    parse(&said).ok_or_else(|| format!("the clients of {} failed", contender.name()).into())
}

fn parse(said: &str) -> Option<Sample> {
    let figures: Vec<f64> =
        said.split_whitespace().map(|figure| figure.parse().ok()).collect::<Option<_>>()?;
    match figures[..] {
        [done, wall, program, kernel] if done > 0.0 => {
            Some(Sample { wall: wall / done, server: (program + kernel) / done, program: program / done })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_says_what_to_do() {
        let asked =
            Asked::parse(&["--quick", "--only", "echo,burst", "--rounds", "5", "--out", "x"]).unwrap();
        let only = vec![Work::Echo, Work::Burst];
        assert_eq!(asked, Asked { rounds: 5, seconds: 0.5, only, out: Some("x".into()) });
        for wrong in [&["--rounds"][..], &["--rounds", "x"], &["--only", "x"], &["--speed", "9"]] {
            assert!(Asked::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_sample_is_for_each_unit() {
        assert_eq!(parse("10 1000 300 200\n"), Some(Sample { wall: 100.0, server: 50.0, program: 30.0 }));
        assert_eq!(parse("0 1000 300 200\n"), None, "nothing was done");
        assert_eq!(parse(""), None);
    }
}
