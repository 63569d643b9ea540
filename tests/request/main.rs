//! Calls on the ground VM, with the timer driver. Time is paused, and passes when nothing else can
//! happen.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use marketplace::ground;
use marketplace::prelude::*;
use marketplace_drivers::request::{self, CallFailure};
use marketplace_drivers::timer::{self, TimerExpired, When};
use tokio::time::Instant;

#[derive(Message, Clone, Debug, PartialEq)]
struct Square {
    id: Fresh,
    of: u64,
}

#[derive(Message, Clone, Debug, PartialEq)]
struct Squared {
    id: Fresh,
    is: u64,
}

/// The outcomes of calls, and after how many milliseconds they came.
type Ends = Arc<Mutex<Vec<(Result<u64, CallFailure>, u64)>>>;

const LIMIT: Duration = Duration::from_millis(500);

/// Calls, and ends.
fn client<S>(start: Instant, ends: &Ends) -> Spawn<S> {
    let ends = ends.clone();
    let then = move |(), answer: Result<Squared, CallFailure>| {
        let after = start.elapsed().as_millis() as u64;
        ends.lock().unwrap().push((answer.map(|squared| squared.is), after));
        transition_no_state!(quit())
    };
    spawn!(transition_no_state!(request::call(
        LIMIT,
        |id| Square { id, of: 12 },
        |id| topic!(Squared { id, is: _ }),
        then,
    )))
}

/// Answers, so many milliseconds after it was asked.
fn server<S>(after: u64) -> Spawn<S> {
    spawn!(transition_no_state!(subscriber!(
        Square { .. },
        on_message!(Square { id, of } => {
            let label = id.to_value();
            once(subscriber!(
                TimerExpired { label, when: When::After(after), now: _ },
                on_message!(_ => send_message!(Squared { id, is: of * of })),
            ))
        }),
    )))
}

/// Runs what is made of this for as long as anybody waits for anything.
async fn run(boot: impl FnOnce(Instant, &Ends) -> Vec<Spawn<()>>) -> Vec<(Result<u64, CallFailure>, u64)> {
    let (start, ends) = (Instant::now(), Ends::default());
    let processes = boot(start, &ends);
    ground::run(move |_| transition_no_state!(processes, timer::driver()), pending()).await.unwrap();
    ends.lock().unwrap().clone()
}

/// As late as the timer driver may be.
fn is_just_after(milliseconds: u64, expected: Duration) -> bool {
    let expected = expected.as_millis() as u64;
    (expected..=expected + 2).contains(&milliseconds)
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_time_ends_the_call_and_its_timer() {
    let start = Instant::now();
    let ends = run(|start, ends| vec![client(start, ends), server(20)]).await;
    assert_eq!(ends.len(), 1);
    assert_eq!(ends[0].0, Ok(144));
    assert!(is_just_after(ends[0].1, Duration::from_millis(20)), "{ends:?}");
    assert!(start.elapsed() < LIMIT, "nothing waits for the time limit");
}

#[tokio::test(start_paused = true)]
async fn an_answer_too_late_is_none() {
    let ends = run(|start, ends| vec![client(start, ends), server(700)]).await;
    assert_eq!(ends.len(), 1);
    assert_eq!(ends[0].0, Err(CallFailure::TimedOut));
    assert!(is_just_after(ends[0].1, LIMIT), "{ends:?}");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_waited_for_as_long() {
    let ends = run(|start, ends| vec![client(start, ends)]).await;
    assert_eq!(ends.len(), 1);
    assert_eq!(ends[0].0, Err(CallFailure::NobodyThere));
    assert!(is_just_after(ends[0].1, LIMIT), "{ends:?}");
}

#[tokio::test(start_paused = true)]
async fn calls_in_a_nested_vm_take_the_relay() {
    let ends = run(|start, ends| {
        let (late, no_one) = ((client(start, ends), server(700)), client(start, ends));
        vec![spawn_vm!(timer::relay(), late), spawn_vm!(timer::relay(), no_one)]
    })
    .await;
    let mut failures: Vec<_> = ends.iter().map(|(end, _)| end.clone()).collect();
    failures.sort_by_key(|end| *end == Err(CallFailure::TimedOut));
    assert_eq!(failures, [Err(CallFailure::NobodyThere), Err(CallFailure::TimedOut)]);
    assert!(ends.iter().all(|(_, after)| is_just_after(*after, LIMIT)), "{ends:?}");
}
