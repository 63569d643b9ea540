//! The same program has the same trace and the same tables (V13), and what `dump()` shows (V15).

use crate::stage::Stage;

fn controller_3() -> Stage {
    let mut stage = Stage::new();
    stage.root(
        "left",
        "foo(n, right) { log(`left.foo ${n}`); E(right).bar(2, right).then(() => log('left.then')); }",
    );
    stage.root("right", "bar(n, right) { log(`right.obj0.bar ${n}`); return 'r'; }");
    stage.root(
        "bootstrap",
        "bootstrap(argv, vats) { E(vats.left).foo(1, vats.right).then(() => log('boot.then')); }",
    );
    stage
}

/// Lines in which references have numbers in the order of their appearance: those of a test begin
/// behind those of the tests before it.
fn numbered(lines: &[String]) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    let line = |line: &String| {
        let mut parts = line.split("ref#");
        let mut numbered = parts.next().unwrap().to_string();
        for part in parts {
            let end = part.find(|c: char| c != 'x' && !c.is_ascii_digit()).unwrap_or(part.len());
            let at = seen.iter().position(|other| *other == part[..end]).unwrap_or_else(|| {
                seen.push(part[..end].into());
                seen.len() - 1
            });
            numbered += &format!("ref#{at}{}", &part[end..]);
        }
        numbered
    };
    lines.iter().map(line).collect()
}

#[test]
fn v13_two_runs_are_one() {
    let run = || {
        let mut stage = controller_3();
        stage.sim.set_verb(true);
        stage.bootstrap(&[]);
        (numbered(stage.sim.verb()), stage.tables().rows(), stage.logged.take())
    };
    let (one, other) = (run(), run());
    assert!(one.0.len() > 5, "{:?}", one.0);
    assert_eq!(one, other);
}

#[test]
fn s_s06_tables_of_a_program() {
    let mut stage = controller_3();
    let row = |row: [&str; 3]| row.map(String::from);
    assert_eq!(
        stage.tables().rows(),
        [["ko20", "v3", "o+0"], ["ko21", "v1", "o+0"], ["ko22", "v2", "o+0"]].map(row)
    );
    stage.bootstrap(&[]);
    assert_eq!(stage.logged.take(), ["left.foo 1", "right.obj0.bar 2", "boot.then", "left.then"]);
    assert_eq!(
        stage.tables().rows(),
        [
            ["ko20", "v3", "o+0"],
            ["ko21", "v1", "o+0"],
            ["ko21", "v3", "o-50"],
            ["ko22", "v1", "o-50"],
            ["ko22", "v2", "o+0"],
            ["ko22", "v3", "o-51"],
        ]
        .map(row)
    );
    assert_eq!(stage.tables().vat_id("right"), Some("v2".into()));
}

#[test]
fn v15_promises_while_they_are_open() {
    let mut stage = Stage::new();
    stage.root("bob", "later() { return new Promise(() => {}); }");
    stage.root("bootstrap", "bootstrap(argv, vats) { E(vats.bob).later(); }");
    stage.bootstrap(&[]);
    let promises = stage.tables().promises();
    let shown: Vec<_> = promises
        .iter()
        .map(|row| (row.id.as_str(), row.state, row.decider.as_deref(), row.subscribers.concat()))
        .collect();
    assert_eq!(shown, [("kp40", "unresolved", Some("v1"), "v2".to_string())]);
    let rows = stage.tables().rows();
    assert!(rows.contains(&["kp40", "v1", "p-60"].map(String::from)), "{rows:?}");
    assert!(rows.contains(&["kp40", "v2", "p+5"].map(String::from)), "{rows:?}");
}
