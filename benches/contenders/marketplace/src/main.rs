//! Ours, as a user writes it.

mod pingpong;

use std::process::ExitCode;

use harness::Work::Does;
use marketplace::GroundVm;
use marketplace::prelude::*;

fn main() -> ExitCode {
    harness::contend("marketplace", &[("pingpong", Does(pingpong::run))])
}

/// A VM in which nothing is but what its host puts in.
fn empty() -> GroundVm {
    GroundVm::new(|_| transition_no_state!())
}

/// Until there is nothing left to do.
fn churn(vm: &mut GroundVm) {
    vm.run(usize::MAX);
    while vm.poll().is_some() {}
}
