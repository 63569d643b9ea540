//! The parts of a command, and the failures to start one.

use marketplace::prelude::*;
use marketplace_drivers::child::{self, ChildExit, ChildFailure, ChildPacket, Command};

use crate::support::{ERR, News, OUT, Order, beside, sh, talker};

#[test]
fn arguments_environment_and_directory_are_given() {
    let command = sh(r#"printf '%s|%s|%s|' "$1" "$SAID" "$PWD""#)
        .args(["name", "an  arg; $HOME"])
        .env("SAID", "über")
        .dir("/");
    let (mut talk, process) = talker(&command, [Order::Hear(OUT)]);
    let heard = beside(child::driver(), vec![process], async { talk.rest(OUT).await });
    assert_eq!(heard, ("an  arg; $HOME|über|/|".into(), true, Reason::Normal));
}

/// Why it was refused.
fn refused(command: &Command) -> ChildFailure {
    let (mut talk, process) = talker(command, [Order::Speak, Order::Hear(OUT)]);
    let news = beside(child::driver(), vec![process], async { talk.next().await });
    let News::Ended(_, Reason::Refused(why)) = news else { panic!("{news:?}") };
    ChildFailure::from_value(&why).unwrap()
}

#[test]
fn what_cannot_be_started_is_refused_and_why() {
    let why = refused(&Command::new("/no/such/program"));
    assert_eq!(why.kind, "NotFound".into());
    assert!(why.text.starts_with("cannot start /no/such/program: "), "{why:?}");
    assert_eq!(refused(&Command::new("no-such-program-in-the-path")).kind, "NotFound".into());
    assert_eq!(refused(&Command::new("")).kind, "NotFound".into());
    assert_eq!(refused(&Command::new("/etc/passwd")).kind, "PermissionDenied".into());
    assert_eq!(refused(&Command::new("true").arg("a\0b")).kind, "InvalidInput".into());
    let why = refused(&Command::new("true").dir("/no/such/place"));
    assert_eq!(why.kind, "NotFound".into());
    assert!(why.text.contains("in /no/such/place"), "{why:?}");
}

#[test]
fn an_input_for_which_nobody_is_there_is_empty() {
    let (mut talk, process) = talker(&Command::new("cat"), [Order::Hear(OUT)]);
    let heard = beside(child::driver(), vec![process], async {
        let heard = talk.rest(OUT).await;
        talk.order(Order::Speak);
        heard
    });
    assert_eq!(heard, (Vec::new(), true, Reason::Normal));
}

#[test]
fn an_output_for_which_nobody_is_there_is_dropped() {
    let (mut talk, process) = talker(&sh("yes | head -c 1000000; exit 7"), [Order::Speak]);
    beside(child::driver(), vec![process], async {
        assert_eq!(talk.next().await, News::Hears);
        assert_eq!(talk.next().await, News::Deaf(Reason::value(&ChildExit::Code(7))));
    });
}

#[test]
fn who_comes_late_to_such_an_output_hears_its_end() {
    let (mut talk, process) = talker(&Command::new("cat"), [Order::Speak]);
    beside(child::driver(), vec![process], async {
        assert_eq!(talk.next().await, News::Hears);
        for stream in [OUT, ERR] {
            talk.order(Order::Hear(stream));
            assert_eq!(talk.next().await, News::Runs(stream));
            assert_eq!(talk.next().await, News::Heard(stream, ChildPacket::Eof));
        }
    });
}

/// Linux says what a stream is.
#[cfg(target_os = "linux")]
#[test]
fn an_error_stream_for_which_nobody_is_there_is_the_programs_own() {
    let (mut talk, process) = talker(&sh("readlink /proc/$$/fd/2"), [Order::Hear(OUT)]);
    let (heard, ..) = beside(child::driver(), vec![process], async { talk.rest(OUT).await });
    let own = std::fs::read_link("/proc/self/fd/2").unwrap();
    assert_eq!(String::from_utf8(heard).unwrap().trim_end(), own.to_str().unwrap());
}

#[test]
fn streams_are_told_apart() {
    let (mut talk, process) = talker(&sh("echo one; echo two >&2"), [Order::Hear(OUT), Order::Hear(ERR)]);
    beside(child::driver(), vec![process], async {
        let (mut said, mut ended) = (Vec::new(), 0);
        while ended < 2 {
            match talk.next().await {
                News::Heard(stream, packet) => said.push((stream, packet)),
                News::Ended(_, why) => {
                    assert_eq!(why, Reason::Normal);
                    ended += 1;
                }
                _ => {}
            }
        }
        said.sort_by_key(|(stream, _)| *stream);
        let eof = ChildPacket::Eof;
        assert_eq!(said, [(OUT, "one\n".into()), (OUT, eof.clone()), (ERR, "two\n".into()), (ERR, eof)]);
    });
}
