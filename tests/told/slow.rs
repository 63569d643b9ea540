//! A turn that takes long says so, while it runs and when it is over.

use std::io::{self, Write};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use marketplace::ground::Warnings;
use marketplace::prelude::*;
use marketplace::{Ground, Source};

use crate::{logs, told_with};

/// The logs of this program.
static LOGGED: Mutex<String> = Mutex::new(String::new());

/// There is more in the logs.
static MORE: Condvar = Condvar::new();

/// Keeps what is logged, and shows it on stderr.
struct Logged;

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        logged.push_str(&String::from_utf8_lossy(bytes));
        MORE.notify_all();
        io::stderr().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Blocks its VM until that has been logged.
fn thinker() -> Transition<()> {
    fn think() {
        let logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        let is_missing = |logged: &mut String| !logged.contains("thinker()");
        let waited = MORE.wait_timeout_while(logged, Duration::from_secs(60), is_missing);
        let (logged, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        drop(logged);
        assert!(!waited.timed_out(), "nobody tells of it");
    }
    transition_no_state!(subscriber!("think", on_message!(_ => think())), send_message!("think"))
}

/// Without the times.
fn timeless(line: &str) -> String {
    let words = line.split(' ').map(|word| match word.split_once('=') {
        Some((what @ ("took" | "since"), time)) => {
            assert!(time.strip_suffix("ms").is_some_and(|ms| ms.parse::<u64>().is_ok()), "{line}");
            format!("{what}=_")
        }
        _ => word.to_string(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_turn_that_takes_long_is_told_while_it_runs_and_when_it_is_over() {
    let told = told_with("slow::thinks", &[("MARKETPLACE_WARN", "")]);
    // On a busy machine other turns may take long, too.
    let told = logs(&told).into_iter().filter(|line| line.contains("p2/p1") && !line.contains("heard=boots"));
    assert_eq!(
        told.map(|line| timeless(&line)).collect::<Vec<_>>(),
        [
            "WARN marketplace: a turn is not over yet: nothing else runs in its VM \
             process=irc/thinker() pid=p2/p1 since=_",
            "WARN marketplace: a turn took long: nothing else ran in its VM \
             process=irc/ann pid=p2/p1 took=_ heard=message \"think\" from=irc/ann",
        ]
    );
}

#[test]
#[ignore = "run by other tests"]
fn thinks() {
    tracing_subscriber::fmt().with_ansi(false).with_writer(|| Logged).init();
    let warnings = Warnings { slow_turn: Some(Duration::from_millis(20)), ..Warnings::default() };
    let ended =
        ground_vm!(warnings: warnings; spawn_vm!(name: "irc"; name_process("ann", spawn!(thinker()))));
    assert_eq!(ended, Ok(()));
}

fn sleeps() -> Transition<()> {
    let item = Source::future(async { Ok::<_, std::convert::Infallible>(()) });
    transition_no_state!(at_meta_level!(subscriber!(
        Ground::<()>(item, _),
        on_message!(_ => {
            thread::sleep(Duration::from_millis(50));
            quit()
        }),
    )))
}

/// The environment comes before the program, which says 1 ms.
#[test]
fn it_is_not_told_if_that_is_off() {
    let slow = |warn: &str| {
        let told = told_with("slow::takes_50_ms", &[("MARKETPLACE_WARN", warn)]);
        logs(&told).into_iter().filter(|line| line.contains("sleeps()")).count()
    };
    assert_eq!(slow("turn=off"), 0);
    assert_eq!(slow("off"), 0);
    assert_eq!(slow("turn=1m"), 0);
}

#[test]
#[ignore = "run by other tests"]
fn takes_50_ms() {
    let warnings = Warnings { slow_turn: Some(Duration::from_millis(1)), ..Warnings::default() };
    assert_eq!(ground_vm!(warnings: warnings; spawn!(sleeps())), Ok(()));
}
