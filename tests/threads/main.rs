//! The threads of this crate and of its drivers: one that cannot go on says so in the logs and to
//! whoever waits for it; one that nobody wants any more ends.

mod ends;
#[cfg(target_os = "linux")]
mod leftovers;

use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use marketplace::prelude::*;

/// How long a test waits for what must come: only a hang is longer.
const LIMIT: Duration = Duration::from_secs(60);

/// The logs of this program.
static LOGGED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// There is more in the logs.
static MORE: Condvar = Condvar::new();

fn logged() -> MutexGuard<'static, Vec<u8>> {
    LOGGED.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Logged;

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = logged().write(bytes);
        MORE.notify_all();
        written
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

/// Waits until this holds, of which nobody tells: that a thread has ended, say.
#[cfg(target_os = "linux")]
fn until(what: &str, holds: impl Fn() -> bool) {
    let end = std::time::Instant::now() + LIMIT;
    while !holds() {
        assert!(std::time::Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits for a warning that has all these words.
fn until_warned(words: &[&str]) {
    let warned = |line: &str| line.contains("WARN") && words.iter().all(|word| line.contains(word));
    let missing = |logged: &mut Vec<u8>| !String::from_utf8_lossy(logged).lines().any(warned);
    let waited = MORE.wait_timeout_while(logged(), LIMIT, missing);
    let (logged, waited) = waited.unwrap_or_else(PoisonError::into_inner);
    drop(logged);
    assert!(!waited.timed_out(), "never: a warning with {words:?}");
}

/// Runs a ground VM until it is done.
fn run<S: Send + 'static>(boot: impl FnOnce() -> Transition<S> + Send + 'static) -> Result<(), GroundError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(marketplace::ground::run(|_| boot(), std::future::pending()))
}
