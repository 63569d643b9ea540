//! Known bytes, bytes that come in pieces, and bytes that are wrong.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::syrup::{Atom, Extent, Kind, Limits, Reader, SyrupError, Writer};

const LIMITS: Limits = Limits { bytes: 1 << 20, depth: 16 };

/// `test-data/zoo.bin` of the specification.
const ZOO: &[u8] = b"<3:zoo19\"The Grand Menagerie[\
    {3'age12+4'eats#4:fish4:mice6:kibble$4'name7\"Tabatha6'alive?t6'weightD@ ffffff7'species3:cat}\
    {3'age6+4'eats#7:bananas7:insects$4'name6\"George6'alive?f6'weightD@1=p\xa3\xd7\n=7'species6:monkey}\
    {3'age12-4'eats#$4'name6\"Casper6'alive?f6'weightD\xc0A@\0\0\0\0\x007'species5:ghost}]>";

#[test]
fn the_zoo_is_written_as_it_is() {
    type Animal<'a> = (&'a str, i128, &'a [&'a str], f64, &'a str, bool);
    let animals: [Animal<'_>; 3] = [
        ("Tabatha", 12, &["mice", "fish", "kibble"], 8.2, "cat", true),
        ("George", 6, &["bananas", "insects"], 17.24, "monkey", false),
        ("Casper", -12, &[], -34.5, "ghost", false),
    ];
    let mut writer = Writer::new();
    writer.open(Kind::Record);
    writer.bytes(b"zoo");
    writer.text("The Grand Menagerie");
    writer.open(Kind::List);
    for (name, age, eats, weight, species, alive) in animals {
        let mut animal = writer.open_sorted(Kind::Dict);
        let mut key = |writer: &mut Writer, key| {
            writer.entry(&mut animal);
            writer.symbol(key);
        };
        key(&mut writer, "species");
        writer.bytes(species.as_bytes());
        key(&mut writer, "name");
        writer.text(name);
        key(&mut writer, "age");
        writer.int(age);
        key(&mut writer, "weight");
        writer.float(weight);
        key(&mut writer, "alive?");
        writer.bool(alive);
        key(&mut writer, "eats");
        let mut food = writer.open_sorted(Kind::Set);
        for eaten in eats {
            writer.entry(&mut food);
            writer.bytes(eaten.as_bytes());
        }
        writer.close_sorted(food);
        writer.close_sorted(animal);
    }
    writer.close(Kind::List);
    writer.close(Kind::Record);
    assert_eq!(String::from_utf8_lossy(writer.as_bytes()), String::from_utf8_lossy(ZOO));
    assert_eq!(Extent::new(LIMITS).end(ZOO), Ok(Some(ZOO.len())));
}

/// Reads a value part by part.
fn walk(reader: &mut Reader<'_>) -> Result<(), SyrupError> {
    if reader.atom()?.is_some() {
        return Ok(());
    }
    let kind = reader.kind()?;
    reader.open(kind)?;
    while !reader.closes(kind)? {
        walk(reader)?;
    }
    Ok(())
}

#[test]
fn a_number_has_one_spelling() {
    let int = |bytes| Reader::new(bytes, LIMITS).int();
    assert_eq!(int(b"0+"), Ok(0));
    assert_eq!(int(b"10-"), Ok(-10));
    for wrong in [&b"0-"[..], b"00+", b"01+", b"007-"] {
        assert_eq!(int(wrong), Err(SyrupError::NotCanonical { at: 0 }), "{wrong:?}");
    }
    assert_eq!(Reader::new(b"00:", LIMITS).bytes(), Err(SyrupError::NotCanonical { at: 0 }));
    for cut in [&b""[..], b"1", b"12"] {
        assert_eq!(int(cut), Err(SyrupError::Cut { at: cut.len() }), "{cut:?}");
    }
}

#[test]
fn a_number_that_begins_with_a_zero_is_told_however_it_comes() {
    let zeros = [b'0'; 60];
    for piece in [1, 2, 40, 60] {
        assert_eq!(end(&zeros, &[piece]), Err(SyrupError::NotCanonical { at: 0 }), "{piece} at once");
    }
    assert_eq!(Reader::new(&zeros, LIMITS).skip(), Err(SyrupError::NotCanonical { at: 0 }));
}

#[test]
fn a_wrong_byte_is_told_by_its_place_in_all_bytes() {
    let expected = "a value";
    let mut reader = Reader::new(b"[1+[2+x]]", LIMITS);
    reader.open(Kind::List).unwrap();
    reader.int().unwrap();
    assert_eq!(reader.skip(), Err(SyrupError::Unexpected { at: 6, found: b'x', expected }));
    assert_eq!(walk(&mut reader), Err(SyrupError::Unexpected { at: 6, found: b'x', expected }));
    let mut reader = Reader::new(b"12x", LIMITS);
    let expected = "`+`, `-`, `:`, `\"` or `'` behind a number";
    let wrong = SyrupError::Unexpected { at: 2, found: b'x', expected };
    assert_eq!(reader.kind(), Err(wrong));
    assert_eq!(reader.skip(), Err(wrong));
    assert_eq!(reader.text(), Err(wrong));
}

#[test]
fn what_is_not_the_expected_kind_is_still_there() {
    let mut reader = Reader::new(b"3'abc", LIMITS);
    let expected = "a text";
    assert_eq!(reader.text(), Err(SyrupError::Unexpected { at: 0, found: b'3', expected }));
    assert!(reader.int().is_err() && reader.bool().is_err() && reader.bytes().is_err());
    assert!(reader.open(Kind::List).is_err() && reader.float().is_err());
    assert_eq!(reader.symbol(), Ok("abc"));
    reader.finish().unwrap();
    assert_eq!(Reader::new(b"2\"\xc3\x28", LIMITS).text(), Err(SyrupError::NotText { at: 0 }));
    assert_eq!(Reader::new(b"tt", LIMITS).finish(), Err(SyrupError::Trailing { at: 0 }));
}

#[test]
fn a_value_has_no_more_bytes_than_it_may() {
    let limits = |bytes| Limits { bytes, ..LIMITS };
    for value in [&b"[1+]"[..], b"2:ab", b"123+"] {
        assert_eq!(Extent::new(limits(4)).end(value), Ok(Some(4)));
        assert_eq!(Extent::new(limits(3)).end(value), Err(SyrupError::TooLong { limit: 3 }));
    }
    // It says so as soon as it knows.
    assert_eq!(Extent::new(limits(9)).end(b"100:"), Err(SyrupError::TooLong { limit: 9 }));
    let huge = b"99999999999999999999:";
    assert_eq!(Extent::new(limits(usize::MAX)).end(huge), Err(SyrupError::TooLarge { at: 0 }));
    assert_eq!(Extent::new(limits(9)).end(&[b'1'; 40]), Err(SyrupError::TooLarge { at: 0 }));
}

#[test]
fn a_value_nests_no_deeper_than_it_may() {
    let limits = Limits { depth: 2, ..LIMITS };
    let too_deep = SyrupError::TooDeep { limit: 2 };
    assert_eq!(Extent::new(limits).end(b"[[]]"), Ok(Some(4)));
    assert_eq!(Extent::new(limits).end(b"[[["), Err(too_deep));
    let mut reader = Reader::new(b"[[[]]]", limits);
    reader.open(Kind::List).unwrap();
    assert_eq!(reader.clone().skip(), Err(too_deep));
    reader.open(Kind::List).unwrap();
    assert_eq!(reader.open(Kind::List), Err(too_deep));
}

/// Bytes that are often Syrup.
fn syrup() -> impl Strategy<Value = Vec<u8>> {
    let atom = prop_oneof![
        any::<i128>().prop_map(|i| write(|writer| writer.int(i))),
        (-9..9i128).prop_map(|i| write(|writer| writer.int(i))),
        any::<f64>().prop_map(|x| write(|writer| writer.float(x))),
        any::<bool>().prop_map(|b| write(|writer| writer.bool(b))),
        vec(any::<u8>(), 0..12).prop_map(|bytes| write(|writer| writer.bytes(&bytes))),
        ".{0,4}".prop_map(|text| write(|writer| writer.text(&text))),
        ".{0,4}".prop_map(|text| write(|writer| writer.symbol(&text))),
    ];
    atom.prop_recursive(6, 40, 5, |inner| {
        let brackets = prop_oneof![Just("[]"), Just("{}"), Just("<>"), Just("#$")];
        (brackets, vec(inner, 0..5)).prop_map(|(brackets, items)| {
            let [open, close] = brackets.as_bytes() else { unreachable!("there are two") };
            [&[*open][..], &items.concat(), &[*close]].concat()
        })
    })
}

fn write(what: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    what(&mut writer);
    writer.into_bytes()
}

/// The end of the value, however its bytes come.
fn end(bytes: &[u8], pieces: &[usize]) -> Result<Option<usize>, SyrupError> {
    let mut extent = Extent::new(LIMITS);
    let mut there = 0;
    for piece in pieces.iter().cycle() {
        let end = extent.end(&bytes[..there])?;
        if end.is_some() || there == bytes.len() {
            return Ok(end);
        }
        there = (there + piece).min(bytes.len());
    }
    unreachable!("it goes on for ever")
}

fn check(bytes: &[u8], pieces: &[usize]) -> Result<(), TestCaseError> {
    let mut reader = Reader::new(bytes, LIMITS);
    let skipped = reader.skip().map(<[u8]>::len);
    let expected = match skipped {
        Err(SyrupError::Cut { .. }) => Ok(None),
        skipped => skipped.map(Some),
    };
    prop_assert_eq!(end(bytes, pieces), expected);
    prop_assert_eq!(reader.at(), skipped.unwrap_or(0));

    let mut reader = Reader::new(bytes, LIMITS);
    let walked = walk(&mut reader).map(|()| reader.at());
    match walked {
        // A reader that skips a value does not look at texts and numbers.
        Err(SyrupError::NotText { .. }) => {}
        Err(SyrupError::NotCanonical { .. } | SyrupError::TooLarge { .. }) => {}
        _ => prop_assert_eq!(walked, skipped),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_end_is_where_the_reader_finds_it(
        bytes in syrup(),
        rest in vec(any::<u8>(), 0..4),
        cut in any::<prop::sample::Index>(),
        pieces in vec(1..9usize, 1..5),
    ) {
        let len = bytes.len();
        let more = [bytes, rest].concat();
        prop_assert_eq!(end(&more, &pieces), Ok(Some(len)));
        check(&more, &pieces)?;
        check(&more[..cut.index(len)], &pieces)?;
        prop_assert_eq!(end(&more[..cut.index(len)], &pieces), Ok(None));
    }

    #[test]
    fn any_bytes_have_an_end_or_are_wrong(
        bytes in vec(prop_oneof![any::<u8>(), prop::sample::select(&b"0123:\"'+-[]{}<>#$tfD"[..])], 0..40),
        pieces in vec(1..9usize, 1..5),
    ) {
        check(&bytes, &pieces)?;
    }

    #[test]
    fn numbers_are_written_and_read(int in any::<i128>(), digits in 0..128u32) {
        let int = int >> digits;
        let sign = if int < 0 { '-' } else { '+' };
        let bytes = write(|writer| writer.int(int));
        prop_assert_eq!(String::from_utf8_lossy(&bytes), format!("{}{sign}", int.unsigned_abs()));
        prop_assert_eq!(Reader::new(&bytes, LIMITS).atom(), Ok(Some(Atom::Int(int))));
    }
}
