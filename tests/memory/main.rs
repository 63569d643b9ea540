//! Things that must not grow: by the memory of this process, so one test at a time.

use marketplace::GroundVm;
use marketplace::prelude::*;

#[test]
fn memory_stays_flat() {
    passes_without_answers_leave_nothing();
    passes_onto_a_duct_without_answers_leave_nothing();
    r90_the_log_is_bounded();
}

/// Many that are never answered: what is kept of them is bounded.
fn passes_without_answers_leave_nothing() {
    let forgetful = || transition_no_state!(subscriber!(_, on_message!(_n: u32 => ())));
    let again = || {
        transition!(
            0u32,
            subscriber!(
                "go",
                match_state!(n: u32 => on_message!(_ =>
            transition!(n + 1, pass(Pid::from_value(&3u8.to_value()).unwrap(), "w", &n), (n < 100_000).then(|| send_message!("go")))))
            )
        )
    };
    let mut vm = GroundVm::new(move |_| transition_no_state!(spawn!(again()), spawn!(forgetful())));
    vm.run(usize::MAX);
    vm.send(&"go".to_string());
    let before = resident();
    vm.run(usize::MAX);
    let grown = resident().saturating_sub(before);
    assert!(grown < 5_000_000, "{grown} bytes more");
}

/// Passes in a nested VM, while a process waits for the one that passes.
fn passes_onto_a_duct_without_answers_leave_nothing() {
    let forgetful = || transition_no_state!(subscriber!(_, on_message!(_n: u32 => ())));
    let again = || {
        transition!(
            Duct::EMPTY,
            subscriber!(
                _,
                match_duct!(duct => match_state!(_none: Duct => on_message!("start" => transition!(duct, send_message!(0u32))))),
                match_state!(duct: &Duct => on_message!(n: u32 if !duct.is_empty() => (
                    pass(Pid::from_value(&2u8.to_value()).unwrap(), "w", &n).onto(duct),
                    (n < 100_000).then(|| send_message!(n + 1)),
                ))),
            )
        )
    };
    let starts = || {
        let first = Pid::from_value(&1u8.to_value()).unwrap();
        transition_no_state!(at_meta_level!(subscriber!(
            "start",
            on_message!(_ => pass(first, "s", &"start".to_string()))
        )))
    };
    let mut vm = GroundVm::new(move |_| {
        transition_no_state!(spawn_vm!(spawn!(again()), spawn!(forgetful()), spawn!(starts())))
    });
    vm.run(usize::MAX);
    vm.pass(Pid::from_value(&2u8.to_value()).unwrap(), "host", &"start".to_string());
    vm.run(10_000);
    let before = resident();
    let steps = vm.steps();
    vm.run(usize::MAX);
    assert!(vm.steps() - steps > 180_000);
    let grown = resident().saturating_sub(before);
    assert!(grown < 5_000_000, "{grown} bytes more");
}

/// Many turns with the log on.
fn r90_the_log_is_bounded() {
    let again = || {
        transition!(
            0u32,
            subscriber!(
                "go",
                match_state!(n: u32 => on_message!(_ =>
            transition!(n + 1, (n < 200_000).then(|| send_message!("go")))))
            )
        )
    };
    let mut vm = GroundVm::new(move |_| again());
    vm.log_mut().turn_on();
    vm.run(usize::MAX);
    vm.send(&"go".to_string());
    vm.run(10_000);
    let before = resident();
    vm.run(usize::MAX);
    let grown = resident().saturating_sub(before);
    assert!(grown < 5_000_000, "{grown} bytes more");
    assert_eq!(vm.log().len(), 256);
    assert!(vm.log().turns().all(|turn| turn.produced.len() <= 1));
}

/// Bytes in memory, where the system says so.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    pages.and_then(|line| line.split(' ').nth(1)?.parse::<usize>().ok()).unwrap_or(0) * 4096
}
