//! Threads that nobody wants any more. The system knows them by name.

#[cfg(feature = "inspector")]
mod inspector;
#[cfg(feature = "shell")]
mod shell;

use std::fs;
use std::io;
use std::sync::mpsc::channel;

use marketplace::prelude::*;
use marketplace::vat::{Vat, VatOptions};
use marketplace::{Ground, Source};
use marketplace_drivers::console::{self, ConsoleInput, ConsoleOutput};
use marketplace_drivers::watch::{self, FileChanged};

use crate::{run, until};

/// Whether a thread of this name (of at most 15 bytes) runs in this program.
fn runs(name: &str) -> bool {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    // One that ends meanwhile has no name.
    let names = threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("comm")).ok());
    names.into_iter().any(|of| of.trim_end() == name)
}

/// The console is read and written once, and then no more: its threads wait, and the program ends.
#[test]
fn a_console_of_a_program_that_has_ended() {
    let ended = run(|| {
        transition_no_state!(
            console::driver().over("one\ntwo\n".as_bytes(), io::sink(), io::sink()),
            publisher!(ConsoleOutput(_, _)),
            subscriber!(
                ConsoleInput(_),
                on_message!(_ => actions![
                    send_message(&ConsoleOutput::line("heard")),
                    at_meta_level!(quit()),
                ]),
            ),
        )
    });
    assert_eq!(ended, Ok(()));
    until("the threads of the console end", || !runs("console-input") && !runs("console-output"));
}

#[test]
fn a_vat_with_a_blocking_call_that_has_been_halted() {
    let (release, released) = channel::<()>();
    let options = VatOptions { name: Some("blocked".into()), ..VatOptions::default() };
    let (began, begins) = channel();
    let call = async move {
        let wait = move || {
            let _ = began.send(());
            released.recv()
        };
        let _ = tokio::task::spawn_blocking(wait).await?;
        Ok::<_, Failure>(())
    };
    let call = Source::future(call);
    let vat = Vat::spawn(options, move |_| {
        transition_no_state!(at_meta_level!(subscriber!(Ground::<()>(call, _))))
    })
    .unwrap();
    begins.recv().unwrap();
    assert!(runs("blocked"));
    vat.halt();
    until("the vat's thread ends", || !runs("blocked"));
    drop(release);
}

/// Nobody watches any more: neither our thread nor the system's is left.
#[test]
fn a_watch_of_a_program_that_has_ended() {
    let ended = run(|| {
        let path = Text::from(std::env::temp_dir().to_str().unwrap());
        transition_no_state!(
            watch::driver(),
            subscriber!(
                FileChanged { watched: path, .. },
                on_presence!({
                    assert!(runs("watch"));
                    at_meta_level!(quit())
                }),
            ),
        )
    });
    assert_eq!(ended, Ok(()));
    until("the threads of the watch end", || !runs("watch") && !runs("notify-rs inoti"));
}
