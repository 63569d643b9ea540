//! The goals that we want to reach.

use harness::{Parameters, Record};

use crate::statistics::Figure;

/// Our figure is to be at most so many times another's, or so much.
struct Goal {
    workload: &'static str,
    /// The rows of it: parameters, as they are shown.
    row: &'static [(&'static str, &'static str)],
    at_most: AtMost,
    /// Not a duty, but worth trying.
    is_aim: bool,
}

#[derive(Clone, Copy)]
enum AtMost {
    /// Of the contender that works in this way (any, if it is empty).
    Times(f64, &'static str, &'static str),
    /// In the unit of the row.
    This(f64),
}

use AtMost::{This, Times};

const fn goal(workload: &'static str, row: &'static [(&'static str, &'static str)], at_most: AtMost) -> Goal {
    Goal { workload, row, at_most, is_aim: false }
}

const fn aim(workload: &'static str, row: &'static [(&'static str, &'static str)], at_most: AtMost) -> Goal {
    Goal { workload, row, at_most, is_aim: true }
}

const GOALS: &[Goal] = &[
    goal("pingpong", &[("message", "integer")], Times(1.0 / 1.2, "tokio", "")),
    goal("fanout", &[("n", "100"), ("message", "integer")], Times(1.0, "tokio", "mpsc")),
    aim("fanout", &[("n", "100"), ("message", "integer")], Times(1.0, "tokio", "broadcast")),
    goal("fanout", &[("n", "1000"), ("message", "integer")], Times(1.0, "tokio", "mpsc")),
    aim("fanout", &[("n", "1000"), ("message", "integer")], Times(1.0, "tokio", "broadcast")),
    goal("routing", &[("n", "100")], This(100.0)),
    goal("routing", &[("n", "100000")], Times(1.0, "tokio", "")),
    goal("wildcard", &[("n", "100")], Times(1.0, "tokio", "")),
    goal("wildcard", &[("n", "10000")], Times(1.0, "tokio", "")),
    goal("wildcard", &[("n", "100000")], Times(1.0, "tokio", "")),
    goal("wildcard", &[("n", "100000")], Times(0.1, "syndicate", "")),
    goal("shapes", &[("n", "256")], This(1000.0)),
    goal("presence", &[("n", "1000"), ("phase", "join")], Times(1.25, "tokio", "")),
    goal("presence", &[("n", "1000"), ("phase", "leave")], Times(1.25, "tokio", "")),
    goal("spawn", &[("n", "10")], Times(1.0, "tokio", "")),
    goal("subscribed", &[], This(500.0)),
    goal("ask", &[("n", "1")], Times(1.0, "tokio", "")),
    aim("ask", &[("n", "1")], Times(1.0, "actix", "")),
    goal("ask", &[("n", "1000")], Times(1.0, "tokio", "")),
    goal("tell", &[], Times(1.0, "tokio", "")),
    goal("pipeline", &[], Times(1.0, "tokio", "")),
    goal("pipeline", &[], Times(0.5, "capnp-rpc", "")),
    goal("chain", &[("link", "calls")], Times(1.0, "tokio", "")),
    goal("links", &[("of", "a call")], Times(1.0, "capnp-rpc", "")),
    goal("links", &[("of", "calls in flight")], Times(2.0, "capnp-rpc", "")),
    goal("held", &[("of", "object")], This(200.0)),
];

/// A text for each goal that one of our rows has. `all` are the records of this run: a goal against
/// a contender that did not run is left out.
pub(crate) fn reached(ours: &Record, all: &[Record], lto: bool) -> Vec<String> {
    let mine = Figure::of(ours).median;
    let goals = GOALS.iter().filter(|goal| goal.is_of(ours));
    goals.filter_map(|goal| goal.said(mine, ours, all, lto)).collect()
}

impl Goal {
    fn is_of(&self, record: &Record) -> bool {
        record.workload == self.workload
            && self.row.iter().all(|(name, value)| is(&record.parameters, name, value))
    }

    fn said(&self, mine: f64, ours: &Record, all: &[Record], lto: bool) -> Option<String> {
        let (limit, what) = match self.at_most {
            This(limit) => (limit, format!("<= {limit}")),
            Times(times, contender, via) => {
                // The room by hand is to be reached whole with link-time optimisation.
                let times = if lto { times.min(1.0) } else { times };
                let theirs = all.iter().find(|record| {
                    record.contender == contender
                        && is_same_work(record, ours)
                        && (via.is_empty() || is(&record.parameters, "via", via))
                })?;
                let name = if via.is_empty() { contender.into() } else { format!("{contender} {via}") };
                (Figure::of(theirs).median * times, format!("<= {times:.2} x {name}"))
            }
        };
        let kind = if self.is_aim { "aim: " } else { "" };
        Some(format!("{kind}{what}: {}", if mine <= limit { "reached" } else { "NOT REACHED" }))
    }
}

/// Whether two did the same, each in its way.
pub(crate) fn is_same_work(one: &Record, other: &Record) -> bool {
    let without_way = |record: &Record| {
        let mut parameters = record.parameters.clone();
        parameters.remove("via");
        parameters
    };
    one.workload == other.workload && without_way(one) == without_way(other)
}

fn is(parameters: &Parameters, name: &str, value: &str) -> bool {
    parameters.get(name).is_some_and(|found| shown(found) == value)
}

pub(crate) fn shown(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), String::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::record;

    #[test]
    fn a_goal_is_reached_or_not_against_those_that_ran() {
        let ours = record("marketplace", r#"{"n":100,"message":"integer"}"#, &[45.0]);
        let by_hand = record("tokio", r#"{"n":100,"message":"integer","via":"mpsc"}"#, &[45.0]);
        let broadcast = record("tokio", r#"{"n":100,"message":"integer","via":"broadcast"}"#, &[44.0]);
        let other = record("tokio", r#"{"n":10,"message":"integer","via":"broadcast"}"#, &[1.0]);
        let all = [ours.clone(), by_hand, broadcast, other];
        assert_eq!(
            reached(&ours, &all, false),
            ["<= 1.00 x tokio mpsc: reached", "aim: <= 1.00 x tokio broadcast: NOT REACHED"]
        );
        assert_eq!(reached(&ours, &all[..2], false).len(), 1);
        assert_eq!(reached(&ours, &[], false), [""; 0]);
    }

    #[test]
    fn every_goal_is_of_a_workload() {
        for goal in GOALS {
            assert!(harness::WORKLOADS.contains(&goal.workload), "{}", goal.workload);
        }
    }
}
