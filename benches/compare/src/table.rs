//! The results of a run as a table for people.

use std::fmt::Write;

use harness::{OURS_ALONE, Record, Results};

use crate::goals::{is_same_work, reached, shown};
use crate::statistics::Figure;

/// The table of a run, as text.
pub(crate) fn of(results: &Results) -> String {
    let mut table = String::new();
    // Writing into a string does not fail.
    let _ = write(&mut table, results);
    table
}

fn write(table: &mut String, results: &Results) -> std::fmt::Result {
    let machine = &results.machine;
    writeln!(
        table,
        "{}, {} threads, {} GB, {}; {}, profile {}; load {:.1}",
        machine.cpu,
        machine.cores,
        machine.memory >> 30,
        machine.system,
        machine.rustc,
        results.profile,
        machine.load
    )?;
    writeln!(
        table,
        "Medians by processor time, less is better; x ours: how many times what we take. Spread: p10..p90."
    )?;
    let heads = ["contender", "median", "spread", "x ours", "goal"];
    writeln!(table, "\n{:<55}{:>10} {:>20} {:>9}  {}", heads[0], heads[1], heads[2], heads[3], heads[4])?;
    let mut written: Vec<&Record> = Vec::new();
    for record in &results.records {
        if written.iter().any(|row| is_same_work(row, record)) {
            continue;
        }
        written.push(record);
        row(table, results, record)?;
    }
    let others = results.unsupported.iter().filter(|not| not.unsupported != OURS_ALONE);
    for (n, not) in others.enumerate() {
        if n == 0 {
            writeln!(table, "\nNot done:")?;
        }
        let parameters: String =
            not.parameters.iter().map(|(name, value)| format!(" {name} {}", shown(value))).collect();
        writeln!(table, "  {}, {}{parameters}: {}", not.contender, not.workload, not.unsupported)?;
    }
    Ok(())
}

/// The times of all contenders for one row. If only we do it, our time is in its first line.
fn row(table: &mut String, results: &Results, first: &Record) -> std::fmt::Result {
    let parameters = first.parameters.iter().filter(|(name, _)| *name != "via");
    let parameters: String = parameters.map(|(name, value)| format!(" {name} {}", shown(value))).collect();
    let title = format!("{}{parameters}, {}", first.workload, first.unit);
    let same: Vec<_> = results.records.iter().filter(|record| is_same_work(record, first)).collect();
    if let [alone] = same[..]
        && is_ours(alone)
    {
        return line(table, results, &title, alone, "");
    }
    writeln!(table, "{title}")?;
    let ours = same.iter().find(|record| is_ours(record)).map(|record| Figure::of(record).median);
    for record in same {
        let via = record.parameters.get("via").map(|via| format!(", {}", shown(via))).unwrap_or_default();
        let name = format!("  {} {}{via}", record.contender, record.version);
        let ratio = ours.map(|ours| format!("{:.2}", Figure::of(record).median / ours)).unwrap_or_default();
        line(table, results, &name, record, &ratio)?;
    }
    Ok(())
}

fn line(table: &mut String, results: &Results, name: &str, record: &Record, ratio: &str) -> std::fmt::Result {
    let Figure { median, spread: (low, high) } = Figure::of(record);
    let spread = format!("{}..{}", digits(low), digits(high));
    let goals = match is_ours(record) {
        true => reached(record, &results.records, results.profile == "lto").join("; "),
        false => String::new(),
    };
    let line = format!("{name:<55}{:>10} {spread:>20} {ratio:>9}  {goals}", digits(median));
    writeln!(table, "{}", line.trim_end())
}

fn is_ours(record: &Record) -> bool {
    record.contender == "marketplace"
}

/// Three digits that count, or all before the point.
fn digits(figure: f64) -> String {
    match figure {
        small if small < 10.0 => format!("{small:.2}"),
        middle if middle < 100.0 => format!("{middle:.1}"),
        large => format!("{large:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use harness::Machine;

    use super::*;
    use crate::tests::record;

    #[test]
    fn rows_come_together_with_ratios_and_goals() {
        let results = Results {
            machine: Machine::default(),
            profile: "release".into(),
            records: vec![
                record("marketplace", r#"{"n":100,"message":"integer"}"#, &[40.0]),
                record("marketplace", r#"{"n":1,"message":"integer"}"#, &[8.0]),
                record("tokio", r#"{"n":100,"message":"integer","via":"mpsc"}"#, &[50.0]),
            ],
            unsupported: Vec::new(),
        };
        let table = of(&results);
        let rows: Vec<_> =
            table.lines().skip(4).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            rows,
            [
                "fanout message integer n 100, ns/delivery",
                "marketplace 1 40.0 40.0..40.0 1.00 <= 1.00 x tokio mpsc: reached",
                "tokio 1, mpsc 50.0 50.0..50.0 1.25",
                "fanout message integer n 1, ns/delivery 8.00 8.00..8.00",
            ]
        );
    }
}
