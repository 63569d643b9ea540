//! R90: what the log takes is bounded, however long the program runs. The only test here: the
//! allocations are those of the whole program.

use std::alloc::System;

use marketplace::prelude::*;
use marketplace::{GroundVm, Output};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[derive(Message, Clone)]
struct Ask(u64);

#[derive(Message, Clone)]
struct Answer(u64);

fn bytes() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// In a nested VM: answers what it hears outside, with a state to be seen and a yield; then a
/// process fails, and the host is told.
fn program() -> Transition<()> {
    transition_no_state!(
        spawn_vm!(
            state: 0u64;
            peekable(),
            at_meta_level!(subscriber!(Ask(_), match_state!(sum: u64 => on_message!(Ask(n) => transition!(
                sum + n,
                yield_now!(move |sum: u64| transition!(sum, at_meta_level!(send_message!(Answer(n))))),
            )))))
        ),
        subscriber!(
            Answer(_),
            on_message!(Answer(n) => actions![
                spawn!(transition_no_state!(give(&Duct::EMPTY, &1u8))),
                at_meta_level!(send_message!(Answer(n))),
            ]),
        ),
    )
}

/// Unoptimized, a million take a minute.
const MANY: u64 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };

#[test]
fn r90_many_turns_take_no_more_than_ten_thousand() {
    let mut vm = GroundVm::new(|_| program());
    vm.run(usize::MAX);
    vm.log_mut().turn_on();
    vm.set_verb(true);
    // To the turns there have been, nothing is left to do.
    let mut run_to = |turns: u64| {
        let mut lines = 0;
        while vm.stamp() < turns {
            vm.send(&Ask(1));
            vm.run(usize::MAX);
            while let Some(output) = vm.poll() {
                lines += usize::from(matches!(output, Output::Verb(_)));
            }
        }
        assert_eq!((vm.log().len(), vm.stats().queued), (256, 0));
        (bytes(), lines, vm.log().errors().count())
    };
    let (after_ten_thousand, some, failed) = run_to(10_000);
    assert!(some > 0 && failed > 0);
    let (after_many, more, _) = run_to(MANY);
    assert!(more > 8 * some);
    assert_eq!(after_many, after_ten_thousand);
}
