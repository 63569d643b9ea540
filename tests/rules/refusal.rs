//! R33: how a supplier says no.

use marketplace::*;

use crate::support::*;

#[test]
fn r33_everyone_who_would_see_a_publisher_hears_a_refusal() {
    let log = Log::default();
    let everything = |side| Role::new(side, topic("x(_)"), InterestType::Everything);
    run((
        log.endpoint("participant", subscriber("x(_)")),
        log.endpoint("observer", Role::observer_of_publishers(topic("x(1)"))),
        log.endpoint("everything", everything(Orientation::Subscriber)),
        log.endpoint("publisher", publisher("x(_)")),
        log.endpoint("other side", everything(Orientation::Publisher)),
        log.endpoint("elsewhere", subscriber("y")),
        yield_now({
            let log = log.clone();
            move |()| {
                log.take();
                Transition::new((), refuse(topic("x(1)"), value("no")))
            }
        }),
    ));
    assert_eq!(
        log.take(),
        [
            "participant: absence of publisher x(1) (refused: no)",
            "observer: absence of publisher x(1) (refused: no)",
            "everything: absence of publisher x(1) (refused: no)",
        ]
    );
}

#[test]
fn r33_a_refusal_carries_the_common_topic_and_the_value() {
    let log = Log::default();
    let told = log.clone();
    let listener = AddEndpoint::new(subscriber("x(_, 2)"), move |event, turn| {
        if let Some(Reason::Refused(why)) = event.reason() {
            told.note(format!("{} {why}", event.role()));
        }
        turn.act(())
    });
    run((listener, refuse(topic("x(1, _)"), value("why(1)"))));
    assert_eq!(log.take(), ["publisher x(1, 2) why(1)"]);
}

#[test]
fn r33_counts_ignore_refusals() {
    let log = Log::default();
    let mut sim = run((log.endpoint("c", subscriber("x")).counted(), refuse(topic("x"), value("no"))));
    sim.spawn(process((silent(publisher("x")), refuse(topic("x"), value("no")), quit())));
    sim.run();
    assert_eq!(
        log.take(),
        [
            "c: vacancy: no publisher x",
            "c: absence of publisher x (refused: no)",
            "c: presence of publisher x first",
            "c: absence of publisher x (refused: no)",
            "c: absence of publisher x (normal) last",
        ]
    );
}

#[test]
fn r33_a_refusal_that_no_clause_handles_fails_the_process() {
    for (interest, fails) in
        [(InterestType::Participant, true), (InterestType::Observer, true), (InterestType::Everything, false)]
    {
        let log = Log::default();
        let mut sim = run((
            log.endpoint("watch", subscriber("sign")),
            process((
                silent(publisher("sign")),
                silent(Role::new(Orientation::Subscriber, topic("x"), interest)),
            )),
        ));
        log.take();
        sim.spawn(process(refuse(topic("x"), value("no"))));
        sim.run();
        match fails {
            true => {
                assert_eq!(log.take(), ["watch: absence of publisher sign (refused: no)"]);
                assert_eq!(exits(&sim), ["p2: refused: no"]);
            }
            false => assert_eq!((log.take().len(), sim.exits().len()), (0, 0)),
        }
    }
}

#[test]
fn r33_a_handled_refusal_fails_nobody() {
    let handled = AddEndpoint::new(subscriber("x"), |event, turn| match event.reason() {
        Some(Reason::Refused(_)) => turn.act(send("handled")),
        _ => turn.skip(),
    });
    let sim = run((handled, refuse(topic("x"), value("no"))));
    assert_eq!(sent(&sim), ["handled"]);
    assert_eq!(sim.exits().len(), 0);
}

#[test]
fn r33_an_ordinary_absence_may_go_unhandled() {
    let sim =
        run((silent(subscriber("x")), process((silent(publisher("x")), quit().because(because("no"))))));
    assert_eq!(exits(&sim), ["p2: no"]);
}

#[test]
fn r33_a_refusal_at_the_meta_level() {
    let log = Log::default();
    let inner = log.clone();
    let sim = run((
        process(log.endpoint("outside", subscriber("x"))),
        spawn_vm(move |_, _| {
            let unhandled = process((at_meta_level(silent(subscriber("x"))), silent(publisher("sign"))));
            let exempt = at_meta_level(silent(Role::new(
                Orientation::Subscriber,
                topic("x"),
                InterestType::Everything,
            )));
            let refuses = yield_now(|()| {
                Transition::new(
                    (),
                    yield_now(|()| Transition::new((), at_meta_level(refuse(topic("x"), value("no"))))),
                )
            });
            let local =
                (inner.endpoint("local", subscriber("x")), inner.endpoint("watch", subscriber("sign")));
            Transition::new(
                (),
                (at_meta_level(inner.endpoint("meta", subscriber("x"))), exempt, unhandled, local, refuses),
            )
        }),
    ));
    let heard = log.take();
    let absences: Vec<_> = heard.iter().filter(|line| line.contains("absence")).collect();
    assert_eq!(
        absences,
        [
            "outside: absence of publisher x (refused: no)",
            "meta: absence of publisher x (refused: no)",
            "watch: absence of publisher sign (refused: no)",
        ]
    );
    assert_eq!(exits(&sim), ["p3/p1: refused: no"]);
}

#[test]
fn r33_an_absence_with_the_reason_of_a_refusal_is_no_refusal() {
    // It had its presence, it counts, and nobody fails for not handling it, at whichever level.
    let log = Log::default();
    let gone = || process((silent(publisher("x")), quit().because(Reason::Refused(value("no")))));
    let sim = run((
        log.endpoint("c", subscriber("x")).counted(),
        process(silent(subscriber("x"))),
        spawn_vm(|_, _| Transition::new((), at_meta_level(silent(subscriber("x"))))),
        yield_now(move |()| Transition::new((), yield_now(move |()| Transition::new((), gone())))),
    ));
    assert_eq!(
        log.take()[1..],
        ["c: presence of publisher x first", "c: absence of publisher x (refused: no) last"]
    );
    assert_eq!(exits(&sim), ["p4: refused: no"]);
}
