//! R50 to R55: failure and exit.

use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

/// A sim that watches for `sign(_)`, with a process that answers `ping`; `doomed` is a process that
/// ends.
pub(crate) fn beside(doomed: Spawn<()>) -> (Sim, Log) {
    let log = Log::default();
    let pong = process((
        on_message(subscriber("ping"), |_| send("pong")),
        log.endpoint("watch", subscriber("sign(_)")),
    ));
    let mut sim = run(pong);
    log.take();
    sim.spawn(doomed);
    sim.run();
    (sim, log)
}

/// The sibling still answers, and so does the host.
pub(crate) fn still_works(mut sim: Sim) {
    let before = sent(&sim).len();
    sim.send(&value("ping"));
    sim.run();
    assert_eq!(sent(&sim)[before..], ["ping", "pong"]);
    assert_eq!(sim.stats().queued, 0);
}

#[test]
fn r50_a_panic_in_a_handler_ends_its_process_only() {
    let panics = AddEndpoint::new(subscriber("x"), |event, turn| match event.body() {
        Some(body) => panic!("no {body}"),
        None => turn.skip(),
    });
    let (mut sim, log) = beside(process((silent(publisher("sign(1)")), panics)));
    sim.send(&value("x"));
    sim.run();
    assert_eq!(
        log.take(),
        ["watch: presence of publisher sign(1)", "watch: absence of publisher sign(1) (panic: no x)"]
    );
    assert_eq!(exits(&sim), ["p3: panic: no x"]);
    still_works(sim);
}

#[test]
fn r50_panics_in_boots_continuations_and_after_yields() {
    fn panics(text: &'static str) -> Transition<()> {
        panic!("{text}")
    }
    let (sim, _) = beside(spawn(|_| panics("boot")));
    assert_eq!(exits(&sim), ["p3: panic: boot"]);
    still_works(sim);
    let (sim, _) =
        beside(process(process(silent(publisher("sign(1)"))).then(|(), _| panics("continuation"))));
    assert_eq!(exits(&sim), ["p3: panic: continuation"]);
    assert_eq!(sim.stats().processes, 3, "the child lives");
    still_works(sim);
    let (sim, _) = beside(process(yield_now(|()| panics("yield"))));
    assert_eq!(exits(&sim), ["p3: panic: yield"]);
    still_works(sim);
}
