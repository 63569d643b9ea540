//! How much memory a program has.

use std::fs;

/// Looks at the memory of a program now and then, and says whether it grows.
pub(crate) struct Memory {
    process: u32,
    seen: Vec<usize>,
}

impl Memory {
    pub(crate) const fn of(process: u32) -> Self {
        Self { process, seen: Vec::new() }
    }

    /// Its resident memory, in KiB. (0 where the system does not say it in Linux's way.)
    pub(crate) fn look(&mut self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
        self.seen.push(kib);
        kib
    }

    /// Fails if the most of the second half is well above the most of the first.
    pub(crate) fn is_flat(&self) {
        let (first, second) = self.seen.split_at(self.seen.len() / 2);
        let most = |seen: &[usize]| seen.iter().copied().max().unwrap_or(0);
        let (before, after) = (most(first), most(second));
        assert!(
            after <= before + before / 10 + 2048,
            "memory grew from {before} to {after} KiB: {:?}",
            self.seen
        );
    }
}
