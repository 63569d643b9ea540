//! Laws that hold for every program, tried on random ones.

mod counts;
mod objects;
mod oracle;
mod program;
mod robustness;
#[path = "../rules/support.rs"]
#[allow(dead_code, reason = "the rules use more of it")]
mod support;
mod traces;

use proptest::test_runner::Config;

/// So many programs; without optimization, the fiftieth part. `PROPTEST_CASES` decides otherwise.
fn config(optimized: u32) -> Config {
    let cases = if cfg!(debug_assertions) { optimized / 50 } else { optimized };
    Config { failure_persistence: None, max_shrink_iters: 20_000, ..Config::with_cases(cases) }
}
