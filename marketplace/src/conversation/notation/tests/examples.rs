//! How things print, and how else they may be written.

use bytes::Bytes;
use im::{OrdMap, OrdSet};

use crate::{Message, Symbol, Text, Topic, Value};

fn record<const N: usize>(label: &str, fields: [Value; N]) -> Value {
    Value::record(label, fields)
}

fn text(text: &str) -> Value {
    Text::from(text).into()
}

fn symbol(text: &str) -> Value {
    Symbol::new(text).into()
}

fn set<const N: usize>(items: [Value; N]) -> Value {
    Value::set(OrdSet::from_iter(items)).unwrap()
}

fn map<const N: usize>(entries: [(Value, Value); N]) -> Value {
    Value::map(OrdMap::from_iter(entries)).unwrap()
}

#[test]
fn this_is_how_values_print() {
    let one = || Value::from(1);
    let bytes = |bytes: &'static [u8]| Value::from(Bytes::from_static(bytes));
    let table: Vec<(Value, &str)> = vec![
        (Value::UNIT, "()"),
        (true.into(), "true"),
        (i128::MIN.into(), "-170141183460469231731687303715884105728"),
        (i128::MAX.into(), "170141183460469231731687303715884105727"),
        ((-0.0).into(), "-0.0"),
        (1e15.into(), "1000000000000000.0"),
        (1e16.into(), "1e16"),
        (f64::MAX.into(), "1.7976931348623157e308"),
        (2.5e-7.into(), "2.5e-7"),
        (f64::INFINITY.into(), "inf"),
        (f64::NEG_INFINITY.into(), "-inf"),
        (f64::NAN.into(), "NaN"),
        (f64::from_bits(0xfff8_0000_0000_0000).into(), "-NaN"),
        (f64::from_bits(0x7ff8_0000_0000_0001).into(), "NaN(0x7ff8000000000001)"),
        (text("a \"b\" 'c' |d|\n\\"), r#""a \"b\" 'c' |d|\n\\""#),
        (symbol("ping"), "'ping"),
        (symbol("4-to-1"), "'4-to-1"),
        (symbol("true"), "'true"),
        (symbol(""), "'||"),
        (symbol("a b"), "'|a b|"),
        (symbol("a\"b'c|d\\e\n"), r#"'|a"b'c\|d\\e\n|"#),
        (bytes(b"GET \"\\\xff\0'|"), r#"b"GET \"\\\xff\0'|""#),
        (record("Shape.Empty", []), "Shape.Empty"),
        (record("Shape.Circle", [one(), text("x")]), r#"Shape.Circle(1, "x")"#),
        (record("shape within", [one()]), "|shape within|(1)"),
        (record("", [one()]), "||(1)"),
        (record("", []), "||"),
        (record("true", []), "|true|"),
        (record("inf", []), "|inf|"),
        (record("NaN", [one()]), "|NaN|(1)"),
        (record("_", []), "|_|"),
        (record("__", []), "__"),
        (record("1", []), "|1|"),
        (record("-a", []), "|-a|"),
        (record("fresh#7", []), "|fresh#7|"),
        (record("b", [text("x")]), r#"b("x")"#),
        (Value::sequence([]), "[]"),
        (Value::sequence([one(), Value::sequence([one()])]), "[1, [1]]"),
        (set([]), "{}"),
        (set([one(), text("x")]), r#"{1, "x"}"#),
        (map([]), "{:}"),
        (map([(one(), text("x"))]), r#"{1: "x"}"#),
        (set([map([]), set([])]), "{{}, {:}}"),
        (Some(1u8).to_value(), "Option.Some(1)"),
    ];
    for (value, printed) in table {
        assert_eq!(value.to_string(), printed);
        assert_eq!(printed.parse(), Ok(value), "{printed}");
    }
}

#[test]
fn this_can_be_written_otherwise() {
    for (written, printed) in [
        (" ( ) ", "()"),
        ("007", "7"),
        ("-0", "0"),
        ("1E+2", "100.0"),
        ("1e-999", "0.0"),
        ("NaN ( 0xfff8000000000000 )", "-NaN"),
        ("NaN(0x7FF8000000000000)", "NaN"),
        (r#""\u{e9}\'\|""#, r#""é'|""#),
        ("\"two\nlines\"", r#""two\nlines""#),
        (r#"b"\x41\'\|""#, r#"b"A'|""#),
        ("'|ping|", "'ping"),
        ("|Ping| (1,)", "Ping(1)"),
        ("Ping()", "Ping"),
        ("Ping ( )", "Ping"),
        ("|true|()", "|true|"),
        ("[1,2,]", "[1, 2]"),
        ("{ 2 , 1 , 2 , }", "{1, 2}"),
        ("{ : }", "{:}"),
        ("{2:'b,1:'a,}", "{1: 'a, 2: 'b}"),
    ] {
        assert_eq!(written.parse::<Value>().map(|value| value.to_string()), Ok(printed.to_string()));
    }
}

#[test]
fn a_topic_has_wildcards_in_records_and_sequences() {
    let any = Topic::any;
    let table: Vec<(&str, Topic)> = vec![
        ("_", any()),
        ("[_, 1]", Topic::sequence([any(), Value::from(1).into()])),
        ("A(_)", Topic::record("A", [any()])),
        ("A(B(1), [_])", Topic::record("A", [record("B", [1.into()]).into(), Topic::sequence([any()])])),
        ("A(_a)", record("A", [record("_a", [])]).into()),
        ("[{1}, _]", Topic::sequence([set([1.into()]).into(), any()])),
        ("[{1: {}}, _]", Topic::sequence([map([(1.into(), set([]))]).into(), any()])),
    ];
    for (written, topic) in table {
        assert_eq!(written.parse(), Ok(topic.clone()), "{written}");
        assert_eq!(topic.to_string(), written);
    }
}
