//! How fast values are written and read:
//! `cargo test --release -p marketplace-captp --lib speed -- --ignored --nocapture`.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use marketplace::prelude::*;

use super::*;

/// Megabytes a second in the best of several tries, each of which works on so many bytes.
fn rate(bytes: usize, mut work: impl FnMut()) -> f64 {
    let mut best = Duration::MAX;
    for _ in 0..200 {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed());
    }
    bytes as f64 / best.as_secs_f64() / 1e6
}

fn measure(what: &str, value: &Value, times: usize) {
    let mut mirror = Mirror::default();
    let bytes = mirror.written(value).unwrap();
    let all = bytes.len() * times;
    let mut writer = Writer::new();
    let writing = rate(all, || {
        for _ in 0..times {
            writer.truncate(0);
            value::write(black_box(value), &mut writer, &mut mirror).unwrap();
        }
    });
    let reading = rate(all, || {
        for _ in 0..times {
            black_box(mirror.read(black_box(&bytes)).unwrap());
        }
    });
    let skipping = rate(all, || {
        for _ in 0..times {
            black_box(Reader::new(black_box(&bytes), Limits::default()).skip().unwrap());
        }
    });
    println!(
        "{what} ({} bytes): written {writing:.0} MB/s, read {reading:.0} MB/s, skipped {skipping:.0} MB/s",
        bytes.len()
    );
}

#[test]
#[ignore = "it measures"]
fn speed() {
    let words = "words, such as one person says to another in a channel";
    let says = Value::record("Says", ["tonyg".into(), words.into(), 1_700_000_000.into()]);
    let hints = BTreeMap::from(
        [("host".to_string(), "127.0.0.1"), ("port".to_string(), "22045")]
            .map(|(name, hint)| (name, Text::from(hint))),
    );
    let parts = [Symbol::new("deliver").into(), says, Bytes::from_static(&[7; 32]).into(), hints.to_value()];
    measure("a message", &Value::sequence(parts), 1000);
    measure("a call", &Value::sequence([Symbol::new("deposit").into(), 12.into()]), 1000);
    let mebibyte = |item: fn(i128) -> Value, size: i128| Value::sequence((0..(1 << 20) / size).map(item));
    measure("integers", &mebibyte(|i| (1_000_000 + i).into(), 8), 1);
    measure("texts", &mebibyte(|i| format!("item {i:07}").as_str().into(), 15), 1);
    measure("a text", &"x".repeat(1 << 20).as_str().into(), 1);
    measure("bytes", &Bytes::from(vec![7; 1 << 20]).into(), 1);
    measure("records", &mebibyte(|i| Value::record("Point", [i.into(), (-i).into()]), 38), 1);
}
