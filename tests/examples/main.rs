//! Every example is run as a user runs it: as a program, with real clients, ended by a signal.

mod auction;
mod axum_bank;
#[cfg(feature = "tls")]
mod bank;
mod captp;
mod chat;
mod chat_client;
mod chat_objects;
mod cluster_chat;
mod dns;
mod ducts;
mod irc;
mod objects;
mod program;
#[cfg(feature = "shell")]
mod shell;
mod standard;
mod udp_echo;
mod verbose;
#[path = "../links/wire.rs"]
#[expect(dead_code, reason = "no wire is cut here")]
mod wire;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{Command, Stdio};

use program::Program;

/// Sends bytes, closes that direction, and reads until the other end closes too.
fn converse(server: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut client = TcpStream::connect(server).expect("the server listens");
    client.write_all(bytes).expect("the server reads");
    client.shutdown(Shutdown::Write).expect("half-close");
    let mut back = Vec::new();
    client.read_to_end(&mut back).expect("the server writes and closes");
    back
}

fn echoes(example: &str) {
    let mut server = Program::start(example, &["0"]);
    let address = server.listening();
    assert_eq!(converse(address, b"hello\nworld\n"), b"hello\nworld\n");
    let long = vec![b'x'; 1_000_000];
    assert_eq!(converse(address, &long).len(), long.len());
    assert!(server.interrupt().success());
}

#[test]
fn echo_echoes_and_ends_cleanly() {
    echoes("echo");
}

#[test]
fn echo_raw_does_the_same() {
    echoes("echo_raw");
}

#[test]
fn echo_serves_netcat() {
    let mut server = Program::start("echo", &["0"]);
    let address = server.listening();
    let netcat = Command::new("nc")
        .args(["-N", &address.ip().to_string(), &address.port().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut netcat) = netcat else {
        println!("there is no nc on this machine: not tried with it");
        return;
    };
    netcat.stdin.take().expect("piped").write_all(b"to netcat\n").expect("nc reads");
    let output = netcat.wait_with_output().expect("nc ends");
    if !output.status.success() {
        println!("this nc knows no -N: not tried with it");
        return;
    }
    assert_eq!(output.stdout, b"to netcat\n");
    assert!(server.interrupt().success());
}

#[test]
fn a_second_echo_on_the_port_says_why_it_cannot_start() {
    let mut first = Program::start("echo", &["0"]);
    let port = first.listening().port().to_string();
    let (status, said) = Program::start("echo", &[&port]).end();
    assert!(!status.success());
    assert!(said.contains("in use") && said.contains(&port), "it said: {said}");
    assert!(first.interrupt().success());
}

#[test]
fn echo_ends_cleanly_during_traffic() {
    let mut server = Program::start("echo", &["0"]);
    let address = server.listening();
    let mut clients: Vec<_> =
        (0..20).map(|_| TcpStream::connect(address).expect("the server listens")).collect();
    for client in &mut clients {
        client.write_all(&[7; 4096]).expect("the server reads");
        let mut first = [0];
        client.read_exact(&mut first).expect("the server echoes");
    }
    assert!(server.interrupt().success());
    for mut client in clients {
        // Bytes that were in flight may be lost, but the connection ends.
        let _ = client.read_to_end(&mut Vec::new());
    }
}

#[cfg(not(any(feature = "shell", feature = "inspector")))]
#[test]
fn a_program_without_shell_and_inspector_says_how_to_get_them() {
    for (variable, feature) in [
        ("MARKETPLACE_SHELL", "shell"),
        ("MARKETPLACE_SHELL_SOCKET", "shell"),
        ("MARKETPLACE_INSPECTOR", "inspector"),
    ] {
        let mut echo = Program::start_with("echo", &["0"], &[(variable, "1")]);
        echo.listening();
        let mut errors = String::new();
        let stderr = echo.child.stderr.take();
        assert!(echo.interrupt().success());
        stderr.expect("piped").read_to_string(&mut errors).expect("it prints text");
        let cure = format!("cargo run --features marketplace/{feature}");
        assert!(
            errors.lines().count() == 1 && errors.contains(variable) && errors.contains(&cure),
            "{errors}"
        );
    }
}

#[test]
fn ping_pong_prints_its_conversation() {
    let (status, said) = Program::start("ping_pong", &[]).end();
    assert!(status.success());
    assert!(
        said.contains("[Talk.PingerArrived, Talk.Ping, Talk.Pong, Talk.PingerDeparted]"),
        "it said: {said}"
    );
}
