//! Printing that holds up nobody.

use std::io::{self, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::thread;
use std::time::Duration;

/// How many lines may wait to be printed.
const WAITING: usize = 4096;

/// How long the end of a printer waits for the lines that are left.
const PATIENCE: Duration = Duration::from_secs(1);

/// Prints lines on the standard error stream, in a thread of its own: there from the first on.
#[derive(Default)]
pub(super) struct Printer {
    thread: Mutex<Option<Thread>>,
    lost: AtomicUsize,
}

struct Thread {
    lines: SyncSender<String>,
    ended: Receiver<()>,
}

impl Printer {
    pub(super) fn print(&self, line: String) {
        let Ok(mut thread) = self.thread.lock() else { return };
        let Some(Thread { lines, .. }) = thread.get_or_insert_with(start).into() else { return };
        let lost = self.lost.swap(0, Relaxed);
        let line = if lost > 0 { format!("({lost} lines are left out here)\n{line}") } else { line };
        if let Err(TrySendError::Full(_)) = lines.try_send(line) {
            self.lost.fetch_add(lost + 1, Relaxed);
        }
    }
}

fn start() -> Thread {
    let (lines, given) = sync_channel::<String>(WAITING);
    let (end, ended) = channel::<()>();
    let print = move || {
        // Dropped at the end, which is what says so.
        let _end = end;
        for line in given {
            // Nobody reads any more: there is nothing to print for.
            if writeln!(io::stderr(), "{line}").is_err() {
                return;
            }
        }
    };
    // Without a thread nothing is printed: the receiver is gone.
    let _ = thread::Builder::new().name("spy".into()).spawn(print);
    Thread { lines, ended }
}

impl Drop for Printer {
    fn drop(&mut self) {
        if let Ok(Some(Thread { lines, ended })) = self.thread.get_mut().map(Option::take) {
            drop(lines);
            let _ = ended.recv_timeout(PATIENCE);
        }
    }
}
