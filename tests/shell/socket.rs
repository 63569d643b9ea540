//! The shell on a Unix socket.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use marketplace::prelude::*;
use marketplace::shell::ShellSocket;
use marketplace::vat::{Vat, VatOptions};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::office;

/// No test waits for time to pass; this ends one that would wait for ever.
const TOO_LONG: Duration = Duration::from_secs(60);

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

/// Also if the end takes a while: nobody is asked for a line that cannot be carried out.
#[test]
fn there_is_no_prompt_behind_quit() {
    let (go, may_go) = channel();
    // It ends once the client has read what is said first.
    let boot = move |_| {
        transition!(
            may_go,
            subscriber!(
                "slow",
                match_state!(may_go: Receiver<()> => on_shutdown!({
                    may_go.recv_timeout(TOO_LONG).unwrap();
                    transition!(may_go, quit())
                }))
            )
        )
    };
    let options = VatOptions { name: Some("slow".into()), ..VatOptions::default() };
    let (vat, path) = (Vat::spawn(options, boot).unwrap(), path());
    vat.call(|_| ()).unwrap();
    let _socket = ShellSocket::listen(&vat, &path).unwrap();
    let mut stream = BufReader::new(UnixStream::connect(&path).unwrap());
    stream.get_mut().write_all(b"quit\n").unwrap();
    stream.get_mut().shutdown(Shutdown::Write).unwrap();
    let mut said = String::new();
    stream.read_line(&mut said).unwrap();
    assert_eq!(said, "slow> ending\n");
    // Until somebody else has a prompt, the first client would have had one, too.
    let mut prompt = [0; 6];
    UnixStream::connect(&path).unwrap().read_exact(&mut prompt).unwrap();
    assert_eq!(&prompt, b"slow> ");
    go.send(()).unwrap();
    said.clear();
    stream.read_to_string(&mut said).unwrap();
    assert_eq!(said, "The program has ended.\n");
}

/// A socket that a crashed program left behind is replaced; a file that is no socket stays.
#[test]
fn a_socket_that_was_left_is_replaced() {
    let (vat, path) = (office(), path());
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    drop(ShellSocket::listen(&vat, &path).unwrap());
    fs::write(&path, "precious").unwrap();
    assert!(ShellSocket::listen(&vat, &path).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    fs::remove_file(&path).unwrap();
}

/// A file that is not ours is not removed, whatever has become of our path.
#[test]
fn at_the_end_only_our_own_socket_is_removed() {
    let (vat, path) = (office(), path());
    let socket = ShellSocket::listen(&vat, &path).unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(&path, "precious").unwrap();
    drop(socket);
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    fs::remove_file(&path).unwrap();

    let socket = ShellSocket::listen(&vat, &path).unwrap();
    fs::remove_file(&path).unwrap();
    let other = UnixListener::bind(&path).unwrap();
    drop(socket);
    UnixStream::connect(&path).expect("the other one is still there");
    drop(other);
    fs::remove_file(&path).unwrap();
}

/// That one cannot connect does not say that nobody listens: only a refusal does.
#[test]
fn a_socket_that_may_be_somebodys_is_not_replaced() {
    let (vat, path) = (office(), path());
    let other = UnixDatagram::bind(&path).unwrap();
    let error = ShellSocket::listen(&vat, &path).unwrap_err().to_string();
    assert!(error.contains("somebody may listen there"), "{error}");
    let said = UnixDatagram::unbound().unwrap().send_to(b"hello", &path);
    assert_eq!(said.expect("it is still there"), 5);
    drop(other);
    fs::remove_file(&path).unwrap();
}

/// On Linux a path of 107 bytes is the longest that one can connect to.
#[cfg(target_os = "linux")]
#[test]
fn paths_up_to_the_longest() {
    let (vat, path) = (office(), path());
    let short = path.to_str().unwrap();
    let of = |length: usize| PathBuf::from(format!("{short}{}", "x".repeat(length - short.len())));
    let socket = ShellSocket::listen(&vat, of(107)).unwrap();
    assert_eq!(converse(&of(107), b"verb on\n"), "office> verb is on\noffice> ");
    drop(socket);
    assert!(!of(107).exists());
    let error = ShellSocket::listen(&vat, of(108)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert!(error.to_string().starts_with(&format!("no shell at {short}xxx")), "{error}");
    assert!(!of(108).exists());
}

/// A client that is connected when the socket is dropped is disconnected.
#[test]
fn dropped_it_lets_go_of_who_is_connected() {
    let (vat, path) = (office(), path());
    let socket = ShellSocket::listen(&vat, &path).unwrap();
    let mut idle = UnixStream::connect(&path).unwrap();
    let mut prompt = [0; 8];
    idle.read_exact(&mut prompt).unwrap();
    drop(socket);
    assert_eq!(idle.read(&mut prompt).unwrap(), 0);
    assert!(vat.is_running());
}

/// Without a file for it a connection waits; when there is one, it is served.
#[test]
fn a_connection_waits_for_a_file() {
    let path = path();
    let mut program = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "socket::a_program_that_is_out_of_files", "--ignored", "--nocapture"])
        .env("SHELL_AT", &path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = |from: &mut dyn Read, what: &str| {
        assert!(BufReader::new(from).lines().map_while(Result::ok).any(|line| line.contains(what)), "{what}");
    };
    let mut orders = program.stdin.take().unwrap();
    said(program.stdout.as_mut().unwrap(), "out of files");
    let mut early = UnixStream::connect(&path).unwrap();
    said(program.stderr.as_mut().unwrap(), "cannot accept a connection yet");
    orders.write_all(b"\n").unwrap();
    let mut prompt = [0; 8];
    early.read_exact(&mut prompt).unwrap();
    assert_eq!(&prompt, b"office> ");
    assert_eq!(converse(&path, b"verb on\n"), "office> verb is on\noffice> ");
    drop(orders);
    assert!(program.wait().unwrap().success());
    assert!(!path.exists());
}

#[test]
#[ignore = "run by the test above"]
fn a_program_that_is_out_of_files() {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let vat = office();
    let _socket = ShellSocket::listen(&vat, std::env::var_os("SHELL_AT").unwrap()).unwrap();
    let next = File::open("/dev/null").unwrap().as_raw_fd() as u64;
    let before = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(next), ..before }).unwrap();
    println!("out of files");
    let mut orders = io::stdin().lines();
    orders.next().unwrap().unwrap();
    setrlimit(Resource::Nofile, before).unwrap();
    assert!(orders.next().is_none());
}

/// Any input leads to an answer or an end.
#[test]
fn hostile_lines() {
    let (vat, path) = (office(), path());
    let _socket = ShellSocket::listen(&vat, &path).unwrap();
    assert_eq!(
        converse(&path, b"\xff\xfe\0\nverb on\n"),
        "office> this line is not UTF-8\noffice> verb is on\noffice> ",
        "the next line is read"
    );
    assert!(converse(&path, &[b'['; 60_000]).contains("there is no command"));
    let mut nested = b"send ".to_vec();
    nested.extend([b'['; 60_000]);
    nested.push(b'\n');
    assert!(converse(&path, &nested).contains("character"), "nests too deep");
    let long = [[b'x'; 200_000].as_slice(), b"\nverb on\n"].concat();
    assert_eq!(
        converse(&path, &long),
        "office> this line is too long: a line has at most 64 KiB\noffice> verb is on\noffice> "
    );
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
