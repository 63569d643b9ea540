//! A million timers that are pending at once.

use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use harness::{Run, Sample, Stopwatch, resident};
use marketplace::ground;
use marketplace::prelude::*;
use marketplace_drivers::timer::{self, TimerExpired, When};
use tokio::runtime::Builder;

const OWNERS: u64 = 1000;
const SECOND: u64 = 1000;

/// A million timers, pending at once, each with a label of its own. Time is paused, so that only
/// the work is measured.
pub(crate) fn run(run: &Run) {
    let each = run.operations(1_000_000) / OWNERS;
    let timers = each * OWNERS;
    let (mut set, mut expire, mut cancel) = (run.samples(), run.samples(), run.samples());
    let before = resident();
    let mut bytes = None;
    while set.more() {
        let seen = Seen::new(timers);
        let owners: Vec<_> = (0..OWNERS).map(|number| owner(number, each, &seen)).collect();
        in_ground(move |_| transition_no_state!(timer::driver(), owners));
        assert_eq!((seen.expired.load(Relaxed), seen.early.load(Relaxed)), (timers, 0));
        let whole = seen.start.each_of(timers);
        let (first, resident) =
            seen.first.lock().unwrap_or_else(PoisonError::into_inner).expect("they expired");
        set.push(first);
        expire.push(Sample { wall: whole.wall - first.wall, cpu: whole.cpu - first.cpu });
        bytes.get_or_insert(resident.saturating_sub(before) / timers);

        let seen = Seen::new(timers);
        let owners: Vec<_> = (0..OWNERS).map(|number| owner(number, each, &seen)).collect();
        let end = spawn!(transition_no_state!(subscriber!(
            TimerExpired { label: Value::UNIT, when: When::After(1), now: _ },
            on_message!(_ => at_meta_level!(quit())),
        )));
        in_ground(move |_| transition_no_state!(timer::driver(), owners, end));
        assert_eq!(seen.expired.load(Relaxed), 0);
        cancel.push(seen.start.each_of(timers));
    }
    for (phase, samples) in [("set", set), ("expire", expire), ("set and cancel", cancel)] {
        run.record(&[("n", timers.into()), ("phase", phase.into())], "timer", samples);
    }
    run.record_bytes(
        &[("n", timers.into()), ("phase", "pending".into())],
        "timer",
        bytes.unwrap_or(0) as f64,
    );
}

/// The observations while the program runs.
struct Seen {
    timers: u64,
    start: Stopwatch,
    expired: AtomicU64,
    early: AtomicU64,
    /// When the first expired: what each had taken until then, and how much memory there was.
    first: Mutex<Option<(Sample, u64)>>,
}

impl Seen {
    fn new(timers: u64) -> Arc<Self> {
        let (start, first) = (Stopwatch::start(), Mutex::new(None));
        Arc::new(Self { timers, start, expired: AtomicU64::new(0), early: AtomicU64::new(0), first })
    }

    fn one(&self, is_early: bool) {
        if self.expired.fetch_add(1, Relaxed) == 0 {
            let first = (self.start.each_of(self.timers), resident());
            *self.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(first);
        }
        self.early.fetch_add(u64::from(is_early), Relaxed);
    }
}

/// Some timers, in an order that is not that of their deadlines.
fn owner(owner: u64, each: u64, seen: &Arc<Seen>) -> Spawn<()> {
    let seen = seen.clone();
    spawn!({
        let timers = (0..each).map(|n| {
            let number = owner * each + n;
            let due = SECOND + number.wrapping_mul(2_654_435_761) % (60 * SECOND);
            let (label, when, seen) = (number.to_value(), When::After(due), seen.clone());
            once(subscriber!(
                TimerExpired { label, when, now: _ },
                on_message!(TimerExpired { now, .. } => seen.one(now < due)),
            ))
        });
        transition_no_state!(timers.collect::<Vec<_>>())
    })
}

fn in_ground(boot: impl FnOnce(Pid) -> Transition<()> + Send + 'static) {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
    runtime.block_on(ground::run(boot, pending())).expect("it ends by itself");
}
