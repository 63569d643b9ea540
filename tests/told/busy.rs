//! A VM that has more to do than it can says so.

use marketplace::prelude::*;
use marketplace::vat::{Vat, VatOptions};

use crate::{logs, told};

/// Says more and more.
fn flood() -> Transition<()> {
    transition_no_state!(
        subscriber!("more", on_message!(_ => actions![send_message!("more"), send_message!("more")])),
        send_message!("more"),
    )
}

#[test]
fn a_queue_that_grows_is_told_once_with_the_process_that_fills_it() {
    let told = told("busy::grows");
    let [line] = &logs(&told)[..] else { panic!("{told:#?}") };
    assert!(line.starts_with("WARN marketplace: 1"), "{line}");
    assert!(line.contains(" actions wait in the ground VM, "), "{line}");
    assert!(line.contains("; most are of flood(): 1"), "{line}");
}

#[test]
#[ignore = "run by other tests"]
fn grows() {
    let (_vat, mut pump) =
        Vat::manual(VatOptions::default(), |_| transition_no_state!(spawn!(flood())), || ());
    for _ in 0..200 {
        pump.pump_max(1000);
    }
}

/// Has always one thing more to do.
fn restless() -> Transition<()> {
    transition_no_state!(subscriber!("on", on_message!(_ => send_message!("on"))), send_message!("on"))
}

#[test]
fn a_vm_that_is_never_idle_is_told_once_with_the_process_that_keeps_it() {
    assert_eq!(
        logs(&told("busy::goes_on")),
        [
            "WARN marketplace: the VM has not been idle for 10 s; of the actions that wait, most are of restless(): 1"
        ]
    );
}

#[test]
#[ignore = "run by other tests"]
fn goes_on() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let (_vat, mut pump) =
        Vat::manual(VatOptions::default(), |_| transition_no_state!(spawn!(restless())), || ());
    runtime.block_on(async {
        for _ in 0..22 {
            pump.pump_max(10);
            tokio::time::advance(std::time::Duration::from_secs(1)).await;
        }
    });
}
