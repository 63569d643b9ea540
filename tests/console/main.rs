//! Real standard streams, in programs of their own: this test binary, run again for one test that
//! is ignored otherwise.
//!
//! The streams are pipes that somebody else has made non-blocking, as any program may that has the
//! other end of a terminal, or shares it.
#![cfg(unix)]

#[cfg(feature = "shell")]
mod prompt;

use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Write, pipe};
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use marketplace::prelude::*;
use marketplace_drivers::console::{self, ConsoleInput, ConsoleOutput, ConsoleStream};
use marketplace_drivers::spy;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{ioctl_fionbio, ioctl_fionread};

/// How many lines are said: more than fit into a pipe.
const LINES: usize = 20_000;

/// The text of line n.
fn line(n: usize) -> String {
    format!("line {n} of some that a slow reader reads")
}

/// No test waits for time to pass; this ends one that would wait for ever.
const TOO_LONG: Duration = Duration::from_secs(60);

fn program(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a test has a file"));
    command.args(["--exact", name, "--ignored", "--nocapture"]).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// A program that runs, and is killed when the test fails or takes too long.
struct Running {
    child: Arc<Mutex<Child>>,
    /// Dropped, it lets the thread end that waits for too long.
    _over: Sender<()>,
}

impl Running {
    /// Starts it; our copies of what it was given are closed.
    fn start(mut command: Command) -> Self {
        let child = Arc::new(Mutex::new(command.spawn().expect("it runs again")));
        let watched = child.clone();
        let (over, is_over) = channel();
        std::thread::spawn(move || {
            if is_over.recv_timeout(TOO_LONG) == Err(RecvTimeoutError::Timeout)
                && let Ok(mut child) = watched.lock()
            {
                let _ = child.kill();
            }
        });
        Self { child, _over: over }
    }

    fn ends_well(self) {
        let mut status = None;
        wait_until("the program has ended", || {
            status = self.child.lock().expect("no other panics").try_wait().expect("it can be asked");
            status.is_some()
        });
        assert!(status.is_some_and(|status| status.success()), "{status:?}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind; a program that has ended cannot be killed.
        if let Ok(mut child) = self.child.lock() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A pipe for a program to write to, which does not wait; and our end, which does.
fn to_read() -> (PipeReader, PipeWriter) {
    let (ours, theirs) = pipe().expect("a pipe");
    ioctl_fionbio(&theirs, true).expect("it can be non-blocking");
    (ours, theirs)
}

/// A pipe for a program to read from, which does not wait; and our end, which does.
fn to_write() -> (PipeReader, PipeWriter) {
    let (theirs, ours) = pipe().expect("a pipe");
    ioctl_fionbio(&theirs, true).expect("it can be non-blocking");
    (theirs, ours)
}

/// Waits until this is so.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < TOO_LONG, "this is never so: {what}");
        std::thread::yield_now();
    }
}

/// Waits until no more fits into a pipe, which somebody fills.
fn is_full(pipe: &PipeWriter) {
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    wait_until("the pipe is full", || {
        poll(&mut [PollFd::new(&pipe.as_fd(), PollFlags::OUT)], Some(&now)).expect("it can be asked") == 0
    });
}

/// Writes a text byte by byte, each when the program has read the one before: so it finds nothing
/// there again and again.
fn trickle(input: &mut PipeWriter, text: &str) {
    for byte in text.bytes() {
        input.write_all(&[byte]).expect("it reads");
        wait_until("it is read", || ioctl_fionread(&*input).expect("it can be asked") == 0);
    }
}

/// Reads a pipe from when it was full, and gives the lines of the program's own.
fn read_late(ours: PipeReader, theirs: PipeWriter) -> Vec<String> {
    is_full(&theirs);
    drop(theirs);
    let lines = BufReader::with_capacity(1000, ours).lines().map(|line| line.expect("text"));
    lines.filter(|text| text.contains("line ")).collect()
}

#[test]
fn all_is_printed_to_an_output_that_does_not_wait() {
    for (name, stream) in [("prints_out", ConsoleStream::Out), ("prints_err", ConsoleStream::Err)] {
        let (ours, theirs) = to_read();
        let mut program = program(name);
        let stdio = Stdio::from(theirs.try_clone().expect("a file descriptor"));
        match stream {
            ConsoleStream::Out => program.stdout(stdio),
            ConsoleStream::Err => program.stderr(stdio),
        };
        let running = Running::start(program);
        let lines = read_late(ours, theirs);
        assert_eq!(lines.len(), LINES, "of {stream:?}");
        assert!(lines.iter().enumerate().all(|(n, text)| *text == line(n)));
        running.ends_well();
    }
}

#[test]
#[ignore = "run by the test above"]
fn prints_out() {
    print_all(ConsoleStream::Out);
}

#[test]
#[ignore = "run by the test above"]
fn prints_err() {
    print_all(ConsoleStream::Err);
}

fn print_all(stream: ConsoleStream) {
    let say = move |n| send_message(&ConsoleOutput(stream, format!("{}\n", line(n)).into()));
    let ended = ground_vm!(
        console::driver(),
        publisher!(
            ConsoleOutput(stream, _),
            on_presence!(actions![(0..LINES).map(say).collect::<ActionTree<_>>(), quit()])
        ),
    );
    assert_eq!(ended, Ok(()));
}

#[test]
fn an_input_that_does_not_wait_is_read_to_its_end() {
    let ((theirs, mut input), (output, its)) = (to_write(), pipe().expect("a pipe"));
    let mut program = program("echoes");
    program.stdin(theirs).stdout(its);
    let running = Running::start(program);
    let mut lines = BufReader::new(output).lines().map(|line| line.expect("text"));
    let mut hears = |text: &str| assert!(lines.any(|line| line.contains(text)), "it ended before {text}");
    hears("ready");
    for n in 0..3 {
        trickle(&mut input, &format!("{}\n", line(n)));
        hears(&line(n).to_uppercase());
    }
    drop(input);
    hears("the end: normal");
    running.ends_well();
}

#[test]
#[ignore = "run by the test above"]
fn echoes() {
    let ended = ground_vm!(
        console::driver(),
        publisher!(ConsoleOutput(_, _)),
        subscriber!(
            ConsoleInput(_),
            on_presence!(send_message(&ConsoleOutput::line("ready"))),
            on_message!(ConsoleInput(line) => send_message(&ConsoleOutput::line(&line.to_uppercase()))),
            match_reason!(why: Reason => on_absence!(actions![
                send_message(&ConsoleOutput::line(&format!("the end: {why}"))),
                quit(),
            ])),
        ),
    );
    assert_eq!(ended, Ok(()));
}

/// How many lines a spy or a log says: more than fit into a pipe, and no more than may wait.
const SAID: usize = 3000;

#[test]
fn what_a_spy_sees_is_printed_to_an_error_stream_that_does_not_wait() {
    let (ours, theirs) = to_read();
    let (input, go) = pipe().expect("a pipe");
    let errors = theirs.try_clone().expect("a file descriptor");
    let mut program = program("is_spied_on");
    program.stdin(input).stderr(errors);
    let running = Running::start(program);
    is_full(&theirs);
    drop(theirs);
    let lines = BufReader::with_capacity(1000, ours).lines().map(|line| line.expect("text"));
    let said = lines.filter(|text| text.starts_with("> \"line ")).take(SAID);
    assert!(said.enumerate().map(|(n, text)| assert_eq!(text, format!("> {:?}", line(n)))).count() == SAID);
    drop(go);
    running.ends_well();
}

#[test]
#[ignore = "run by the test above"]
fn is_spied_on() {
    let ended = ground_vm!(
        spy::spy(),
        console::driver(),
        // A spy is there when it has performed its first actions.
        spawn!(transition_no_state!((0..SAID).map(|n| send_message(&line(n))).collect::<ActionTree<_>>())),
        subscriber!(ConsoleInput(_), on_absence!(quit())),
    );
    assert_eq!(ended, Ok(()));
}

#[test]
fn all_is_logged_to_an_error_stream_that_does_not_wait() {
    let (ours, theirs) = to_read();
    let errors = theirs.try_clone().expect("a file descriptor");
    let mut program = program("logs");
    program.env("MARKETPLACE_LOG", "info").stderr(errors);
    let running = Running::start(program);
    let lines = read_late(ours, theirs);
    assert_eq!(lines.len(), SAID);
    assert!(lines.iter().enumerate().all(|(n, text)| text.contains(&line(n))));
    running.ends_well();
}

#[test]
#[ignore = "run by the test above"]
fn logs() {
    let brief = |n| name_process(line(n), spawn!(transition_no_state!(quit())));
    let ended = ground_vm!((0..SAID).map(brief).collect::<ActionTree<()>>());
    assert_eq!(ended, Ok(()));
}

#[test]
fn without_standard_streams_a_program_runs_as_with_empty_ones() {
    let file = std::env::current_exe().expect("a test has a file");
    let script = r#"exec "$0" --exact echoes --ignored --nocapture <&- >&- 2>&-"#;
    let status = Command::new("sh").arg("-c").arg(script).arg(file).status().expect("there is a shell");
    assert!(status.success(), "{status}");
}
