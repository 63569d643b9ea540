//! UDP: an echo.

#![no_main]

#[path = "../../tests/hostile/lines.rs"]
#[allow(dead_code)]
mod lines;
#[path = "../../tests/hostile/udp.rs"]
#[allow(dead_code)]
mod check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check::check(data));
