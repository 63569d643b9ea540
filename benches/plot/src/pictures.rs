//! The pictures, and the figures in them.

use std::collections::BTreeMap;

use harness::{Record, Results};

use crate::chart::{Chart, Line, Panel};

/// A picture of some workloads.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) file: &'static str,
    title: &'static str,
    across: &'static str,
    panels: &'static [Part],
}

/// The records that a panel shows: of this workload and, if one is said, of this phase.
#[derive(Debug)]
struct Part {
    title: &'static str,
    workload: &'static str,
    phase: Option<&'static str>,
}

pub(crate) const PICTURES: [Picture; 3] = [
    Picture {
        file: "cost-per-message.svg",
        title: "What a message costs",
        across: "topics, a receiver each",
        panels: &[
            Part { title: "to the one who has its topic", workload: "routing", phase: None },
            Part { title: "to two, one by a wildcard", workload: "wildcard", phase: None },
        ],
    },
    Picture {
        file: "cost-per-presence.svg",
        title: "What it costs to tell one who is there of one who comes or goes",
        across: "members of the room",
        panels: &[
            Part { title: "all join", workload: "presence", phase: Some("join") },
            Part { title: "all leave", workload: "presence", phase: Some("leave") },
        ],
    },
    Picture {
        file: "cost-per-spawn.svg",
        title: "What it costs to make a process, say one thing to it, and end it",
        across: "other processes alive",
        panels: &[Part { title: "", workload: "spawn", phase: None }],
    },
];

impl Picture {
    /// The picture of a run, if it has any figures for it.
    pub(crate) fn chart(&self, results: &Results) -> Option<Chart> {
        let panels = self.panels.iter().map(|part| part.panel(&results.records)).collect::<Vec<_>>();
        let Results { machine, profile, .. } = results;
        // Without the commit and the day.
        let rustc = machine.rustc.split(" (").next().unwrap_or_default();
        panels.iter().any(|panel| !panel.lines.is_empty()).then(|| Chart {
            title: self.title.into(),
            across: self.across.into(),
            panels: panels.into_iter().filter(|panel| !panel.lines.is_empty()).collect(),
            note: format!(
                "Medians of processor time, one thread, profile {profile}. {}, {rustc}.",
                machine.cpu
            ),
        })
    }
}

/// How many, and what each costs.
type Points = BTreeMap<u64, f64>;

impl Part {
    fn panel(&self, records: &[Record]) -> Panel {
        // In the order of the run: the contender, its way, and its points.
        let mut lines: Vec<((&str, &str), Points)> = Vec::new();
        for record in records.iter().filter(|record| self.shows(record)) {
            let (Some(n), Some(cost)) = (record.parameters.get("n").and_then(|n| n.as_u64()), median(record))
            else {
                continue;
            };
            let via = record.parameters.get("via").and_then(|via| via.as_str()).unwrap_or("");
            let key = (record.contender.as_str(), via);
            let line = lines.iter().position(|(one, _)| *one == key).unwrap_or_else(|| {
                lines.push((key, Points::new()));
                lines.len() - 1
            });
            lines[line].1.insert(n, cost);
        }
        let ways = |who: &str| lines.iter().filter(|((one, _), _)| *one == who).count();
        let drawn = lines.iter().enumerate().map(|(place, ((who, via), points))| Line {
            who: (*who).into(),
            name: if ways(who) > 1 { format!("{who}, {via}") } else { (*who).into() },
            dashed: lines[..place].iter().any(|((one, _), _)| one == who),
            points: points.iter().map(|(n, cost)| (*n as f64, *cost)).collect(),
        });
        Panel { title: self.title.into(), lines: drawn.collect() }
    }

    fn shows(&self, record: &Record) -> bool {
        let phase = record.parameters.get("phase").and_then(|phase| phase.as_str());
        record.workload == self.workload && self.phase.is_none_or(|wanted| phase == Some(wanted))
    }
}

/// By processor time if there is any.
fn median(record: &Record) -> Option<f64> {
    let samples = if record.cpu_samples.is_empty() { &record.samples } else { &record.cpu_samples };
    let mut samples = samples.clone();
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(contender: &str, workload: &str, via: &str, n: u64, cost: f64) -> Record {
        Record {
            contender: contender.into(),
            version: String::new(),
            workload: workload.into(),
            parameters: [("n".into(), n.into()), ("via".into(), via.into()), ("phase".into(), "join".into())]
                .into(),
            unit: "ns/message".into(),
            samples: vec![1.0],
            cpu_samples: vec![cost * 9.0, cost, cost / 9.0],
        }
    }

    #[test]
    fn a_panel_has_a_line_for_each_way_of_each_contender() {
        let records = [
            record("kameo", "routing", "map", 100, 2.0),
            record("kameo", "routing", "broker", 10, 3.0),
            record("kameo", "routing", "map", 10, 1.0),
            record("tokio", "routing", "map", 10, 4.0),
            record("tokio", "spawn", "", 10, 4.0),
        ];
        let lines = PICTURES[0].panels[0].panel(&records).lines;
        let names: Vec<_> = lines.iter().map(|line| (&*line.name, line.dashed)).collect();
        assert_eq!(names, [("kameo, map", false), ("kameo, broker", true), ("tokio", false)]);
        assert_eq!(lines[0].points, [(10.0, 1.0), (100.0, 2.0)], "medians, from left to right");
    }

    #[test]
    fn a_phase_has_a_panel_and_no_figures_have_none() {
        let results = Results {
            machine: harness::Machine::default(),
            profile: "release".into(),
            records: vec![record("tokio", "presence", "", 10, 1.0)],
            unsupported: Vec::new(),
        };
        let panels = PICTURES[1].chart(&results).unwrap().panels;
        assert_eq!(panels.iter().map(|panel| &*panel.title).collect::<Vec<_>>(), ["all join"]);
        assert!(PICTURES[0].chart(&results).is_none());
    }
}
