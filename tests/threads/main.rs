//! The threads of this crate and of its drivers: one that cannot go on says so in the logs and to
//! whoever waits for it; one that nobody wants any more ends.

mod ends;
#[cfg(target_os = "linux")]
mod leftovers;

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use marketplace::prelude::*;

/// How long a test waits for what must come: only a hang is longer.
const LIMIT: Duration = Duration::from_secs(60);

/// The logs of this program.
static LOGGED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn logged() -> MutexGuard<'static, Vec<u8>> {
    LOGGED.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Logged;

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        logged().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// From now on logs are kept.
fn listen_to_logs() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| tracing_subscriber::fmt().with_ansi(false).with_writer(|| Logged).init());
}

/// Waits until this holds.
fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + LIMIT;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Waits for a warning that has all these words.
fn until_warned(words: &[&str]) {
    until(&format!("a warning with {words:?}"), || {
        let logged = String::from_utf8_lossy(&logged()).into_owned();
        logged.lines().any(|line| line.contains("WARN") && words.iter().all(|word| line.contains(word)))
    });
}

/// Runs a ground VM until it is done.
fn run<S: Send + 'static>(boot: impl FnOnce() -> Transition<S> + Send + 'static) -> Result<(), GroundError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(marketplace::ground::run(|_| boot(), std::future::pending()))
}
