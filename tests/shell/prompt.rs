//! Programs that begin at a prompt: this test binary, run again for one test that is ignored
//! otherwise.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use marketplace::prelude::*;
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid as ProcessId, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

fn command() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "prompt::a_program_that_never_rests", "--ignored", "--nocapture"])
        .env("MARKETPLACE_SHELL", "1")
        .env("TERM", "xterm");
    command
}

fn terminate(program: &Child) {
    kill_process(ProcessId::from_child(program), Signal::TERM).unwrap();
}

/// Reads until this was said. (The text of a prompt has no line break.)
fn until(from: &mut impl Read, what: &str) -> String {
    let mut said = Vec::new();
    while !String::from_utf8_lossy(&said).contains(what) {
        let mut byte = [0];
        from.read_exact(&mut byte).unwrap_or_else(|error| {
            panic!("it has not said {what:?} ({error}): {}", String::from_utf8_lossy(&said))
        });
        said.push(byte[0]);
    }
    String::from_utf8_lossy(&said).into_owned()
}

#[test]
#[ignore = "run by the tests below"]
fn a_program_that_never_rests() {
    static TURNS: AtomicUsize = AtomicUsize::new(0);
    let again = || {
        if TURNS.fetch_add(1, Ordering::SeqCst) == 1_000 {
            println!("a thousand turns");
        }
        send_message!("again")
    };
    let ended = ground_vm!(subscriber!("again", on_message!(_ => again())), send_message!("again"));
    assert_eq!(ended, Ok(()));
}

/// However many steps are to be made.
#[test]
fn the_first_signal_ends_a_program_that_is_stepped() {
    let mut program = command().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = program.stdin.take().unwrap();
    lines.write_all(b"log off\nstep 1000000000000000\n").unwrap();
    let mut said = BufReader::new(program.stdout.take().unwrap());
    until(&mut said, "a thousand turns\n");
    terminate(&program);
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert!(program.wait().unwrap().success(), "it ends in order");
    assert!(rest.contains("interrupted after ") || rest.contains("the program has ended after "), "{rest}");
}

#[test]
fn a_line_that_is_not_utf8_is_said_and_the_next_one_is_read() {
    let mut program = command().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    program.stdin.take().unwrap().write_all(b"verb on\n\xff\xfe\nverb off\nquit\n").unwrap();
    let said = BufReader::new(program.stdout.take().unwrap()).lines().map_while(Result::ok);
    let said: Vec<_> = said.skip_while(|line| !line.ends_with("> verb on")).collect();
    let said: Vec<_> =
        said.iter().take(5).map(|line| line.split_once("> ").map_or(&**line, |(_, said)| said)).collect();
    assert_eq!(said, ["verb on", "verb is on", "this line is not UTF-8", "verb off", "verb is off"]);
    assert!(program.wait().unwrap().success());
}

/// Somebody else has made the pipe one that does not wait.
#[test]
fn lines_that_are_not_there_yet_come_later() {
    let (mut lines, input) = UnixStream::pair().unwrap();
    input.set_nonblocking(true).unwrap();
    let input = OwnedFd::from(input);
    let mut program = command().stdin(Stdio::from(input)).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(program.stdout.take().unwrap());
    until(&mut said, "The program is stopped before its first step");
    for line in ["verb on", "verb off"] {
        writeln!(lines, "{line}").unwrap();
        until(&mut said, &line.replace("verb", "verb is"));
    }
    lines.write_all(b"quit\n").unwrap();
    until(&mut said, "ending");
    assert!(program.wait().unwrap().success());
}

/// On a terminal: what cannot be read there is said, too; and a program whose prompt waits for a
/// line ends, and gives the terminal back.
#[test]
fn a_program_on_a_terminal() {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let program_side = rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    let is_line_by_line =
        || tcgetattr(&program_side).unwrap().local_modes.contains(LocalModes::ICANON | LocalModes::ECHO);
    assert!(is_line_by_line());
    let side = || Stdio::from(program_side.try_clone().unwrap());
    let mut program = command().stdin(side()).stdout(side()).stderr(side()).spawn().unwrap();
    let mut terminal = File::from(terminal);
    until(&mut terminal, "> ");
    terminal.write_all(b"\xff").unwrap();
    until(&mut terminal, "this line is not UTF-8");
    until(&mut terminal, "> ");
    assert!(!is_line_by_line(), "it edits");
    terminate(&program);
    assert!(program.wait().unwrap().success(), "it ends in order");
    assert!(is_line_by_line(), "the terminal is as it was");
}
