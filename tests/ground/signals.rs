//! Signals, in a program of its own: this test binary, run again for one test that is ignored otherwise.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

use marketplace::prelude::*;
use rustix::process::{Pid as ProcessId, Signal, kill_process};

#[path = "../signals/heeded.rs"]
mod heeded;

/// Runs a program until it has said that it is ready. It goes on as long as somebody reads what it says.
fn start(program: &str) -> (Child, BufReader<ChildStdout>) {
    heeded::heed();
    let mut child = Command::new(std::env::current_exe().expect("a test has a file"))
        .args(["--exact", program, "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs again");
    let mut output = BufReader::new(child.stdout.take().expect("piped"));
    let ready = output.by_ref().lines().map_while(Result::ok).any(|line| line.contains("ready"));
    assert!(ready, "the program ended before it was ready");
    (child, output)
}

fn send(child: &Child, signal: Signal) {
    kill_process(ProcessId::from_child(child), signal).expect("it is running");
}

#[test]
fn r83_a_second_signal_ends_a_program_that_does_not_end() {
    let (mut child, _output) = start("signals::a_program_whose_turn_never_ends");
    // Two of one kind could be taken for one.
    send(&child, Signal::INT);
    send(&child, Signal::TERM);
    let status = child.wait().expect("it ends");
    assert!(matches!(status.code(), Some(130 | 143)), "it ended with {status}");
}

#[test]
#[ignore = "run by the test above"]
fn a_program_whose_turn_never_ends() {
    let ended = ground_vm!(yield_now!(|_state: ()| {
        println!("ready");
        while std::hint::black_box(true) {
            std::thread::park();
        }
        transition_no_state!()
    }));
    unreachable!("it ended: {ended:?}");
}

#[test]
fn r83_the_first_signal_ends_a_program_in_order() {
    for signal in [Signal::INT, Signal::TERM] {
        let (mut child, _output) = start("signals::a_program_that_waits");
        send(&child, signal);
        assert!(child.wait().expect("it ends").success());
    }
}

#[test]
#[ignore = "run by the test above"]
fn a_program_that_waits() {
    use marketplace::{Ground, Source};
    let never = Source::future(std::future::pending::<Result<(), std::convert::Infallible>>());
    let ended = ground_vm!(subscriber!(
        Ground::<()>(never, _),
        on_presence!(println!("ready")),
        match_reason!(Reason::Shutdown => on_absence!(quit())),
    ));
    assert_eq!(ended, Ok(()));
}
