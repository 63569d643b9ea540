//! R40, where it shows: an observer that has no clause for messages is not called for them, and
//! nothing else changes.

use marketplace::prelude::{
    observe_publishers, observe_subscribers, observe_subscribers_everything, publisher, subscriber,
};
use marketplace::*;

use crate::support::*;

#[test]
fn r40_who_says_so_hears_of_peers_and_of_no_message() {
    let heard = |endpoint: fn(AddEndpoint<()>) -> AddEndpoint<()>| {
        let log = Log::default();
        run((
            endpoint(log.endpoint("it", subscriber("x"))),
            process((name_endpoint("p", silent(publisher("x"))), send("x"), delete_endpoint("p"))),
        ));
        log.take()
    };
    let all = [
        "vacancy: no publisher x",
        "presence of publisher x",
        "message x",
        "absence of publisher x (normal)",
    ];
    let all = all.map(|what| format!("it: {what}"));
    assert_eq!(heard(|endpoint| endpoint), all);
    assert_eq!(heard(AddEndpoint::without_messages), [0, 1, 3].map(|at| all[at].clone()));
}

/// The forms for observers know it from their clauses, however deep.
#[test]
fn r40_the_forms_say_whether_there_is_a_clause_for_messages() {
    let hears = |endpoint: AddEndpoint<()>| {
        let others = (silent(publisher("x")), silent(subscriber("x")), send("x"), feedback("x"));
        let sim = run((endpoint, process(others)));
        let is_said = |line: &String| line.starts_with("hears message") || line.starts_with("hears feedback");
        trace_of(&sim, "p0").iter().any(is_said)
    };
    assert!(!hears(observe_publishers!(topic = topic("x"))));
    assert!(!hears(observe_publishers!(topic = topic("x"), on_vacancy!(), on_presence!(), on_absence!())));
    assert!(!hears(observe_subscribers!(topic = topic("x"), match_reason!(_: Reason => on_absence!()))));
    assert!(!hears(observe_subscribers_everything!(topic = topic("x"), on_presence!())));
    assert!(hears(observe_publishers!(topic = topic("x"), on_message!(_ => ()))));
    assert!(hears(observe_subscribers!(topic = topic("x"), on_absence!(), on_message!(_ => ()))));
    assert!(hears(observe_publishers!(topic = topic("x"), match_state!(_: &() => on_message!(_ => ())))));
    assert!(hears(observe_publishers!(topic = topic("x"), match_conversation!(_ => on_message!(_ => ())))));
    // A participant hears messages.
    assert!(hears(subscriber!(topic = topic("x"))));
    assert!(hears(publisher!(topic = topic("x"))));
}

/// Nobody looks on here: else it would be called for everything.
#[test]
fn r40_an_endpoint_that_changes_hears_what_its_new_clauses_are_about() {
    let log = Log::default();
    let (came, went) = (log.clone(), log.clone());
    let mut vm = GroundVm::new(move |_| {
        let named = |endpoint| name_endpoint("it", endpoint);
        let comes = on_message(subscriber("comes"), move |_| {
            let came = came.clone();
            named(subscriber!(topic = topic("x"), on_presence!(came.note("came"))))
        });
        let goes = on_message(subscriber("goes"), move |_| {
            let went = went.clone();
            named(subscriber!(topic = topic("x"), on_absence!(went.note("went"))))
        });
        Transition::new((), (named(subscriber!(topic = topic("x"))), comes, goes))
    });
    for step in ["neither", "comes", "goes"] {
        vm.send(&value(step));
        vm.spawn(process((name_endpoint("p", silent(publisher("x"))), delete_endpoint("p"))));
        while vm.run(usize::MAX) {}
    }
    assert_eq!(log.take(), ["came", "went"]);
}

/// Endpoints that hear messages and endpoints that do not are told of a newcomer in the order in
/// which they came.
#[test]
fn r40_who_hears_no_messages_keeps_its_place_among_the_peers() {
    let log = Log::default();
    let ear = |number: usize| {
        let ear = log.endpoint(&number.to_string(), subscriber("x(_)"));
        if number.is_multiple_of(2) { ear } else { ear.without_messages() }
    };
    let mut sim = sim((0..6).map(ear).collect::<Vec<_>>());
    sim.run();
    log.take();
    sim.spawn(process((silent(publisher("x(1)")), send("x(1)"))));
    sim.run();
    let presences = (0..6).map(|number| format!("{number}: presence of publisher x(1)"));
    let messages = [0, 2, 4].map(|number| format!("{number}: message x(1)"));
    assert_eq!(log.take(), presences.chain(messages).collect::<Vec<_>>());
}

#[test]
fn r39_a_message_takes_an_endpoint_that_has_no_clause_for_it() {
    let log = Log::default();
    run((
        log.endpoint("peer", publisher("x")),
        once(silent(subscriber("x")).without_messages()),
        process((send("x"), send("x"))),
    ));
    let heard = ["vacancy: no subscriber x", "presence of subscriber x", "absence of subscriber x (normal)"];
    assert_eq!(log.take(), heard.map(|what| format!("peer: {what}")));
}

/// An endpoint that changes is found where it is looked for, whatever it hears before and after.
#[test]
fn r40_what_is_heard_changes_with_the_handler() {
    let cases = [(true, true), (true, false), (false, true), (false, false)];
    for (before, after) in cases {
        for role in ["x(_)", "x(1)"] {
            let log = Log::default();
            let told = log.clone();
            let named = move |label: &str, role, messages: bool| {
                let ear = told.endpoint(label, subscriber(role));
                name_endpoint("e", if messages { ear } else { ear.without_messages() })
            };
            let old = named("old", "x(_)", before);
            let change = on_message(subscriber("change"), move |_| named("new", role, after));
            let mut sim = sim((old, change, silent(publisher("x(_)"))));
            let mut heard = |message: &str| {
                sim.send(&value(message));
                sim.run();
                log.take().into_iter().filter(|line| line.contains("message")).collect::<Vec<_>>()
            };
            let line = |messages: bool, line: &'static str| Vec::from_iter(messages.then_some(line));
            assert_eq!(heard("x(1)"), line(before, "old: message x(1)"));
            assert_eq!(heard("change"), [""; 0]);
            assert_eq!(heard("x(1)"), line(after, "new: message x(1)"), "{role}");
        }
    }
}
