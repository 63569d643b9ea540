//! The `~.` of JavaScript: any text is read, or has a mistake in one of its lines.

#![no_main]

use marketplace_js::tildot;

#[path = "../../js/src/tildot/tests/hostile.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|text: &str| check::check(text));
