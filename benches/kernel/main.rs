//! The kernel side by side with what one would write by hand on tokio: the same work, taken in turn in one run, medians.
//!
//! `cargo bench --bench kernel [-- row]`. Figures of one run compare with each other only.

mod by_hand;
mod ours;
mod watched;

use std::time::Duration;

const ROUNDS: usize = 9;

/// How many deliveries are in flight at once in a fan-out.
const WINDOW: u64 = 10_000;

/// Both sides do `operations` operations a round; `work` says how long that took.
type Work = fn(u64) -> Duration;

struct Row {
    name: &'static str,
    unit: &'static str,
    /// What the work's number means: how many others there are.
    sizes: &'static [u64],
    operations: fn(u64) -> u64,
    ours: Work,
    by_hand: Option<Work>,
}

const ROWS: &[Row] = &[
    Row {
        name: "ping-pong",
        unit: "ns a message",
        sizes: &[400_000],
        operations: |n| n,
        ours: ours::ping_pong,
        by_hand: Some(by_hand::ping_pong),
    },
    Row {
        name: "fan-out to N",
        unit: "ns a delivery",
        sizes: &[100, 1_000],
        operations: |_| 1_000_000,
        ours: ours::fan_out,
        by_hand: Some(by_hand::fan_out),
    },
    Row {
        name: "one of N topics",
        unit: "ns a message",
        sizes: &[10, 1_000, 100_000],
        operations: |_| 300_000,
        ours: ours::routing,
        by_hand: Some(by_hand::routing),
    },
    Row {
        name: "one of N topics, wildcard first",
        unit: "ns a message",
        sizes: &[10, 1_000, 100_000],
        operations: |_| 300_000,
        ours: ours::routing_by_second_place,
        by_hand: None,
    },
    Row {
        name: "N join a room",
        unit: "ns a notification",
        sizes: &[1_000],
        operations: |n| n * n,
        ours: ours::join,
        by_hand: Some(by_hand::join),
    },
    Row {
        name: "N leave a room",
        unit: "ns a notification",
        sizes: &[1_000],
        operations: |n| n * n / 2,
        ours: ours::leave,
        by_hand: Some(by_hand::leave),
    },
    Row {
        name: "spawn, one message, exit",
        unit: "ns a process",
        sizes: &[50_000],
        operations: |n| n,
        ours: ours::spawn_and_exit,
        by_hand: Some(by_hand::spawn_and_exit),
    },
];

fn main() {
    // Cargo adds `--bench`; what else there is names rows.
    let wanted: Vec<_> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    match wanted.first().map(String::as_str) {
        Some("idle-marketplace") => return println!("{}", ours::idle()),
        Some("idle-by-hand") => return println!("{}", by_hand::idle()),
        _ => {}
    }
    println!("{:<34} {:>8} {:>12} {:>12} {:>8}  unit", "row", "N", "marketplace", "by hand", "ratio");
    for row in ROWS {
        if !wanted.is_empty() && !wanted.iter().any(|name| row.name.contains(name.as_str())) {
            continue;
        }
        for &size in row.sizes {
            let per_operation = |time: Duration| time.as_nanos() as f64 / (row.operations)(size) as f64;
            let (mut ours, mut by_hand) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                ours.push(per_operation((row.ours)(size)));
                by_hand.extend(row.by_hand.map(|work| per_operation(work(size))));
            }
            let ours = median(ours);
            let (theirs, ratio) = match by_hand.is_empty() {
                true => (String::from("-"), String::from("-")),
                false => {
                    let theirs = median(by_hand);
                    (format!("{theirs:.1}"), format!("{:.2}", theirs / ours))
                }
            };
            println!("{:<34} {size:>8} {ours:>12.1} {theirs:>12} {ratio:>8}  {}", row.name, row.unit);
        }
    }
    if wanted.is_empty() || wanted.iter().any(|name| name == "watched") {
        watched::print();
    }
    if wanted.is_empty() || wanted.iter().any(|name| name == "memory") {
        let (ours, by_hand) = (alone("idle-marketplace"), alone("idle-by-hand"));
        println!("an idle process with one subscription: {ours} bytes (by hand: {by_hand})");
    }
}

/// What this program says when it does nothing but that: memory is measured where none was freed before.
fn alone(what: &str) -> String {
    let program = std::env::current_exe().expect("this program has a path");
    let output = std::process::Command::new(program).arg(what).output().expect("it runs");
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

/// A fixed sequence of numbers below `n`.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((u128::from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)) * u128::from(n)) >> 64) as u64
    }
}

/// The resident size of this program, in bytes (Linux; elsewhere 0).
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    pages.and_then(|line| line.split(' ').nth(1)?.parse::<usize>().ok()).unwrap_or(0) * 4096
}
