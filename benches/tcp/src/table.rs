//! The results, for people and for programs.

use std::fmt::Write;

use harness::{Parameters, Record, version_of};

use crate::row::{Contender, Row, Sample, Work};

/// We are to be at least so fast, where the hand-written server that does it all in one task is 1.
const GOAL: f64 = 0.95;

/// The samples of a contender.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) row: Row,
    pub(crate) contender: Contender,
    pub(crate) samples: Vec<Sample>,
}

impl Figures {
    pub(crate) fn record(&self) -> Record {
        let Row { work, connections } = self.row;
        let parameters = [("of".into(), work.name().into()), ("connections".into(), connections.into())];
        Record {
            contender: self.contender.name().into(),
            version: version_of(self.contender.name()).into(),
            workload: "tcp".into(),
            parameters: Parameters::from(parameters),
            unit: format!("ns/{}", work.unit()),
            samples: self.all(|sample| sample.wall),
            cpu_samples: self.all(|sample| sample.server),
        }
    }

    fn all(&self, of: impl Fn(&Sample) -> f64) -> Vec<f64> {
        // To a tenth: more would be noise.
        self.samples.iter().map(|sample| (of(sample) * 10.0).round() / 10.0).collect()
    }
}

/// A line for each server in each row: ours, and the hand-written ones.
pub(crate) fn table(rows: &[[Figures; Contender::ALL.len()]]) -> String {
    let mut table = format!(
        "{:<7} {:>5}  {:<11} {:>30} {:>8} {:>7}  {:>24} {:>8} {:>8} {:>7}\n",
        "",
        "conns",
        "server",
        "per second",
        "/ actors",
        "/ tokio",
        "server's CPU us",
        "program",
        "/ actors",
        "/ tokio"
    );
    for [ours, actors, bare] in rows {
        let verdict = if ours.than(bare).rate >= GOAL { "" } else { "  < 0.95" };
        line(&mut table, ours, Some(ours.than(actors)), Some(ours.than(bare)), verdict);
        line(&mut table, actors, None, Some(actors.than(bare)), "");
        line(&mut table, bare, None, None, "");
    }
    table
        + "per second: round trips; of bulk MB, of bursts lines. Median [p10..p90]. CPU: for each of these, of bulk for each 64 KiB.\n\
             Ratios to the servers by hand: more than 1 is better. Actors: tasks and channels, decoupled as we are. Tokio: one task for each\n\
             connection, nothing in between; the goal is 0.95 of its rate.\n"
}

/// How many times as good as another.
#[derive(Clone, Copy)]
struct Ratio {
    rate: f64,
    cpu: f64,
}

fn line(table: &mut String, figures: &Figures, actors: Option<Ratio>, bare: Option<Ratio>, verdict: &str) {
    let Row { work, connections } = figures.row;
    let (rates, cpu) = (figures.rates(), figures.spread(|sample| sample.server / 1e3));
    let program = figures.spread(|sample| sample.program / 1e3).median;
    let [[rate_actors, cpu_actors], [rate_bare, cpu_bare]] = [actors, bare].map(|ratio| match ratio {
        Some(Ratio { rate, cpu }) => [rate, cpu].map(|ratio| format!("{ratio:.2}")),
        None => <_>::default(),
    });
    // Writing to a string does not fail.
    let _ = writeln!(
        table,
        "{:<7} {connections:>5}  {:<11} {:>30} {rate_actors:>8} {rate_bare:>7}  {:>24} {program:>8.2} {cpu_actors:>8} {cpu_bare:>7}{verdict}",
        work.name(),
        figures.contender.name(),
        format!("{:.0} [{:.0}..{:.0}]", rates.median, rates.low, rates.high),
        format!("{:.2} [{:.2}..{:.2}]", cpu.median, cpu.low, cpu.high),
    );
}

impl Figures {
    fn than(&self, other: &Self) -> Ratio {
        let cpu = |figures: &Self| figures.spread(|sample| sample.server).median;
        Ratio { rate: self.rates().median / other.rates().median, cpu: cpu(other) / cpu(self) }
    }

    /// How many a second; of bulk how many megabytes.
    fn rates(&self) -> Spread {
        let each = if self.row.work == Work::Bulk { 65_536.0 / 1e6 } else { 1.0 };
        self.spread(|sample| each * 1e9 / sample.wall)
    }

    fn spread(&self, of: impl Fn(&Sample) -> f64) -> Spread {
        Spread::of(self.samples.iter().map(of).collect())
    }
}

#[derive(Debug, PartialEq)]
struct Spread {
    low: f64,
    median: f64,
    high: f64,
}

impl Spread {
    /// The nearest of them to a tenth, to the middle, and to nine tenths. Of none: nothing that is
    /// a number.
    fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        let last = figures.len().saturating_sub(1) as f64;
        let at = |share: f64| figures.get((last * share).round() as usize).copied().unwrap_or(f64::NAN);
        Self { low: at(0.1), median: at(0.5), high: at(0.9) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(contender: Contender, wall: f64, server: f64) -> Figures {
        let sample = Sample { wall, server, program: server / 2.0 };
        Figures { row: Row { work: Work::Echo, connections: 50 }, contender, samples: vec![sample; 3] }
    }

    #[test]
    fn a_spread_leaves_out_a_tenth_at_each_end() {
        let figures = (0..=10).map(f64::from).rev().collect();
        assert_eq!(Spread::of(figures), Spread { low: 1.0, median: 5.0, high: 9.0 });
        assert_eq!(Spread::of(vec![2.0]), Spread { low: 2.0, median: 2.0, high: 2.0 });
    }

    #[test]
    fn the_table_says_who_is_faster() {
        let [slow, fast] = [10_000.0, 5_000.0].map(|wall| {
            table(&[[
                figures(Contender::Marketplace, wall, 4_000.0),
                figures(Contender::Actors, 8_000.0, 6_000.0),
                figures(Contender::Tokio, 5_000.0, 3_000.0),
            ]])
        });
        assert!(
            slow.contains("100000 [100000..100000]     0.80    0.50 ") && slow.contains("< 0.95"),
            "{slow}"
        );
        assert!(
            fast.contains("200000 [200000..200000]     1.60    1.00 ") && !fast.contains("< 0.95"),
            "{fast}"
        );
        assert!(fast.contains("4.00 [4.00..4.00]     2.00     1.50    0.75"), "{fast}");
        assert!(fast.contains("125000 [125000..125000]             0.62 "), "{fast}");
    }

    #[test]
    fn a_record_is_in_nanoseconds_for_each() {
        let record = figures(Contender::Tokio, 5_000.04, 3_000.0).record();
        assert_eq!((&*record.workload, &*record.unit), ("tcp", "ns/round trip"));
        assert_eq!((record.samples, record.cpu_samples), (vec![5_000.0; 3], vec![3_000.0; 3]));
        assert_eq!(record.parameters["connections"], 50);
        assert!(!record.version.is_empty());
    }
}
