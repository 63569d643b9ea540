//! Programs that tests start can be ended by a signal, whoever started the tests.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// A program whose tests run in the background of a script inherits that SIGINT is ignored, and so
/// would what the tests start. Where a signal is ignored this gives it a handler: what has a
/// handler is as at first in a program that is started.
pub(crate) fn heed() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.map_or(0, |mask| u64::from_str_radix(mask.trim(), 16).expect("a mask"));
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        if ignored & 1 << (signal - 1) != 0 {
            signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false))).expect("a handler");
        }
    }
}
