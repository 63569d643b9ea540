//! A program whose processes do not come to an end at its shutdown is ended all the same.

use marketplace::ground::{self, GRACE};
use marketplace::prelude::*;

use crate::{logs, told};

#[test]
fn r83_processes_that_spawn_others_for_ever_do_not_keep_a_program_that_ends() {
    let told = logs(&told("ending::spawns_for_ever"));
    let [line] = &*told else { panic!("{told:?}") };
    assert!(line.starts_with("WARN marketplace: the shutdown is cut short after 5s: "), "{line}");
    assert!(
        line.contains(" processes are left, as fast as they quit others are spawned; most are breeds(): "),
        "{line}"
    );
}

fn breeds() -> Transition<()> {
    transition_no_state!(subscriber!("food"), spawn!(breeds()))
}

#[tokio::test(start_paused = true)]
#[ignore = "run by other tests"]
async fn spawns_for_ever() {
    // There are many by then: each of these quits after 10,000 steps.
    let shutdown = async { tokio::task::yield_now().await };
    let time_passes = async {
        loop {
            tokio::task::yield_now().await;
            tokio::time::advance(GRACE).await;
        }
    };
    tokio::select! {
        ended = ground::run(|_| breeds(), shutdown) => assert_eq!(ended, Ok(())),
        () = time_passes => {}
    }
}
