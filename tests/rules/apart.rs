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

/// A sim with a process that is apart and starts with these actions: p2.
fn apart(actions: impl IntoActionTree<()> + Send + 'static) -> Sim {
    let mut sim = sim(());
    sim.spawn(process(actions).apart());
    sim.run();
    sim
}

#[test]
fn r32_the_endpoints_of_a_process_that_is_apart_do_not_meet() {
    let log = Log::default();
    let everything = |side| Role::new(side, topic("x"), InterestType::Everything);
    let mut sim = apart((
        log.endpoint("s", subscriber("x")),
        log.endpoint("p", publisher("x")).counted(),
        log.endpoint("all", everything(Orientation::Subscriber)),
        name_endpoint(1u8, log.endpoint("q", publisher("x"))),
        // It changes its role, and counts from now on: those beside it are no peers before or
        // after.
        name_endpoint(1u8, log.endpoint("q", Role::observer_of_subscribers(topic("x"))).counted()),
        name_endpoint(1u8, log.endpoint("q", publisher("x"))),
    ));
    let alone = [
        "s: vacancy: no publisher x",
        "p: vacancy: no subscriber x",
        "all: vacancy: no publisher x",
        "q: vacancy: no subscriber x",
    ];
    assert_eq!(log.take(), alone);
    // Another process meets each of them.
    sim.spawn(process((name_endpoint(1u8, silent(subscriber("x"))), delete_endpoint(1u8))));
    sim.run();
    let met = [
        "p: presence of subscriber x first",
        "q: presence of subscriber x",
        "p: absence of subscriber x (normal) last",
        "q: absence of subscriber x (normal)",
    ];
    assert_eq!(log.take(), met);
    // So it is for the dump and at the end.
    let dump = sim.dump();
    let peers =
        |process: &DumpedProcess| process.endpoints.iter().map(|endpoint| endpoint.present).sum::<usize>();
    assert_eq!(dump.processes.iter().map(peers).sum::<usize>(), 0, "{dump}");
    sim.kill(pid(2), Reason::Normal);
    sim.run();
    assert_eq!(log.take(), [""; 0]);
    assert_eq!(sim.stats().endpoints, 1, "the relay's");
}

#[test]
fn r32_a_process_that_is_apart_does_not_hear_what_it_sends() {
    let log = Log::default();
    let says = || (send("x"), feedback("x"), refuse(topic("x"), value("no")));
    let hears = |log: &Log| {
        (
            log.endpoint("s", subscriber("x")),
            once(log.endpoint("once", subscriber("x"))),
            log.endpoint("p", publisher("x")),
            log.endpoint("o", Role::observer_of_publishers(topic("_"))),
        )
    };
    let mut sim = apart((hears(&log), says()));
    let vacancies = log.take();
    assert_eq!(vacancies.iter().filter(|line| !line.contains("vacancy")).count(), 0, "{vacancies:?}");
    assert_eq!(sim.stats().endpoints, 5, "nothing was spent");
    // It hears what others say; these hear what it says, and are not spared for it.
    sim.spawn(process(says()));
    sim.run();
    let heard = [
        "s: message x",
        "once: message x",
        "o: message x",
        "p: feedback x",
        "s: absence of publisher x (refused: no)",
        "o: absence of publisher x (refused: no)",
    ];
    assert_eq!(log.take(), heard);
    let (beside, other) = (Log::default(), Log::default());
    let mut sim = self::sim(());
    sim.spawn(process(hears(&other)));
    sim.run();
    sim.spawn(process((hears(&beside), says())).apart());
    sim.run();
    let of =
        |log: &Log| log.take().into_iter().filter(|line| line.contains("e x") && line.contains("message"));
    assert_eq!(of(&beside).count(), 0);
    assert_eq!(of(&other).collect::<Vec<_>>(), ["s: message x", "once: message x", "o: message x"]);
}

#[test]
fn r32_a_vm_that_is_apart_and_an_endpoint_that_its_parent_gives() {
    let log = Log::default();
    let (inner, outer) = (log.clone(), log.clone());
    let mut sim = sim(());
    sim.spawn(
        spawn_vm(move |_, _| {
            let own = (inner.endpoint("in s", subscriber("x")), inner.endpoint("in p", publisher("x")));
            let out = at_meta_level!(
                name_endpoint(1u8, outer.endpoint("out s", subscriber("x"))),
                name_endpoint(2u8, outer.endpoint("out p", publisher("x"))),
            );
            Transition::new((), (own, out))
        })
        .apart()
        .with_endpoint(publisher("x"), |event| event.is_presence().then(|| because("met"))),
    );
    sim.run();
    // The network in the VM is as any.
    let heard = [
        "in s: vacancy: no publisher x",
        "in s: presence of publisher x",
        "in p: presence of subscriber x",
        "out s: vacancy: no publisher x",
        "out p: vacancy: no subscriber x",
    ];
    assert_eq!(log.take(), heard);
    sim.spawn(process(silent(subscriber("x"))));
    sim.run();
    assert_eq!(exits(&sim), ["p2: met"]);
}
