//! The process half, with scripted signals. Real ones are in `tests/signals`.

use std::time::Duration;

use marketplace::ground::signals::Listening;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Failure, Source};

use crate::signals::{Signal, Signalled, over};

#[derive(Message, Clone, Debug, PartialEq)]
struct Heard(Signal);

/// Each comes once, and SIGTERM cannot be listened to.
fn scripted(signal: Signal) -> Source {
    if signal == Signal::Terminate {
        return Sim::timeline(Vec::<(Duration, Signal)>::new(), Failure::value(&Text::from("forbidden")).0);
    }
    let soon = Duration::from_secs(signal as u64 + 1);
    let comes = [(Duration::ZERO, Listening.to_value()), (soon, signal.to_value())];
    Sim::timeline(comes.into_iter().chain([(Duration::from_secs(1000), signal.to_value())]), Reason::Normal)
}

fn sim(asker: fn() -> Transition<()>) -> Sim {
    let mut sim = Sim::new(move |_| transition_no_state!(over(scripted), spawn!(asker())));
    sim.run();
    sim
}

fn hears(topic: Topic) -> Transition<()> {
    transition_no_state!(
        subscriber!(
            topic = topic,
            on_absence!(),
            on_message!(Signalled(signal) => send_message!(Heard(signal))),
        ),
        subscriber!("enough", on_message!(_ => quit())),
    )
}

#[test]
fn who_asks_for_one_hears_it_and_no_other() {
    let mut sim = sim(|| hears(topic!(Signalled(Signal::Hangup))));
    sim.advance(Duration::from_secs(10));
    assert_eq!(sim.messages_of::<Heard>(), [Heard(Signal::Hangup)]);
    assert_eq!(sim.messages_of::<Signalled>(), [Signalled(Signal::Hangup)]);
}

#[test]
fn a_wildcard_asks_for_all_and_what_is_not_allowed_is_told() {
    let mut sim = sim(|| hears(topic!(Signalled(_))));
    sim.advance(Duration::from_secs(10));
    assert_eq!(sim.messages_of::<Heard>(), [Heard(Signal::Interrupt), Heard(Signal::Hangup)]);
    let trace = sim.trace().to_string();
    assert!(trace.contains("forbidden"), "{trace}");
}

#[test]
fn who_leaves_hears_no_more_and_nobody_else_listens() {
    let mut sim = sim(|| hears(topic!(Signalled(Signal::Interrupt))));
    sim.advance(Duration::from_secs(10));
    let before = sim.stats().processes;
    sim.send(&"enough".to_string());
    sim.run();
    assert_eq!(sim.stats().processes, before - 2, "the asker, and the listener: {}", sim.trace());
    sim.advance(Duration::from_secs(2000));
    assert_eq!(sim.messages_of::<Heard>().len(), 1);
}
