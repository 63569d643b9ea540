//! Endpoints and processes that come and go at other levels.

use marketplace::prelude::*;
use marketplace::{Ground, Source};

use super::{BATCH, grown};
use crate::{Says, churn, empty, listener};

/// Each VM with a process that listens outside, and is what ends it.
pub(super) fn nested() -> usize {
    let mut vm = empty();
    vm.spawn(spawn!(listener(u64::MAX)));
    let grown = grown(5, |come, gone| {
        for topic in come {
            vm.spawn(spawn_vm!(
                subscriber!(Says { topic, .. }, on_message!(_ => ())),
                at_meta_level!(subscriber!(Says { topic, .. }, on_message!(_ => at_meta_level!(quit())))),
            ));
        }
        churn(&mut vm);
        gone.for_each(|topic| vm.send(&Says { topic, payload: 0 }));
        churn(&mut vm);
    });
    assert_eq!(vm.stats().processes as u64, 1 + BATCH + 1, "and the event relay");
    grown
}

/// Processes of one nested VM, which listen outside: under a name, for one message, without a name.
pub(super) fn outer() -> usize {
    let mut vm = empty();
    vm.spawn(spawn_vm!(at_meta_level!(subscriber!(
        ("more", _),
        on_message!(("more", topic): (Text, u64) => spawn!(guest(topic))),
    ))));
    churn(&mut vm);
    let grown = grown(5, |come, gone| {
        come.for_each(|topic| vm.send(&(Text::from("more"), topic)));
        churn(&mut vm);
        gone.for_each(|topic| vm.send(&Says { topic, payload: 0 }));
        churn(&mut vm);
    });
    assert_eq!(vm.stats().endpoints as u64, 1 + 2 * BATCH + 1, "and one of the event relay");
    grown
}

fn guest(topic: u64) -> Transition<()> {
    transition_no_state!(
        at_meta_level!(
            name_endpoint("passing", subscriber!(Says { topic, .. }, on_message!(_ => ()))),
            once(subscriber!(Says { topic, .. }, on_message!(_ => quit()))),
            subscriber!((topic, _), on_message!(_ => ())),
        ),
        at_meta_level!(delete_endpoint("passing")),
    )
}

/// Endpoints of one process of a nested VM: each message takes one, and one is deleted by its name.
pub(super) fn outer_of_one() -> usize {
    let mut vm = empty();
    vm.spawn(spawn_vm!(at_meta_level!(
        subscriber!(
            ("more", _),
            on_message!(("more", topic): (Text, u64) => at_meta_level!(
                once(subscriber!(Says { topic, .. }, on_message!(_ => ()))),
                name_endpoint(topic, subscriber!(Says { topic, payload: 1 }, on_message!(_ => ()))),
            ))
        ),
        subscriber!(
            ("less", _),
            on_message!(("less", topic): (Text, u64) => at_meta_level!(delete_endpoint(topic)))
        ),
    )));
    churn(&mut vm);
    let grown = grown(5, |come, gone| {
        come.for_each(|topic| vm.send(&(Text::from("more"), topic)));
        churn(&mut vm);
        gone.for_each(|topic| {
            vm.send(&(Text::from("less"), topic));
            vm.send(&Says { topic, payload: 0 });
        });
        churn(&mut vm);
    });
    assert_eq!(vm.stats().endpoints as u64, 2 + 2 * BATCH + 1, "and one of the event relay");
    grown
}

/// Sources that begin, give an item and end.
pub(super) fn sources() -> usize {
    let mut vm = empty();
    let grown = grown(5, |come, _| {
        for _ in come {
            let source = Source::new(());
            let heard = source.clone();
            vm.spawn(spawn!(ear(heard)));
            churn(&mut vm);
            vm.item(&source, Value::UNIT);
            churn(&mut vm);
            vm.end(&source, &Reason::Normal);
            churn(&mut vm);
        }
    });
    assert_eq!(vm.stats().processes, 1, "the event relay");
    grown
}

fn ear(source: Source) -> Transition<bool> {
    transition!(
        false,
        subscriber!(
            Ground::<Value>(source, _),
            match_state!(heard: bool =>
                on_message!(_ => transition!(true)),
                on_absence!({ assert!(heard, "an item"); transition!(heard, quit()) })),
        ),
    )
}
