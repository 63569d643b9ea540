#![no_main]

#[path = "../../captp/tests/wire/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check::check(data));
