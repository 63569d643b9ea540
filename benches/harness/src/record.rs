//! The rows that a contender writes, and the file of a run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Machine;

/// The parameters that tell the rows of a workload apart, by name. `via` says which of several ways
/// the contender takes.
pub type Parameters = BTreeMap<String, Value>;

/// One row: the samples of one contender. Less is better, in every unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The contender.
    pub contender: String,
    /// Its version.
    pub version: String,
    /// The workload.
    pub workload: String,
    /// The row of it.
    pub parameters: Parameters,
    /// The unit of the samples, for example `ns/message`.
    pub unit: String,
    /// By the clock on the wall.
    pub samples: Vec<f64>,
    /// By processor time; empty where that says nothing (memory, work in several threads).
    pub cpu_samples: Vec<f64>,
}

/// A row that a contender does not do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unsupported {
    /// The contender.
    pub contender: String,
    /// The workload.
    pub workload: String,
    /// The row of it; empty for all.
    pub parameters: Parameters,
    /// Why, in words.
    pub unsupported: String,
}

/// A line of a contender's output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// It did it.
    Record(Record),
    /// It does not.
    Unsupported(Unsupported),
}

/// A run: the file that `compare` writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// On what.
    pub machine: Machine,
    /// How everything was built.
    pub profile: String,
    /// The figures.
    pub records: Vec<Record>,
    /// The rows that a contender does not do.
    pub unsupported: Vec<Unsupported>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_they_are_written() {
        let lines = [
            Line::Record(Record {
                contender: "tokio".into(),
                version: "1".into(),
                workload: "routing".into(),
                parameters: [("n".into(), 10.into())].into(),
                unit: "ns/message".into(),
                samples: vec![1.5],
                cpu_samples: vec![1.25],
            }),
            Line::Unsupported(Unsupported {
                contender: "actix".into(),
                workload: "wildcard".into(),
                parameters: Parameters::new(),
                unsupported: "it has no topics".into(),
            }),
        ];
        for line in lines {
            let text = serde_json::to_string(&line).unwrap();
            assert_eq!(serde_json::from_str::<Line>(&text).unwrap(), line, "{text}");
        }
    }
}
