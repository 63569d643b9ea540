//! Clauses other than messages.

use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::{Address, Channel, Reply, Says, all_heard, heard, tell, values};

fn word(word: &str) -> Value {
    Text::from(word).to_value()
}

#[test]
fn presence_absence_and_vacancy() {
    let process = transition_no_state!(
        subscriber!(
            Says { .. },
            on_vacancy!(heard(&Text::from("vacant"))),
            match_conversation!(Says { who, .. } =>
                on_presence!(heard(&who)),
                on_absence!(heard(&Text::from("gone")), quit()),
            ),
        ),
        name_endpoint(1u8, publisher!(Says { who: "tony", .. })),
        delete_endpoint(1u8),
    );
    assert_eq!(tell(process, &[]), [word("vacant"), Symbol::new("tony").to_value(), word("gone")]);
}

#[test]
fn a_named_place_that_is_wild_does_not_match() {
    let process = transition_no_state!(
        subscriber!(
            Channel(..),
            match_conversation!(Channel(from, _, data) => on_presence!(heard(&(from, data)))),
            match_conversation!(Channel(Address::Listener(port), ..) => on_presence!(heard(&port))),
            match_conversation!(_ => on_presence!(heard(&Text::from("other")))),
        ),
        publisher!(Channel(Address::Listener(1), _, _)),
        publisher!(Channel(Address::Listener(2), _, Value::UNIT)),
        publisher!(Channel(Address::Remote { port: 3, .. }, _, Value::UNIT)),
    );
    let expected = [1u8.to_value(), (Address::Listener(2), ()).to_value(), word("other")];
    assert_eq!(tell(process, &[]), expected);
}

/// R29
#[test]
fn first_presence_and_last_absence_count() {
    let process = transition_no_state!(
        observe_publishers!(
            Says { .. },
            match_conversation!(Says { who, .. } =>
                on_first_presence!(heard(&(1u8, who))),
                on_last_absence!(heard(&(0u8, who))),
            )
        ),
        name_endpoint(1u8, publisher!(Says { who: "a", .. })),
        name_endpoint(2u8, publisher!(Says { who: "a", .. })),
        delete_endpoint(1u8),
        delete_endpoint(2u8),
    );
    let a = || Symbol::new("a");
    assert_eq!(tell(process, &[]), values([(1u8, a()), (0, a())]));
}

/// R33, R41
#[test]
fn reasons() {
    #[derive(Message, Clone, Debug, PartialEq)]
    struct Timeout(u32);
    let endpoint = || {
        subscriber!(
            Says { .. },
            match_reason!(Reason::Refused(why) => on_absence!(heard(&why))),
            match_reason!(Timeout(1..=9) => on_absence!(heard(&Text::from("short")))),
            match_reason!(Timeout(seconds) if seconds > 100 => on_absence!(heard(&seconds))),
            match_reason!(word: Text => on_absence!(heard(&word))),
            match_reason!(Reason::Normal | Reason::Shutdown => on_absence!(heard(&Text::from("normal")))),
            match_reason!(reason: Reason => on_absence!(heard(&reason))),
        )
    };
    let because = |reason: Reason| {
        transition_no_state!(
            endpoint(),
            name_endpoint(1u8, publisher!(Says { .. })),
            delete_endpoint(1u8).because(reason),
        )
    };
    assert_eq!(tell(because(Reason::Normal), &[]), [word("normal")]);
    assert_eq!(tell(because(Reason::value(&Timeout(5))), &[]), [word("short")]);
    assert_eq!(tell(because(Reason::value(&Timeout(500))), &[]), values([500u32]));
    assert_eq!(tell(because(Reason::value(&Text::from("text"))), &[]), [word("text")]);
    assert_eq!(tell(because(Reason::Killed(None)), &[]), values([Reason::Killed(None)]));
    let refused = transition_no_state!(endpoint(), refuse(Topic::any(), 7u8));
    assert_eq!(tell(refused, &[]), values([7u8]));
}

/// R41
#[test]
fn orientation_and_interest_type() {
    let process = transition_no_state!(
        observe_publishers_everything!(
            Says { .. },
            match_orientation!(Orientation::Subscriber => on_presence!(heard(&Text::from("never")))),
            match_interest_type!(InterestType::Participant => on_presence!(heard(&Text::from("participant")))),
            match_interest_type!(interest => match_orientation!(side: Orientation =>
                on_presence!(heard(&(interest, side))))),
        ),
        publisher!(Says { .. }),
        observe_subscribers!(Says { .. }),
        observe_subscribers_everything!(Says { .. }),
    );
    let seen = |interest| (interest, Orientation::Publisher).to_value();
    let expected = [word("participant"), seen(InterestType::Observer), seen(InterestType::Everything)];
    assert_eq!(tell(process, &[]), expected);
}

/// R39
#[test]
fn once_and_built_endpoints() {
    let process = transition_no_state!(
        once(subscriber!(Reply::<u8> { .. }, on_message!(Reply { id, .. }: Reply<u8> => heard(&id)))),
        build_endpoint!(
            "named",
            Role::subscriber(Topic::any()),
            on_message!(
                Reply::<u8> { .. } => (heard(&Text::from("built")), delete_endpoint(Symbol::new("named"))),
            )
        ),
    );
    let messages = values([Reply { id: 1, body: 0u8 }, Reply { id: 2, body: 0u8 }]);
    let mut heard = tell(process, &messages);
    heard.sort();
    assert_eq!(heard, [1u8.to_value(), word("built")]);
}

/// R43
#[test]
fn a_question_mark_ends_the_process() {
    let mut sim = Sim::new(|_| {
        transition_no_state!(
            spawn!(pid => transition!(pid, subscriber!(_, on_message!(text: Text => {
                let n: u8 = text.parse()?;
                heard(&n)
            })))),
            spawn!({
                let n: u8 = "no number".parse()?;
                transition!(n)
            }),
            spawn!(transition!(
                0u8,
                yield_now!(|n: u8| {
                    if n == 0 {
                        Err(Failure::value(&Text::from("said so")))?;
                    }
                    transition!(n)
                })
            )),
        )
    });
    sim.run();
    sim.send(&Text::from("12"));
    sim.send(&Text::from("x"));
    sim.run();
    assert_eq!(all_heard(&sim), values([12u8]));
    let reasons: Vec<_> = sim.exits().iter().map(|exit| exit.reason.to_string()).collect();
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert!(reasons.contains(&"said so".to_string()), "{reasons:?}");
}

#[test]
fn alternatives_of_a_role() {
    let process = transition_no_state!(
        observe_publishers_everything!(
            Says { .. },
            match_interest_type!(InterestType::Observer | InterestType::Everything =>
                match_orientation!(| Orientation::Publisher | Orientation::Subscriber =>
                    on_presence!(heard(&Text::from("looks on"))))),
            match_interest_type!(interest @ (InterestType::Participant | InterestType::Observer): InterestType =>
                on_presence!(heard(&interest))),
        ),
        publisher!(Says { .. }),
        observe_subscribers!(Says { .. }),
        observe_subscribers_everything!(Says { .. }),
    );
    let expected = [InterestType::Participant.to_value(), word("looks on"), word("looks on")];
    assert_eq!(tell(process, &[]), expected);
}

/// R41
#[test]
fn alternatives_of_a_conversation_and_of_a_reason() {
    let process = |reason: Reason| {
        transition_no_state!(
            subscriber!(
                _,
                match_conversation!(Address::Listener(port @ 80) | Address::Listener(port @ 90..) =>
                    on_presence!(heard(&port)),
                    match_reason!(Reason::Shutdown | Reason::Killed(_) => on_absence!(heard(&word("ended"))))),
            ),
            name_endpoint(1u8, publisher!(Address::Listener(80))),
            publisher!(Address::Listener(91)),
            publisher!(Address::Listener(81)),
            delete_endpoint(1u8).because(reason),
        )
    };
    let expected = [80u16.to_value(), 91u16.to_value(), word("ended")];
    assert_eq!(tell(process(Reason::Shutdown), &[]), expected);
    assert_eq!(tell(process(Reason::Killed(None)), &[]), expected);
    assert_eq!(tell(process(Reason::Normal), &[]), expected[..2]);
}

/// R41: a text, and a tuple, say of a reason what they say of a message.
#[test]
fn a_reason_that_is_a_bare_text_or_a_tuple() {
    let process = |reason: Reason| {
        transition_no_state!(
            subscriber!(
                Says { .. },
                match_reason!("deleted" => on_absence!(heard(&1u8))),
                match_reason!("moved" | "renamed" => on_absence!(heard(&2u8))),
                match_reason!(word @ ("lost" | "found") => on_absence!(heard(&word))),
                match_reason!(b"raw" => on_absence!(heard(&3u8))),
                match_reason!(("late", n @ 1..=9u8) => on_absence!(heard(&n))),
                on_absence!(heard(&word("other"))),
            ),
            name_endpoint(1u8, publisher!(Says { .. })),
            delete_endpoint(1u8).because(reason),
        )
    };
    let because = |reason: &dyn Fn() -> Value| tell(process(Reason::Value(reason())), &[]);
    assert_eq!(because(&|| word("deleted")), values([1u8]));
    assert_eq!(because(&|| word("renamed")), values([2u8]));
    assert_eq!(because(&|| word("found")), [word("found")]);
    assert_eq!(because(&|| Value::from(bytes::Bytes::from_static(b"raw"))), values([3u8]));
    assert_eq!(because(&|| (word("late"), 4u8).to_value()), values([4u8]));
    assert_eq!(because(&|| (word("late"), 10u8).to_value()), [word("other")]);
    assert_eq!(because(&|| word("kept")), [word("other")]);
    assert_eq!(tell(process(Reason::Refused(word("deleted"))), &[]), [word("other")]);
}

/// R2: any value can be a name.
#[test]
fn any_expression_names_an_endpoint_or_a_process() {
    let deleted = |name: Value, endpoint: AddEndpoint<()>| {
        let absent = name.clone();
        let process = transition_no_state!(
            endpoint,
            subscriber!("delete", on_message!(_ => delete_endpoint(&name))),
            publisher!("watched", on_absence!(heard(&absent))),
        );
        tell(process, &[word("delete")])
    };
    let role = || Role::subscriber(word("watched"));
    let (text, symbol, fresh) = (Text::from("text"), Symbol::new("symbol"), Fresh::new());
    let slice = "slice";
    let cases: [(Value, AddEndpoint<()>); 12] = [
        (7u8.to_value(), build_endpoint!(7u8, role())),
        (7i32.to_value(), build_endpoint!(7, role())),
        (8u8.to_value(), build_endpoint!(&8u8, role())),
        ((1u8, word("a")).to_value(), build_endpoint!((1u8, word("a")), role())),
        (Address::Nowhere.to_value(), build_endpoint!(Address::Nowhere, role())),
        (Address::Listener(1).to_value(), build_endpoint!(&Address::Listener(1), role())),
        (Symbol::new("literal").to_value(), build_endpoint!("literal", role())),
        (word("slice"), build_endpoint!(slice, role())),
        (word("owned"), build_endpoint!("owned".to_string(), role())),
        (text.to_value(), build_endpoint!(text.clone(), role())),
        (symbol.to_value(), build_endpoint!(&symbol, role())),
        (fresh.to_value(), build_endpoint!(fresh, role())),
    ];
    for (name, endpoint) in cases {
        assert_eq!(deleted(name.clone(), endpoint), [name]);
    }
    let vms: [Spawn<()>; 3] =
        [spawn_vm!(name: 7u8; quit()), spawn_vm!(name: &text; quit()), spawn_vm!(name: "vm"; quit())];
    let names = vms.map(|vm| format!("{vm:?}"));
    assert_eq!(names, ["7", r#""text""#, "'vm"]);
}

#[test]
fn shutdown_is_heard_in_each_kind_of_endpoint_and_goes_by_the_state() {
    fn tells<S: Send + 'static>(word: &'static str) -> ActionTree<S> {
        send_message!(Text::from(word)).into_action_tree()
    }
    let mut sim = Sim::new(|_| {
        transition!(
            7u8,
            subscriber!("a", on_presence!(), match_state!(7u8 => on_shutdown!(transition!(8, tells("a"))))),
            publisher!(
                "b",
                match_state!(n: &u8 if *n == 7 => on_shutdown!(tells("not b"))),
                on_shutdown!(tells("b"))
            ),
            observe_publishers!("c", on_shutdown!(tells("c"))),
            callee!(on_shutdown!(tells("d"))),
            replies!(on_shutdown!(tells("e"))),
            subscriber!("f", on_vacancy!()),
        )
    });
    sim.run();
    sim.shutdown();
    sim.run();
    assert_eq!(sim.messages_of::<Text>(), ["a", "b", "c", "d", "e"].map(Text::from));
}
