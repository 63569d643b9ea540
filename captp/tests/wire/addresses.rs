//! Addresses: as people write them, and as values say them.

use bytes::Bytes;
use marketplace::{Message, Symbol, Value};
use marketplace_captp::wire::{BadUri, Location, Sturdyref};
use proptest::prelude::*;

fn all_of(location: &Location) -> (&str, &str, &[(String, String)], &Bytes) {
    (&location.transport, &location.designator, &location.hints, location.as_bytes())
}

#[test]
fn the_address_of_a_peer_is_read() {
    let uri = "ocapn://a2ef69ddd5f84840970612ff660f5058.tcp-testing-only?host=127.0.0.1&port=22045";
    let location = Location::parse(uri).unwrap();
    let hints = [("port", "22045"), ("host", "127.0.0.1")];
    let same = Location::new("tcp-testing-only", "a2ef69ddd5f84840970612ff660f5058", &hints);
    assert_eq!(all_of(&location), all_of(&same));
    assert_eq!(location.to_uri(), uri);
    let dots = Location::parse("ocapn://a.b.c.onion").unwrap();
    assert_eq!((&*dots.designator, &*dots.transport), ("a.b.c", "onion"));
    assert_eq!(dots.as_bytes(), &b"<10'ocapn-peer5'onion5\"a.b.cf>"[..]);
}

/// A swiss number that is text stands in an address as it is; one that is not is escaped.
#[test]
fn the_address_of_an_object_is_read() {
    let uri = "ocapn://0000.tcp-testing-only/s/JadQ0++RzsD4M+40uLxTWVaVqM10DcBJ?port=1";
    let builder = Sturdyref::parse(uri).unwrap();
    assert_eq!(builder.swiss, "JadQ0++RzsD4M+40uLxTWVaVqM10DcBJ");
    assert_eq!(builder.to_uri(), uri);
    let slashes = Sturdyref::parse("ocapn://0000.tcp/s/a/b%2fc").unwrap();
    assert_eq!(slashes.swiss, "a/b/c");
    assert_eq!(slashes.to_uri(), "ocapn://0000.tcp/s/a%2Fb%2Fc");
    let bytes = Sturdyref { swiss: Bytes::from_static(b"\0?\xff"), ..slashes };
    assert_eq!(bytes.to_uri(), "ocapn://0000.tcp/s/%00%3F%FF");
    assert_eq!(Sturdyref::parse(&bytes.to_uri()), Ok(bytes));
}

#[test]
fn a_text_that_is_no_address_is_told() {
    for uri in [
        "",
        "ocapn",
        "http://a.tcp",
        "ocapn://",
        "ocapn://tcp",
        "ocapn://.tcp",
        "ocapn://a.",
        "ocapn://a.tcp/",
        "ocapn://a.tcp/x/y",
        "ocapn://a.tcp?host",
        "ocapn://a.tcp?host=1&host=2",
        "ocapn://a%.tcp",
        "ocapn://a%2.tcp",
        "ocapn://a%+2.tcp",
        "ocapn://a%ff.tcp",
        "ocapn://a.tcp?host=%ff",
    ] {
        assert_eq!(Location::parse(uri), Err(BadUri(uri.to_string())));
        assert_eq!(Sturdyref::parse(uri), Err(BadUri(uri.to_string())));
    }
    for uri in ["ocapn://a.tcp/s/", "ocapn://a/s/secret", "ocapn://a.tcp/s/secret%", "a/s/secret"] {
        let shown = Sturdyref::parse(uri).unwrap_err().to_string();
        assert!(shown.contains("/s/..`") && !shown.contains("secret"), "{shown}");
    }
    assert!(Location::parse("ocapn://a.tcp/s/secret").is_err());
    assert!(Sturdyref::parse("ocapn://a.tcp").is_err());
}

#[test]
fn k11_an_address_that_is_printed_tells_no_secret() {
    let bank = Sturdyref::parse("ocapn://a.tcp/s/secret").unwrap();
    let shown = format!("{bank:?}");
    assert!(shown.contains("designator: \"a\"") && !shown.contains("secret"), "{shown}");
}

/// As the decoder of values gives it: a record with a symbol, a text and a map.
fn peer(hints: Value) -> Value {
    Value::record("ocapn-peer", [symbol("tcp"), Value::from("a"), hints])
}

fn symbol(text: &str) -> Value {
    Symbol::new(text).into()
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::map(entries.map(|(key, value)| (Value::from(key), value)).into_iter().collect()).unwrap()
}

fn hints() -> Value {
    map([("port", "1".into()), ("host", "::1".into())])
}

#[test]
fn k19_an_address_is_a_value() {
    let location = Location::new("tcp", "a", &[("host", "::1"), ("port", "1")]);
    let read = Location::from_value(&peer(hints())).unwrap();
    assert_eq!(all_of(&read), all_of(&location));
    let nowhere = Location::from_value(&peer(false.into())).unwrap();
    assert_eq!(all_of(&nowhere), all_of(&Location::new("tcp", "a", &[])));

    let sturdyref = |swiss: Value| Value::record("ocapn-sturdyref", [peer(hints()), swiss]);
    let bank = Sturdyref { location, swiss: Bytes::from_static(b"b4nk") };
    for value in [
        sturdyref(Bytes::from_static(b"b4nk").into()),
        sturdyref("b4nk".into()),
        "ocapn://a.tcp/s/b4nk?host=%3A%3A1&port=1".into(),
    ] {
        assert_eq!(Sturdyref::from_value(&value), Some(bank.clone()));
    }
}

#[test]
fn other_values_are_no_addresses() {
    for value in [
        Value::UNIT,
        "ocapn://a.tcp".into(),
        peer(true.into()),
        peer(Value::UNIT),
        peer(map([("port", 1.into())])),
        Value::record("ocapn-peer", ["tcp".into(), "a".into(), false.into()]),
        Value::record("ocapn-peer", [symbol("tcp"), "".into(), false.into()]),
        Value::record("ocapn-node", [symbol("tcp"), "a".into(), false.into()]),
    ] {
        assert!(Location::from_value(&value).is_none(), "{value}");
        assert!(Sturdyref::from_value(&value).is_none(), "{value}");
        let sturdyref = Value::record("ocapn-sturdyref", [value, "b4nk".into()]);
        assert!(Sturdyref::from_value(&sturdyref).is_none(), "{sturdyref}");
    }
    let other = Value::record("sturdyref", [peer(hints()), "b4nk".into()]);
    assert!(Sturdyref::from_value(&other).is_none());
}

proptest! {
    /// An address with any texts and bytes is read as it was written.
    #[test]
    fn addresses_survive_writing(
        (transport, designator) in (".+", ".+"),
        hints in prop::collection::btree_map(".*", ".*", 0..4),
        swiss in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let hints: Vec<_> = hints.iter().map(|(name, hint)| (name.as_str(), hint.as_str())).collect();
        let location = Location::new(&transport, &designator, &hints);
        let uri = location.to_uri();
        prop_assert!(uri.is_ascii());
        let read = Location::parse(&uri).unwrap();
        prop_assert_eq!(all_of(&read), all_of(&location));
        let sturdyref = Sturdyref { location, swiss: swiss.into() };
        let read = Sturdyref::parse(&sturdyref.to_uri()).unwrap();
        prop_assert_eq!(all_of(&read.location), all_of(&sturdyref.location));
        prop_assert_eq!(read.swiss, sturdyref.swiss);
    }

    #[test]
    fn k9_no_text_is_too_strange(text in "(ocapn://)?[a.%/?&=+s]*.*") {
        let _ = (Location::parse(&text), Sturdyref::parse(&text), Sturdyref::from_value(&Value::from(&*text)));
    }
}
