//! A process that waits for a presence in vain is named when the program ends by itself.
#![cfg(debug_assertions)]

use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::{logs, told};

#[derive(Message, Clone)]
struct Hello(u64);

const VAIN: &str = "waits for a subscriber to Hello(_), and none has ever been there";

fn greets() -> Transition<()> {
    transition_no_state!(publisher!(Hello(_), on_presence!(send_message!(Hello(1)))))
}

/// Does nothing that the other hears of.
fn hears() -> Transition<()> {
    transition_no_state!(subscriber!(Hello(_), on_message!(_ => ())))
}

#[test]
fn r30_a_presence_that_never_comes_is_told_when_the_program_ends() {
    assert_eq!(logs(&told("never_met::forgotten")), [format!("WARN marketplace: greets() {VAIN}")]);
    assert_eq!(logs(&told("never_met::inside")), [format!("WARN marketplace: room/greets() {VAIN}")]);
    // One line is enough for many.
    assert_eq!(logs(&told("never_met::many")).len(), 1);
    let both = [
        "WARN marketplace: observes() waits for a subscriber to Hello(2), and none has ever been there"
            .into(),
        format!("WARN marketplace: greets() {VAIN}"),
    ];
    assert_eq!(logs(&told("never_met::wrong_side")), both);
}

#[test]
fn r30_a_presence_that_came_and_went_is_not_told_nor_what_needs_none() {
    assert_eq!(logs(&told("never_met::met")), [""; 0]);
    assert_eq!(logs(&told("never_met::ends")), [""; 0]);
    assert_eq!(logs(&told("never_met::looks_on")), [""; 0]);
}

#[test]
fn r30_a_test_that_fails_is_told_who_waits_for_a_presence() {
    let told = told("never_met::fails");
    assert!(told.contains(&format!("sim: greets() {VAIN}")), "{told:?}");
}

#[test]
#[ignore = "run by other tests"]
fn forgotten() {
    assert_eq!(ground_vm!(spawn!(greets())), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn inside() {
    let room = name_process("room", spawn_vm!(spawn!(greets())));
    assert_eq!(ground_vm!(room, spawn!(hears())), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn many() {
    assert_eq!(ground_vm!(spawn!(greets()), spawn!(greets())), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn wrong_side() {
    fn observes() -> Transition<()> {
        transition_no_state!(observe_subscribers!(Hello(2), on_presence!(quit())))
    }
    assert_eq!(ground_vm!(spawn!(observes()), spawn!(greets())), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn met() {
    fn leaves() -> Transition<()> {
        transition_no_state!(once(subscriber!(Hello(_), on_message!(_ => quit()))))
    }
    assert_eq!(ground_vm!(spawn!(greets()), spawn!(leaves()), spawn!(hears())), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn ends() {
    let ends = spawn!(transition_no_state!(yield_now!(|()| transition_no_state!(at_meta_level!(quit())))));
    assert_eq!(ground_vm!(spawn!(greets()), ends), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn looks_on() {
    let looks = || {
        transition_no_state!(
            observe_publishers!(_, on_presence!(())),
            observe_publishers_everything!(Hello(_), on_presence!(())),
            publisher!(Hello(_), on_absence!(quit()))
        )
    };
    assert_eq!(ground_vm!(spawn!(looks())), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn fails() {
    let failed = std::panic::catch_unwind(|| {
        let mut sim = Sim::new(|_| transition_no_state!(spawn!(greets())));
        sim.run();
        panic!("a test fails");
    });
    assert!(failed.is_err());
}
