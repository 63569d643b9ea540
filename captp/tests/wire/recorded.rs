//! The words of others are read, and written as they wrote them.

use marketplace_captp::syrup::{Kind, Limits, Reader, Writer};
use marketplace_captp::wire::{
    Give, Import, Op, PublicKey, Receive, SessionId, Signed, Spelling, To, WireError,
};

use crate::check::write;
use crate::transcripts::{self, Side, What};

#[test]
fn k12_each_recorded_message_is_written_as_it_was_read() {
    let (mut hellos, mut others) = (0, 0);
    for (spelling, message) in transcripts::messages() {
        match Op::read(&message, Limits::default()) {
            Ok(Op::Start(hello)) => {
                let location = hello.location.as_bytes();
                assert!(message.windows(location.len()).any(|window| window == location));
                hellos += 1;
            }
            Ok(op) => {
                assert_eq!(write(&op, spelling), message, "{op:?}");
                others += 1;
            }
            // Two tests of the suite have a hello of another version, and one that is not signed.
            Err(WireError::Version(version)) => assert_eq!(version, "invalid-version-number"),
            Err(WireError::Unsigned) => {}
            Err(error) => panic!("{error}: {}", message.escape_ascii()),
        }
    }
    assert_eq!((hellos, others), (122, 295));
}

#[test]
fn the_hellos_that_are_wrong_are_told() {
    for spelling in [Spelling::Framed, Spelling::Snapshot] {
        for (test, error) in [
            (
                "test_start_session_with_invalid_version",
                WireError::Version("invalid-version-number".to_string()),
            ),
            ("test_start_session_with_invalid_signature", WireError::Unsigned),
        ] {
            let steps = transcripts::of(spelling, test).steps;
            let What::Said(Side::Suite, hello) = &steps[1].what else { panic!("no hello: {steps:?}") };
            assert_eq!(Op::read(hello, Limits::default()), Err(error));
        }
    }
}

/// A receiver that another implementation is withdraws what it was given. Its certificate is
/// signed by the key of its hello to the gifter, and names both ends of the session by which it
/// came.
#[test]
fn recorded_certificates_are_right() {
    let mut found = 0;
    for transcript in transcripts::all() {
        let mut hellos: Vec<(usize, Side, PublicKey)> = Vec::new();
        for step in &transcript.steps {
            let What::Said(side, message) = &step.what else { continue };
            let args = match Op::read(message, Limits::default()) {
                Ok(Op::Start(hello)) => {
                    hellos.push((step.connection, *side, hello.key));
                    continue;
                }
                Ok(Op::Deliver { to: To::Export(0), args, .. }) => args,
                _ => continue,
            };
            let mut reader = Reader::new(args.0, Limits::default());
            reader.open(Kind::List).unwrap();
            if reader.symbol() != Ok("withdraw-gift") {
                continue;
            }
            let signed = Signed(reader.skip().unwrap().to_vec().into());
            let receive = Receive::read(&signed).unwrap();
            let give = Give::read(&receive.give).unwrap();
            let key = |of: Side| {
                let mut hellos = hellos.iter();
                hellos.find(|(at, side, _)| (*at, *side) == (step.connection, of)).unwrap().2
            };
            let ids = [Side::Suite, Side::Peer].map(|side| key(side).id());
            assert_eq!(receive.session, SessionId::between(ids[0], ids[1]));
            assert_eq!(receive.side, key(*side).id());
            assert_eq!(give.gift, "my-gift");
            let good = transcript.test != "test_handoff_receive_invalid_signature";
            assert_eq!(signed.is_signed_by(&give.receiver_key), Ok(good), "{}", transcript.test);
            found += 1;
        }
    }
    assert_eq!(found, 14);
}

/// Positions are written by themselves, too: where a reference stands in the parts of a message.
#[test]
fn descriptors_are_written_as_others_write_them() {
    let mut writer = Writer::new();
    To::Export(0).write(&mut writer);
    To::Answer(1).write(&mut writer);
    Import::Object(2).write(&mut writer);
    Import::Promise(u64::MAX).write(&mut writer);
    let text = "<11'desc:export0+><11'desc:answer1+><18'desc:import-object2+>\
        <19'desc:import-promise18446744073709551615+>";
    assert_eq!(str::from_utf8(writer.as_bytes()), Ok(text));
}
