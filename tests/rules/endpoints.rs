//! R28, R29, R31, R32: endpoints come and go.

use marketplace::*;

use crate::support::*;

#[test]
fn r28_late_endpoint_catches_up() {
    let log = Log::default();
    let mut sim = run((
        process((silent(publisher("x(1)")), silent(publisher("x(2)")))),
        process(silent(publisher("x(3)"))),
        process(silent(publisher("y"))),
    ));
    sim.spawn(process(log.endpoint("late", subscriber("x(_)"))));
    sim.run();
    assert_eq!(log.take(), [1, 2, 3].map(|n| format!("late: presence of publisher x({n})")));
}

#[test]
fn r28_each_peer_is_told_and_then_told_of_in_creation_order() {
    let log = Log::default();
    let mut sim = run((
        log.endpoint("one", publisher("x(_)")),
        process(log.endpoint("two", publisher("x(2)"))),
        log.endpoint("three", publisher("_")),
        log.endpoint("other", publisher("y")),
        log.endpoint("observer", Role::observer_of_subscribers(topic("x(_)"))),
    ));
    log.take();
    sim.spawn(process(log.endpoint("late", subscriber("x(2)"))));
    sim.run();
    // `two` came last: its process acts behind the boot process.
    assert_eq!(
        log.take(),
        [
            "one: presence of subscriber x(2)",
            "late: presence of publisher x(2)",
            "three: presence of subscriber x(2)",
            "late: presence of publisher x(2)",
            "observer: presence of subscriber x(2)",
            "two: presence of subscriber x(2)",
            "late: presence of publisher x(2)",
        ]
    );
}

#[test]
fn r28_an_endpoint_is_installed_before_anybody_hears() {
    // The peer's answer to the presence reaches the new endpoint.
    let log = Log::default();
    let greets =
        log.doing("peer", publisher("x"), |heard| matches!(heard, Heard::Presence(_)).then(|| send("x")));
    run((greets, process(log.endpoint("new", subscriber("x")))));
    assert_eq!(
        log.take(),
        [
            "peer: vacancy: no subscriber x",
            "peer: presence of subscriber x",
            "new: presence of publisher x",
            "new: message x",
        ]
    );
}

#[test]
fn r28_vacancy_once_when_there_is_no_peer() {
    let log = Log::default();
    let mut sim = run((
        silent(publisher("y")),
        log.endpoint("s", subscriber("x(_)")),
        log.endpoint("p", publisher("z")),
    ));
    assert_eq!(log.take(), ["s: vacancy: no publisher x(_)", "p: vacancy: no subscriber z"]);
    // Never again: not when the last peer goes.
    sim.spawn(process((silent(publisher("x(1)")), quit())));
    sim.run();
    assert_eq!(log.take(), ["s: presence of publisher x(1)", "s: absence of publisher x(1) (normal)"]);
}

#[test]
fn r28_vacancy_when_every_peer_is_invisible() {
    let log = Log::default();
    run((
        silent(Role::observer_of_subscribers(topic("x"))),
        silent(Role::new(Orientation::Publisher, topic("x"), InterestType::Everything)),
        log.endpoint("participant", subscriber("x")),
        log.endpoint("observer", Role::observer_of_publishers(topic("x"))),
        log.endpoint("everything", Role::new(Orientation::Subscriber, topic("x"), InterestType::Everything)),
    ));
    assert_eq!(
        log.take(),
        [
            "participant: vacancy: no publisher x",
            "observer: vacancy: no publisher x",
            "everything: presence of publisher x as observer",
            "everything: presence of publisher x as observer of everything",
        ]
    );
}

#[test]
fn r28_no_vacancy_when_a_peer_was_shown() {
    let log = Log::default();
    run((
        silent(Role::observer_of_subscribers(topic("x"))),
        process(silent(publisher("x"))),
        yield_now(|()| Transition::new((), yield_now(|()| Transition::new((), ())))),
        process(log.endpoint("s", subscriber("x"))),
    ));
    assert_eq!(log.take(), ["s: presence of publisher x"]);
}

#[test]
fn r28_no_vacancy_for_a_replaced_handler_or_a_changed_role() {
    let log = Log::default();
    let endpoint = |text: &str| name_endpoint(1u8, log.endpoint("e", subscriber(text)));
    run((endpoint("x"), endpoint("x"), endpoint("y")));
    assert_eq!(log.take(), ["e: vacancy: no publisher x"]);
    // Deleted and added again is new.
    run((endpoint("x"), delete_endpoint(1u8), endpoint("x")));
    assert_eq!(log.take(), ["e: vacancy: no publisher x", "e: vacancy: no publisher x"]);
}

#[test]
fn r28_a_session_whose_client_left_can_quit() {
    // The client comes and goes before the session that it leads to subscribes.
    let session = || {
        process(AddEndpoint::new(subscriber("says(1, _)"), |event, turn| {
            match event.is_vacancy() || event.is_absence() {
                true => turn.act(quit()),
                false => turn.skip(),
            }
        }))
    };
    let listener = AddEndpoint::new(Role::observer_of_publishers(topic("says(_, _)")), move |event, turn| {
        if event.is_presence() { turn.act(session()) } else { turn.skip() }
    });
    let mut sim = run(listener);
    sim.spawn(process((silent(publisher("says(1, _)")), quit())));
    sim.run();
    assert_eq!(exits(&sim), ["p2: normal", "p3: normal"]);
    assert_eq!(trace_of(&sim, "p3")[2], "hears vacancy: no publisher says(1, _)");
}

#[test]
fn r28_vacancy_at_the_meta_level() {
    let log = Log::default();
    let inner = log.clone();
    run((
        process(silent(publisher("y"))),
        spawn_vm(move |_, _| {
            // Inside there is a publisher of x: it is no peer outside.
            let endpoints = (
                silent(publisher("x")),
                at_meta_level(inner.endpoint("x", subscriber("x"))),
                at_meta_level(inner.endpoint("y", subscriber("y"))),
            );
            Transition::new((), endpoints)
        }),
    ));
    assert_eq!(log.take(), ["x: vacancy: no publisher x", "y: presence of publisher y"]);
}

#[test]
fn r29_presence_is_per_pair() {
    let log = Log::default();
    run((
        log.endpoint("s", subscriber("x(_)")),
        process((silent(publisher("x(_)")), silent(publisher("x(1)")))),
        process((silent(publisher("x(_)")), quit())),
    ));
    assert_eq!(
        log.take(),
        [
            "s: vacancy: no publisher x(_)",
            "s: presence of publisher x(_)",
            "s: presence of publisher x(1)",
            "s: presence of publisher x(_)",
            "s: absence of publisher x(_) (normal)",
        ]
    );
}

#[test]
fn r29_a_counting_endpoint_tells_first_and_last_per_conversation() {
    let log = Log::default();
    let mut sim = run((
        log.endpoint("c", subscriber("x(_)")).counted(),
        process((silent(publisher("x(1)")), silent(publisher("x(2)")))),
        process((silent(publisher("x(1)")), silent(Role::observer_of_subscribers(topic("x(1)"))))),
        process(silent(publisher("x(1)"))),
    ));
    assert_eq!(
        log.take()[1..],
        [
            "c: presence of publisher x(1) first",
            "c: presence of publisher x(2) first",
            "c: presence of publisher x(1)",
            "c: presence of publisher x(1)",
        ]
    );
    for victim in [2, 4, 3] {
        sim.kill(pid(victim), Reason::Normal);
    }
    sim.spawn(process((silent(publisher("x(1)")), quit())));
    sim.run();
    assert_eq!(
        log.take(),
        [
            "c: absence of publisher x(1) (normal)",
            "c: absence of publisher x(2) (normal) last",
            "c: absence of publisher x(1) (normal)",
            "c: absence of publisher x(1) (normal) last",
            "c: presence of publisher x(1) first",
            "c: absence of publisher x(1) (normal) last",
        ]
    );
}

#[test]
fn r29_a_late_counting_endpoint_counts_what_it_finds() {
    let log = Log::default();
    let mut sim = run((silent(publisher("x")), silent(publisher("x"))));
    sim.spawn(process(log.endpoint("c", subscriber("x")).counted()));
    sim.run();
    assert_eq!(log.take(), ["c: presence of publisher x first", "c: presence of publisher x"]);
    sim.kill(Pid::BOOT, Reason::Normal);
    sim.run();
    assert_eq!(log.take(), ["c: absence of publisher x (normal)", "c: absence of publisher x (normal) last"]);
}

#[test]
fn r29_an_endpoint_that_begins_to_count_counts_each_peer_that_is_there() {
    let log = Log::default();
    let (before, after) = (log.clone(), log.clone());
    let counts = on_message(subscriber("count"), move |_| {
        name_endpoint(1u8, after.endpoint("c", subscriber("x(_)")).counted())
    });
    let mut sim = run((
        process((name_endpoint(1u8, before.endpoint("c", subscriber("x(_)"))), counts)),
        process(silent(publisher("x(1)"))),
        process(silent(publisher("x(1)"))),
        process(silent(publisher("x(2)"))),
    ));
    sim.send(&value("count"));
    sim.run();
    log.take();
    for victim in [3, 5, 4] {
        sim.kill(pid(victim), Reason::Normal);
    }
    sim.run();
    assert_eq!(
        log.take(),
        [
            "c: absence of publisher x(1) (normal)",
            "c: absence of publisher x(2) (normal) last",
            "c: absence of publisher x(1) (normal) last",
        ]
    );
}

#[test]
fn r29_an_endpoint_that_does_not_count_is_told_of_no_edge() {
    let log = Log::default();
    run((log.endpoint("e", subscriber("x")), process((silent(publisher("x")), quit()))));
    assert_eq!(log.take()[1..], ["e: presence of publisher x", "e: absence of publisher x (normal)"]);
}

#[test]
fn r31_deletion_is_told_by_both_sides_in_creation_order() {
    let log = Log::default();
    run((
        log.endpoint("one", publisher("x")),
        log.endpoint("two", Role::observer_of_subscribers(topic("x"))),
        log.endpoint("three", publisher("_")),
        name_endpoint(1u8, log.endpoint("gone", subscriber("x"))),
        yield_now({
            let log = log.clone();
            move |()| {
                log.take();
                Transition::new((), (delete_endpoint(1u8).because(because("why")), send("x")))
            }
        }),
    ));
    assert_eq!(
        log.take(),
        [
            "one: absence of subscriber x (why)",
            "gone: absence of publisher x (why)",
            "two: absence of subscriber x (why)",
            "three: absence of subscriber x (why)",
            "gone: absence of publisher x (why)",
        ]
    );
}

/// Whichever were deleted before, and whoever has taken their places since.
#[test]
fn r51_what_is_left_goes_in_creation_order() {
    let orders = (0..4).flat_map(|a| (0..4).flat_map(move |b| (0..4).map(move |c| [a, b, c])));
    for order in orders {
        let log = Log::default();
        let sign = |n: u64| silent(publisher(&format!("sign({n})")));
        let later = yield_now(move |()| {
            Transition::new((), (sign(4), sign(5), yield_now(|()| Transition::new((), quit()))))
        });
        run((
            log.endpoint("watch", subscriber("sign(_)")),
            process((
                [0, 1, 2, 3].map(|n: u64| name_endpoint(n, sign(n))),
                order.map(|n: u64| delete_endpoint(n)),
                process([6, 7, 8].map(sign)),
                later,
            )),
        ));
        let absences: Vec<_> = log.take().into_iter().filter(|line| line.contains("absence")).collect();
        let mut gone = order.to_vec();
        gone.extend([0, 1, 2, 3, 4, 5]);
        let mut seen = Vec::new();
        gone.retain(|n| {
            !seen.contains(n) && {
                seen.push(*n);
                true
            }
        });
        let expected = gone.iter().map(|n| format!("watch: absence of publisher sign({n}) (normal)"));
        assert!(absences.iter().cloned().eq(expected), "{order:?}: {absences:?}");
    }
}

#[test]
fn r31_deletion_with_no_peer_or_of_nothing_is_no_event() {
    let log = Log::default();
    let mut sim = run((
        name_endpoint(1u8, log.endpoint("e", subscriber("x"))),
        log.endpoint("other", publisher("y")),
        delete_endpoint(1u8),
        delete_endpoint(1u8),
        delete_endpoint(2u8),
        send("y"),
    ));
    assert_eq!(log.take(), ["e: vacancy: no publisher x", "other: vacancy: no subscriber y"]);
    sim.run();
    assert_eq!(sim.exits().len(), 0);
}

#[test]
fn r31_a_name_is_of_its_own_process() {
    let log = Log::default();
    run((
        name_endpoint(1u8, log.endpoint("mine", subscriber("x"))),
        process((delete_endpoint(1u8), name_endpoint(1u8, silent(publisher("x"))))),
    ));
    assert_eq!(log.take(), ["mine: vacancy: no publisher x", "mine: presence of publisher x"]);
}

#[test]
fn r31_deletion_at_the_meta_level_tells_its_own_half_too() {
    let log = Log::default();
    let inner = log.clone();
    run((
        process(log.endpoint("peer", publisher("x"))),
        spawn_vm(move |_, _| {
            let endpoints = (
                at_meta_level(name_endpoint(1u8, inner.endpoint("meta", subscriber("x")))),
                at_meta_level(delete_endpoint(1u8).because(because("why"))),
                at_meta_level(delete_endpoint(2u8)),
            );
            Transition::new((), endpoints)
        }),
    ));
    assert_eq!(
        log.take(),
        [
            "peer: vacancy: no subscriber x",
            "peer: presence of subscriber x",
            "meta: presence of publisher x",
            "peer: absence of subscriber x (why)",
            "meta: absence of publisher x (why)",
        ]
    );
}

#[test]
fn r32_a_process_hears_itself() {
    let log = Log::default();
    run((
        log.endpoint("s", subscriber("x")),
        name_endpoint(1u8, log.endpoint("p", publisher("x"))),
        send("x"),
        feedback("x"),
        delete_endpoint(1u8),
    ));
    assert_eq!(
        log.take(),
        [
            "s: vacancy: no publisher x",
            "s: presence of publisher x",
            "p: presence of subscriber x",
            "s: message x",
            "p: feedback x",
            "s: absence of publisher x (normal)",
            "p: absence of subscriber x (normal)",
        ]
    );
}
