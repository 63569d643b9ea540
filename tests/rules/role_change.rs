//! R30: an endpoint that is added again.

use marketplace::*;

use crate::support::*;

/// An endpoint called `e` that is added with each of these roles in turn; what was told of each
/// change after the first.
fn changes(others: impl IntoActionTree<()> + Send + 'static, log: &Log, roles: Vec<Role>) -> Vec<String> {
    let mut sim = sim(others);
    sim.run();
    let endpoint = |role: &Role| name_endpoint(1u8, log.endpoint("e", role.clone()));
    let actions: Vec<_> = roles.iter().map(endpoint).collect();
    let first = log.clone();
    let mut actions = actions.into_iter();
    let added = actions.next();
    let rest: Vec<_> = actions.collect();
    sim.spawn(process((
        added,
        yield_now(move |()| {
            first.take();
            Transition::new((), rest)
        }),
    )));
    sim.run();
    log.take()
}

#[test]
fn r30_an_equal_role_replaces_the_handler_without_events() {
    let log = Log::default();
    let mut sim = run(log.endpoint("peer", publisher("x")));
    let second = log.clone();
    sim.spawn(process((
        name_endpoint(1u8, log.endpoint("old", subscriber("x"))),
        yield_now(move |()| {
            second.take();
            Transition::new((), name_endpoint(1u8, second.endpoint("new", subscriber("x"))))
        }),
    )));
    sim.run();
    assert_eq!(log.take(), [""; 0]);
    sim.send(&value("x"));
    sim.run();
    assert_eq!(log.take(), ["new: message x"]);
}

#[test]
fn r30_who_is_added_again_is_for_one_message_or_for_all_as_it_is_added() {
    let heard = |add: &dyn Fn(AddEndpoint<()>) -> [AddEndpoint<()>; 2]| {
        let log = Log::default();
        let [old, new] = add(log.endpoint("e", subscriber("x(_)")));
        run((name_endpoint(1u8, old), name_endpoint(1u8, new), send("x(1)"), send("x(2)")));
        log.take()
    };
    let old = || silent(subscriber("x(_)"));
    assert_eq!(heard(&|e| [old(), once(e)]), ["e: message x(1)"]);
    assert_eq!(heard(&|e| [once(old()), e]), ["e: message x(1)", "e: message x(2)"]);
}

#[test]
fn r30_who_is_added_again_counts_or_not_as_it_is_added() {
    let told = |counts: [bool; 2]| {
        let log = Log::default();
        let e = || log.endpoint("e", subscriber("x"));
        let add = counts.map(|counts| name_endpoint(1u8, if counts { e().counted() } else { e() }));
        let mut sim = run(add);
        log.take();
        sim.spawn(process((silent(publisher("x")), on_message(subscriber("go"), |_| quit()))));
        sim.run();
        sim.send(&value("go"));
        sim.run();
        log.take()
    };
    assert_eq!(told([true, false]), ["e: presence of publisher x", "e: absence of publisher x (normal)"]);
    assert_eq!(
        told([false, true]),
        ["e: presence of publisher x first", "e: absence of publisher x (normal) last"]
    );
}

#[test]
fn r30_presence_of_the_new_comes_before_absence_of_the_old() {
    let log = Log::default();
    let others = (
        log.endpoint("one", publisher("x(1)")),
        log.endpoint("both", publisher("x(_)")),
        log.endpoint("two", publisher("x(2)")),
    );
    assert_eq!(
        changes(others, &log, vec![subscriber("x(1)"), subscriber("x(2)")]),
        [
            "one: absence of subscriber x(1) (changed)",
            "e: absence of publisher x(1) (changed)",
            "both: presence of subscriber x(2)",
            "both: absence of subscriber x(1) (changed)",
            "e: presence of publisher x(2)",
            "e: absence of publisher x(1) (changed)",
            "two: presence of subscriber x(2)",
            "e: presence of publisher x(2)",
        ]
    );
}

#[test]
fn r30_who_is_told_the_same_before_and_after_is_told_nothing() {
    let log = Log::default();
    let others = (log.endpoint("one", publisher("x(1)")), log.endpoint("any", publisher("x(_)")));
    // `one` has x(1) in common with both.
    assert_eq!(
        changes(others, &log, vec![subscriber("x(_)"), subscriber("x(1)")]),
        [
            "any: presence of subscriber x(1)",
            "any: absence of subscriber x(_) (changed)",
            "e: presence of publisher x(1)",
            "e: absence of publisher x(_) (changed)",
        ]
    );
}

#[test]
fn r30_a_change_of_side_meets_the_others() {
    let log = Log::default();
    let others = (log.endpoint("p", publisher("x")), log.endpoint("s", subscriber("x")));
    assert_eq!(
        changes(others, &log, vec![subscriber("x"), publisher("x")]),
        [
            "p: absence of subscriber x (changed)",
            "e: absence of publisher x (changed)",
            "s: presence of publisher x",
            "e: presence of subscriber x",
        ]
    );
}

#[test]
fn r30_a_change_of_interest_is_judged_in_each_direction() {
    let role = |interest| Role::new(Orientation::Subscriber, topic("x"), interest);
    let (participant, observer, everything) =
        (role(InterestType::Participant), role(InterestType::Observer), role(InterestType::Everything));
    let log = Log::default();
    let others = || {
        (
            log.endpoint("participant", publisher("x")),
            log.endpoint("observer", Role::observer_of_subscribers(topic("x"))),
            log.endpoint(
                "everything",
                Role::new(Orientation::Publisher, topic("x"), InterestType::Everything),
            ),
        )
    };
    // They hear less of it; it hears as much as before.
    assert_eq!(
        changes(others(), &log, vec![participant.clone(), observer.clone()]),
        [
            "participant: absence of subscriber x (changed)",
            "observer: absence of subscriber x (changed)",
            "everything: presence of subscriber x as observer",
            "everything: absence of subscriber x (changed)",
        ]
    );
    // It hears of those that look on as well.
    assert_eq!(
        changes(others(), &log, vec![observer, everything.clone()]),
        [
            "e: presence of publisher x as observer",
            "everything: presence of subscriber x as observer of everything",
            "everything: absence of subscriber x as observer (changed)",
            "e: presence of publisher x as observer of everything",
        ]
    );
    assert_eq!(
        changes(others(), &log, vec![everything, participant]),
        [
            "participant: presence of subscriber x",
            "observer: presence of subscriber x",
            "e: absence of publisher x as observer (changed)",
            "everything: presence of subscriber x",
            "everything: absence of subscriber x as observer of everything (changed)",
            "e: absence of publisher x as observer of everything (changed)",
        ]
    );
}

#[test]
fn r30_the_endpoint_keeps_its_place_in_creation_order() {
    let log = Log::default();
    let mut sim = run((
        name_endpoint(1u8, log.endpoint("first", subscriber("y"))),
        log.endpoint("second", subscriber("x")),
        name_endpoint(1u8, log.endpoint("first", subscriber("x"))),
        send("x"),
    ));
    assert_eq!(log.take()[2..], ["first: message x", "second: message x"]);
    sim.spawn(process((silent(publisher("x")), quit())));
    sim.run();
    assert_eq!(
        log.take(),
        [
            "first: presence of publisher x",
            "second: presence of publisher x",
            "first: absence of publisher x (normal)",
            "second: absence of publisher x (normal)",
        ]
    );
}

#[test]
fn r30_the_new_handler_hears_of_the_change() {
    let log = Log::default();
    let mut sim = run(log.endpoint("peer", publisher("x(_)")));
    let second = log.clone();
    sim.spawn(process((
        name_endpoint(1u8, log.endpoint("old", subscriber("x(1)"))),
        yield_now(move |()| {
            second.take();
            Transition::new((), name_endpoint(1u8, second.endpoint("new", subscriber("x(2)"))))
        }),
    )));
    sim.run();
    assert_eq!(
        log.take(),
        [
            "peer: presence of subscriber x(2)",
            "peer: absence of subscriber x(1) (changed)",
            "new: presence of publisher x(2)",
            "new: absence of publisher x(1) (changed)",
        ]
    );
}

#[test]
fn r30_a_count_that_covers_both_never_touches_zero() {
    let log = Log::default();
    // The watcher has x in common with both roles, as far as orientation goes; only the interest
    // type changes.
    let watcher =
        log.endpoint("c", Role::new(Orientation::Publisher, topic("x"), InterestType::Everything)).counted();
    assert_eq!(
        changes(
            watcher,
            &log,
            vec![subscriber("x"), Role::observer_of_publishers(topic("x")), subscriber("x")]
        ),
        [
            "c: presence of subscriber x as observer",
            "c: absence of subscriber x (changed)",
            "c: presence of subscriber x",
            "c: absence of subscriber x as observer (changed)",
        ]
    );
}

#[test]
fn r30_a_change_that_a_counter_does_not_cover_is_an_edge() {
    let log = Log::default();
    let watcher = log.endpoint("c", publisher("x(_)")).counted();
    assert_eq!(
        changes(
            (watcher, silent(publisher("y"))),
            &log,
            vec![subscriber("x(1)"), subscriber("x(2)"), subscriber("y")]
        ),
        [
            "c: presence of subscriber x(2) first",
            "c: absence of subscriber x(1) (changed) last",
            "e: presence of publisher x(2)",
            "e: absence of publisher x(1) (changed)",
            "c: absence of subscriber x(2) (changed) last",
            "e: absence of publisher x(2) (changed)",
            "e: presence of publisher y",
        ]
    );
}

#[test]
fn r30_deleting_a_changed_endpoint_repeats_its_last_presence() {
    let log = Log::default();
    run((
        log.endpoint("peer", publisher("x(_)")),
        name_endpoint(1u8, log.endpoint("e", subscriber("x(1)"))),
        name_endpoint(1u8, log.endpoint("e", subscriber("x(2)"))),
        delete_endpoint(1u8),
    ));
    assert_eq!(
        log.take().split_off(3),
        [
            "peer: presence of subscriber x(2)",
            "peer: absence of subscriber x(1) (changed)",
            "e: presence of publisher x(2)",
            "e: absence of publisher x(1) (changed)",
            "peer: absence of subscriber x(2) (normal)",
            "e: absence of publisher x(2) (normal)",
        ]
    );
}

#[test]
fn r30_messages_go_by_the_new_role() {
    let log = Log::default();
    run((
        name_endpoint(1u8, log.endpoint("e", subscriber("x"))),
        name_endpoint(1u8, log.endpoint("e", subscriber("y"))),
        send("x"),
        send("y"),
        feedback("y"),
        name_endpoint(1u8, log.endpoint("e", publisher("y"))),
        send("y"),
        feedback("y"),
    ));
    assert_eq!(log.take(), ["e: vacancy: no publisher x", "e: message y", "e: feedback y"]);
}

#[test]
fn r30_a_role_changes_at_the_meta_level_too() {
    let log = Log::default();
    let inner = log.clone();
    run((
        process(log.endpoint("peer", publisher("x(_)"))),
        spawn_vm(move |_, _| {
            let endpoint =
                |text: &str| at_meta_level(name_endpoint(1u8, inner.endpoint("e", subscriber(text))));
            Transition::new((), (endpoint("x(1)"), endpoint("x(2)"), endpoint("x(2)")))
        }),
    ));
    assert_eq!(
        log.take(),
        [
            "peer: vacancy: no subscriber x(_)",
            "peer: presence of subscriber x(1)",
            "e: presence of publisher x(1)",
            "peer: presence of subscriber x(2)",
            "peer: absence of subscriber x(1) (changed)",
            "e: presence of publisher x(2)",
            "e: absence of publisher x(1) (changed)",
        ]
    );
}

#[derive(Message, Clone)]
struct Before(u8);

#[derive(Message, Clone)]
struct After(u8);

/// A pattern that says again what the endpoint's topic is about does not take the old role for it.
#[test]
fn r30_the_absence_of_the_old_role_is_not_about_the_new_topic() {
    let mut sim = sim::Sim::new(|_| {
        transition_no_state!(
            spawn!(transition_no_state!(publisher!(Before(1)), publisher!(After(1)))),
            spawn!(transition_no_state!(
                name_endpoint(1u8, subscriber!(Before(_))),
                name_endpoint(
                    1u8,
                    subscriber!(
                        After(_),
                        match_conversation!(After(_) =>
                            on_presence!(send_message!("the new is there")),
                            on_absence!(send_message!("the new is gone"))),
                        on_absence!(send_message!("the old is gone")),
                    )
                ),
            )),
        )
    });
    sim.run();
    assert_eq!(sim.messages_of::<Text>(), ["the old is gone", "the new is there"]);
}
