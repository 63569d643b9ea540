//! The console: lines in, and out again.

#![no_main]

#[path = "../../tests/hostile/lines.rs"]
#[allow(dead_code)]
mod lines;
#[path = "../../tests/hostile/console.rs"]
#[allow(dead_code)]
mod check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check::check(data));
