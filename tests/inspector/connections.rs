//! Connections of peers that say nothing, or take nothing.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use marketplace::prelude::*;
use serde_json::Value;

use crate::events::{Count, countdown};
use crate::{Inspected, TOO_LONG, room};

fn connect(inspected: &Inspected) -> TcpStream {
    let stream = TcpStream::connect(inspected.site.address).unwrap();
    stream.set_read_timeout(Some(TOO_LONG)).unwrap();
    stream
}

/// Waits until the other end closes. Gives what it said.
fn until_closed(mut stream: &TcpStream) -> String {
    let mut said = Vec::new();
    match stream.read_to_end(&mut said) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("it is not closed: {error}"),
    }
    String::from_utf8(said).unwrap()
}

/// How long a stranger may keep the inspector waiting.
const PATIENCE: Duration = Duration::from_secs(5);

#[test]
fn so_many_strangers_and_no_more() {
    let inspected = Inspected::new(|_| room());
    let began = Instant::now();
    let silent: Vec<_> = (0..64).map(|_| connect(&inspected)).collect();
    // A client that shows the token needs a place only until then; so these must have theirs first.
    assert_eq!(until_closed(&connect(&inspected)), "");
    // No other one is closed so early. (On a machine that is as slow as that, this says nothing.)
    if began.elapsed() < PATIENCE {
        let mut last = silent.last().unwrap();
        last.set_nonblocking(true).unwrap();
        let error = last.read(&mut [0]).unwrap_err();
        assert!(error.kind() == ErrorKind::WouldBlock || began.elapsed() >= PATIENCE, "{error}");
        last.set_nonblocking(false).unwrap();
    }
    for stream in silent {
        assert_eq!(until_closed(&stream), "");
    }
    assert_eq!(inspected.site.get("/api/dump").status, 200);
}

#[test]
fn a_place_is_free_once_the_token_is_shown() {
    let inspected = Inspected::new(|_| room());
    let streams: Vec<_> = (0..16).map(|_| inspected.site.events().ok().unwrap()).collect();
    let mut asked = Vec::new();
    for _ in 0..40 {
        let mut stream = connect(&inspected);
        let (host, token) = (inspected.site.address, &inspected.site.token);
        write!(stream, "GET /nowhere HTTP/1.1\r\nHost: {host}\r\nX-Inspector-Token: {token}\r\n\r\n")
            .unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 404");
        asked.push(stream);
    }
    let silent: Vec<_> = (0..64).map(|_| connect(&inspected)).collect();
    for stream in &silent {
        assert_eq!(until_closed(stream), "");
    }
    drop((streams, asked));
}

#[test]
fn a_head_that_comes_slowly_is_not_waited_for() {
    let inspected = Inspected::new(|_| room());
    let mut events = inspected.site.events().ok().unwrap();
    let (mut begun, token) = (connect(&inspected), &inspected.site.token);
    begun.write_all(b"GET /api/dump HTTP/1.1\r\nHost: ").unwrap();
    // It has shown the token, and begins another head.
    let mut known = connect(&inspected);
    let host = inspected.site.address;
    write!(known, "GET /nowhere HTTP/1.1\r\nHost: {host}\r\nX-Inspector-Token: {token}\r\n\r\nGET ").unwrap();
    assert!(!until_closed(&begun).contains("HTTP/1.1 200"));
    assert!(until_closed(&known).contains("HTTP/1.1 404"));
    // A stranger that says something and goes on is one all the same.
    let mut stranger = connect(&inspected);
    write!(stranger, "GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    assert!(until_closed(&stranger).starts_with("HTTP/1.1 200"));
    // An open page is waited for as long as it likes.
    inspected.site.post("/api/pause", "");
    events.until("dump", |dump| dump["paused"] == true);
}

/// Its place is another page's then.
#[test]
fn a_page_that_takes_nothing_is_closed() {
    let inspected = Inspected::new(|_| countdown());
    let idle = connect(&inspected);
    let (host, token) = (inspected.site.address, &inspected.site.token);
    write!(&idle, "GET /api/events HTTP/1.1\r\nHost: {host}\r\nX-Inspector-Token: {token}\r\n\r\n").unwrap();
    let mut first = [0; 12];
    (&idle).read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let mut others: Vec<_> = (0..15).map(|_| inspected.site.events().ok().unwrap()).collect();
    assert_eq!(inspected.site.events().err().unwrap().status, 429);
    let mut rounds = 0;
    while inspected.site.events().is_err() {
        rounds += 1;
        assert!(rounds < 1_000, "it is not closed");
        // So much is said that no buffer of the system's holds it. The others hear it.
        inspected.vat.send(&Count(5_000)).unwrap();
        for events in &mut others {
            events.until("turn", |turns| turns.to_string().contains("Count(1)"));
        }
    }
    let said = until_closed(&idle);
    assert!(said.len() < 64 << 20);
}

/// However much the turns say, what waits for a page is bounded: what is left out is counted.
#[test]
fn a_batch_of_turns_is_bounded() {
    let inspected = Inspected::new(|_| {
        transition_no_state!(spawn!(transition_no_state!(subscriber!(
            Count(_),
            on_message!(Count(n) => {
                let long = "x".repeat(2_000);
                let say: Vec<_> = (0..100).map(|_| send_message(&long)).collect();
                (say, (n > 1).then(|| send_message!(Count(n - 1))))
            }),
        ))))
    });
    let mut events = inspected.site.events().ok().unwrap();
    let (_, dump) = events.next().unwrap();
    events.next().unwrap();
    const COUNT: u64 = 400;
    inspected.vat.send(&Count(COUNT)).unwrap();
    let (mut told, mut missed) = (0, 0);
    while told + missed < COUNT {
        match events.next().unwrap() {
            (event, data) if event == "turn" => {
                let turns = data.as_array().unwrap();
                told += turns.len() as u64;
                assert!(data.to_string().len() < 192 * 1024, "{} turns", turns.len());
                for turn in turns.iter().filter(|turn| turn["heard"] != "boots") {
                    let shown = turn["produced"].as_array().unwrap().len() as u64;
                    assert!(shown < 100 && shown + turn["more"].as_u64().unwrap() >= 100, "{shown}");
                }
            }
            (event, data) if event == "lagged" => missed += data["missed"].as_u64().unwrap(),
            _ => {}
        }
    }
    assert_eq!(told + missed, COUNT);
    let after = inspected.site.get("/api/dump").json();
    assert_eq!(after["turns"].as_u64(), dump["turns"].as_u64().map(|turns| turns + COUNT));
    assert_ne!(after["vm"], Value::Null);
}
