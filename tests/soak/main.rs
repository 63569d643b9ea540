//! Programs at load for a while: nothing is lost, and memory stays flat.
//!
//! `cargo test --release --test soak -- --ignored --nocapture` takes a minute for each program;
//! `SOAK_SECONDS=600` says otherwise.

mod chat;
mod dns;
mod memory;
#[expect(dead_code, reason = "what a soak does not need of it")]
#[path = "../examples/program.rs"]
mod program;

use std::time::Duration;

/// How long each program is tried.
fn time() -> Duration {
    let seconds =
        std::env::var("SOAK_SECONDS").ok().map(|seconds| seconds.parse().expect("a number of seconds"));
    Duration::from_secs(seconds.unwrap_or(60))
}
