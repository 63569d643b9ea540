//! The index, against a scan of all endpoints.

#![no_main]

#[path = "../../tests/hostile/made.rs"]
#[allow(dead_code)]
mod made;
#[path = "../../tests/hostile/index.rs"]
#[allow(dead_code)]
mod check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check::check(data));
