//! A printer that holds up nobody.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use marketplace::ground::thread;

use crate::lock::lock;

/// How many lines may wait to be printed.
pub(super) const WAITING: usize = 4096;

/// How long the end of a printer waits for the lines that are left.
const PATIENCE: Duration = Duration::from_secs(1);

/// Prints lines, in a thread of its own that starts with the first line.
pub(super) struct Printer<W> {
    state: Mutex<State<W>>,
    lost: Arc<AtomicUsize>,
}

enum State<W> {
    Waiting(W),
    Running(Thread),
    /// Between the two, for a moment; and at the end, for good.
    Over,
}

struct Thread {
    lines: SyncSender<String>,
    ended: Receiver<()>,
}

impl<W: Write + Send + 'static> Printer<W> {
    /// A printer on a stream whose writes wait.
    pub(super) fn on(out: W) -> Self {
        Self { state: Mutex::new(State::Waiting(out)), lost: Arc::default() }
    }

    /// Prints a line, some time later. It does not wait, and does not fail: when there is no room
    /// for a line it is left out, and when nobody reads any more, or there is no thread, all lines
    /// are.
    pub(super) fn print(&self, line: String) {
        let mut state = lock(&self.state);
        *state = match std::mem::replace(&mut *state, State::Over) {
            State::Waiting(out) => State::Running(start(out, self.lost.clone())),
            state => state,
        };
        let State::Running(Thread { lines, .. }) = &*state else { return };
        let lost = self.lost.swap(0, Relaxed);
        let line = if lost > 0 { format!("{}\n{line}", note(lost)) } else { line };
        if let Err(TrySendError::Full(_)) = lines.try_send(line) {
            self.lost.fetch_add(lost + 1, Relaxed);
        }
    }
}

fn note(lost: usize) -> String {
    format!("({lost} lines are left out here)")
}

fn start(mut out: impl Write + Send + 'static, lost: Arc<AtomicUsize>) -> Thread {
    let (lines, given) = sync_channel::<String>(WAITING);
    let (end, ended) = channel::<()>();
    let print = move || {
        // It is dropped when the thread ends, which tells of the end.
        let _end = end;
        for line in given {
            // If nobody reads any more, the thread ends.
            writeln!(out, "{line}")?;
        }
        let lost = lost.load(Relaxed);
        if lost > 0 {
            writeln!(out, "{}", note(lost))?;
        }
        Ok(())
    };
    // Without a thread nothing is printed: the receiver is gone.
    let _ = thread::start("spy", print, |_| ());
    Thread { lines, ended }
}

impl<W> Drop for Printer<W> {
    fn drop(&mut self) {
        let state = std::mem::replace(&mut *lock(&self.state), State::Over);
        if let State::Running(Thread { lines, ended }) = state {
            drop(lines);
            let _ = ended.recv_timeout(PATIENCE);
        }
    }
}

#[cfg(test)]
mod tests;
