//! One workload of one contender: its sizes, its samples, and the rows that it records.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{Line, Parameters, Record, Sample, Unsupported, available};

/// A row that has sampled for this long takes no further sample.
pub const BUDGET: Duration = Duration::from_millis(400);

/// How much memory a contender may take, in bytes.
pub const ROOM: u64 = 4_000_000_000;

/// One workload of one contender.
#[derive(Debug)]
pub struct Run {
    pub(crate) contender: &'static str,
    pub(crate) version: String,
    pub(crate) workload: String,
    pub(crate) samples: usize,
    pub(crate) scale: f64,
    pub(crate) max_n: u64,
}

impl Run {
    /// Those of these sizes that are wanted.
    pub fn sizes(&self, all: &[u64]) -> Vec<u64> {
        all.iter().copied().filter(|n| *n <= self.max_n).collect()
    }

    /// Those of these sizes that are wanted and fit into memory, at so many bytes each: half of the
    /// free memory, and no more than [`ROOM`]. The others are told to be left out.
    pub fn sizes_that_fit(&self, all: &[u64], bytes_each: u64) -> Vec<u64> {
        let room = match available() {
            0 => ROOM,
            free => ROOM.min(free / 2),
        };
        let (fit, others) = self.sizes(all).into_iter().partition(|n| n.saturating_mul(bytes_each) <= room);
        let others: Vec<_> = others;
        for n in others {
            let why = format!(
                "it would take {} MB of memory, more than {} MB",
                n * bytes_each / 1_000_000,
                room / 1_000_000
            );
            self.leave_out(&[("n", n.into())], &why);
        }
        fit
    }

    /// How many operations a sample does, of so many.
    pub fn operations(&self, usual: u64) -> u64 {
        ((usual as f64 * self.scale) as u64).max(1)
    }

    /// To be filled; the first is kept.
    pub fn samples(&self) -> Samples {
        Samples { wanted: self.samples, cold: 0, start: None, taken: Vec::new() }
    }

    /// To be filled; the first only warms up.
    pub fn warm_samples(&self) -> Samples {
        Samples { cold: 1, ..self.samples() }
    }

    /// Says what was measured, in nanoseconds for each of `what`.
    pub fn record(&self, parameters: &[(&str, Value)], what: &str, samples: Samples) {
        let (wall, cpu) = samples.into_kept();
        self.say(parameters, format!("ns/{what}"), wall, cpu);
    }

    /// Records work in several threads: only the clock on the wall counts.
    pub fn record_wall(&self, parameters: &[(&str, Value)], what: &str, samples: Samples) {
        self.say(parameters, format!("ns/{what}"), samples.into_kept().0, Vec::new());
    }

    /// Says how many bytes each of `what` takes.
    pub fn record_bytes(&self, parameters: &[(&str, Value)], what: &str, bytes: f64) {
        self.say(parameters, format!("bytes/{what}"), vec![bytes], Vec::new());
    }

    /// Says that a row is not done.
    pub fn leave_out(&self, parameters: &[(&str, Value)], why: &str) {
        print(&Line::Unsupported(Unsupported {
            contender: self.contender.into(),
            workload: self.workload.clone(),
            parameters: named(parameters),
            unsupported: why.into(),
        }));
    }

    fn say(&self, parameters: &[(&str, Value)], unit: String, samples: Vec<f64>, cpu_samples: Vec<f64>) {
        print(&Line::Record(Record {
            contender: self.contender.into(),
            version: self.version.clone(),
            workload: self.workload.clone(),
            parameters: named(parameters),
            unit,
            samples,
            cpu_samples,
        }));
    }
}

/// The samples of a row while they are taken.
///
/// ```text
/// let mut samples = run.samples();
/// while samples.more() {
///     let watch = Stopwatch::start();
///     work();
///     samples.push(watch.each_of(operations));
/// }
/// ```
#[derive(Debug)]
pub struct Samples {
    wanted: usize,
    cold: usize,
    start: Option<Instant>,
    taken: Vec<Sample>,
}

impl Samples {
    /// Whether another one is to be taken. Of those that are kept there is at least one.
    pub fn more(&mut self) -> bool {
        let start = *self.start.get_or_insert_with(Instant::now);
        self.taken.len() <= self.cold
            || (self.taken.len() < self.wanted + self.cold && start.elapsed() < BUDGET)
    }

    /// Here is one.
    pub fn push(&mut self, sample: Sample) {
        self.taken.push(sample);
    }

    fn into_kept(self) -> (Vec<f64>, Vec<f64>) {
        // To a thousandth: more would be noise.
        let short = |figure: f64| (figure * 1000.0).round() / 1000.0;
        self.taken[self.cold..].iter().map(|sample| (short(sample.wall), short(sample.cpu))).unzip()
    }
}

fn named(parameters: &[(&str, Value)]) -> Parameters {
    parameters.iter().map(|(name, value)| (String::from(*name), value.clone())).collect()
}

fn print(line: &Line) {
    println!("{}", serde_json::to_string(line).expect("records are data"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(samples: usize) -> Run {
        Run {
            contender: "x",
            version: String::new(),
            workload: String::new(),
            samples,
            scale: 0.001,
            max_n: 100,
        }
    }

    fn filled(mut samples: Samples, start: Option<Instant>) -> (Vec<f64>, Vec<f64>) {
        let mut next = 0.0;
        while samples.more() {
            next += 1.0;
            samples.push(Sample { wall: next, cpu: -next });
            samples.start = start.or(samples.start);
        }
        samples.into_kept()
    }

    #[test]
    fn the_first_sample_is_kept_or_only_warms_up() {
        // A budget that has hardly begun, whatever this machine does.
        let begun = Instant::now().checked_add(Duration::from_secs(3600));
        assert_eq!(filled(run(3).samples(), begun), (vec![1.0, 2.0, 3.0], vec![-1.0, -2.0, -3.0]));
        assert_eq!(filled(run(2).warm_samples(), begun).0, [2.0, 3.0]);
    }

    #[test]
    fn a_row_whose_budget_is_spent_has_one_sample() {
        let spent = Instant::now().checked_sub(BUDGET);
        assert_eq!(filled(run(3).samples(), spent).0, [1.0]);
        assert_eq!(filled(run(3).warm_samples(), spent).0, [2.0]);
    }

    #[test]
    fn sizes_and_operations_are_as_asked_for() {
        let run = run(1);
        assert_eq!(run.sizes(&[10, 100, 1000]), [10, 100]);
        assert_eq!(run.sizes_that_fit(&[10, 100, 1000], ROOM / 20), [10]);
        assert_eq!((run.operations(100_000), run.operations(10)), (100, 1));
    }
}
