//! Syrup, and values in it: any bytes are read or refused.

#![no_main]

#[path = "../../tests/hostile/lines.rs"]
#[allow(dead_code)]
mod lines;
#[path = "../../tests/hostile/made.rs"]
#[allow(dead_code)]
mod made;
#[path = "../../tests/hostile/syrup.rs"]
#[allow(dead_code)]
mod check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check::check(data));
