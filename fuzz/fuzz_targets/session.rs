//! A session of CapTP, and whatever a peer may say.

#![no_main]

#[path = "../../captp/tests/session/hostile.rs"]
#[allow(dead_code)]
mod check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check::check(data));
