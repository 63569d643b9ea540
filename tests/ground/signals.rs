//! Signals, in a program of its own: this test binary, run again for one test that is ignored
//! otherwise.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use marketplace::prelude::*;
use rustix::process::{Pid as ProcessId, Signal, kill_process};

#[path = "../signals/heeded.rs"]
mod heeded;

/// Runs a program until it has said that it is ready. It goes on as long as somebody reads what it
/// says.
fn start(program: &str) -> (Child, BufReader<ChildStdout>) {
    heeded::heed();
    let mut child = Command::new(std::env::current_exe().expect("a test has a file"))
        .args(["--exact", program, "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
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
            thread::park();
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

/// How long a test waits for what must come at once: only a hang is longer.
const LIMIT: Duration = Duration::from_secs(60);

/// Whether a program ends while a blocking call of its runtime goes on: until the test lets it,
/// which is when this is known.
fn ends_during_its_call(mut child: Child) -> bool {
    let call = child.stdin.take().expect("piped");
    let (told, ended) = channel();
    let waiting = thread::spawn(move || {
        let status = child.wait().expect("it ends");
        let _ = told.send(());
        status
    });
    let in_time = ended.recv_timeout(LIMIT).is_ok();
    drop(call);
    assert!(waiting.join().expect("it waits").success(), "it ended in order");
    in_time
}

#[test]
fn r83_a_program_that_quits_does_not_wait_for_its_blocking_calls() {
    let (child, _output) = start("signals::a_program_that_quits_during_a_blocking_call");
    assert!(ends_during_its_call(child));
}

#[test]
#[ignore = "run by the test above"]
fn a_program_that_quits_during_a_blocking_call() {
    let ended = ground_vm!(during_a_blocking_call(true));
    assert_eq!(ended, Ok(()));
}

#[test]
fn r83_one_signal_ends_a_program_during_a_blocking_call() {
    let (child, _output) = start("signals::a_program_with_a_blocking_call");
    send(&child, Signal::TERM);
    assert!(ends_during_its_call(child));
}

#[test]
#[ignore = "run by the test above"]
fn a_program_with_a_blocking_call() {
    let ended = ground_vm!(during_a_blocking_call(false));
    assert_eq!(ended, Ok(()));
}

/// Listens to a call of the runtime's pool that lasts as long as the standard input, and quits once
/// the call has begun, if it `quits`.
fn during_a_blocking_call(quits: bool) -> ActionTree<()> {
    use marketplace::{Ground, Source};
    let (began, begins) = tokio::sync::oneshot::channel();
    let call = async {
        tokio::task::spawn_blocking(|| {
            let _ = began.send(());
            std::io::stdin().read_to_end(&mut Vec::new())
        })
        .await??;
        Ok::<_, Failure>(())
    };
    let (call, begins) = (Source::future(call), Source::future(begins));
    actions![
        at_meta_level!(subscriber!(
            Ground::<()>(call, _),
            match_reason!(Reason::Shutdown => on_absence!(quit()))
        )),
        at_meta_level!(subscriber!(
            Ground::<()>(begins, _),
            on_message!(_ => {
                println!("ready");
                quits.then(|| at_meta_level!(quit()))
            }),
            on_absence!(),
        )),
    ]
}
