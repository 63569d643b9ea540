//! The bytes that things take and the allocations that operations make; and nothing is kept of
//! things that are gone.
//!
//! `cargo test --test footprint -- --nocapture` prints the figures. A change that makes one smaller
//! lowers its bound, too.

mod allocations;
#[path = "../beside.rs"]
mod beside;
mod connections;
mod growth;
mod sizes;

use marketplace::GroundVm;
use marketplace::prelude::*;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// The only test here: the heap is that of the whole program.
#[test]
fn footprint() {
    if cfg!(not(target_pointer_width = "64")) {
        println!("the bounds are those of 64-bit targets: nothing is measured");
        return;
    }
    // Nobody looks at where memory was asked for, and to find that out takes time.
    let _profiler = dhat::Profiler::builder().testing().trim_backtraces(Some(0)).build();
    let mut broken = Vec::new();
    for figure in sizes::figures().into_iter().chain(allocations::figures()).chain(growth::figures()) {
        println!("{:<60}{:>8} (at most {})", figure.what, figure.is, figure.at_most);
        if figure.is > figure.at_most {
            broken.push(figure.what);
        }
    }
    assert!(broken.is_empty(), "more than there may be: {broken:?}");
}

/// Something that was measured, and its bound: a few percent above what it was when it was set, or
/// exactly that.
struct Figure {
    what: &'static str,
    is: usize,
    at_most: usize,
}

#[derive(Message, Clone)]
struct Says {
    topic: u64,
    payload: u64,
}

/// A process that adds up what it hears.
fn listener(topic: u64) -> Transition<u64> {
    transition!(
        0u64,
        subscriber!(
            Says { topic, .. },
            match_state!(sum: u64 => on_message!(Says { payload, .. } => transition!(sum.wrapping_add(payload)))),
        ),
    )
}

fn empty() -> GroundVm {
    GroundVm::new(|_| transition_no_state!())
}

fn churn(vm: &mut GroundVm) {
    vm.run(usize::MAX);
    while vm.poll().is_some() {}
}

/// The PID of the so-many-th process that the host spawns: the boot process and the event relay
/// were there before.
fn spawned(nth: u64) -> Pid {
    Pid::from_value(&(nth + 2).to_value()).expect("a PID is a number")
}

/// Bytes that are in use.
fn live() -> usize {
    dhat::HeapStats::get().curr_bytes
}

/// How often memory was asked for while this was done; to make a block larger is to ask for it,
/// too.
fn allocations(work: impl FnOnce()) -> usize {
    let before = dhat::HeapStats::get().total_blocks;
    work();
    (dhat::HeapStats::get().total_blocks - before) as usize
}
