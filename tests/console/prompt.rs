//! The prompt of the shell, on an input that does not wait.

use std::io::{PipeReader, Read, Write, pipe};
use std::process::Command;

use marketplace::prelude::*;
use rustix::io::ioctl_fionbio;

use super::{Running, program, to_read, to_write, trickle};

/// Reads until this is said; what was said after it is kept.
fn hear(output: &mut PipeReader, said: &mut String, text: &str) {
    while !said.contains(text) {
        let mut bytes = [0; 1000];
        let read = output.read(&mut bytes).expect("it can be read");
        assert!(read > 0, "it ended before {text:?}: {said}");
        said.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    *said = said.split_once(text).map(|(_, rest)| rest.to_string()).unwrap_or_default();
}

#[test]
fn the_prompt_reads_an_input_that_does_not_wait() {
    let ((theirs, mut input), (mut output, its)) = (to_write(), to_read());
    let mut program = program("prompt::waits");
    program.env("MARKETPLACE_SHELL", "1").stdin(theirs).stdout(its);
    let running = Running::start(program);
    let mut said = String::new();
    let mut hears = |text: &str| hear(&mut output, &mut said, text);
    hears("`help` lists the commands");
    for _ in 0..3 {
        trickle(&mut input, "help\n");
        hears("step");
    }
    input.write_all(b"quit\n").expect("it reads");
    hears("ending");
    running.ends_well();
}

#[test]
fn the_prompt_reads_a_terminal_that_does_not_wait() {
    let there_is = Command::new("script").arg("--version").output();
    if !there_is.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains("util-linux")) {
        println!("skipped: nothing makes a terminal");
        return;
    }
    let file = std::env::current_exe().expect("a test has a file");
    let run = format!("{} --exact prompt::waits_at_a_terminal --ignored --nocapture", file.display());
    let ((theirs, mut input), (mut output, its)) = (pipe().expect("a pipe"), pipe().expect("a pipe"));
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &run, "/dev/null"]).stdin(theirs).stdout(its);
    script.env("MARKETPLACE_SHELL", "1").env("TERM", "xterm");
    let running = Running::start(script);
    let mut said = String::new();
    let mut hears = |text: &str| hear(&mut output, &mut said, text);
    hears("`help` lists the commands");
    hears("> ");
    for _ in 0..3 {
        input.write_all(b"help\r").expect("it reads");
        hears("ends the program in order");
        hears("> ");
    }
    input.write_all(b"quit\r").expect("it reads");
    hears("The program has ended.");
    running.ends_well();
}

#[test]
#[ignore = "run by the test above"]
fn waits_at_a_terminal() {
    // All that share the terminal have it so.
    ioctl_fionbio(std::io::stdin(), true).expect("it can be non-blocking");
    waits();
}

#[test]
#[ignore = "run by the test above"]
fn waits() {
    let never = marketplace::Source::future(std::future::pending::<Result<(), std::convert::Infallible>>());
    let ended = ground_vm!(at_meta_level!(subscriber!(
        marketplace::Ground::<()>(never, _),
        on_message!(_ => quit())
    )));
    assert_eq!(ended, Ok(()));
}
