//! Reasons go out and come back.

use marketplace::Message;
use marketplace::objects::Broken;
use marketplace::prelude::*;

use super::*;
use crate::value::{read_reason, write_reason};

fn written(reason: &Reason) -> Vec<u8> {
    let mut writer = Writer::new();
    write_reason(reason, &mut writer, &mut Mirror::default()).unwrap();
    writer.into_bytes()
}

fn read(bytes: &[u8]) -> Reason {
    read_reason(&mut Reader::new(bytes, Limits::default()), &mut Mirror::default()).unwrap()
}

#[test]
fn k19_a_reason_that_is_a_value_is_that() {
    let reason = Reason::value(&Symbol::new("oh-no"));
    assert_eq!(written(&reason), b"5'oh-no");
    assert_eq!(read(b"5'oh-no"), reason);
}

#[test]
fn k19_any_other_reason_is_its_text() {
    let error = "x".parse::<u8>().unwrap_err();
    let bytes = b"<10'desc:error29\"invalid digit found in string>";
    assert_eq!(written(&Reason::error(error)), bytes);
    assert_eq!(read(bytes).to_string(), "invalid digit found in string");
    assert_eq!(written(&Reason::Shutdown), b"<10'desc:error8\"shutdown>");
    assert_eq!(written(&Reason::Panic("oh".into())), b"<10'desc:error9\"panic: oh>");
}

/// Also what others add to an error, which we do not know.
#[test]
fn k19_an_error_goes_home_unchanged() {
    for bytes in
        ["<10'desc:error2\"oh>", "<10'desc:error2\"oh2:id{1\"a1+}>", "<10'desc:error1+>", "<10'desc:error>"]
    {
        assert_eq!(String::from_utf8(written(&read(bytes.as_bytes()))).unwrap(), bytes);
    }
    assert_eq!(read(b"<10'desc:error2\"oh1+>").to_string(), "oh");
}

/// As a value its references are looked after; an error would hide them.
#[test]
fn k19_an_error_with_a_reference_is_a_value() {
    let reason = read(b"<10'desc:error2\"oh<11'desc:export1+>>");
    let Reason::Value(value) = reason else { panic!("{reason:?} is none") };
    assert!(value.has_references());
}

#[test]
fn k19_why_a_promise_is_broken_is_data() {
    let gone = Broken::Gone(Reason::error("x".parse::<u8>().unwrap_err()));
    for broken in [Broken::Cycle, Broken::NotPassable { place: 2, what: "#7".into() }] {
        let reason = read(&written(&broken.clone().into()));
        assert_eq!(Broken::of(&reason), Some(&broken));
        assert_eq!(reason.to_string(), broken.to_string());
    }
    // An error that is no data is its text elsewhere.
    let reason = read(&written(&gone.clone().into()));
    assert_eq!(reason.to_string(), gone.to_string());
    let text = Reason::Value(Text::from("invalid digit found in string").into());
    assert_eq!(reason.decode(), Some(Broken::Gone(text)));
}

/// A reason that travels inside of a message.
#[test]
fn k19_a_reason_in_a_value_can_be_read_as_one() {
    let mut mirror = Mirror::default();
    for reason in [Reason::Normal, Reason::Refused(7.into()), Reason::Panic("oh".into()), Reason::value(&7)] {
        let bytes = mirror.written(&reason.to_value()).unwrap();
        assert_eq!(mirror.read(&bytes).map(|value| Reason::from_value(&value)), Ok(Some(reason)));
    }
    let error = Reason::error("x".parse::<u8>().unwrap_err());
    let bytes = mirror.written(&error.to_value()).unwrap();
    let read = Reason::from_value(&mirror.read(&bytes).unwrap()).unwrap();
    assert_eq!(read.to_string(), error.to_string());
}

#[test]
fn k19_a_reason_that_cannot_travel_is_refused() {
    let reason = Reason::value(&Fresh::new());
    assert!(write_reason(&reason, &mut Writer::new(), &mut Mirror::default()).is_err());
}
