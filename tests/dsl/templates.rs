//! Topics and messages from templates.

use marketplace::prelude::*;

use crate::{Address, Channel, Ping, Reply, Says};

/// The topic of an endpoint, as it prints.
fn shown(endpoint: &AddEndpoint<()>) -> String {
    format!("{endpoint:?}").trim_start_matches("publisher ").to_string()
}

fn sent(action: &PreAction<()>) -> String {
    format!("{action:?}").trim_start_matches("send message ").to_string()
}

#[test]
fn topics() {
    let me = Symbol::new("me");
    let (by_reference, text) = (&me, "hello");
    assert_eq!(shown(&publisher!(_)), "_");
    assert_eq!(shown(&publisher!(Says { .. })), "Says(_, _)");
    assert_eq!(shown(&publisher!(Says { who: me, .. })), "Says('me, _)");
    assert_eq!(shown(&publisher!(Says { what: text, who: _ })), "Says(_, \"hello\")");
    assert_eq!(shown(&publisher!(Says { who: by_reference, what: "x" })), "Says('me, \"x\")");
    assert_eq!(
        shown(&publisher!(Channel(_, Address::Listener(5999), _))),
        "Channel(_, Address.Listener(5999), _)"
    );
    assert_eq!(
        shown(&publisher!(Channel(Address::Remote { port: 80, .. }, ..))),
        "Channel(Address.Remote(_, 80), _, _)"
    );
    assert_eq!(shown(&publisher!(Channel(.., Value::UNIT))), "Channel(_, _, ())");
    assert_eq!(
        shown(&publisher!(Channel(Address::Nowhere, .., 7u8.to_value()))),
        "Channel(Address.Nowhere, _, 7)"
    );
    assert_eq!(shown(&publisher!((1u8, _, (_, "x")))), "[1, _, [_, \"x\"]]");
    assert_eq!(shown(&publisher!(Reply::<Text> { id: 1 + 1, .. })), "Reply(2, _)");
    assert_eq!(shown(&publisher!(Reply::<(i8, Text)> { id: 3, body: (-1, "x") })), "Reply(3, [-1, \"x\"])");
    assert_eq!(shown(&publisher!(Some(me))), "Option.Some('me)");
    assert_eq!(shown(&publisher!(Ping)), "Ping");
    assert_eq!(shown(&publisher!("word")), "\"word\"");
    assert_eq!(shown(&publisher!(topic = Topic::sequence([Topic::any()]))), "[_]");
    assert_eq!(shown(&publisher!(topic = me.to_value())), "'me");
}

#[test]
fn messages() {
    struct Session {
        user: Symbol,
        name: String,
    }
    let session = Session { user: Symbol::new("u"), name: "n".into() };
    let (text, whole) = (Text::from("t"), Says { who: "w".into(), what: "x".into() });
    let borrowed = &session;
    assert_eq!(sent(&send_message!(Says { who: session.user, what: text })), "Says('u, \"t\")");
    assert_eq!(
        sent(&send_message!(Says { what: session.name.as_str().into(), who: borrowed.user })),
        "Says('u, \"n\")"
    );
    assert_eq!(
        sent(&send_message!(Address::Remote { host: &session.name, port: 9 })),
        "Address.Remote(\"n\", 9)"
    );
    assert_eq!(sent(&send_message!(whole)), "Says('w, \"x\")");
    assert_eq!(sent(&send_message!(&whole)), "Says('w, \"x\")");
    assert_eq!(sent(&send_message!(whole.who)), "'w");
    assert_eq!(
        sent(&send_message!(Says { who: "a".into(), what: format!("{}!", whole.what).into() })),
        "Says('a, \"x!\")"
    );
    assert_eq!(sent(&send_message!({ Says { who: "b".into(), what: "c".into() } })), "Says('b, \"c\")");
    assert_eq!(sent(&send_message!(Ping)), "Ping");
    assert_eq!(sent(&send_message!(Reply { id: 1, body: vec![1u8, 2] })), "Reply(1, [1, 2])");
    assert_eq!(
        sent(&send_message!(Reply { id: u64::MAX, body: None::<u8> })),
        "Reply(18446744073709551615, Option.None)"
    );
    assert_eq!(sent(&send_message(&whole)), "Says('w, \"x\")");
    let feedback: PreAction<()> = send_feedback!((1u8, session.user));
    assert_eq!(format!("{feedback:?}"), "send feedback [1, 'u]");
    // Nothing was moved.
    drop((session, text, whole));
}

#[test]
fn a_message_made_by_template_is_the_message() {
    let (host, port) = ("example.org".to_string(), 443);
    let made = Address::Remote { host: host.clone(), port }.to_value().to_string();
    assert_eq!(sent(&send_message!(Address::Remote { port, host })), made);
}

#[test]
fn keywords_are_names_like_others() {
    #[derive(Message, Clone, Debug, PartialEq)]
    struct Item {
        r#type: u8,
        r#match: u8,
    }
    let r#match = 2;
    assert_eq!(shown(&publisher!(Item { r#match, .. })), "Item(_, 2)");
    assert_eq!(sent(&send_message!(Item { r#type: 1, r#match })), "Item(1, 2)");
}

#[test]
fn labels_can_be_chosen() {
    #[derive(Message, Clone, Debug, PartialEq)]
    #[message(label = "tcp")]
    enum Tcp {
        Open(u8),
        #[message(label = "closed")]
        Closed,
    }
    assert_eq!(shown(&publisher!(Tcp::Open(_))), "tcp.Open(_)");
    assert_eq!(sent(&send_message!(Tcp::Closed)), "closed");
}

#[test]
fn records_of_another_struct_under_its_label() {
    #[derive(Message, Clone, Debug, PartialEq)]
    struct Channel(u8, u8);

    #[derive(Message, Clone, Debug, PartialEq)]
    #[message(label = Channel)]
    struct Seen(Value, Value);

    #[derive(Message, Clone, Debug, PartialEq)]
    #[message(label = Seen)]
    struct Named {
        from: u8,
        to: u8,
    }

    let value = Channel(1, 2).to_value();
    assert_eq!(Seen::from_value(&value), Some(Seen(1.to_value(), 2.to_value())));
    assert_eq!(Named { from: 1, to: 2 }.to_value(), value);
    assert_eq!(shown(&publisher!(Seen(_, 2.to_value()))), "Channel(_, 2)");
    assert_eq!(sent(&send_message!(Named { from: 3, to: 4 })), "Channel(3, 4)");
    assert_eq!(topic!(Named { from: 3, .. }), topic!(Channel(3, _)));
}
