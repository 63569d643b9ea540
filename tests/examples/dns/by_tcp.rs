//! Clients and upstreams of the DNS proxy that speak TCP.

use std::net::{Shutdown, TcpListener};

use super::*;

/// An upstream by UDP and by TCP: nobody has the port for anything else.
fn both() -> (UdpSocket, TcpListener) {
    loop {
        let udp = socket();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().expect("bound")) {
            return (udp, tcp);
        }
    }
}

fn accept(listener: TcpListener) -> TcpStream {
    let (tell, accepted) = std::sync::mpsc::channel();
    std::thread::spawn(move || tell.send(listener.accept()));
    let (stream, _) = accepted.recv_timeout(Duration::from_secs(60)).expect("in time").expect("it connects");
    stream
}

/// A message with its length before it.
fn framed(message: &Message) -> Vec<u8> {
    let message = message.to_vec().expect("it can be written");
    [&(message.len() as u16).to_be_bytes(), &*message].concat()
}

fn read(stream: &mut TcpStream) -> Message {
    let mut len = [0; 2];
    stream.read_exact(&mut len).expect("it comes in time");
    let mut message = vec![0; usize::from(u16::from_be_bytes(len))];
    stream.read_exact(&mut message).expect("it comes in time");
    Message::from_vec(&message).expect("it is a message")
}

/// So much that no datagram of the proxy's holds it.
fn long(asked: &Message) -> Message {
    let mut long = answer(asked, 0, 100);
    for n in 1..100 {
        long.add_answer(answer(asked, n, 100).answers[0].clone());
    }
    long
}

/// The part of an answer that fits into a datagram.
fn cut(asked: &Message) -> Message {
    let mut cut = asked.clone().into_response();
    cut.metadata.truncation = true;
    cut
}

#[test]
fn dns_answers_whole_by_tcp_what_it_asked_for_again_by_tcp() {
    let ((upstream, listener), client) = (both(), socket());
    let proxy = Proxy::start(NEVER, &[&upstream]);
    send(&client, proxy.1, &query(7, "example.org."));
    let (asked, from) = receive(&upstream);
    send(&upstream, from, &cut(&asked));
    let mut stream = accept(listener);
    let again = read(&mut stream);
    assert_eq!((again.metadata.id, &again.queries), (asked.metadata.id, &asked.queries));
    // An answer to something else, and what is none, do not matter; pieces are put together.
    let mut wrong = long(&asked);
    wrong.metadata.id ^= 1;
    let said = [framed(&wrong), vec![0, 3, 1, 2, 3], framed(&long(&asked))].concat();
    for piece in said.chunks(700) {
        stream.write_all(piece).expect("it reads");
    }
    let (answered, _) = receive(&client);
    assert!(answered.metadata.truncation && answered.answers.is_empty());
    let mut stream = connect(proxy.1);
    stream.write_all(&framed(&query(8, "Example.org."))).expect("it reads");
    let answered = read(&mut stream);
    assert_eq!((answered.metadata.id, answered.metadata.truncation), (8, false));
    assert_eq!(addresses(&answered), (0..100).collect::<Vec<_>>());
    assert_eq!(answered.queries[0].name.to_string(), "Example.org.");
    // All that was asked of the upstream is what was asked at first.
    send(&client, proxy.1, &query(9, "example.net."));
    assert_eq!(receive(&upstream).0.queries, query(0, "example.net.").queries);
    proxy.ends();
}

#[test]
fn dns_answers_by_tcp_in_the_order_in_which_it_knows() {
    const QUERIES: u16 = 250;
    let upstream = socket();
    let proxy = Proxy::start(NEVER, &[&upstream]);
    let mut stream = connect(proxy.1);
    let all: Vec<u8> = (0..QUERIES).flat_map(|n| framed(&query(n, &format!("{n}.test.")))).collect();
    for piece in all.chunks(1000) {
        stream.write_all(piece).expect("it reads");
    }
    stream.shutdown(Shutdown::Write).expect("half-close");
    // It asks about no more than a hundred at a time, in any order; the first is answered last of
    // those.
    let (mut first, mut answered) = (None, Vec::new());
    for n in 0..QUERIES {
        let (asked, from) = receive(&upstream);
        if n == 0 {
            first = Some((asked, from));
            continue;
        }
        send(&upstream, from, &answer(&asked, 1, 100));
        answered.push(read(&mut stream).metadata.id);
    }
    let (asked, from) = first.expect("it was asked");
    send(&upstream, from, &answer(&asked, 1, 100));
    answered.push(read(&mut stream).metadata.id);
    answered.sort_unstable();
    assert_eq!(answered, (0..QUERIES).collect::<Vec<_>>());
    assert_eq!(stream.read(&mut [0]).expect("it closes"), 0);
    proxy.ends();
}

#[test]
fn dns_says_servfail_by_tcp_to_what_it_has_in_part_only() {
    let upstream = socket();
    let proxy = Proxy::start(NEVER, &[&upstream]);
    let mut stream = connect(proxy.1);
    stream.write_all(&framed(&query(7, "example.org."))).expect("it reads");
    let (asked, from) = receive(&upstream);
    // There is no upstream by TCP.
    send(&upstream, from, &cut(&asked));
    let answered = read(&mut stream);
    assert_eq!((answered.metadata.id, answered.metadata.response_code), (7, ResponseCode::ServFail));
    assert!(!answered.metadata.truncation);
    proxy.ends();
}

/// When an answer is cut off in a datagram, dig asks again by TCP.
#[test]
fn dns_serves_dig_by_tcp() {
    let (upstream, listener) = both();
    let proxy = Proxy::start(NEVER, &[&upstream]);
    let (host, port) = (format!("@{}", proxy.1.ip()), proxy.1.port().to_string());
    let dig = Command::new("dig")
        .args([&host, "-p", &port, "+tries=1", "+time=60", "example.org"])
        .stdout(std::process::Stdio::piped())
        .spawn();
    let Ok(dig) = dig else {
        println!("there is no dig on this machine: not tried with it");
        return;
    };
    let (asked, from) = receive(&upstream);
    send(&upstream, from, &cut(&asked));
    let mut stream = accept(listener);
    let asked = read(&mut stream);
    stream.write_all(&framed(&long(&asked))).expect("it reads");
    let said = dig.wait_with_output().expect("dig ends");
    let said = String::from_utf8_lossy(&said.stdout);
    assert!(said.contains("10.0.0.99") && said.contains("(TCP)") && said.contains("ANSWER: 100"), "{said}");
    proxy.ends();
}
