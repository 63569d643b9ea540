//! The bytes of each kind of value.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use marketplace::prelude::*;
use marketplace::{Opaque, View};

use super::*;
use crate::syrup::SyrupError;
use crate::value::Signed;

#[track_caller]
fn is(value: impl Into<Value>, bytes: &str) {
    let value = value.into();
    let mut mirror = Mirror::default();
    assert_eq!(String::from_utf8(mirror.written(&value).unwrap()).unwrap(), bytes);
    assert_eq!(mirror.read(bytes.as_bytes()), Ok(value));
}

fn symbol(text: &str) -> Value {
    Symbol::new(text).into()
}

#[test]
fn k19_what_both_know_is_as_it_is() {
    is((), "<4'void>");
    is(true, "t");
    is(false, "f");
    is(0, "0+");
    is(-7, "7-");
    is("é", "2\"é");
    is(symbol("ping"), "4'ping");
    is(Bytes::from_static(b"x"), "1:x");
    is(Value::sequence([1.into(), "a".into()]), "[1+1\"a]");
    is(Value::sequence([]), "[]");
}

#[test]
fn k19_an_integer_has_128_bits() {
    is(i128::MAX, "170141183460469231731687303715884105727+");
    is(i128::MIN, "170141183460469231731687303715884105728-");
    is(i128::from(u64::MAX), "18446744073709551615+");
    is(i128::from(u64::MAX) + 1, "18446744073709551616+");
    for bytes in [
        "170141183460469231731687303715884105728+",
        "170141183460469231731687303715884105729-",
        "999999999999999999999999999999999999999+",
        "1000000000000000000000000000000000000000+",
    ] {
        let too_large = Err(SyrupError::TooLarge { at: 0 }.into());
        assert_eq!(Mirror::default().read(bytes.as_bytes()), too_large, "{bytes}");
    }
}

#[test]
fn k19_what_is_not_a_number_is_written_in_one_way() {
    let mut mirror = Mirror::default();
    let canonical = b"D\x7f\xf8\0\0\0\0\0\0";
    for bits in [0x7ff8_0000_0000_0000, 0xfff8_0000_0000_0001, 0x7ff0_0000_0000_0001] {
        assert_eq!(mirror.written(&f64::from_bits(bits).into()).unwrap(), canonical);
    }
    for number in [0.0, -0.0, 1.5, f64::INFINITY, f64::MIN_POSITIVE] {
        let bytes = mirror.written(&number.into()).unwrap();
        assert_eq!(mirror.read(&bytes), Ok(number.into()));
    }
}

#[test]
fn k19_a_record_is_a_tagged_list() {
    is(Value::record("Says", ["hi".into(), 7.into()]), "<11'desc:tagged4'Says[2\"hi7+]>");
    is(Value::record("Option.None", []), "<11'desc:tagged11'Option.None[]>");
    is(Value::record("", []), "<11'desc:tagged0'[]>");
    // It has a field, so it is not the value of `()`, nor that of other languages for nothing.
    is(Value::record("void", [1.into()]), "<11'desc:tagged4'void[1+]>");
    is(Value::record("null", [1.into()]), "<11'desc:tagged4'null[1+]>");
    is(Value::record("void", []), "<11'desc:tagged4'void[]>");
}

#[test]
fn k19_a_map_with_texts_as_keys_is_a_struct() {
    is(BTreeMap::<Text, u8>::new().to_value(), "{}");
    // In the order of their bytes, of which the first ones are the length.
    let hints = BTreeMap::from([("aa".to_string(), 1), ("b".to_string(), 2)]);
    is(hints.to_value(), "{1\"b2+2\"aa1+}");
    let numbers = BTreeMap::from([(2, true), (1, false)]);
    is(numbers.to_value(), "<11'desc:tagged6'mp:map[[1+f][2+t]]>");
}

#[test]
fn k19_a_set_is_tagged() {
    is(BTreeSet::<u8>::new().to_value(), "<11'desc:tagged6'mp:set[]>");
    is(BTreeSet::from([10, 9]).to_value(), "<11'desc:tagged6'mp:set[10+9+]>");
}

#[test]
fn k19_records_of_the_protocol_are_as_they_are() {
    is(Value::record("null", []), "<4'null>");
    let peer = Value::record("ocapn-peer", [symbol("tcp-testing-only"), "0000".into(), false.into()]);
    is(peer.clone(), "<10'ocapn-peer16'tcp-testing-only4\"0000f>");
    let sturdyref = Value::record("ocapn-sturdyref", [peer, Bytes::from_static(b"swiss").into()]);
    is(sturdyref, "<15'ocapn-sturdyref<10'ocapn-peer16'tcp-testing-only4\"0000f>5:swiss>");
    is(Value::record("desc:error", ["oh".into()]), "<10'desc:error2\"oh>");
    is(Value::record("desc:tagged", [symbol("colour"), 7.into()]), "<11'desc:tagged6'colour7+>");
    is(Value::record("desc:tagged", []), "<11'desc:tagged>");
    is(Value::record("desc:tagged", ["text".into(), Value::sequence([])]), "<11'desc:tagged4\"text[]>");
    let three = Value::record("desc:tagged", [symbol("a"), Value::sequence([]), 1.into()]);
    is(three, "<11'desc:tagged1'a[]1+>");
}

/// A list behind `null` or a label of the protocol is no record of ours, since such a record is
/// written in another way.
#[test]
fn k19_a_tagged_value_that_is_no_record_of_ours_stays_one() {
    let tagged = |tag, items| Value::record("desc:tagged", [symbol(tag), Value::sequence(items)]);
    is(tagged("null", vec![]), "<11'desc:tagged4'null[]>");
    is(tagged("desc:error", vec!["oh".into()]), "<11'desc:tagged10'desc:error[2\"oh]>");
    is(tagged("desc:export", vec![1.into()]), "<11'desc:tagged11'desc:export[1+]>");
    let plain = vec![symbol("point"), Value::sequence([])];
    is(tagged("mp:plain", plain), "<11'desc:tagged8'mp:plain[5'point[]]>");
}

#[test]
fn k19_a_record_that_would_arrive_as_something_else_is_named() {
    let named =
        |label: &str, fields: &str| format!("<11'desc:tagged9'mp:record[{}'{label}[{fields}]]>", label.len());
    for label in ["mp:record", "mp:map", "mp:set", "desc:export", "desc:sig-envelope"] {
        is(Value::record(label, [1.into()]), &named(label, "1+"));
    }
    let as_record = Value::record("desc:tagged", [symbol("Says"), Value::sequence([1.into()])]);
    is(as_record, &named("desc:tagged", "4'Says[1+]"));
    let as_set = Value::record("desc:tagged", [symbol("mp:set"), Value::sequence([])]);
    is(as_set, &named("desc:tagged", "6'mp:set[]"));
    is(Value::record("desc:tagged", [symbol("mp:map")]), &named("desc:tagged", "6'mp:map"));
    let as_null = Value::record("mp:plain", [symbol("null"), Value::sequence([])]);
    is(as_null, &named("mp:plain", "4'null[]"));
    let as_unit = Value::record("mp:plain", [symbol("void"), Value::sequence([])]);
    is(as_unit, &named("mp:plain", "4'void[]"));
    let as_reference = Value::record("mp:plain", [symbol("desc:export"), Value::sequence([1.into()])]);
    is(as_reference, &named("mp:plain", "11'desc:export[1+]"));
    is(Value::record("mp:plain", [1.into()]), &named("mp:plain", "1+"));
}

#[test]
fn k19_a_record_that_others_write_and_we_do_not_is_plain() {
    let plain = |label, fields| Value::record("mp:plain", [label, Value::sequence(fields)]);
    is(plain(symbol("point"), vec![1.into(), 2.into()]), "<5'point1+2+>");
    is(plain(symbol("null"), vec![1.into()]), "<4'null1+>");
    is(plain("text".into(), vec![]), "<4\"text>");
    is(plain(Value::UNIT, vec![1.into()]), "<<4'void>1+>");
}

#[test]
fn k19_each_descriptor_is_a_reference() {
    struct Told(Vec<String>);
    impl Refer for Told {
        fn refer(&mut self, descriptor: Descriptor<'_>) -> Result<Value, Unreadable> {
            self.0.push(format!("{descriptor:?}"));
            Ok(().into())
        }
    }
    let bytes = b"[<18'desc:import-object0+><19'desc:import-promise1+><11'desc:export2+><11'desc:answer3+>]";
    let mut told = Told(Vec::new());
    value::read(&mut Reader::new(bytes, Limits::default()), &mut told).unwrap();
    assert_eq!(told.0, ["ImportObject(0)", "ImportPromise(1)", "Export(2)", "Answer(3)"]);

    for wrong in ["<11'desc:export1->", "<11'desc:export18446744073709551616+>"] {
        let read = Mirror::default().read(wrong.as_bytes());
        assert_eq!(read, Err(Unreadable::Malformed("desc:export")), "{wrong}");
    }
    for wrong in ["<11'desc:export>", "<11'desc:export1\"1>", "<11'desc:export1+1+>"] {
        let read = Mirror::default().read(wrong.as_bytes());
        assert!(matches!(read, Err(Unreadable::Syrup(SyrupError::Unexpected { .. }))), "{wrong}: {read:?}");
    }
}

/// The data of a settled promise stands in its place: then it may look like something else.
#[test]
fn k19_a_settled_promise_is_never_taken_for_a_part_of_a_record() {
    let promise = reference();
    let [tag, void, items] = [symbol("tag"), symbol("void"), Value::sequence([1.into()])];
    let tagged = |tag, content| Value::record("desc:tagged", [tag, content]);
    let plain = |label| Value::record("mp:plain", [label, Value::sequence([])]);
    let sent = |value: &Value, settled: &Value| {
        let settled = vec![(promise.clone(), settled.clone())];
        let mut mirror = Mirror { settled, ..Mirror::default() };
        let bytes = mirror.written(value).unwrap();
        mirror.read(&bytes).unwrap()
    };
    let promised = || Value::from(promise.clone());
    assert_eq!(sent(&tagged(promised(), items.clone()), &tag), tagged(tag.clone(), items.clone()));
    let one = |tag| Value::record("desc:tagged", [tag]);
    assert_eq!(sent(&one(promised()), &symbol("mp:map")), one(symbol("mp:map")));
    assert_eq!(sent(&tagged(tag.clone(), promised()), &items), tagged(tag, items));
    assert_eq!(sent(&plain(promised()), &void), plain(void));
}

#[test]
fn k19_certificates_travel_unchanged() {
    let give = b"<17'desc:sig-envelope<17'desc:handoff-give1+[{1\"a<3'odd>}]>[7'sig-val]>";
    let mut mirror = Mirror::default();
    let Ok(gift) = mirror.read(give) else { panic!("it is one") };
    assert!(matches!(gift.view(), View::Reference(_)));
    assert_eq!(mirror.known[0].1, give);
    assert_eq!(mirror.written(&gift).unwrap(), give);

    let receive = [b"<17'desc:sig-envelope<20'desc:handoff-receive0+", &give[..], b">[7'sig-val]>"].concat();
    let value = mirror.read(&receive).unwrap();
    let View::Opaque(opaque) = value.view() else { panic!("{value} is no certificate") };
    assert_eq!(opaque.downcast_ref(), Some(&Signed(receive.clone().into())));
    assert_eq!(mirror.written(&value).unwrap(), receive);
    // The gift inside is not ours to take.
    assert_eq!(mirror.known.len(), 1);
    for wrong in
        [&b"<17'desc:sig-envelope>"[..], b"<17'desc:sig-envelope1+2+>", b"<17'desc:sig-envelope<3'odd>>"]
    {
        assert!(mirror.read(wrong).is_err());
    }
}

#[test]
fn k19_what_is_neither_data_nor_a_reference_is_refused() {
    let refused = |value: Value| {
        let inside = Value::record("Takes", [Value::sequence([1.into(), value])]);
        Mirror::default().written(&inside).unwrap_err().what
    };
    let opaque = Opaque::new(7);
    assert_eq!(refused(opaque.clone().into()), format!("the host value {opaque:?}"));
    let fresh = Fresh::new();
    assert_eq!(refused(fresh.into()), fresh.to_value().to_string());
    let unknown = Value::from(reference());
    assert_eq!(refused(unknown.clone()), unknown.to_string());
}
