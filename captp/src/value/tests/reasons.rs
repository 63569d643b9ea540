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

#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
#[error("only {0} left")]
struct Overdrawn(u64);

#[test]
fn k19_an_error_that_is_data_arrives_as_itself() {
    let bytes = b"<11'desc:tagged8'mp:error[11\"only 7 left<11'desc:tagged9'Overdrawn[7+]>]>";
    assert_eq!(written(&Overdrawn(7).into()), bytes);
    let read = read(bytes);
    assert_eq!(read.decode(), Some(Overdrawn(7)));
    assert_eq!(read.to_string(), "only 7 left");
    // A peer that does not know its type passes it on.
    assert_eq!(written(&read), bytes);
}

/// As a value its references are looked after; an error would hide them.
#[test]
fn k19_an_error_that_is_data_with_a_reference_is_its_value() {
    #[derive(Message, Clone, Debug, thiserror::Error)]
    #[message(error)]
    #[error("they have it")]
    struct Taken(Value);

    let reference = reference();
    let mut mirror = Mirror::of(std::slice::from_ref(&reference));
    let mut writer = Writer::new();
    write_reason(&Taken(reference.clone().into()).into(), &mut writer, &mut mirror).unwrap();
    let bytes = writer.into_bytes();
    let reason = read_reason(&mut Reader::new(&bytes, Limits::default()), &mut mirror).unwrap();
    assert!(matches!(reason, Reason::Value(_)), "{reason:?}");
    assert_eq!(reason.decode().map(|Taken(by)| by), Some(reference.into()));
}

#[test]
fn k19_an_error_that_is_data_as_deep_as_can_be_is_its_value() {
    #[derive(Message, Clone, Debug, thiserror::Error)]
    #[message(error)]
    #[error("deep")]
    struct Deep(Value);

    let mut value = Value::UNIT;
    while value.depth() + 1 < marketplace::MAX_DEPTH {
        value = Value::sequence([value]);
    }
    let reason = read(&written(&Deep(value.clone()).into()));
    assert_eq!(reason.decode().map(|Deep(read)| read), Some(value));
}

#[test]
fn k19_an_error_whose_data_cannot_travel_is_its_text() {
    #[derive(Message, Clone, Debug, thiserror::Error)]
    #[message(error)]
    #[error("lost")]
    struct Lost(Fresh);

    assert_eq!(written(&Lost(Fresh::new()).into()), b"<10'desc:error4\"lost>");
}

/// Others may write anything there.
#[test]
fn k19_what_is_only_like_an_error_is_a_value() {
    for bytes in [
        "<11'desc:tagged8'mp:error[1+2+]>",
        "<11'desc:tagged8'mp:error[1\"a]>",
        "<11'desc:tagged8'mp:error7+>",
    ] {
        let reason = read(bytes.as_bytes());
        assert!(matches!(reason, Reason::Value(_)), "{reason:?}");
        assert_eq!(String::from_utf8(written(&reason)).unwrap(), bytes);
    }
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
