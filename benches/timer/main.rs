//! 1,000,000 timers, pending at once: what it takes to set them, to let them expire, and to cancel them.
//!
//! `cargo bench --bench timer`. Time is paused, so that only the work is measured. Each timer is an endpoint with a label of its own.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use marketplace::ground;
use marketplace::prelude::*;
use marketplace_drivers::timer::{self, TimerExpired, When};
use tokio::runtime::{Builder, Runtime};

const TIMERS: u64 = 1_000_000;
const OWNERS: u64 = 1000;
const SECOND: u64 = 1000;

/// Says how much more memory is resident than before.
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.as_deref().and_then(|pages| pages.split(' ').nth(1)?.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096
}

/// What is measured while the program runs.
#[derive(Default)]
struct Seen {
    expired: AtomicU64,
    early: AtomicU64,
    resident: AtomicU64,
    /// When the first was told that its time has come, in nanoseconds.
    first: AtomicU64,
}

/// Some timers, in an order that is not that of their deadlines.
fn owner(owner: u64, seen: &Arc<Seen>, start: Instant) -> Spawn<()> {
    let seen = seen.clone();
    spawn!({
        let timers = (0..TIMERS / OWNERS).map(|n| {
            let number = owner * (TIMERS / OWNERS) + n;
            let due = SECOND + number.wrapping_mul(2_654_435_761) % (60 * SECOND);
            let (label, when, seen) = (number.to_value(), When::After(due), seen.clone());
            once(subscriber!(
                TimerExpired { label, when, now: _ },
                on_message!(TimerExpired { now, .. } => {
                    if seen.expired.fetch_add(1, Relaxed) == 0 {
                        seen.resident.store(resident(), Relaxed);
                        seen.first.store(nanos(start), Relaxed);
                    }
                    seen.early.fetch_add(u64::from(now < due), Relaxed);
                }),
            ))
        });
        transition_no_state!(timers.collect::<Vec<_>>())
    })
}

fn nanos(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime")
}

fn main() {
    let (seen, start, before) = (Arc::new(Seen::default()), Instant::now(), resident());
    let owners: Vec<_> = (0..OWNERS).map(|n| owner(n, &seen, start)).collect();
    runtime()
        .block_on(ground::run(move |_| transition_no_state!(timer::driver(), owners), pending()))
        .expect("it ends by itself");
    let (set, all) = (seen.first.load(Relaxed), nanos(start));
    assert_eq!((seen.expired.load(Relaxed), seen.early.load(Relaxed)), (TIMERS, 0));
    println!("{TIMERS} timers of {OWNERS} processes, all pending at once");
    println!("set:     {:>6} ns each", set / TIMERS);
    println!("expired: {:>6} ns each", (all - set) / TIMERS);
    println!("memory:  {:>6} B each", (seen.resident.load(Relaxed) - before) / TIMERS);

    let start = Instant::now();
    let owners: Vec<_> = (0..OWNERS).map(|n| owner(n, &seen, start)).collect();
    let first = spawn!(transition_no_state!(subscriber!(
        TimerExpired { label: Value::UNIT, when: When::After(1), now: _ },
        on_message!(_ => at_meta_level!(quit())),
    )));
    runtime()
        .block_on(ground::run(move |_| transition_no_state!(timer::driver(), owners, first), pending()))
        .expect("it ends by itself");
    assert_eq!(seen.expired.load(Relaxed), TIMERS);
    println!("set and dropped with their owners: {} ns each", nanos(start) / TIMERS);
}
