//! How much memory a process with one subscription takes.

use harness::{Latch, MANY, Run, resident};

use crate::listener::listener;
use crate::{churn, empty};

pub(crate) fn subscribed(run: &Run) {
    let latch = Latch::new();
    let mut vm = empty();
    churn(&mut vm);
    let (alive, before) = (vm.stats().processes, resident());
    for n in 0..MANY {
        vm.spawn(listener(n, &latch));
        if n % 1000 == 999 {
            churn(&mut vm);
        }
    }
    let bytes = resident().saturating_sub(before);
    assert_eq!(vm.stats().processes - alive, MANY as usize);
    run.record_bytes(&[], "process", bytes as f64 / MANY as f64);
}
