//! Threads that nobody wants any more. The system knows them by name.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::channel;

use marketplace::inspector::{Inspector, InspectorOptions};
use marketplace::prelude::*;
use marketplace::shell::ShellSocket;
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

fn vat(name: &str) -> Vat {
    let options = VatOptions { name: Some(name.into()), ..VatOptions::default() };
    Vat::spawn(options, |_| transition_no_state!(subscriber!("x"))).unwrap()
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

#[test]
fn an_inspector_that_was_dropped() {
    let vat = vat("inspected");
    let inspector = Inspector::start(&vat, InspectorOptions::default()).unwrap();
    until("the inspector runs", || runs("inspector"));
    drop(inspector);
    until("the inspector's thread ends", || !runs("inspector"));
    vat.halt();
    until("the vat's thread ends", || !runs("inspected"));
}

/// Nobody has said anything; one does not read what it is told; one does not wait for the end of
/// its steps.
#[test]
fn a_shells_socket_that_was_dropped() {
    let path = std::env::temp_dir().join(format!("marketplace-threads-{}", std::process::id()));
    let again = |_| {
        transition_no_state!(
            subscriber!("again", on_message!(_ => send_message!("again"))),
            send_message!("again"),
        )
    };
    let vat = Vat::spawn(VatOptions::default(), again).unwrap();
    let id = vat.id();
    let socket = ShellSocket::listen(&vat, &path).unwrap();
    let connect = |lines: &[u8]| {
        let mut stream = UnixStream::connect(&path).unwrap();
        stream.read_exact(&mut [0]).expect("it is greeted");
        stream.write_all(lines).unwrap();
        stream
    };
    let stamp = || vat.inspect(|debugger| debugger.stamp()).unwrap();
    vat.inspect(|debugger| debugger.pause()).unwrap();
    let before = stamp();
    let steps = connect(b"step 1000000000000000\n");
    until("it steps", || stamp() > before);
    drop(steps);
    until("who has gone ends the steps", || !runs("shell session"));

    let _idle = connect(b"");
    // The answers to all that are more than fits between the two.
    let _deaf = connect(&b"help\n".repeat(2_000));
    let _steps = connect(b"step 1000000000000000\n");
    assert!(runs("shell") && runs("shell session"));
    drop(socket);
    until("the threads end", || !runs("shell") && !runs("shell session"));
    vat.halt();
    drop(vat);
    until("nobody has a handle", || Vat::find(id).is_none());
}
