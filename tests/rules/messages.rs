//! R35 to R39: messages.

use marketplace::*;

use crate::support::*;

#[test]
fn r35_a_message_goes_as_its_orientation_says() {
    for outside in [false, true] {
        let log = Log::default();
        let endpoints = |place: &str| {
            [Orientation::Publisher, Orientation::Subscriber].map(|side| {
                log.endpoint(
                    &format!("{place} {side:?}"),
                    Role::new(side, topic("x(_)"), InterestType::Observer),
                )
            })
        };
        let sends = [Orientation::Publisher, Orientation::Subscriber].map(|side| {
            let action = send_oriented(&value("x(1)"), side);
            if outside { action.at_meta_level() } else { action }
        });
        let inside = endpoints("inside");
        run((endpoints("outside"), spawn_vm(move |_, _| Transition::new((), (inside, process(sends))))));
        let heard: Vec<_> = log.take().into_iter().filter(|line| line.contains("x(1)")).collect();
        let place = if outside { "outside" } else { "inside" };
        let expected =
            [format!("{place} Subscriber: message x(1)"), format!("{place} Publisher: feedback x(1)")];
        assert_eq!(heard, expected);
    }
}

#[test]
fn r35_a_message_reaches_the_other_side_whatever_its_interest_type() {
    let log = Log::default();
    let all = |side, name: &str| {
        [InterestType::Participant, InterestType::Observer, InterestType::Everything].map(|interest| {
            log.endpoint(&format!("{name} {interest:?}"), Role::new(side, topic("x(_)"), interest))
        })
    };
    let mut sim = run((all(Orientation::Subscriber, "s"), all(Orientation::Publisher, "p")));
    log.take();
    sim.send(&value("x(1)"));
    sim.send_feedback(&value("x(2)"));
    sim.run();
    assert_eq!(
        log.take(),
        [
            "s Participant: message x(1)",
            "s Observer: message x(1)",
            "s Everything: message x(1)",
            "p Participant: feedback x(2)",
            "p Observer: feedback x(2)",
            "p Everything: feedback x(2)",
        ]
    );
}

#[test]
fn r36_sending_needs_no_endpoint_and_nobody_need_match() {
    let sim = run((send("x"), feedback("x"), silent(subscriber("y")), silent(publisher("y")), send("x")));
    assert_eq!(sent(&sim), ["x", "x", "x"]);
    assert_eq!(sim.exits().len(), 0);
    let lines = sim.trace().to_string();
    assert!(!lines.contains("hears message") && !lines.contains("hears feedback"), "{lines}");
}

#[test]
fn r37_one_delivery_per_matching_endpoint() {
    let log = Log::default();
    let mut sim = run((
        log.endpoint("a", subscriber("x(1)")),
        log.endpoint("b", subscriber("x(_)")),
        log.endpoint("c", subscriber("_")),
        log.endpoint("d", subscriber("x(2)")),
    ));
    log.take();
    sim.send(&value("x(1)"));
    sim.run();
    assert_eq!(log.take(), ["a: message x(1)", "b: message x(1)", "c: message x(1)"]);
}

#[test]
fn r37_the_sender_hears_its_own_message() {
    let log = Log::default();
    run((log.endpoint("s", subscriber("x")), send("x")));
    assert_eq!(log.take()[1..], ["s: message x"]);
}

#[test]
fn r38_who_is_there_when_the_send_is_performed_hears_it() {
    let log = Log::default();
    run((
        log.endpoint("before", subscriber("x")),
        name_endpoint(1u8, log.endpoint("deleted before", subscriber("x"))),
        name_endpoint(2u8, log.endpoint("deleted after", subscriber("x"))),
        delete_endpoint(1u8),
        send("x"),
        log.endpoint("after", subscriber("x")),
        delete_endpoint(2u8),
    ));
    let heard = log.take();
    let messages: Vec<_> = heard.iter().filter(|line| line.contains("message")).collect();
    assert_eq!(messages, ["before: message x", "deleted after: message x"]);
}

#[test]
fn r39_the_first_message_takes_the_endpoint() {
    let log = Log::default();
    run((
        log.endpoint("peer", publisher("x(_)")),
        once(log.endpoint("once", subscriber("x(_)"))),
        send("y"),
        send("x(1)"),
        send("x(2)"),
    ));
    assert_eq!(
        log.take(),
        [
            "peer: vacancy: no subscriber x(_)",
            "peer: presence of subscriber x(_)",
            "once: presence of publisher x(_)",
            "once: message x(1)",
            "peer: absence of subscriber x(_) (normal)",
        ]
    );
}

#[test]
fn r39_several_receivers_hear_it_in_creation_order() {
    let log = Log::default();
    let mut sim = run((
        log.endpoint("a", subscriber("x")),
        once(log.endpoint("b", subscriber("x"))),
        log.endpoint("peer", Role::observer_of_subscribers(topic("x"))),
        once(log.endpoint("c", subscriber("x"))),
        log.endpoint("d", subscriber("x")),
    ));
    log.take();
    sim.send(&value("x"));
    sim.send(&value("x"));
    sim.run();
    assert_eq!(
        log.take(),
        [
            "a: message x",
            "b: message x",
            "peer: absence of subscriber x (normal)",
            "c: message x",
            "peer: absence of subscriber x (normal)",
            "d: message x",
            "a: message x",
            "d: message x",
        ]
    );
}

#[test]
fn r39_presence_and_absence_do_not_spend_it() {
    let log = Log::default();
    run((
        once(log.endpoint("once", subscriber("x"))),
        name_endpoint(1u8, silent(publisher("x"))),
        delete_endpoint(1u8),
        refuse(topic("x"), value("no")),
        send("x"),
        send("x"),
    ));
    assert_eq!(
        log.take(),
        [
            "once: vacancy: no publisher x",
            "once: presence of publisher x",
            "once: absence of publisher x (normal)",
            "once: absence of publisher x (refused: no)",
            "once: message x",
        ]
    );
}

#[test]
fn r39_a_message_that_no_clause_takes_spends_it_all_the_same() {
    let log = Log::default();
    let hears = log.clone();
    let picky = AddEndpoint::new(subscriber("x(_)"), move |event, turn| match event.decode::<Value>() {
        Some(body) if body == value("x(2)") => {
            hears.note("x(2)");
            turn.act(())
        }
        _ => turn.skip(),
    });
    let sim = run((once(picky), send("x(1)"), send("x(2)")));
    assert_eq!(log.take(), [""; 0]);
    assert_eq!(sim.stats().endpoints, 1, "the relay's");
    assert_eq!(sim.stats().processes, 1, "with its endpoint the process went");
}

#[test]
fn r39_feedback_takes_a_publisher() {
    let log = Log::default();
    run((once(log.endpoint("p", publisher("x"))), send("x"), feedback("x"), feedback("x")));
    assert_eq!(log.take()[1..], ["p: feedback x"]);
}

#[test]
fn r39_its_name_is_free_again() {
    let log = Log::default();
    run((
        name_endpoint(1u8, once(log.endpoint("old", subscriber("x")))),
        send("x"),
        delete_endpoint(1u8),
        name_endpoint(1u8, log.endpoint("new", subscriber("x"))),
        send("x"),
    ));
    assert_eq!(
        log.take(),
        ["old: vacancy: no publisher x", "old: message x", "new: vacancy: no publisher x", "new: message x"]
    );
}

#[test]
fn r39_at_the_meta_level() {
    let log = Log::default();
    let inner = log.clone();
    let mut sim = run((
        process(log.endpoint("peer", publisher("x(_)"))),
        spawn_vm(move |_, _| {
            let meta = at_meta_level(name_endpoint(
                1u8,
                once(inner.doing("once", subscriber("x(_)"), |heard| {
                    matches!(heard, Heard::Message(..)).then(|| send("inside"))
                })),
            ));
            Transition::new((), (inner.endpoint("local", subscriber("inside")), meta))
        }),
    ));
    log.take();
    sim.send(&value("x(1)"));
    sim.send(&value("x(2)"));
    sim.run();
    assert_eq!(
        log.take(),
        ["once: message x(1)", "peer: absence of subscriber x(_) (normal)", "local: message inside"]
    );
    assert_eq!(
        sim.stats().processes,
        2,
        "without a meta endpoint the VM is done: left are the relay and the peer"
    );
}
