//! The threads of a shell's socket.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use marketplace::prelude::*;
use marketplace::shell::ShellSocket;
use marketplace::vat::{Vat, VatOptions};

use super::runs;
use crate::until;

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
