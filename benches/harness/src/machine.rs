//! The machine on which the figures were taken.

use std::fs::read_to_string;
use std::thread::available_parallelism;

use serde::{Deserialize, Serialize};

/// The machine on which the figures were taken. A fact that the system does not tell is empty or 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub cpu: String,
    /// How many threads it runs at once.
    pub cores: usize,
    /// In bytes.
    pub memory: u64,
    /// The operating system and the architecture.
    pub system: String,
    /// The compiler.
    pub rustc: String,
    /// How busy it was in the last minute, when the run began: a figure far above 0 means that
    /// others ran.
    pub load: f64,
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        let cpus = read_to_string("/proc/cpuinfo").unwrap_or_default();
        let load = read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            cpu: after(&cpus, "model name")
                .map(|name| name.trim_matches([':', ' ', '\t']).into())
                .unwrap_or_default(),
            cores: available_parallelism().map_or(0, usize::from),
            memory: memory("MemTotal:"),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            rustc: std::process::Command::new("rustc")
                .arg("--version")
                .output()
                .map(|said| String::from_utf8_lossy(&said.stdout).trim().into())
                .unwrap_or_default(),
            load: load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0),
        }
    }
}

/// How much memory could be had, in bytes (Linux; elsewhere 0).
pub fn available() -> u64 {
    memory("MemAvailable:")
}

/// The resident size of this program, in bytes (Linux; elsewhere 0).
pub fn resident() -> u64 {
    let status = read_to_string("/proc/self/status").unwrap_or_default();
    after(&status, "VmRSS:").and_then(kibibytes).unwrap_or(0)
}

fn memory(what: &str) -> u64 {
    let memory = read_to_string("/proc/meminfo").unwrap_or_default();
    after(&memory, what).and_then(kibibytes).unwrap_or(0)
}

fn after<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(label))
}

fn kibibytes(figure: &str) -> Option<u64> {
    Some(figure.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_by_their_labels() {
        let status = "Name:\tx\nVmRSS:\t    1234 kB\n";
        assert_eq!(after(status, "VmRSS:").and_then(kibibytes), Some(1234 * 1024));
        assert_eq!(after(status, "VmSwap:").and_then(kibibytes), None);
    }
}
