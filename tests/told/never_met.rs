//! A process that waits for a presence in vain is named when the program ends by itself.
#![cfg(debug_assertions)]

use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::hints::{Lamp, driver};
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
    assert_eq!(
        logs(&told("never_met::wrong_side")),
        ["WARN marketplace: lights() waits for a publisher of Lamp(_), and none has ever been there"]
    );
}

#[test]
fn r30_a_presence_that_came_and_went_is_not_told_nor_what_needs_none() {
    assert_eq!(logs(&told("never_met::met")), [""; 0]);
    assert_eq!(logs(&told("never_met::ends")), [""; 0]);
    assert_eq!(logs(&told("never_met::looks_on")), [""; 0]);
    assert_eq!(logs(&told("never_met::named_anew")), [""; 0]);
    let without = logs(&told("never_met::without_driver"));
    assert!(without.len() == 1 && without[0].contains("there is no lamp driver"), "{without:?}");
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

/// The driver is there, and looks for those on the other side.
#[test]
#[ignore = "run by other tests"]
fn wrong_side() {
    fn lights() -> Transition<()> {
        transition_no_state!(observe_publishers!(Lamp { .. }, on_presence!(quit())))
    }
    assert_eq!(ground_vm!(driver(), spawn!(lights())), Ok(()));
}

/// Another hint tells of the driver.
#[test]
#[ignore = "run by other tests"]
fn without_driver() {
    fn lights() -> Transition<()> {
        transition_no_state!(publisher!(Lamp { .. }, on_presence!(quit())))
    }
    assert_eq!(ground_vm!(spawn!(lights())), Ok(()));
}

/// It has met somebody, before it is named anew, or before its clauses are others.
#[test]
#[ignore = "run by other tests"]
fn named_anew() {
    fn again() -> Transition<()> {
        let second = || name_endpoint("greets", publisher!(Hello(_), on_presence!(())));
        transition_no_state!(name_endpoint("greets", publisher!(Hello(_), on_presence!(second()))))
    }
    fn later() -> Transition<()> {
        transition_no_state!(
            name_endpoint("greets", publisher!(Hello(3))),
            yield_now!(|()| transition_no_state!(name_endpoint(
                "greets",
                publisher!(Hello(3), on_presence!(()))
            )))
        )
    }
    assert_eq!(ground_vm!(spawn!(hears()), spawn!(again()), spawn!(later())), Ok(()));
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
            observe_publishers!(Hello(_), on_presence!(())),
            publisher!(_, on_presence!(())),
            publisher!(Hello(4), on_presence!(()), on_vacancy!(())),
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
