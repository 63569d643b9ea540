//! The chat client, with the chat room and with servers of the test's.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use crate::program::Program;

/// A server of the test's, and a client that has connected to it.
fn connected() -> (Program, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port().to_string();
    let client = Program::start("chat_client", &["127.0.0.1", &port]);
    let (server, _) = listener.accept().expect("it connects");
    (client, server)
}

#[test]
fn chat_client_talks_in_the_room() {
    let mut room = Program::start("chat", &["0"]);
    let address = room.listening();
    let mut other = BufReader::new(TcpStream::connect(address).expect("the room is open"));
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    let mut client = Program::start("chat_client", &[&host, &port]);
    let mut heard = String::new();
    while !heard.ends_with("arrived.\n") {
        other.read_line(&mut heard).expect("the room speaks");
    }
    client.feed("hello\nkäse".as_bytes());
    while !heard.ends_with("left.\n") {
        other.read_line(&mut heard).expect("the room speaks");
    }
    let lines: Vec<_> =
        heard.lines().skip(2).map(|line| line.split_once(' ').expect("two words").1).collect();
    assert_eq!(lines, ["hello", "käse", "left."]);
    let (status, said) = client.end();
    assert!(status.success());
    assert!(said.starts_with("You are user-") && said.contains(" arrived.\n"), "it said: {said}");
    assert!(room.interrupt().success());
}

#[test]
fn chat_client_ends_when_the_server_does() {
    let (client, mut server) = connected();
    server.write_all(b"first\r\nlast").expect("it listens");
    drop(server);
    // Its own input is still open.
    let (status, said) = client.end();
    assert!(status.success(), "it said: {said}");
    assert_eq!(said, "first\nlast\n");
}

#[test]
fn chat_client_says_its_end_and_hears_the_servers() {
    let (mut client, mut server) = connected();
    client.feed(b"one\ntwo\n");
    let mut heard = String::new();
    server.read_to_string(&mut heard).expect("it speaks, and then says that it has finished");
    assert_eq!(heard, "one\ntwo\n");
    server.write_all(b"bye\n").expect("it still listens");
    server.shutdown(Shutdown::Write).expect("half-close");
    let (status, said) = client.end();
    assert!(status.success());
    assert_eq!(said, "bye\n");
}

#[test]
fn chat_client_says_why_it_cannot_connect() {
    // The port of a client is in use, and nobody listens there.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let other = TcpStream::connect(listener.local_addr().expect("it is bound")).expect("it listens");
    let port = other.local_addr().expect("it is bound").port().to_string();
    let (status, said) = Program::start("chat_client", &["127.0.0.1", &port]).end();
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("cannot connect to 127.0.0.1"), "it said: {said}");
}
