//! R40, where it shows: who has no clause for an event is not called, and nothing else changes.

use marketplace::prelude::{observe_publishers, publisher, subscriber};
use marketplace::*;

use crate::support::*;

/// Hears so much of what there is: a vacancy, a presence, a message, an absence.
fn heard(hearing: Hearing) -> Vec<String> {
    let log = Log::default();
    run((
        log.endpoint("it", subscriber("x")).hearing(hearing),
        process((name_endpoint("p", silent(publisher("x"))), send("x"), delete_endpoint("p"))),
    ));
    log.take()
}

#[test]
fn r40_a_handler_is_called_for_what_it_hears_only() {
    let all = ["it: vacancy: no publisher x", "it: presence of publisher x", "it: message x"];
    let absence = "it: absence of publisher x (normal)";
    let all = [all[0], all[1], all[2], absence];
    assert_eq!(heard(Hearing::ALL), all);
    assert_eq!(heard(Hearing::PEERS), [all[0], all[1], all[3]]);
    assert_eq!(heard(Hearing::new(true, false, false, false)), [all[2]]);
    assert_eq!(heard(Hearing::new(false, true, false, false)), [all[1]]);
    assert_eq!(heard(Hearing::new(false, false, true, false)), [all[3]]);
    assert_eq!(heard(Hearing::new(false, false, false, true)), [all[0]]);
    assert_eq!(heard(Hearing::new(false, false, false, false)), [""; 0]);
}

/// The forms know it from their clauses, however deep: each clause is heard, and there is no turn for anything else.
#[test]
fn r40_the_forms_say_what_their_clauses_are_about() {
    let kinds = |endpoint: AddEndpoint<()>| {
        let come_and_go = (name_endpoint("p", silent(publisher("x"))), send("x"), delete_endpoint("p"));
        let sim = run((endpoint, process(come_and_go)));
        let hears = |line: String| line.strip_prefix("hears ").map(|what| what[..3].to_string());
        trace_of(&sim, "p0").into_iter().filter_map(hears).collect::<Vec<_>>()
    };
    assert_eq!(kinds(subscriber!(topic = topic("x"))), [""; 0]);
    assert_eq!(kinds(subscriber!(topic = topic("x"), on_vacancy!())), ["vac"]);
    assert_eq!(kinds(subscriber!(topic = topic("x"), on_presence!())), ["pre"]);
    assert_eq!(kinds(subscriber!(topic = topic("x"), on_first_presence!())), ["pre"]);
    assert_eq!(kinds(subscriber!(topic = topic("x"), on_message!(_ => ()))), ["mes"]);
    assert_eq!(kinds(subscriber!(topic = topic("x"), on_absence!())), ["abs"]);
    assert_eq!(kinds(subscriber!(topic = topic("x"), on_last_absence!())), ["abs"]);
    assert_eq!(kinds(subscriber!(topic = topic("x"), match_reason!(_: Reason => on_absence!()))), ["abs"]);
    assert_eq!(kinds(subscriber!(topic = topic("x"), on_absence!(), on_message!(_ => ()))), ["mes", "abs"]);
    assert_eq!(kinds(observe_publishers!(topic = topic("x"), on_presence!())), ["pre"]);
}

#[test]
fn r40_feedback_is_for_publishers_with_a_clause_for_it() {
    let hears = |endpoint: AddEndpoint<()>| {
        let sim = run((endpoint, process((silent(subscriber("x")), feedback("x")))));
        trace_of(&sim, "p0").iter().any(|line| line.starts_with("hears feedback"))
    };
    assert!(!hears(publisher!(topic = topic("x"), on_presence!())));
    assert!(hears(publisher!(topic = topic("x"), on_message!(_ => ()))));
}

/// Those that hear messages and those that do not are told of a newcomer in the order in which they came.
#[test]
fn r40_who_hears_no_messages_keeps_its_place_among_the_peers() {
    let log = Log::default();
    let ear = |number: usize| {
        let hearing = if number.is_multiple_of(2) { Hearing::ALL } else { Hearing::PEERS };
        log.endpoint(&number.to_string(), subscriber("x(_)")).hearing(hearing)
    };
    let ears: Vec<_> = (0..6).map(ear).collect();
    let mut sim = sim(ears);
    sim.run();
    log.take();
    sim.spawn(process((silent(publisher("x(1)")), send("x(1)"))));
    sim.run();
    let presences = (0..6).map(|number| format!("{number}: presence of publisher x(1)"));
    let messages = [0, 2, 4].map(|number| format!("{number}: message x(1)"));
    let told = log.take();
    assert_eq!(told[..6], presences.collect::<Vec<_>>());
    assert_eq!(told[6..], messages);
}

#[test]
fn r39_a_message_takes_an_endpoint_that_has_no_clause_for_it() {
    let log = Log::default();
    run((
        log.endpoint("peer", publisher("x")),
        once(silent(subscriber("x")).hearing(Hearing::PEERS)),
        process((send("x"), send("x"))),
    ));
    assert_eq!(
        log.take(),
        ["vacancy: no subscriber x", "presence of subscriber x", "absence of subscriber x (normal)"]
            .map(|what| format!("peer: {what}"))
    );
}

#[test]
fn r38_a_refusal_is_heard_by_who_hears_nothing() {
    let nothing = Hearing::new(false, false, false, false);
    let sim = run((
        process(silent(subscriber("x")).hearing(nothing)),
        process(refuse(topic("x"), value("no"))),
        quit(),
    ));
    assert!(exits(&sim).contains(&"p2: refused: no".to_string()), "{:?}", exits(&sim));
}

/// An endpoint that changes is found where it is looked for, whatever it hears before and after.
#[test]
fn r40_what_is_heard_changes_with_the_handler() {
    let kinds = [Hearing::ALL, Hearing::PEERS];
    for (before, after) in kinds.into_iter().flat_map(|before| kinds.map(|after| (before, after))) {
        for role in ["x(_)", "x(1)"] {
            let log = Log::default();
            let told = log.clone();
            let named = move |label: &str, role, hearing| {
                name_endpoint("e", told.endpoint(label, subscriber(role)).hearing(hearing))
            };
            let old = named("old", "x(_)", before);
            let change = on_message(subscriber("change"), move |_| named("new", role, after));
            let mut sim = sim((old, change, silent(publisher("x(_)"))));
            let mut heard = |message: &str| {
                sim.send(&value(message));
                sim.run();
                log.take().into_iter().filter(|line| line.contains("message")).collect::<Vec<_>>()
            };
            let messages = |hearing: Hearing, line: &'static str| hearing.messages.then_some(line);
            assert_eq!(heard("x(1)"), Vec::from_iter(messages(before, "old: message x(1)")));
            assert_eq!(heard("change"), [""; 0]);
            assert_eq!(heard("x(1)"), Vec::from_iter(messages(after, "new: message x(1)")), "{role}");
        }
    }
}

/// Peers are counted whether or not each is told.
#[test]
fn r29_edges_are_the_same_for_who_hears_only_one_of_them() {
    let log = Log::default();
    let last = Hearing::new(false, false, true, false);
    run((
        log.endpoint("it", subscriber("x")).counted().hearing(last),
        process((
            name_endpoint("p", silent(publisher("x"))),
            name_endpoint("q", silent(publisher("x"))),
            delete_endpoint("p"),
            delete_endpoint("q"),
        )),
    ));
    assert_eq!(
        log.take(),
        ["it: absence of publisher x (normal)", "it: absence of publisher x (normal) last"]
    );
}
