//! R20, R21, R23: who meets whom, and in what.

use marketplace::*;

use crate::support::*;

#[test]
fn r20_a_publisher_and_a_subscriber_meet() {
    let log = Log::default();
    let endpoint = |name: &str, role| process(log.endpoint(name, role));
    run((
        endpoint("p1", publisher("x")),
        endpoint("p2", publisher("x")),
        endpoint("s1", subscriber("x")),
        endpoint("s2", subscriber("x")),
    ));
    assert_eq!(
        log.take(),
        [
            "p1: vacancy: no subscriber x",
            "p2: vacancy: no subscriber x",
            "p1: presence of subscriber x",
            "s1: presence of publisher x",
            "p2: presence of subscriber x",
            "s1: presence of publisher x",
            "p1: presence of subscriber x",
            "s2: presence of publisher x",
            "p2: presence of subscriber x",
            "s2: presence of publisher x",
        ]
    );
}

#[test]
fn r20_an_endpoint_never_meets_itself() {
    // Not even when it changes its side: the old role is no peer of the new.
    for interest in [InterestType::Participant, InterestType::Observer, InterestType::Everything] {
        let log = Log::default();
        let role = |side| Role::new(side, topic("_"), interest);
        run((
            name_endpoint(1u8, log.endpoint("e", role(Orientation::Publisher))),
            name_endpoint(1u8, log.endpoint("e", role(Orientation::Subscriber))),
            delete_endpoint(1u8),
        ));
        // The relay observes subscribers, of its own topic, which `_` meets.
        let heard = log.take();
        assert_eq!(heard.iter().filter(|line| line.contains("presence")).count(), 0, "{heard:?}");
    }
}

/// Pairs of topics, and what they have in common.
const INTERSECTIONS: &[(&str, &str, Option<&str>)] = &[
    ("_", "_", Some("_")),
    ("_", "x", Some("x")),
    ("_", "a(1, _)", Some("a(1, _)")),
    ("[a, _, c, _]", "[_, b, _, _]", Some("[a, b, c, _]")),
    ("r(a, _, c, _)", "r(_, b, _, _)", Some("r(a, b, c, _)")),
    ("r(_, 2)", "r(1, _)", Some("r(1, 2)")),
    ("r(1, 2)", "r(1, _)", Some("r(1, 2)")),
    ("r(s(_, 1), _)", "r(s(2, _), [_])", Some("r(s(2, 1), [_])")),
    ("r(_)", "q(_)", None),
    ("r(_)", "r(_, _)", None),
    ("r", "r(_)", None),
    ("r", "r", Some("r")),
    ("r", "'r", None),
    ("r", "\"r\"", None),
    ("[_]", "[_, _]", None),
    ("[]", "[]", Some("[]")),
    ("[]", "()", None),
    ("[_, 1]", "[2, 2]", None),
    ("r(_)", "[_]", None),
    ("r(s(_, 1))", "r(s(_, 2))", None),
    ("1", "1", Some("1")),
    ("1", "1.0", None),
    ("r(1)", "r(1.0)", None),
    ("0.0", "-0.0", None),
    ("true", "true", Some("true")),
    ("true", "false", None),
    ("false", "()", None),
    ("false", "0", None),
    ("()", "()", Some("()")),
    ("r(false)", "r(_)", Some("r(false)")),
    ("r(())", "r(_)", Some("r(())")),
];

#[test]
fn r21_an_intersection_is_made_place_by_place() {
    for (a, b, common) in INTERSECTIONS {
        for (a, b) in [(a, b), (b, a)] {
            let common = common.map(topic);
            assert_eq!(topic(a).intersect(&topic(b)), common, "{a} with {b}");
            assert_eq!(topic(a).meets(&topic(b)), common.is_some(), "{a} with {b}");
        }
    }
}

#[test]
fn r21_endpoints_meet_where_their_topics_do() {
    for (a, b, common) in INTERSECTIONS {
        for (a, b) in [(a, b), (b, a)] {
            let log = Log::default();
            run((process(log.endpoint("p", publisher(a))), process(log.endpoint("s", subscriber(b)))));
            let heard = log.take();
            let presences: Vec<_> = heard.iter().filter(|line| line.contains("presence")).collect();
            match common {
                // A subscriber on `_` also meets the publishing side of nobody else; a publisher on
                // `_` none but `s`.
                Some(common) => assert_eq!(
                    presences,
                    [
                        &format!("p: presence of subscriber {common}"),
                        &format!("s: presence of publisher {common}")
                    ],
                    "{a} with {b}"
                ),
                None => assert_eq!(presences.len(), 0, "{a} with {b}"),
            }
        }
    }
}

#[test]
fn r21_every_value_can_be_sent_and_matched() {
    let values = ["()", "false", "true", "0", "-1", "1.5", "'s", "\"t\"", "[]", "r", "r(())", "[false, ()]"];
    for text in values {
        let log = Log::default();
        let mut sim = run((
            log.endpoint("exact", subscriber(text)),
            log.endpoint("any", subscriber("_")),
            log.endpoint("other", subscriber("other")),
        ));
        log.take();
        sim.send(&value(text));
        sim.run();
        assert_eq!(log.take(), [format!("exact: message {text}"), format!("any: message {text}")]);
    }
}

#[test]
fn r21_a_set_or_map_is_matched_whole() {
    let set = |items: &[u8]| items.iter().copied().collect::<std::collections::BTreeSet<_>>().to_value();
    let map =
        |items: &[u8]| items.iter().map(|&i| (i, i)).collect::<std::collections::BTreeMap<_, _>>().to_value();
    let log = Log::default();
    let mut sim = run((
        log.endpoint("set", Role::subscriber(set(&[1, 2]))),
        log.endpoint("map", Role::subscriber(map(&[1, 2]))),
        log.endpoint("in a record", Role::subscriber(Topic::record("r", [set(&[1]).into(), Topic::any()]))),
    ));
    log.take();
    for message in [set(&[2, 1]), set(&[1]), set(&[]), map(&[1, 2]), map(&[1])] {
        sim.send(&message);
        sim.send(&Value::record("r", [message, Value::UNIT]));
    }
    sim.run();
    assert_eq!(
        log.take(),
        ["set: message {1, 2}", "in a record: message r({1}, ())", "map: message {1: 1, 2: 2}"]
    );
}

#[test]
fn r21_opaque_and_fresh_values_match_by_identity() {
    let log = Log::default();
    let (one, two) = (Opaque::new(1), Opaque::new(1));
    let name = Fresh::new();
    let role = |value: Value| Role::subscriber(Topic::record("r", [value.into(), Topic::any()]));
    let mut sim = run((
        log.endpoint("one", role(one.clone().into())),
        log.endpoint("two", role(two.clone().into())),
        log.endpoint("name", role(name.into())),
    ));
    log.take();
    for value in [Value::from(one), two.into(), name.into(), Opaque::new(1).into(), Fresh::new().into()] {
        sim.send(&Value::record("r", [value, Value::UNIT]));
    }
    sim.run();
    let names: Vec<_> = log.take().iter().map(|line| line[..4].to_string()).collect();
    assert_eq!(names, ["one:", "two:", "name"]);
}

#[test]
fn r23_an_event_carries_the_peers_role_with_the_common_topic() {
    let log = Log::default();
    let observer = |side, text: &str| Role::new(side, topic(text), InterestType::Observer);
    let everything = |side, text: &str| Role::new(side, topic(text), InterestType::Everything);
    run((
        process((
            log.endpoint("s", everything(Orientation::Subscriber, "r(1, _)")),
            log.endpoint("p", everything(Orientation::Publisher, "q(1, _)")),
        )),
        process((
            silent(publisher("r(_, 2)")),
            silent(observer(Orientation::Publisher, "r(_, _)")),
            silent(everything(Orientation::Publisher, "_")),
            silent(subscriber("q(_, _)")),
            silent(observer(Orientation::Subscriber, "q(1, 1)")),
            quit(),
        )),
    ));
    assert_eq!(
        log.take(),
        [
            "s: vacancy: no publisher r(1, _)",
            "p: vacancy: no subscriber q(1, _)",
            "s: presence of publisher r(1, 2)",
            "s: presence of publisher r(1, _) as observer",
            "s: presence of publisher r(1, _) as observer of everything",
            "p: presence of subscriber q(1, _)",
            "p: presence of subscriber q(1, 1) as observer",
            "s: absence of publisher r(1, 2) (normal)",
            "s: absence of publisher r(1, _) as observer (normal)",
            "s: absence of publisher r(1, _) as observer of everything (normal)",
            "p: absence of subscriber q(1, _) (normal)",
            "p: absence of subscriber q(1, 1) as observer (normal)",
        ]
    );
}

#[test]
fn r23_a_message_event_is_of_a_participant_of_the_senders_side() {
    let log = Log::default();
    let role = |event: &Event<'_>| format!("{} | {:?}", event.role(), event.body());
    let listener = |role_: Role| {
        let log = log.clone();
        AddEndpoint::new(role_, move |event, turn| {
            if event.body().is_some() {
                log.note(role(event));
            }
            turn.skip()
        })
    };
    run((listener(subscriber("r(1, _)")), listener(publisher("_")), send("r(1, 2)"), feedback("r(1, 3)")));
    assert_eq!(log.take(), ["publisher r(1, 2) | Some(r(1, 2))", "subscriber r(1, 3) | Some(r(1, 3))"]);
}
