//! Processes that end.

use marketplace::Output;
use marketplace::prelude::*;

use super::{BATCH, grown};
use crate::{Says, churn, empty, listener};

/// Unoptimized, a million take a minute.
const BATCHES: u64 = if cfg!(debug_assertions) { 20 } else { 5_000 };

/// Some live all the time.
pub(super) fn processes() -> usize {
    const OLD: u64 = 10;
    let mut vm = empty();
    for topic in 0..OLD {
        vm.spawn(spawn!(listener(u64::MAX - topic)));
    }
    let grown = grown(BATCHES, |come, gone| {
        for topic in come {
            vm.spawn(spawn!(transition_no_state!(subscriber!(
                Says { topic, .. },
                on_message!(Says { .. } => quit()),
            ))));
        }
        churn(&mut vm);
        gone.for_each(|topic| vm.send(&Says { topic, payload: 0 }));
        churn(&mut vm);
    });
    assert_eq!(vm.stats().processes as u64, OLD + BATCH + 1, "and the event relay");
    grown
}

/// One process goes on later, again and again, and has children that do not begin, or fail when
/// they hear something.
pub(super) fn failures() -> usize {
    let mut vm = empty();
    vm.spawn(spawn!(transition!(
        0u64,
        subscriber!(
            "go",
            match_state!(n: u64 => on_message!(_ => transition!(
                n + 1,
                spawn_continue!(
                    child: transition!("no number".parse::<u8>()?),
                    parent: |n: u64, child: Result<Pid, Reason>| transition!(n + u64::from(child.is_err()))
                ),
                spawn!(transition_no_state!(subscriber!(n, on_message!(_ => "no number".parse::<u8>().map(drop)?)))),
                yield_now!(move |later: u64| transition!(later, send_message!(n))),
            ))),
        ),
    )));
    churn(&mut vm);
    let (mut asked, mut failed) = (0, 0);
    let grown = grown(5, |come, _| {
        for _ in come {
            asked += 1;
            vm.send(&Text::from("go"));
            vm.run(usize::MAX);
            while let Some(output) = vm.poll() {
                failed += u64::from(matches!(output, Output::Exit(exit) if !exit.reason.is_normal()));
            }
        }
    });
    assert_eq!((failed, vm.stats().processes), (2 * asked, 2));
    grown
}
