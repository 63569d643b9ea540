//! R40 to R43, as far as they show without the forms.

use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

#[test]
fn r40_no_clause_is_a_no_op() {
    let sim = run((silent(subscriber("x")), silent(publisher("x")), send("x"), feedback("x"), quit()));
    let turns = trace_of(&sim, "p0").iter().filter(|line| line.starts_with("hears")).count();
    assert_eq!(turns, 5, "a vacancy, two presences, a message, feedback");
    assert_eq!(exits(&sim), ["p0: normal"]);
}

#[test]
fn r41_an_event_tells_what_the_filters_ask_for() {
    let log = Log::default();
    let told = log.clone();
    let role = Role::new(Orientation::Subscriber, topic("x(_, 2)"), InterestType::Everything);
    let endpoint = AddEndpoint::new(role, move |event, turn| {
        let first = event.conversation().field(0).and_then(|part| part.decode::<u64>());
        told.note(format!(
            "{:?} {:?} {first:?} {:?}",
            event.orientation(),
            event.interest_type(),
            event.reason().map(ToString::to_string)
        ));
        turn.skip()
    });
    run((
        endpoint,
        process((
            silent(publisher("x(1, _)")),
            silent(Role::observer_of_subscribers(topic("x(_, _)"))),
            send("x(3, 2)"),
            quit().because(because("why")),
        )),
    ));
    assert_eq!(
        log.take(),
        [
            "Publisher Participant None None",
            "Publisher Participant Some(1) None",
            "Publisher Observer None None",
            "Publisher Participant Some(3) None",
            "Publisher Participant Some(1) Some(\"why\")",
            "Publisher Observer None Some(\"why\")",
        ]
    );
}

#[test]
fn r42_actions_leave_the_state_and_a_transition_replaces_it() {
    let mut sim = Sim::new(|_| {
        let act = AddEndpoint::new(subscriber("act"), |event, turn| match event.body() {
            Some(_) => turn.act(send(&format!("act({})", turn.state()))),
            None => turn.skip(),
        });
        let next = AddEndpoint::new(subscriber("next"), |event, turn| match event.body() {
            Some(_) => turn.transition(|n: u64| Transition::new(n * 2, send(&format!("next({n})")))),
            None => turn.skip(),
        });
        Transition::new(1, (act, next, send("next"), send("act"), send("next"), send("act")))
    });
    sim.run();
    assert_eq!(sent(&sim)[4..], ["next(1)", "act(2)", "next(2)", "act(4)"]);
}

#[derive(Clone, Debug, PartialEq)]
struct Wrong(u64);

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "wrong {}", self.0)
    }
}

impl std::error::Error for Wrong {}

fn wrong(n: u64) -> Result<(), Wrong> {
    Err(Wrong(n))
}

/// Bodies that end in an error, a handler, a boot, a continuation and one after a yield.
fn failing_bodies() -> [Spawn<()>; 4] {
    let handler = AddEndpoint::new(subscriber("x"), |event, turn| match event.body() {
        Some(_) => {
            wrong(1)?;
            turn.act(send("never"))
        }
        None => turn.skip(),
    });
    [
        process((handler, send("x"))),
        spawn(|_| -> Result<Transition<()>, Failure> {
            wrong(2)?;
            Ok(Transition::new((), send("never")))
        }),
        process(process(()).then(|(), _| -> Result<Transition<()>, Failure> {
            wrong(3)?;
            Ok(Transition::new((), send("never")))
        })),
        process(yield_now(|()| -> Result<Transition<()>, Failure> {
            wrong(4)?;
            Ok(Transition::new((), send("never")))
        })),
    ]
}

#[test]
fn r43_a_body_may_end_its_process_with_any_error() {
    for (n, body) in (1..).zip(failing_bodies()) {
        let sim = run((silent(subscriber("never")), body));
        let Reason::Error(error) = &sim.exits()[0].reason else { panic!("{}", sim.trace()) };
        assert_eq!(error.downcast_ref(), Some(&Wrong(n)));
        assert_eq!(sim.exits().len(), 1);
        assert!(!sent(&sim).contains(&"never".to_string()));
    }
}

#[test]
fn r43_a_body_may_end_its_process_with_a_value() {
    let body = AddEndpoint::new(subscriber("x"), |event, turn| match event.body() {
        Some(body) => Err(Failure::value(body)),
        None => turn.skip(),
    });
    let log = Log::default();
    run((log.endpoint("watch", subscriber("sign")), process((silent(publisher("sign")), body, send("x")))));
    assert_eq!(log.take().last().unwrap(), "watch: absence of publisher sign (x)");
}

#[test]
fn r43_a_transition_may_be_a_result() {
    let body = AddEndpoint::new(subscriber("x"), |event, turn| match event.body() {
        Some(_) => turn.transition(|()| {
            wrong(5)?;
            Ok::<_, Failure>(Transition::new((), send("never")))
        }),
        None => turn.skip(),
    });
    let sim = run((body, send("x")));
    assert_eq!(exits(&sim), ["p0: wrong 5"]);
    assert_eq!(sent(&sim), ["x"]);
}
