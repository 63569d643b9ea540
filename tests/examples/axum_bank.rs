//! The bank behind a web server, spoken to in HTTP.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;

use crate::program::Program;

/// The status and the body of the answer to a request.
fn http(server: SocketAddr, method: &str, path: &str) -> (u16, String) {
    let mut client = TcpStream::connect(server).expect("the server listens");
    let request = format!("{method} {path} HTTP/1.1\r\nhost: bank\r\nconnection: close\r\n\r\n");
    client.write_all(request.as_bytes()).expect("the server reads");
    let mut answer = String::new();
    client.read_to_string(&mut answer).expect("the server answers and closes");
    let (head, body) = answer.split_once("\r\n\r\n").expect("it is HTTP");
    let status = head.split(' ').nth(1).expect("it has a status").parse().expect("it is a number");
    (status, body.trim_end().to_string())
}

#[test]
fn a_bank_is_spoken_to_in_http() {
    let mut server = Program::start("axum_bank", &["0"]);
    let bank = server.listening();
    for (method, path, status, body) in [
        ("GET", "/purses/ann", 404, "there is no answer: ann has no purse"),
        ("PUT", "/purses/ann", 201, ""),
        ("PUT", "/purses/ann", 409, "there is no answer: ann has a purse already"),
        ("PUT", "/purses/bob", 201, ""),
        ("POST", "/purses/ann/pay/bob/7", 200, "17"),
        ("POST", "/purses/ann/pay/bob/7", 402, "there is no answer: only 3 left"),
        ("POST", "/purses/ann/pay/cyd/1", 404, "there is no answer: cyd has no purse"),
        ("GET", "/purses/ann", 200, "3"),
        ("GET", "/purses/bob", 200, "17"),
    ] {
        assert_eq!(http(bank, method, path), (status, body.to_string()), "{method} {path}");
    }
    assert!(server.interrupt().success());
}

/// A request that waits is answered by another one; others are answered meanwhile.
#[test]
fn a_request_waits_for_another() {
    let mut server = Program::start("axum_bank", &["0"]);
    let bank = server.listening();
    for owner in ["ann", "bob"] {
        assert_eq!(http(bank, "PUT", &format!("/purses/{owner}")).0, 201);
    }
    let waits = thread::spawn(move || http(bank, "GET", "/purses/bob/next"));
    while !waits.is_finished() {
        assert_eq!(http(bank, "POST", "/purses/ann/pay/bob/0").0, 200);
    }
    assert_eq!(waits.join().expect("it is answered"), (200, "0".to_string()));
    assert!(server.interrupt().success());
}

/// Nobody pays: the time is over. A client that does not wait so long leaves nothing behind.
#[test]
fn a_request_waits_so_long_and_no_longer() {
    let mut server = Program::start("axum_bank", &["0", "50"]);
    let bank = server.listening();
    assert_eq!(http(bank, "PUT", "/purses/ann").0, 201);
    let mut leaves = TcpStream::connect(bank).expect("the server listens");
    leaves.write_all(b"GET /purses/ann/next HTTP/1.1\r\nhost: bank\r\n\r\n").expect("the server reads");
    drop(leaves);
    let late = "there is no answer: no answer came in time".to_string();
    assert_eq!(http(bank, "GET", "/purses/ann/next"), (504, late));
    assert_eq!(http(bank, "GET", "/purses/ann"), (200, "10".to_string()));
    assert!(server.interrupt().success());
}

/// The guide shows parts of this program, as they are.
#[test]
fn the_guide_shows_the_program_as_it_is() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let read = |path: &str| std::fs::read_to_string(format!("{root}/{path}")).expect("it is there");
    let (guide, program) = (read("docs/guide.md"), read("examples/axum_bank/main.rs"));
    let section = guide.split("\n### Objects behind a web handler\n").nth(1).expect("the guide has it");
    let section = section.split("\n### ").next().expect("it has an end");
    let shown: Vec<_> = section.split("```rust,ignore\n").skip(1).collect();
    assert!(shown.len() > 1);
    for block in shown {
        let block = block.split("```").next().expect("a block has an end");
        for part in block.split("\n\n") {
            assert!(program.contains(part.trim_end()), "not in the program:\n{part}");
        }
    }
}
