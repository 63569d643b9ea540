//! R33: how a supplier says no.

use marketplace::sim::Sim;
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

/// Says which of its clauses ran.
fn reader(topic: Topic) -> AddEndpoint<()> {
    subscriber!(
        topic = topic,
        on_refusal!(send("refused")),
        on_presence!(send("there")),
        on_absence!(send("gone")),
    )
}

/// A publisher that ends, once it is known, for the reason of a refusal.
fn dies_refused(text: &'static str) -> Spawn<()> {
    let why = Reason::Refused(value("no"));
    process((silent(publisher(text)), yield_now(|()| Transition::new((), quit().because(why)))))
}

#[test]
fn r33_on_refusal_applies_to_refusals_only() {
    let sim = run((reader(topic("x")), refuse(topic("x"), value("no"))));
    assert_eq!(sent(&sim), ["refused"]);
    assert_eq!(exits(&sim).len(), 0);
    let sim = run((reader(topic("x")), dies_refused("x")));
    assert_eq!(sent(&sim), ["there", "gone"], "the reason does not make a refusal");
    let sim = run((subscriber!(topic = topic("x"), on_refusal!(send("refused"))), dies_refused("x")));
    assert_eq!(sent(&sim).len(), 0);
    assert_eq!(exits(&sim), ["p2: refused: no"], "an absence may go unhandled");
}

#[test]
fn r33_a_process_that_dies_of_a_refusal_leaves_ordinary_absences() {
    let upstream = process((silent(subscriber("upstream")), silent(publisher("x"))));
    let refuses = yield_now(|()| Transition::new((), refuse(topic("upstream"), value("no"))));
    let sim = run((reader(topic("x")), upstream, refuses));
    assert_eq!(sent(&sim), ["there", "gone"]);
    assert_eq!(exits(&sim), ["p2: refused: no"]);
}

#[test]
fn r33_on_absence_applies_to_both() {
    let both = || subscriber!(topic = topic("x"), on_absence!(send("gone")));
    assert_eq!(sent(&run((both(), refuse(topic("x"), value("no"))))), ["gone"]);
    assert_eq!(sent(&run((both(), dies_refused("x")))), ["gone"]);
}

#[test]
fn r33_source_order_decides_between_on_refusal_and_on_absence() {
    let picky = || {
        subscriber!(
            topic = topic("x(_)"),
            match_reason!(Reason::Refused(why) if why == value("no") => on_refusal!(send("no"))),
            match_conversation!(part: Value => on_absence!(send_message(&part))),
            on_refusal!(send("another")),
        )
    };
    let refused = |of, why| run((picky(), refuse(topic(of), value(why))));
    assert_eq!(sent(&refused("x(1)", "no")), ["no"]);
    assert_eq!(sent(&refused("x(1)", "later")), ["x(1)"]);
    assert_eq!(sent(&refused("x(_)", "later")), ["another"]);
}

#[test]
fn r33_a_refusal_that_no_on_refusal_handles_fails_the_process() {
    let picky = subscriber!(
        topic = topic("x"),
        match_reason!(Reason::Refused(why) if why == value("no") => on_refusal!(send("no"))),
    );
    let sim = run((process(picky), yield_now(|()| Transition::new((), refuse(topic("x"), value("later"))))));
    assert_eq!(exits(&sim), ["p2: refused: later"]);
}

#[test]
fn r33_on_refusal_at_the_meta_level() {
    let refuses = || Transition::new((), (refuse(topic("x"), value("no")), dies_refused("x")));
    let sim = run((
        spawn_vm(|_, _| Transition::new((), at_meta_level(reader(topic("x"))))),
        yield_now(move |()| Transition::new((), yield_now(move |()| refuses()))),
    ));
    assert_eq!(sent(&sim), ["refused", "there", "gone"]);
}

#[test]
fn r33_on_refusal_hears_that_a_source_is_spent() {
    let source = Sim::source([1u8]);
    let items = || Topic::record("Ground", [source.to_value().into(), Topic::any()]);
    // At the meta level, and by way of the relay.
    for inside in [false, true] {
        let late = process(match inside {
            true => actions![reader(items())],
            false => at_meta_level(reader(items())),
        });
        let mut sim = run(silent(Role::subscriber(items())));
        sim.spawn(late);
        sim.run();
        assert_eq!(sent(&sim).last().map(String::as_str), Some("refused"), "{}", sim.trace());
    }
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
