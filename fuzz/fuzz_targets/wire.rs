//! Any bytes are read as a message or a certificate of CapTP, or refused.

#![no_main]

#[path = "../../captp/tests/wire/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check::check(data));
