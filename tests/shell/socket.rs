//! The shell on a Unix socket.

use std::fs;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use marketplace::shell::ShellSocket;

use crate::office;

/// A path of this test alone.
fn path() -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    std::env::temp_dir().join(format!("marketplace-shell-{}-{number}", std::process::id()))
}

fn converse(path: &PathBuf, lines: &[u8]) -> String {
    let mut stream = UnixStream::connect(path).unwrap();
    stream.write_all(lines).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    said
}

#[test]
fn whoever_connects_has_a_prompt() {
    let (vat, path) = (office(), path());
    let socket = ShellSocket::listen(&vat, &path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "its owner's alone");
    assert_eq!(
        converse(&path, b"enter p3\nnonsense\n"),
        "office> office/p3> there is no command `nonsense`; `help` lists them\noffice/p3> "
    );
    assert_eq!(converse(&path, b"verb on\n"), "office> verb is on\noffice> ", "each has a shell of its own");
    assert!(ShellSocket::listen(&vat, &path).is_err(), "somebody listens there");
    drop(socket);
    assert!(!path.exists());
}

/// What is left of a program that crashed is in nobody's way; what is no socket stays.
#[test]
fn a_socket_that_was_left_is_replaced() {
    let (vat, path) = (office(), path());
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    drop(ShellSocket::listen(&vat, &path).unwrap());
    fs::write(&path, "precious").unwrap();
    assert!(ShellSocket::listen(&vat, &path).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    fs::remove_file(&path).unwrap();
}

/// Whatever comes, there is an answer or an end.
#[test]
fn hostile_lines() {
    let (vat, path) = (office(), path());
    let _socket = ShellSocket::listen(&vat, &path).unwrap();
    assert!(converse(&path, b"\xff\xfe\0\n").contains("there is no command"));
    assert!(converse(&path, &[b'['; 60_000]).contains("there is no command"));
    let mut nested = b"send ".to_vec();
    nested.extend([b'['; 60_000]);
    nested.push(b'\n');
    assert!(converse(&path, &nested).contains("character"), "nests too deep");
    let mut stream = UnixStream::connect(&path).unwrap();
    // It may close before all is written.
    let _ = stream.write_all(&[b'x'; 200_000]);
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    assert!(vat.is_running());
}

/// No more than so many at once.
#[test]
fn sessions_are_bounded() {
    let (vat, path) = (office(), path());
    let _socket = ShellSocket::listen(&vat, &path).unwrap();
    let mut byte = [0u8; 8];
    let mut held: Vec<_> = (0..8).map(|_| UnixStream::connect(&path).unwrap()).collect();
    for session in &mut held {
        session.read_exact(&mut byte).unwrap();
    }
    let mut late = UnixStream::connect(&path).unwrap();
    let mut said = String::new();
    late.read_to_string(&mut said).unwrap();
    assert_eq!(said, "too many are connected\n");
}
