//! The console: lines in, and out again.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use marketplace::ground;
use marketplace::prelude::*;
use marketplace_drivers::console::{self, ConsoleInput, ConsoleOutput};

use crate::lines;

const LIMIT: usize = 40;

/// How long a thread may take to end, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The input, piece by piece.
struct Typed {
    pieces: VecDeque<Vec<u8>>,
    /// Goes when the thread lets go of it.
    _held: Sender<()>,
}

impl Read for Typed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(piece) = self.pieces.pop_front() else { return Ok(0) };
        into[..piece.len()].copy_from_slice(&piece);
        Ok(piece.len())
    }
}

/// The output.
struct Page {
    bytes: Arc<Mutex<Vec<u8>>>,
    _held: Sender<()>,
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.lock().expect("no test fails here").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Types these bytes, has each line said back, and compares with the model. At the end both threads
/// are gone.
pub(crate) fn check(data: &[u8]) {
    let (held, released) = channel();
    let written = Arc::new(Mutex::new(Vec::new()));
    let pieces = lines::pieces(data).into_iter().map(<[u8]>::to_vec).collect();
    let typed = Typed { pieces, _held: held.clone() };
    let out = Page { bytes: written.clone(), _held: held };
    let boot = move |_| {
        transition_no_state!(
            console::driver().line_limit(LIMIT).over(typed, out, io::sink()),
            publisher!(
                ConsoleOutput(_, _),
                // Both streams are there before anything is read.
                on_presence!(name_endpoint(
                    "reader",
                    subscriber!(
                        ConsoleInput(_),
                        on_message!(ConsoleInput(line) => send_message(&ConsoleOutput::line(&line))),
                        match_reason!(why: Reason => on_absence!(quit().because(why))),
                    )
                )),
            ),
        )
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let ended = runtime.block_on(ground::run(boot, std::future::pending()));
    let (expected, too_long) = lines::model(data, LIMIT);
    let expected: String =
        expected.iter().map(|line| format!("{}\n", String::from_utf8_lossy(line))).collect();
    assert_eq!(String::from_utf8_lossy(&written.lock().expect("no test fails here")), expected);
    assert_eq!(ended.is_err(), too_long, "{ended:?}");
    let end = released.recv_timeout(PATIENCE);
    assert_eq!(
        end,
        Err(RecvTimeoutError::Disconnected),
        "the threads have let go of what they read and wrote"
    );
}
