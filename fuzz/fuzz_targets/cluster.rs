//! A gateway, and machines that say whatever they like.

#![no_main]

#[path = "../../tests/hostile/cluster.rs"]
#[allow(dead_code)]
mod check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check::check(data));
