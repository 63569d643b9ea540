//! Examples that print what they do when asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use crate::program::Program;

/// One client comes, says a line and goes. Gives what the program printed meanwhile, up to the line
/// that says this.
fn visit(example: &str, goodbye: impl Fn(&str, &SocketAddr) -> bool) -> Vec<String> {
    let mut program = Program::start(example, &["--verbose", "0"]);
    let mut client = TcpStream::connect(program.listening()).expect("it listens");
    let address = client.local_addr().expect("it is connected");
    client.write_all(b"hello\n").expect("it reads");
    client.shutdown(Shutdown::Write).expect("half-close");
    client.read_to_end(&mut Vec::new()).expect("it closes");
    let errors = BufReader::new(program.child.stderr.take().expect("piped"));
    let mut printed = Vec::new();
    for line in errors.lines() {
        let line = line.expect("it prints text");
        let last = goodbye(&line, &address);
        printed.push(line);
        if last {
            break;
        }
    }
    assert!(program.interrupt().success());
    printed
}

#[test]
fn echo_shows_connections_and_packets() {
    let gone = |line: &str, who: &SocketAddr| {
        line.starts_with("- publisher") && line.contains(&who.port().to_string())
    };
    let printed = visit("echo", gone);
    let said = printed.iter().filter(|line| line.starts_with("> ") && line.contains("hello")).count();
    assert_eq!(said, 2, "there and back: {printed:#?}");
}

#[test]
fn chat_shows_the_room() {
    let gone = |line: &str, _: &SocketAddr| line.starts_with("- publisher Says");
    let printed = visit("chat", gone);
    assert!(printed.iter().any(|line| line.starts_with("+ publisher Says")), "{printed:#?}");
    assert!(
        printed.iter().any(|line| line.starts_with("> Says") && line.ends_with("\"hello\")")),
        "{printed:#?}"
    );
}

#[test]
fn echo_goes_on_when_nobody_reads_what_it_shows() {
    let mut program = Program::start("echo", &["--verbose", "0"]);
    let address = program.listening();
    drop(program.child.stderr.take());
    for line in 0..20 {
        let mut client = TcpStream::connect(address).expect("it listens");
        let said = format!("line {line}\n");
        client.write_all(said.as_bytes()).expect("it reads");
        client.shutdown(Shutdown::Write).expect("half-close");
        let mut back = String::new();
        client.read_to_string(&mut back).expect("it echoes and closes");
        assert_eq!(back, said);
    }
    assert!(program.interrupt().success());
}

#[test]
fn echo_goes_on_when_what_it_shows_is_stuck() {
    let mut program = Program::start("echo", &["--verbose", "0"]);
    let mut client = TcpStream::connect(program.listening()).expect("it listens");
    // More lines than a pipe holds and than may wait: nobody reads them before all is over.
    for _ in 0..8000 {
        let mut back = [0; 100];
        client.write_all(&[b'x'; 100]).expect("it reads");
        client.read_exact(&mut back).expect("it echoes");
    }
    drop(client);
    assert!(program.interrupt().success());
}
