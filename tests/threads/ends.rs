//! Threads that cannot go on.

use std::io::{self, Read, Write};

use marketplace::ground::thread;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatOptions};
use marketplace_drivers::console::{self, ConsoleFailure, ConsoleInput, ConsoleOutput, ConsoleStream};

use crate::{listen_to_logs, run, until_warned};

/// A console that panics at the first touch.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        panic!("the keyboard burns")
    }
}

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        panic!("the screen burns")
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The failure of its console that a program hears, if it ends with that.
fn failure(ended: Result<(), GroundError>) -> ConsoleFailure {
    match ended {
        Err(GroundError::Quit(Reason::Value(why))) => ConsoleFailure::from_value(&why).expect("it is one"),
        ended => panic!("it ended: {ended:?}"),
    }
}

#[test]
fn a_body_that_returns_an_error_or_panics_is_warned_of_by_name() {
    listen_to_logs();
    let returns = thread::start("returns", || Err(Failure::value(&"no more paper".to_string())), |_| ());
    let panics = thread::start("panics", || panic!("on fire"), |_| ());
    returns.unwrap().join().unwrap();
    panics.unwrap().join().unwrap();
    until_warned(&["a thread has ended", "returns", "no more paper"]);
    until_warned(&["a thread has ended", "panics", "panic: on fire"]);
}

#[test]
fn a_name_that_the_system_does_not_take_is_changed() {
    let named = |name: &str| VatOptions { name: Some(name.into()), ..VatOptions::default() };
    let vat = Vat::spawn(named("a\0b"), |_| transition_no_state!()).unwrap();
    assert_eq!(vat.call(|_| 1), Ok(1));
    vat.halt();
}

#[test]
fn a_console_that_panics_on_reading_is_told_to_who_reads() {
    listen_to_logs();
    let ended = run(|| {
        transition_no_state!(
            console::driver().over(Broken, io::sink(), io::sink()),
            subscriber!(
                ConsoleInput(_),
                match_reason!(why: Reason => on_absence!(at_meta_level!(quit().because(why)))),
            ),
        )
    });
    let ConsoleFailure { kind, text } = failure(ended);
    assert_eq!((kind.as_str(), &*text), ("ThreadEnded", "its thread has ended: panic: the keyboard burns"));
    until_warned(&["a thread has ended", "console-input", "the keyboard burns"]);
}

/// The other stream cannot be written to either, and nothing waits for what is lost: the program
/// ends.
#[test]
fn a_console_that_panics_on_writing_is_told_to_who_writes() {
    listen_to_logs();
    let ended = run(|| {
        let say = |stream| move || send_message(&ConsoleOutput(stream, "hello".into()));
        let (out, err) = (say(ConsoleStream::Out), say(ConsoleStream::Err));
        transition_no_state!(
            console::driver().over(io::empty(), Broken, io::sink()),
            publisher!(ConsoleOutput(ConsoleStream::Out, _), on_presence!(actions![out(), err(), out()])),
            publisher!(
                ConsoleOutput(ConsoleStream::Err, _),
                match_reason!(why: Reason => on_absence!(at_meta_level!(quit().because(why)))),
            ),
        )
    });
    assert_eq!(failure(ended).text.to_string(), "its thread has ended: panic: the screen burns");
    until_warned(&["a thread has ended", "console-output", "the screen burns"]);
}
