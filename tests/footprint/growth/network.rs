//! Endpoints that are deleted.

use marketplace::prelude::*;

use super::{BATCH, grown};
use crate::{Says, churn, empty};

/// All of one process, under names that it uses once.
pub(super) fn endpoints() -> usize {
    let mut vm = empty();
    vm.spawn(spawn!(transition_no_state!(
        subscriber!(
            ("more", _),
            on_message!(("more", topic): (Text, u64) =>
            name_endpoint(topic, subscriber!(Says { topic, .. }, on_message!(_ => ()))))
        ),
        subscriber!(("less", _), on_message!(("less", topic): (Text, u64) => delete_endpoint(topic))),
    )));
    churn(&mut vm);
    let grown = grown(10, |come, gone| {
        come.for_each(|topic| vm.send(&(Text::from("more"), topic)));
        churn(&mut vm);
        gone.for_each(|topic| vm.send(&(Text::from("less"), topic)));
        churn(&mut vm);
    });
    assert_eq!(vm.stats().endpoints as u64, 2 + BATCH + 1, "and one of the event relay");
    grown
}

/// With labels that no topic had before.
pub(super) fn shapes() -> usize {
    let label = |nth| format!("label-{nth:06}");
    let mut vm = empty();
    let grown = grown(5, |come, gone| {
        for nth in come {
            let topic = Topic::record(label(nth).as_str(), [Topic::any(), nth.to_value().into()]);
            vm.spawn(spawn!(transition_no_state!(subscriber!(topic = topic, on_message!(_ => quit())))));
        }
        churn(&mut vm);
        gone.for_each(|nth| vm.send(&Value::record(label(nth).as_str(), [Value::UNIT, nth.to_value()])));
        churn(&mut vm);
    });
    assert_eq!(vm.stats().processes as u64, BATCH + 1, "and the event relay");
    grown
}

/// Publishers, each of a topic of its own and of one that all have; an observer hears of the first
/// and the last of each.
pub(super) fn counted() -> usize {
    let mut vm = empty();
    vm.spawn(spawn!(transition!(
        0u64,
        observe_publishers!(
            Says { .. },
            match_state!(there: u64 => match_conversation!(Says { topic: _, .. } =>
                on_first_presence!(transition!(there + 1)),
                on_last_absence!(transition!(there - 1)))),
        ),
        // It goes if it has counted right.
        subscriber!(
            ("there are", _),
            match_state!(there: &u64 => on_message!(("there are", n): (Text, u64) if n == *there => quit()))
        ),
    )));
    let grown = grown(5, |come, gone| {
        for topic in come {
            vm.spawn(spawn!(transition_no_state!(
                publisher!(Says { topic, payload: 1 }),
                publisher!(Says { topic: 0, payload: 0 }),
                subscriber!((topic, "go"), on_message!(_ => quit())),
            )));
        }
        churn(&mut vm);
        gone.for_each(|topic| vm.send(&(topic, Text::from("go"))));
        churn(&mut vm);
    });
    vm.send(&(Text::from("there are"), BATCH + 1));
    churn(&mut vm);
    assert_eq!(vm.stats().processes as u64, BATCH + 1, "and the event relay");
    grown
}
