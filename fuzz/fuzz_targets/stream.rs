//! A session of CapTP, and the bytes of a connection, however they come.

#![no_main]

#[path = "../../captp/tests/session/stream.rs"]
mod check;
#[path = "../../captp/tests/session/hostile.rs"]
#[allow(dead_code)]
mod hostile;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    check::check(data);
});
