//! Every kind of pattern.

use bytes::Bytes;
use marketplace::prelude::*;

use crate::{Address, Channel, Heard, Ping, Reply, Says, heard, says, tell, values};

fn with(endpoint: AddEndpoint<()>, messages: &[Value]) -> Vec<Value> {
    tell(transition_no_state!(endpoint), messages)
}

#[test]
fn literals_ranges_and_choices() {
    const LIMIT: u64 = 100;
    let endpoint = subscriber!(
        _,
        on_message!(
            Reply { id: 0, body: n @ 1..=9u8 } => heard(&(0u8, n)),
            Reply { id: 1 | 2, body: 7u8 } => heard(&"one or two".to_string()),
            Reply::<u8> { id: LIMIT, body: n } if n > 7u8 => heard(&"limit".to_string()),
            Reply::<u8> { id, .. } => heard(&id),
        )
    );
    let send = |id, body: u8| Reply { id, body }.to_value();
    let messages = [send(0, 5), send(0, 10), send(2, 7), send(1, 8), send(100, 8), send(100, 7)];
    let text = |text: &str| Text::from(text).to_value();
    let expected = [
        (0u8, 5u8).to_value(),
        0u8.to_value(),
        text("one or two"),
        1u8.to_value(),
        text("limit"),
        100u8.to_value(),
    ];
    assert_eq!(with(endpoint, &messages), expected);
}

#[test]
fn texts_are_compared_whatever_their_type() {
    let endpoint = subscriber!(
        _,
        on_message!(
            Says { who: "tony" | "bob", what } => heard(&what),
            Says { who: name @ "eve", .. } => heard(&name),
            Address::Remote { host: "localhost", port } => heard(&port),
            Says { what: "hello", .. } => heard(&1u8),
            ("word", n): (String, u8) => heard(&n),
            "alone" => heard(&2u8),
            Reply { body: b"raw", id }: Reply<Bytes> => heard(&id),
        )
    );
    let local = Address::Remote { host: "localhost".into(), port: 80 }.to_value();
    let away = Address::Remote { host: "example.org".into(), port: 80 }.to_value();
    let messages = [
        says("bob", "b"),
        says("eve", "hello"),
        says("ann", "hello"),
        says("ann", "bye"),
        local,
        away,
        ("word".to_string(), 9u8).to_value(),
        "alone".to_string().to_value(),
        Reply { id: 4, body: Bytes::from_static(b"raw") }.to_value(),
        Reply { id: 5, body: Bytes::from_static(b"row") }.to_value(),
    ];
    let expected = [
        Text::from("b").to_value(),
        Symbol::new("eve").to_value(),
        1u8.to_value(),
        80u16.to_value(),
        9u8.to_value(),
        2u8.to_value(),
        4u8.to_value(),
    ];
    assert_eq!(with(endpoint, &messages), expected);
}

#[test]
fn constructors_nest_and_units_match() {
    let endpoint = subscriber!(
        _,
        on_message!(
            Channel(Address::Remote { port, .. }, Address::Nowhere, _) => heard(&port),
            Channel(.., last) => heard(&last),
            Ping => heard(&Text::from("ping")),
            Some(Some(n)): Option<Option<u8>> => heard(&n),
            Some(None): Option<Option<u8>> => heard(&Text::from("some none")),
            None::<Option<u8>> => heard(&Text::from("none")),
        )
    );
    let remote = || Address::Remote { host: "h".into(), port: 7 };
    let messages = [
        Channel(remote(), Address::Nowhere, Value::UNIT).to_value(),
        Channel(remote(), Address::Listener(1), 3u8.to_value()).to_value(),
        Ping.to_value(),
        Some(Some(4u8)).to_value(),
        Some(None::<u8>).to_value(),
        None::<Option<u8>>.to_value(),
    ];
    let text = |text: &str| Text::from(text).to_value();
    let expected =
        [7u8.to_value(), 3u8.to_value(), text("ping"), 4u8.to_value(), text("some none"), text("none")];
    assert_eq!(with(endpoint, &messages), expected);
}

#[test]
fn tuples_and_whole_messages() {
    let endpoint = subscriber!(
        _,
        on_message!(
            (1u8, n, _) => { let n: u64 = n; heard(&n) }
            (a, .., c): (u8, u8, u8, u8) => heard(&(c, a)),
            [first, .., last]: [u8; 5] => heard(&(first, last)),
            all @ (2u8, _): (u8, u8) => heard(&all),
            Heard::<Value>(_) => (),
            v: u8 => heard(&(v + 1)),
            mut v: Vec<u8> => { v.push(0); heard(&v) }
            other: Value => heard(&(Text::from("other"), other)),
        )
    );
    let messages = [
        (1u8, 500u64, 3u8).to_value(),
        (9u8, 0u8, 0u8, 8u8).to_value(),
        [1u8, 2, 3, 4, 5].to_value(),
        (2u8, 3u8).to_value(),
        7u8.to_value(),
        vec![1u8].to_value(),
        true.to_value(),
    ];
    let expected = [
        500u64.to_value(),
        (8u8, 9u8).to_value(),
        (1u8, 5u8).to_value(),
        (2u8, 3u8).to_value(),
        8u8.to_value(),
        vec![1u8, 0].to_value(),
        (Text::from("other"), true).to_value(),
    ];
    assert_eq!(with(endpoint, &messages), expected);
}

#[test]
fn a_place_under_a_wildcard_is_not_looked_at() {
    // `id` does not fit a `u64`, `body` fits nothing: nobody asks.
    let odd = Value::record("Reply", [Text::from("no number").to_value(), true.to_value()]);
    let endpoint = subscriber!(
        _,
        on_message!(
            Reply::<u8> { id, .. } => heard(&id),
            Reply::<u8> { .. } => heard(&1u8),
        )
    );
    assert_eq!(with(endpoint, &[odd]), values([1u8]));
}

#[test]
fn a_type_that_is_given_holds_for_what_is_not_named() {
    let endpoint = subscriber!(
        _,
        on_message!(
            Heard::<Value>(_) => (),
            _: u64 => heard(&1u8),
            (_, n): (Text, u8) => heard(&n),
            (..): (u8, bool) => heard(&2u8),
            Reply { .. }: Reply<u8> => heard(&3u8),
            _: Value => heard(&4u8),
        )
    );
    let reply = |body: Value| Reply { id: 1, body }.to_value();
    let messages = [
        7u64.to_value(),
        (Text::from("seven"), 5u8).to_value(),
        (7u8, 5u8).to_value(),
        (7u8, true).to_value(),
        reply(0u8.to_value()),
        reply(true.to_value()),
        (-1).to_value(),
    ];
    assert_eq!(with(endpoint, &messages), values([1u8, 5, 4, 2, 3, 4, 4]));
}

#[test]
fn a_type_that_is_given_holds_for_conversations_and_reasons_too() {
    let endpoint = subscriber!(
        (_, _),
        match_conversation!(_: (u8, u8) => on_presence!(heard(&1u8))),
        // A wildcard in the conversation is of any type.
        match_conversation!((a, _): (u8, u8) => on_presence!(heard(&(2u8, a)))),
        match_conversation!((_, _): (u8, Text) => on_presence!(heard(&3u8))),
        on_presence!(heard(&4u8)),
        match_reason!(_: u8 => on_absence!(heard(&5u8))),
        match_reason!((_, b): (u8, u8) => on_absence!(heard(&(6u8, b)))),
        on_absence!(heard(&7u8)),
    );
    let peer = |topic: Topic, why: Value| {
        spawn!(transition_no_state!(publisher!(topic = topic), quit().because(Reason::Value(why))))
    };
    let topics = [topic!((1u8, 2u8)), topic!((1u8, _)), topic!((1u8, "x")), topic!(("x", 1u8))];
    let text = || Text::from("x");
    let reasons = [9u8.to_value(), (9u8, 8u8).to_value(), (9u8, text()).to_value(), text().to_value()];
    let peers: Vec<_> = topics.into_iter().zip(reasons).map(|(topic, why)| peer(topic, why)).collect();
    let expected = [
        1u8.to_value(),
        5u8.to_value(),
        (2u8, 1u8).to_value(),
        (6u8, 8u8).to_value(),
        3u8.to_value(),
        7u8.to_value(),
        4u8.to_value(),
        7u8.to_value(),
    ];
    assert_eq!(tell(transition_no_state!(endpoint, peers), &[]), expected);
}

#[test]
fn arity_and_label_must_fit() {
    let endpoint = subscriber!(_, on_message!(Says { .. } => heard(&1u8)));
    let messages = [
        Value::record("Says", [Value::UNIT]),
        Value::record("Sais", [Value::UNIT, Value::UNIT]),
        Value::record("Says", [Value::UNIT, Value::UNIT]),
    ];
    assert_eq!(with(endpoint, &messages).len(), 1);
}

#[test]
fn aliases_and_imported_variants() {
    use Address::{Listener, Nowhere};
    type Pipe = Channel;
    use Says as Spoken;
    let endpoint = subscriber!(
        Pipe { 0: Listener(_), .. },
        on_message!(
            Pipe { 0: Listener(port), 1: Nowhere, 2: _ } => heard(&port),
            Pipe { 0: Listener(port), .. } => heard(&(port, 0u8)),
        )
    );
    let spoken = subscriber!(Spoken { who: "me", .. }, on_message!(Spoken { what, .. } => heard(&what)));
    let messages = [
        Channel(Listener(1), Nowhere, Value::UNIT).to_value(),
        Channel(Listener(2), Listener(3), Value::UNIT).to_value(),
        Channel(Nowhere, Listener(3), Value::UNIT).to_value(),
        says("me", "x"),
        says("you", "y"),
    ];
    let expected = [1u8.to_value(), (2u8, 0u8).to_value(), Text::from("x").to_value()];
    assert_eq!(tell(transition_no_state!(endpoint, spoken), &messages), expected);
}

#[test]
fn whatever_may_be_on_the_topic_can_be_a_pattern() {
    /// The records of another type, on purpose.
    #[derive(Message, Clone)]
    #[message(label = Says)]
    struct Spoken(Value, Value);

    /// A type whose records nobody lists.
    #[derive(Clone)]
    struct Anything(Value);

    impl Message for Anything {
        type Gives = Self;
        fn to_value(&self) -> Value {
            self.0.clone()
        }
        fn from_value(value: &Value) -> Option<Self> {
            Some(Self(value.clone()))
        }
    }

    let said = subscriber!(
        Says { who: "ann", .. },
        match_conversation!(Spoken(_, _) => on_presence!(quit())),
        on_message!(
            Spoken(_, words) if words == Text::from("a").to_value() => heard(&1u8),
            Says { who: "bob" | "ann", what: "b" } => heard(&2u8),
            Says { what, .. }: Says if what == "c" => heard(&3u8),
            _: Spoken => heard(&4u8),
            _: Anything => heard(&5u8),
            _: Value => heard(&6u8),
        )
    );
    let pinged = publisher!("ping", on_message!("pong" | "ping" => heard(&7u8), _: Text => heard(&8u8)));
    let addressed = subscriber!(Address::Listener(_), on_message!(address: Address => heard(&address)));
    let paired = subscriber!(
        (_, 2),
        on_message!((.., 2u8): (u8, u8) => heard(&9u8), [_, 2u8]: [u8; 2] => heard(&10u8))
    );
    let messages = [
        says("ann", "a"),
        says("ann", "b"),
        says("ann", "c"),
        says("ann", "d"),
        Address::Listener(1).to_value(),
    ];
    let more = [(1u8, 2u8).to_value()];
    let expected = [
        1u8.to_value(),
        2u8.to_value(),
        3u8.to_value(),
        4u8.to_value(),
        Address::Listener(1).to_value(),
        9u8.to_value(),
    ];
    let process = transition_no_state!(said, pinged, addressed, paired);
    assert_eq!(tell(process, &[&messages[..], &more[..]].concat()), expected);
}

#[test]
fn alternatives_bind_the_same_names() {
    #[derive(Message, Clone, Debug, PartialEq)]
    enum E {
        A,
        B(u8),
        C { x: u8 },
        D(u8, u8),
    }
    let endpoint = subscriber!(
        _,
        on_message!(
            E::B(n @ 10..) | E::C { x: n @ 10.. } => heard(&n),
            | E::D(3, n) | E::D(n, 3) if n > 3 => heard(&(3u8, n)),
            (E::B(n) | E::C { x: n }, m): (E, u8) => heard(&(n, m)),
            E::D(1 | 2, n) => heard(&n),
            E::A | E::B(_) => heard(&Text::from("a or b")),
            word @ ("x" | "y") => heard(&word),
            b"raw" => heard(&Text::from("raw")),
        )
    );
    let messages = [
        E::B(11).to_value(),
        E::C { x: 12 }.to_value(),
        E::C { x: 1 }.to_value(),
        E::D(3, 4).to_value(),
        (E::C { x: 5 }, 6u8).to_value(),
        (E::A, 6u8).to_value(),
        E::D(2, 1).to_value(),
        E::D(3, 1).to_value(),
        E::B(1).to_value(),
        Text::from("y").to_value(),
        Text::from("z").to_value(),
        Bytes::from_static(b"raw").to_value(),
    ];
    let expected = [
        11u8.to_value(),
        12u8.to_value(),
        (3u8, 4u8).to_value(),
        (5u8, 6u8).to_value(),
        1u8.to_value(),
        Text::from("a or b").to_value(),
        Text::from("y").to_value(),
        Text::from("raw").to_value(),
    ];
    assert_eq!(with(endpoint, &messages), expected);
}
