//! Messages that are passed, and answered or not.

use marketplace::Output;
use marketplace::prelude::*;

use super::grown;
use crate::{churn, empty, spawned};

/// The host asks, one process passes that on, and another one answers.
pub(super) fn answers() -> usize {
    let (middle, last) = (spawned(0), spawned(1));
    let mut vm = empty();
    vm.spawn(spawn!(transition_no_state!(
        subscriber!(_, on_message!(n: u64 => pass(last, "w", &n))),
        replies!(match_duct!(duct => on_reply!("w", n: u64 => give(&duct, &n)))),
    )));
    vm.spawn(spawn!(transition_no_state!(subscriber!(
        _,
        match_duct!(duct => on_message!(n: u64 => give(&duct, &(2 * n)))),
    ))));
    let (mut asked, mut answered) = (0, 0);
    let grown = grown(10, |come, _| {
        for n in come {
            vm.pass(middle, "host", &n);
            asked += 1;
        }
        vm.run(usize::MAX);
        while let Some(output) = vm.poll() {
            answered += u64::from(matches!(output, Output::Reply(reply) if !reply.is_last()));
        }
    });
    assert_eq!(answered, asked);
    grown
}

/// Messages that one process passes on to another one that lets go of them, and to some that end
/// with them.
pub(super) fn lost() -> usize {
    let (middle, forgetful) = (spawned(0), spawned(1));
    let mut vm = empty();
    vm.spawn(spawn!(transition_no_state!(
        subscriber!(_, on_message!(whom: Pid => pass(whom, "w", &()))),
        replies!(on_duct_absence!(())),
    )));
    vm.spawn(spawn!(transition_no_state!(subscriber!(_, on_message!(_ => ())))));
    let grown = grown(5, |come, _| {
        for nth in come {
            vm.spawn(spawn!(transition_no_state!(subscriber!(_, on_message!(_ => quit())))));
            churn(&mut vm);
            vm.pass(middle, "host", &spawned(2 + nth));
            vm.pass(middle, "host", &forgetful);
            churn(&mut vm);
        }
    });
    assert_eq!(vm.stats().processes, 3, "those who were to end have ended");
    grown
}
