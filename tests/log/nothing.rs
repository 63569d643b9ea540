//! An endpoint that is to be deleted and is not there: the record says so, with the names that are.

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Performed, What};

fn named(name: impl Into<Value>) -> AddEndpoint<()> {
    name_endpoint(name, subscriber!("x"))
}

/// Runs it with all that looks on, and gives the lines about deletions: of the trace, of verb.
fn deletions(actions: impl IntoActionTree<()> + Send + 'static) -> (Vec<String>, Vec<String>, Sim) {
    let mut sim = Sim::new(|_| transition_no_state!());
    sim.run();
    sim.log_mut().turn_on();
    sim.set_verb(true);
    sim.spawn(spawn(move |_| Transition::new((), actions)));
    sim.run();
    let about = |line: &String| line.contains("delete");
    let trace = sim.trace().records().iter().map(ToString::to_string).filter(about).collect();
    let verb = sim.verb().iter().filter(|line| about(line)).cloned().collect();
    (trace, verb, sim)
}

#[test]
fn the_trace_the_log_and_verb_say_it_with_the_names_that_are_there() {
    let deletes = ["b", "a", "c"].map(|name| delete_endpoint(Symbol::new(name)));
    let (trace, verb, sim) = deletions((
        delete_endpoint("a"),
        named("c"),
        delete_endpoint("a"),
        named("b"),
        publisher!("no name"),
        deletes,
    ));
    let expected = [
        "deletes 'a, which is not there (there is none)",
        "deletes 'a, which is not there (there is 'c)",
        "deletes 'b (normal)",
        "deletes 'a, which is not there (there is 'c)",
        "deletes 'c (normal)",
    ];
    assert_eq!(trace, expected.map(|line| format!("p2 {line}")));
    assert_eq!(verb, expected.map(|line| format!("|| p2 {line}")));
    let logged = sim.log().turns().last().unwrap();
    let logged = sim.log().of_process(&[], logged.pid).next().unwrap();
    let actions: Vec<_> = logged.produced.iter().map(|produced| produced.action.to_string()).collect();
    let deletions: Vec<_> = actions.iter().filter(|action| action.starts_with("deletes")).collect();
    assert_eq!(deletions, expected.each_ref());
}

#[test]
fn there_are_ten_names_at_most() {
    let names = (0..10u8).map(named).collect::<Vec<_>>();
    let (trace, ..) =
        deletions((names, named(11u8), delete_endpoint(12u8), named(10u8), delete_endpoint(12u8)));
    let ten = "0, 1, 2, 3, 4, 5, 6, 7, 8, 9";
    let expected =
        [1, 2].map(|more| format!("p2 deletes 12, which is not there (there are {ten}, and {more} more)"));
    assert_eq!(trace, expected);
    let (trace, _, sim) = deletions(((0..2u8).map(named).collect::<Vec<_>>(), delete_endpoint(2u8)));
    assert_eq!(trace, ["p2 deletes 2, which is not there (there are 0, 1)"]);
    let is_it = |what: &What| match what {
        What::Performed { action: Performed::DeleteNothing { name, there, more }, .. } => {
            Some((name.clone(), there.clone(), *more))
        }
        _ => None,
    };
    let told: Vec<_> = sim.trace().records().iter().filter_map(|record| is_it(&record.what)).collect();
    assert_eq!(told, [(2u8.to_value(), vec![0u8.to_value(), 1u8.to_value()], 0)]);
}

/// The names of each level are apart. At the ground, and in a VM.
#[test]
fn an_endpoint_further_out_is_told_by_the_process_that_named_it() {
    let outer = |name: &'static str| at_meta_level(name_endpoint(name, publisher!("out")));
    let actions = move || {
        (
            named("in"),
            outer("b"),
            at_meta_level(delete_endpoint("in")),
            delete_endpoint("b"),
            delete_endpoint("b").at_meta_level().at_meta_level(),
            at_meta_level(delete_endpoint("b")),
        )
    };
    let expected = [
        "at meta level: delete endpoint 'in, which is not there (there is 'b)",
        "deletes 'b, which is not there (there is 'in)",
        "at meta level: at meta level: delete endpoint 'b, which is not there (there is none)",
        "at meta level: delete endpoint 'b (normal)",
    ];
    let own = |lines: Vec<String>, who: &str| -> Vec<String> {
        lines.iter().filter_map(|line| line.strip_prefix(who)).map(Into::into).collect()
    };
    let (trace, ..) = deletions(spawn_vm(move |_, _| Transition::new((), actions())));
    assert_eq!(own(trace, "p3/p0 "), expected);
    let (trace, ..) = deletions((named("in"), at_meta_level(delete_endpoint("in"))));
    assert_eq!(own(trace, "p2 "), ["at meta level: delete endpoint 'in, which is not there (there is none)"]);
}

/// Nothing is told of the endpoints of a process that ends.
#[test]
fn the_end_of_a_process_deletes_what_is_there() {
    let (trace, ..) = deletions((
        at_meta_level(once(name_endpoint(
            "o",
            AddEndpoint::new(Role::subscriber(topic!("none")), |_, turn| turn.skip()),
        ))),
        named("i"),
        quit(),
    ));
    assert!(trace.iter().all(|line| !line.contains("not there")), "{trace:#?}");
}
