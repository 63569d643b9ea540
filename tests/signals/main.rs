//! Real signals, in programs of their own: this test binary, run again for one test that is ignored
//! otherwise.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use marketplace::prelude::*;
use marketplace_drivers::signals::{self, Signal, Signalled};
use rustix::process::{Pid as ProcessId, Signal as Number, kill_process};

mod heeded;

struct Program {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Program {
    fn start(program: &str) -> Self {
        Self::start_ignoring("", program)
    }

    /// With these signals ignored, by the names that a shell gives them.
    fn start_ignoring(signals: &str, program: &str) -> Self {
        heeded::heed();
        let ignore = format!("for signal in {signals}; do trap '' $signal; done; exec \"$@\"");
        let file = std::env::current_exe().expect("a test has a file");
        let mut child = Command::new("sh")
            .args(["-c", &ignore, "sh"])
            .arg(file)
            .args(["--exact", program, "--ignored", "--nocapture"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs again");
        let said = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, said }
    }

    /// Waits until the program has said this.
    fn says(&mut self, word: &str) {
        let mut lines = (&mut self.said).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains(word)), "the program ended before it said {word}");
    }

    fn send(&self, signal: Number) {
        kill_process(ProcessId::from_child(&self.child), signal).expect("it is running");
    }

    fn ends_well(mut self) {
        assert!(self.child.wait().expect("it ends").success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind; a program that has ended cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_signal_that_is_asked_for_is_a_message_and_no_end() {
    for (signal, name) in [(Number::INT, "Interrupt"), (Number::TERM, "Terminate"), (Number::HUP, "Hangup")] {
        let mut program = Program::start("hears_all");
        program.says("listening to Interrupt");
        program.says("listening to Terminate");
        program.says("listening to Hangup");
        for _ in 0..3 {
            program.send(signal);
            program.says(name);
        }
        program.send(Number::USR1);
        drop(program);
    }
}

#[test]
#[ignore = "run by the test above"]
fn hears_all() {
    let ended = ground_vm!(
        signals::driver(),
        subscriber!(
            Signalled(_),
            match_conversation!(Signalled(signal) => on_presence!(println!("listening to {signal:?}"))),
            on_message!(Signalled(signal) => println!("heard {signal:?}")),
        ),
    );
    unreachable!("it ended: {ended:?}");
}

#[test]
fn when_nobody_asks_any_more_it_ends_the_program_again() {
    let mut program = Program::start("hears_one");
    program.says("listening");
    program.send(Number::INT);
    program.says("heard");
    program.says("not listening");
    program.send(Number::INT);
    program.ends_well();
}

#[test]
#[ignore = "run by the test above"]
fn hears_one() {
    let once = || {
        transition_no_state!(subscriber!(
            Signalled(Signal::Interrupt),
            on_presence!(println!("listening")),
            on_message!(_ => {
                println!("heard");
                quit()
            }),
        ))
    };
    let never = marketplace::Source::future(std::future::pending::<Result<(), std::convert::Infallible>>());
    let ended = ground_vm!(
        signals::driver(),
        spawn!(once()),
        // It knows that nobody asks for the signal when its publisher is gone.
        observe_publishers!(Signalled(_), on_absence!(println!("not listening"))),
        subscriber!(
            marketplace::Ground::<()>(never, _),
            match_reason!(Reason::Shutdown => on_absence!(quit())),
        ),
    );
    assert_eq!(ended, Ok(()));
}

#[test]
fn a_second_one_ends_a_program_that_does_not_get_to_hear_the_first() {
    let mut program = Program::start("never_gets_to_hear");
    program.says("busy");
    // Two of one kind could be taken for one.
    program.send(Number::INT);
    program.send(Number::TERM);
    let status = program.child.wait().expect("it ends");
    assert!(matches!(status.code(), Some(130 | 143)), "it ended with {status}");
}

#[test]
#[ignore = "run by the test above"]
fn never_gets_to_hear() {
    let ended = ground_vm!(
        signals::driver(),
        subscriber!(
            Signalled(_),
            match_conversation!(Signalled(Signal::Hangup) => on_presence!({
                println!("busy");
                while std::hint::black_box(true) {
                    std::thread::park();
                }
            })),
        ),
    );
    unreachable!("it ended: {ended:?}");
}

/// A signal that was ignored at the start is sent, and then one that is heard: so it is known that
/// the first has come.
fn ignores(program: &mut Program, ignored: Number) {
    for _ in 0..3 {
        program.send(ignored);
        program.send(Number::HUP);
        program.says("heard Hangup");
    }
}

#[test]
fn what_was_ignored_at_the_start_goes_on_being_ignored() {
    for (name, ignored, ends) in [("INT", Number::INT, Number::TERM), ("TERM", Number::TERM, Number::INT)] {
        let mut program = Program::start_ignoring(name, "hears_hangups");
        program.says("listening");
        ignores(&mut program, ignored);
        program.send(ends);
        program.ends_well();
    }
    let mut program = Program::start_ignoring("INT TERM HUP", "hears_hangups");
    program.says("listening");
    ignores(&mut program, Number::INT);
    ignores(&mut program, Number::TERM);
}

#[test]
#[ignore = "run by the test above"]
fn hears_hangups() {
    let ended = ground_vm!(
        signals::driver(),
        subscriber!(
            Signalled(Signal::Hangup),
            on_presence!(println!("listening")),
            on_message!(_ => println!("heard Hangup")),
            // It has no other reason to go.
            match_reason!(Reason::Shutdown => on_absence!(quit())),
        ),
    );
    assert_eq!(ended, Ok(()));
}

#[test]
fn who_asks_for_a_signal_that_was_ignored_hears_it_and_then_it_is_ignored_again() {
    let mut program = Program::start_ignoring("INT", "hears_hangups_and_one_interrupt");
    program.says("listening to Hangup");
    program.says("listening to Interrupt");
    program.send(Number::INT);
    program.says("heard Interrupt");
    program.says("not listening to Interrupt");
    ignores(&mut program, Number::INT);
    program.send(Number::TERM);
    program.ends_well();
}

#[test]
#[ignore = "run by the test above"]
fn hears_hangups_and_one_interrupt() {
    let once = || {
        transition_no_state!(subscriber!(
            Signalled(Signal::Interrupt),
            on_presence!(println!("listening to Interrupt")),
            on_message!(_ => {
                println!("heard Interrupt");
                quit()
            }),
        ))
    };
    let ended = ground_vm!(
        signals::driver(),
        subscriber!(
            Signalled(Signal::Hangup),
            on_presence!(actions![println!("listening to Hangup"), spawn!(once())]),
            on_message!(_ => println!("heard Hangup")),
            match_reason!(Reason::Shutdown => on_absence!(quit())),
        ),
        observe_publishers!(
            Signalled(Signal::Interrupt),
            on_absence!(println!("not listening to Interrupt")),
        ),
    );
    assert_eq!(ended, Ok(()));
}
