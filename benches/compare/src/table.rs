use std::fmt::Write;

use harness::{Record, Results};

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
    writeln!(table, "\n{:<44}{:>11}{:>21}{:>9}  {}", heads[0], heads[1], heads[2], heads[3], heads[4])?;
    let mut written: Vec<&Record> = Vec::new();
    for record in &results.records {
        if written.iter().any(|row| is_same_work(row, record)) {
            continue;
        }
        written.push(record);
        row(table, results, record)?;
    }
    if !results.unsupported.is_empty() {
        writeln!(table, "\nNot done:")?;
    }
    for not in results.unsupported.iter().filter(|not| not.unsupported != harness::OURS_ALONE) {
        let parameters: String =
            not.parameters.iter().map(|(name, value)| format!(" {name} {}", shown(value))).collect();
        writeln!(table, "  {}, {}{parameters}: {}", not.contender, not.workload, not.unsupported)?;
    }
    Ok(())
}

/// What all took for one row.
fn row(table: &mut String, results: &Results, first: &Record) -> std::fmt::Result {
    let parameters = first.parameters.iter().filter(|(name, _)| *name != "via");
    let parameters: String = parameters.map(|(name, value)| format!(" {name} {}", shown(value))).collect();
    writeln!(table, "{}{parameters}, {}", first.workload, first.unit)?;
    let same: Vec<_> = results.records.iter().filter(|record| is_same_work(record, first)).collect();
    let ours =
        same.iter().find(|record| record.contender == "marketplace").map(|record| Figure::of(record).median);
    for record in same {
        let via = record.parameters.get("via").map(|via| format!(", {}", shown(via))).unwrap_or_default();
        let name = format!("  {} {}{via}", record.contender, record.version);
        let Figure { median, spread: (low, high) } = Figure::of(record);
        let spread = format!("{}..{}", digits(low), digits(high));
        let ratio = ours.map(|ours| format!("{:.2}", median / ours)).unwrap_or_default();
        let goals = match record.contender == "marketplace" {
            true => reached(record, &results.records, results.profile == "lto").join("; "),
            false => String::new(),
        };
        let line = format!("{name:<44}{:>11}{spread:>21}{ratio:>9}  {goals}", digits(median));
        writeln!(table, "{}", line.trim_end())?;
    }
    Ok(())
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
                "fanout message integer n 1, ns/delivery",
                "marketplace 1 8.00 8.00..8.00 1.00",
            ]
        );
    }
}
