//! The console: lines in, and out again.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use marketplace::ground;
use marketplace::prelude::*;
use marketplace_drivers::console::{self, ConsoleInput, ConsoleOutput};

use crate::lines;

const LIMIT: usize = 40;

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no test fails here").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Types these bytes, has each line said back, and compares with the model.
pub(crate) fn check(data: &[u8]) {
    let page = Page::default();
    let (typed, out) = (io::Cursor::new(data.to_vec()), page.clone());
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
    assert_eq!(String::from_utf8_lossy(&page.0.lock().expect("no test fails here")), expected);
    assert_eq!(ended.is_err(), too_long, "{ended:?}");
}
