//! The notation: any text is read or refused, and what is read prints and reads back.

#![no_main]

#[path = "../../tests/hostile/made.rs"]
#[allow(dead_code)]
mod made;
#[path = "../../tests/hostile/notation.rs"]
#[allow(dead_code)]
mod check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check::check(data));
