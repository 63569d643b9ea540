//! A supervisor in a ground VM, on tokio's clock. Time is paused, and passes when nothing else can
//! happen.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use marketplace::prelude::*;
use marketplace::{Ground, Source, ground};
use marketplace_drivers::supervisor::{Child, GaveUp, Supervision};
use marketplace_drivers::timer;
use tokio::time::Instant;

/// A child that fails when something outside the program does.
fn flaky() -> Transition<()> {
    let source = Source::future(async { Err::<u8, _>(Failure::value(&"no answer".to_string())) });
    transition_no_state!(at_meta_level!(subscriber!(
        Ground::<u8>(source, _),
        match_reason!(why: Reason => on_absence!(quit().because(why))),
    )))
}

/// When each incarnation of a child that always fails started, in milliseconds, and why the
/// supervisor ended.
async fn starts(nested: bool) -> (Vec<u128>, Option<GaveUp>) {
    let (begin, starts, end) = (Instant::now(), Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(None)));
    let started = starts.clone();
    let child = move || {
        started.lock().unwrap().push(begin.elapsed().as_millis());
        if nested { spawn_vm!(marketplace::event_relay(), spawn_vm_that_fails()) } else { spawn!(flaky()) }
    };
    let plan = Supervision::new("boss").give_up(6, Duration::from_secs(60)).child(Child::new("flaky", child));
    let told = end.clone();
    // It tells of the supervisor's end: it ends with the same reason.
    let witness = Child::new("witness", || spawn!(transition_no_state!()));
    let eyes = spawn!(transition_no_state!(observe_publishers!(
        marketplace_drivers::supervisor::Supervised { child: Text::from("witness"), .. },
        match_reason!(why: Reason => on_absence!({
            if let Reason::Value(value) = why {
                *told.lock().unwrap() = GaveUp::from_value(&value);
            }
        })),
    )));
    ground::run(move |_| transition_no_state!(timer::driver(), eyes, plan.child(witness).spawn()), pending())
        .await
        .unwrap();
    (starts.lock().unwrap().clone(), end.lock().unwrap().clone())
}

/// A process of a nested VM that takes the whole VM with it.
fn spawn_vm_that_fails<S>() -> Spawn<S> {
    let source = Source::future(async { Err::<u8, _>(Failure::value(&"no answer".to_string())) });
    spawn!(transition_no_state!(at_meta_level!(subscriber!(
        Ground::<u8>(source, _),
        on_absence!(),
        on_presence!(at_meta_level!(quit().because("no answer"))),
    ))))
}

fn assert_backs_off(starts: &[u128], end: Option<GaveUp>) {
    assert_eq!(starts.len(), 6, "{starts:?}");
    for (start, due) in starts.iter().zip([0u128, 0, 1000, 3000, 7000, 15_000]) {
        assert!((due..due + 20).contains(start), "{starts:?}");
    }
    let end = end.expect("it gave up");
    assert_eq!((end.failures, end.last), (6, Reason::value(&"no answer".to_string())));
}

#[tokio::test(start_paused = true)]
async fn it_backs_off_gives_up_and_lets_the_program_end() {
    let (starts, end) = starts(false).await;
    assert_backs_off(&starts, end);
}

#[tokio::test(start_paused = true)]
async fn a_nested_vm_is_supervised_in_the_same_way() {
    let (starts, end) = starts(true).await;
    assert_backs_off(&starts, end);
}
