//! The timer driver on tokio's clock. Time is paused, and passes when nothing else can happen. The
//! modules run it in a sim.

mod actions;
mod limits;
mod sims;

use std::future::{Future, pending};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use marketplace::ground;
use marketplace::prelude::*;
use marketplace_drivers::timer::{self, TimerExpired, When};
use tokio::time::Instant;

/// The timers that have expired: label, the time that was told, and how many nanoseconds have
/// passed.
type Heard = Arc<Mutex<Vec<(u32, u64, u128)>>>;

/// A process with this timer, once.
fn sleeper<S>(start: Instant, heard: &Heard, label: u32, when: When) -> Spawn<S> {
    let (heard, value) = (heard.clone(), label.to_value());
    spawn!(transition_no_state!(once(subscriber!(
        TimerExpired { label: value, when, now: _ },
        on_message!(TimerExpired { now, .. } => {
            heard.lock().unwrap().push((label, now, start.elapsed().as_nanos()));
        }),
    ))))
}

async fn run(timers: impl IntoIterator<Item = (u32, When)>) -> Vec<(u32, u64, u128)> {
    let (start, heard) = (Instant::now(), Heard::default());
    let sleepers: Vec<_> =
        timers.into_iter().map(|(label, when)| sleeper(start, &heard, label, when)).collect();
    ground::run(move |_| transition_no_state!(timer::driver(), sleepers), pending()).await.unwrap();
    heard.lock().unwrap().clone()
}

fn labels(heard: &[(u32, u64, u128)]) -> Vec<u32> {
    heard.iter().map(|(label, ..)| *label).collect()
}

#[tokio::test(start_paused = true)]
async fn they_expire_in_order_in_time_and_the_program_ends() {
    let timers = [(1, When::After(30)), (2, When::At(10)), (3, When::After(10)), (4, When::At(0))];
    let heard = run(timers).await;
    assert_eq!(labels(&heard), [4, 2, 3, 1]);
    for ((_, now, nanos), due) in heard.into_iter().zip([0, 10, 10, 30]) {
        assert!(now >= due && nanos >= u128::from(due) * 1_000_000, "early: {now} {nanos} {due}");
        assert!(now <= due + 2, "late: {now} {due}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_timers_the_program_ends_at_once() {
    let start = Instant::now();
    assert!(run([]).await.is_empty());
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_year_is_a_year() {
    let year = 365 * 24 * 60 * 60 * 1000;
    let heard = run([(1, When::After(year)), (2, When::after(Duration::from_secs(60)))]).await;
    assert_eq!(labels(&heard), [2, 1]);
    assert!((year..year + 10).contains(&heard[1].1), "{heard:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_set_between_two_milliseconds_is_not_early() {
    let (start, heard) = (Instant::now(), Heard::default());
    let sleepers: Vec<_> = [(1, When::After(5)), (2, When::At(5))]
        .map(|(label, when)| sleeper(start, &heard, label, when))
        .into();
    let run = ground::run(move |_| transition_no_state!(timer::driver(), sleepers), pending());
    tokio::time::advance(Duration::from_nanos(999_999)).await;
    run.await.unwrap();
    for (label, _, nanos) in heard.lock().unwrap().iter() {
        assert!(*nanos >= 5_999_999, "{label} is early: {nanos}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_waits_for_a_timer_whose_owner_has_ended() {
    let start = Instant::now();
    let boot = |_| {
        let (long, short) = (1u8.to_value(), 2u8.to_value());
        transition_no_state!(
            timer::driver(),
            spawn!(transition_no_state!(
                subscriber!(TimerExpired { label: long, when: When::After(1_000_000), now: _ }),
                subscriber!(
                    TimerExpired { label: short, when: When::After(10), now: _ },
                    on_message!(_ => quit()),
                ),
            )),
        )
    };
    ground::run(boot, pending()).await.unwrap();
    assert!(start.elapsed() < Duration::from_millis(20), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn one_process_sets_one_timer_after_the_other() {
    fn next(start: Instant, n: u64) -> ActionTree<()> {
        let label = Fresh::new().to_value();
        actions![once(subscriber!(
            TimerExpired { label, when: When::After(7), now: _ },
            on_message!(_ => {
                assert!(start.elapsed() >= Duration::from_millis(7 * (n + 1)));
                (n < 99).then(|| next(start, n + 1))
            }),
        ))]
    }
    let start = Instant::now();
    let boot = move |_| transition_no_state!(timer::driver(), spawn!(transition_no_state!(next(start, 0))));
    ground::run(boot, pending()).await.unwrap();
    let passed = start.elapsed();
    assert!((700..=900).contains(&passed.as_millis()), "{passed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_nested_vm_has_timers_through_a_relay() {
    let (start, heard) = (Instant::now(), Heard::default());
    let inside = [(1, When::After(20)), (2, When::At(10))];
    let inside: Vec<_> = inside.map(|(label, when)| sleeper(start, &heard, label, when)).into();
    let outside = sleeper(start, &heard, 1, When::After(15));
    let boot = move |_| transition_no_state!(timer::driver(), outside, spawn_vm!(timer::relay(), inside));
    ground::run(boot, pending()).await.unwrap();
    assert_eq!(labels(&heard.lock().unwrap()), [2, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn late_timers_expire_by_deadline() {
    // The VM comes to nothing for 50 ms; 500 timers have fallen due by then.
    let (start, heard) = (Instant::now(), Heard::default());
    let sleepers: Vec<_> =
        (0..500u32).map(|n| sleeper(start, &heard, n, When::At(u64::from((n * 37) % 50)))).collect();
    let boot = move |_| transition_no_state!(timer::driver(), sleepers);
    let mut program = Box::pin(ground::run(boot, pending()));
    let first = std::future::poll_fn(|cx| std::task::Poll::Ready(program.as_mut().poll(cx))).await;
    assert!(first.is_pending());
    tokio::time::advance(Duration::from_millis(50)).await;
    program.await.unwrap();
    let mut expected: Vec<_> = (0..500u32).collect();
    expected.sort_by_key(|n| (n * 37) % 50);
    assert_eq!(labels(&heard.lock().unwrap()), expected);
}

#[tokio::test(start_paused = true)]
async fn who_is_late_hears_one_tick_and_the_next_on_time() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = heard.clone();
    let ticker = move || {
        transition!(
            0,
            timer::every(Duration::from_millis(10), move |ticks: &mut u32, now: Duration| {
                *ticks += 1;
                hears.lock().unwrap().push(now.as_millis());
                (*ticks == 4).then(quit)
            }),
        )
    };
    let boot = move |_| transition_no_state!(timer::driver(), spawn!(ticker()));
    let mut program = Box::pin(ground::run(boot, pending()));
    let first = std::future::poll_fn(|cx| std::task::Poll::Ready(program.as_mut().poll(cx))).await;
    assert!(first.is_pending());
    // The VM comes to nothing for 35 ms.
    tokio::time::advance(Duration::from_millis(35)).await;
    program.await.unwrap();
    let heard = heard.lock().unwrap();
    for (now, due) in heard.iter().zip([35, 40, 50, 60]) {
        assert!((due..due + 3).contains(now), "{heard:?}");
    }
}
