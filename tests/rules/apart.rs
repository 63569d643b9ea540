//! R32: a process that is apart does not hear itself, and hears all that others say, however full
//! the queue is.

use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

/// How many messages wait behind the one that is heard: the queue gets full at some of these
/// numbers.
const PADS: std::ops::Range<usize> = 0..70;

/// How many messages are said to the one that is heard: the queue grows, or does not.
const ANSWERS: std::ops::Range<usize> = 0..4;

/// The message, so many times.
fn times(text: &'static str, count: usize) -> Vec<PreAction<()>> {
    (0..count).map(|_| send(text)).collect()
}

/// An endpoint that answers each message with so many others.
fn answering(log: &Log, label: &str, topic: &str, answers: usize) -> AddEndpoint<()> {
    log.doing(label, subscriber(topic), move |heard| match heard {
        Heard::Message(..) => times("y", answers),
        _ => Vec::new(),
    })
}

/// An endpoint that does this on `go`.
fn on_go<T: IntoActionTree<()>>(act: impl Fn() -> T + Send + 'static) -> AddEndpoint<()> {
    on_message(subscriber("go"), move |_| act())
}

/// Tries each number of pads and answers: after `go`, exactly this is heard.
fn each(expected: &[&str], start: impl Fn(&mut Sim, &Log, usize, usize)) {
    for (pads, answers) in PADS.flat_map(|pads| ANSWERS.map(move |answers| (pads, answers))) {
        let log = Log::default();
        let mut sim = sim(());
        start(&mut sim, &log, pads, answers);
        sim.run();
        log.take();
        sim.send(&value("go"));
        sim.run();
        assert_eq!(log.take(), expected, "with {pads} pads and {answers} answers");
    }
}

#[test]
fn r32_it_does_not_hear_what_it_sends_however_full_the_queue_is() {
    each(&["other: message x"], |sim, log, pads, answers| {
        sim.spawn(process(answering(log, "other", "x", answers)));
        let says = on_go(move || (send("x"), times("pad", pads)));
        sim.spawn(process((log.endpoint("own", subscriber("x")), says)).apart());
    });
}

#[test]
fn r32_it_does_not_hear_what_it_refuses_however_full_the_queue_is() {
    each(&["other: absence of publisher x (refused: no)"], |sim, log, pads, answers| {
        let other = log.doing("other", subscriber("x"), move |heard| match heard {
            Heard::Absence(..) => times("y", answers),
            _ => Vec::new(),
        });
        sim.spawn(process(other));
        let says = on_go(move || (refuse(topic("x"), value("no")), times("pad", pads)));
        sim.spawn(process((log.endpoint("own", subscriber("x")), says)).apart());
    });
}

#[test]
fn r32_it_hears_what_others_send_however_full_the_queue_is() {
    each(&["first: message x", "second: message x"], |sim, log, pads, answers| {
        let hears = (answering(log, "first", "x", answers), log.endpoint("second", subscriber("x")));
        sim.spawn(process(hears).apart());
        sim.spawn(process(on_go(move || (send("x"), times("pad", pads)))));
    });
}
