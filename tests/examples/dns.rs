//! The DNS proxy, between clients and upstreams that are plain sockets. Every step waits for a
//! packet.

mod by_tcp;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::process::Command;
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{Name, RData, Record, RecordType};

use crate::program::Program;

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("there is a loopback");
    socket.set_read_timeout(Some(Duration::from_secs(60))).expect("it is not zero");
    socket
}

fn query(id: u16, name: &str) -> Message {
    let mut message = Message::new(id, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    // (Parsed as text, it would lose its capitals.)
    message.add_query(Query::query(Name::from_ascii(name).expect("a name"), RecordType::A));
    message
}

/// The answer to a query: one address.
fn answer(query: &Message, last: u8, ttl: u32) -> Message {
    let mut message = query.clone().into_response();
    let name = query.queries[0].name.clone();
    message.add_answer(Record::from_rdata(name, ttl, RData::A(A(Ipv4Addr::new(10, 0, 0, last)))));
    message
}

fn addresses(message: &Message) -> Vec<u8> {
    let address = |record: &Record| match record.data {
        RData::A(A(address)) => address.octets()[3],
        _ => panic!("no address"),
    };
    message.answers.iter().map(address).collect()
}

fn receive(socket: &UdpSocket) -> (Message, SocketAddr) {
    let mut bytes = [0; 65536];
    let (len, from) = socket.recv_from(&mut bytes).expect("it comes in time");
    (Message::from_vec(&bytes[..len]).expect("it is a message"), from)
}

fn send(socket: &UdpSocket, to: SocketAddr, message: &Message) {
    socket.send_to(&message.to_vec().expect("it can be written"), to).expect("it is sent");
}

fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("it is not zero");
    stream
}

struct Proxy(Program, SocketAddr);

impl Proxy {
    /// It waits for so many milliseconds before it tries again.
    fn start(retry: &str, upstreams: &[&UdpSocket]) -> Self {
        let upstreams: Vec<_> =
            upstreams.iter().map(|socket| socket.local_addr().expect("bound").to_string()).collect();
        let mut arguments = vec!["0", "--retry", retry];
        arguments.extend(upstreams.iter().map(String::as_str));
        let mut program = Program::start("dns", &arguments);
        let address = program.listening();
        Self(program, address)
    }

    fn ends(mut self) {
        assert!(self.0.interrupt().success());
    }
}

const NEVER: &str = "600000";
const SOON: &str = "20";

#[test]
fn dns_answers_under_the_id_of_the_client_and_keeps_the_answer() {
    let (upstream, client) = (socket(), socket());
    let proxy = Proxy::start(NEVER, &[&upstream]);
    send(&client, proxy.1, &query(7, "Example.ORG."));
    let (asked, from) = receive(&upstream);
    assert_eq!(asked.queries, query(0, "example.org.").queries);
    send(&upstream, from, &answer(&asked, 1, 100));
    let (answered, _) = receive(&client);
    assert_eq!((answered.metadata.id, addresses(&answered)), (7, vec![1]));
    assert_eq!(answered.queries[0].name.to_string(), "Example.ORG.");
    // Asked again, in other letters, it is known; nobody asks upstream before the next question
    // does.
    send(&client, proxy.1, &query(8, "example.org."));
    let (answered, _) = receive(&client);
    assert_eq!((answered.metadata.id, addresses(&answered)), (8, vec![1]));
    assert!(answered.answers[0].ttl <= 100);
    send(&client, proxy.1, &query(9, "example.net."));
    assert_eq!(receive(&upstream).0.queries, query(0, "example.net.").queries);
    proxy.ends();
}

#[test]
fn dns_asks_once_for_all_who_ask_the_same() {
    let (upstream, clients) = (socket(), [socket(), socket(), socket()]);
    let proxy = Proxy::start(NEVER, &[&upstream]);
    for (id, client) in clients.iter().enumerate() {
        send(client, proxy.1, &query(id as u16, "example.org."));
    }
    send(&clients[0], proxy.1, &query(99, "example.net."));
    let ((first, from), (second, _)) = (receive(&upstream), receive(&upstream));
    assert_eq!(first.queries, query(0, "example.org.").queries);
    // Had the others asked anything, it would have been before this.
    assert_eq!(second.queries, query(0, "example.net.").queries);
    send(&upstream, from, &answer(&first, 1, 0));
    for (id, client) in clients.iter().enumerate() {
        let (answered, _) = receive(client);
        assert_eq!((usize::from(answered.metadata.id), addresses(&answered)), (id, vec![1]));
    }
    // A TTL of 0 is for those who are there.
    send(&clients[0], proxy.1, &query(3, "example.org."));
    assert_eq!(receive(&upstream).0.queries, first.queries);
    proxy.ends();
}

#[test]
fn dns_asks_the_next_upstream_and_what_the_last_one_says_late_is_ignored() {
    let (lost, upstream, client) = (socket(), socket(), socket());
    let proxy = Proxy::start("1000", &[&lost, &upstream]);
    send(&client, proxy.1, &query(7, "example.org."));
    let (early, from) = receive(&lost);
    let (asked, _) = receive(&upstream);
    assert_eq!(asked.queries, early.queries);
    send(&lost, from, &answer(&early, 66, 100));
    // With what it could know of the other's query, too.
    send(&lost, from, &answer(&asked, 66, 100));
    send(&upstream, from, &answer(&asked, 1, 100));
    // Had we been too slow, it would ask again: that is answered, too.
    let again = upstream.try_clone().expect("a second handle");
    std::thread::spawn(move || {
        let mut bytes = [0; 65536];
        while let Ok((len, from)) = again.recv_from(&mut bytes) {
            let asked = Message::from_vec(&bytes[..len]).expect("it is a message");
            send(&again, from, &answer(&asked, 1, 100));
        }
    });
    assert_eq!(addresses(&receive(&client).0), [1]);
    proxy.ends();
}

#[test]
fn dns_says_servfail_after_the_last_upstream() {
    let (upstream, client) = (socket(), socket());
    let proxy = Proxy::start(SOON, &[&upstream]);
    send(&client, proxy.1, &query(7, "example.org."));
    let (failed, _) = receive(&client);
    assert_eq!((failed.metadata.id, failed.metadata.response_code), (7, ResponseCode::ServFail));
    assert_eq!(failed.queries, query(7, "example.org.").queries);
    assert_eq!(
        [receive(&upstream).0.queries, receive(&upstream).0.queries],
        [failed.queries.clone(), failed.queries]
    );
    // That was not kept: whoever asks again makes it ask again.
    send(&client, proxy.1, &query(8, "example.org."));
    receive(&upstream);
    proxy.ends();
}

#[test]
fn dns_takes_only_an_answer_to_what_it_asked_from_whom_it_asked() {
    let (upstream, stranger, client) = (socket(), socket(), socket());
    let proxy = Proxy::start(NEVER, &[&upstream]);
    send(&client, proxy.1, &query(7, "example.org."));
    let (asked, from) = receive(&upstream);
    send(&stranger, from, &answer(&asked, 66, 100));
    let mut wrong = answer(&asked, 66, 100);
    wrong.metadata.id ^= 1;
    send(&upstream, from, &wrong);
    let mut wrong = answer(&asked, 66, 100);
    wrong.queries = query(0, "example.net.").queries;
    send(&upstream, from, &wrong);
    send(&upstream, from, &asked);
    for garbage in [&b""[..], b"\0", &[0xFF; 700]] {
        upstream.send_to(garbage, from).expect("it is sent");
    }
    send(&upstream, from, &answer(&asked, 1, 100));
    send(&upstream, from, &answer(&asked, 66, 100));
    assert_eq!(addresses(&receive(&client).0), [1]);
    // The duplicate changed nothing.
    send(&client, proxy.1, &query(8, "example.org."));
    let (answered, _) = receive(&client);
    assert_eq!((answered.metadata.id, addresses(&answered)), (8, vec![1]));
    proxy.ends();
}

#[test]
fn dns_says_formerr_to_what_is_no_query_and_nothing_to_what_may_be_an_answer() {
    let (upstream, client) = (socket(), socket());
    let proxy = Proxy::start(NEVER, &[&upstream]);
    let raw = |bytes: &[u8]| client.send_to(bytes, proxy.1).expect("it is sent");
    raw(b"");
    raw(&[0; 11]);
    send(&client, proxy.1, &answer(&query(1, "example.org."), 1, 1));
    raw(&[0xFF; 100]);
    // All these are silent, so what comes first is about this one, which has no question where it
    // says that it has five.
    raw(&[0, 2, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0]);
    let (said, _) = receive(&client);
    assert_eq!((said.metadata.id, said.metadata.response_code), (2, ResponseCode::FormErr));
    let mut two = query(3, "example.org.");
    two.add_query(query(3, "example.net.").queries[0].clone());
    send(&client, proxy.1, &two);
    let (said, _) = receive(&client);
    assert_eq!((said.metadata.id, said.metadata.response_code), (3, ResponseCode::FormErr));
    let mut status = query(4, "example.org.");
    status.metadata.op_code = OpCode::Status;
    send(&client, proxy.1, &status);
    let (said, _) = receive(&client);
    assert_eq!((said.metadata.id, said.metadata.response_code), (4, ResponseCode::NotImp));
    send(&client, proxy.1, &query(5, "example.org."));
    assert_eq!(receive(&upstream).0.queries, query(0, "example.org.").queries);
    proxy.ends();
}

#[test]
fn dns_says_notimp_under_the_opcode_of_what_it_does_not_do() {
    let (upstream, client) = (socket(), socket());
    let proxy = Proxy::start(NEVER, &[&upstream]);
    for opcode in 1..16u8 {
        // With nothing in it, with a question, and with what is no question.
        let asked = query(0, "example.org.").to_vec().expect("it can be written");
        for body in [&asked[4..], &[0; 8], &[0, 7, 0, 0, 0, 0, 0, 0, 0xFF]] {
            let packet = [&[9, opcode, opcode << 3 | 1, 0], body].concat();
            client.send_to(&packet, proxy.1).expect("it is sent");
            let mut said = [0; 512];
            let (len, _) = client.recv_from(&mut said).expect("it comes in time");
            assert_eq!(said[..len], [9, opcode, 0x80 | opcode << 3 | 1, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
        }
    }
    // By TCP, too.
    let mut stream = connect(proxy.1);
    stream.write_all(&[0, 12, 1, 2, 5 << 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]).expect("it reads");
    let mut said = [0; 14];
    stream.read_exact(&mut said).expect("it comes in time");
    assert_eq!(said, [0, 12, 1, 2, 0x80 | 5 << 3, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
    proxy.ends();
}

#[test]
fn dns_makes_room_for_new_names() {
    let (upstream, client) = (socket(), socket());
    let address = upstream.local_addr().expect("bound").to_string();
    let mut program = Program::start("dns", &["0", &address, "--retry", NEVER, "--remember", "3"]);
    let proxy = program.listening();
    for n in 0..100 {
        send(&client, proxy, &query(n, &format!("{n}.test.")));
        let (asked, from) = receive(&upstream);
        send(&upstream, from, &answer(&asked, 1, 3_000_000_000));
        let (answered, _) = receive(&client);
        assert_eq!((addresses(&answered), answered.answers[0].ttl), (vec![1], 0));
    }
    for n in 0..100 {
        send(&client, proxy, &query(n, &format!("{n}.test.")));
        let (asked, from) = receive(&upstream);
        send(&upstream, from, &answer(&asked, 1, 2_000_000_000));
        assert_eq!(receive(&client).0.answers[0].ttl, 604_800);
    }
    assert!(program.interrupt().success());
}

#[test]
fn dns_passes_on_what_is_cut_off_and_does_not_keep_it() {
    let (upstream, client) = (socket(), socket());
    let proxy = Proxy::start(NEVER, &[&upstream]);
    for id in [7, 8] {
        send(&client, proxy.1, &query(id, "example.org."));
        let (asked, from) = receive(&upstream);
        let mut cut = answer(&asked, 1, 100);
        cut.metadata.truncation = true;
        send(&upstream, from, &cut);
        let (answered, _) = receive(&client);
        assert_eq!((answered.metadata.id, answered.metadata.truncation), (id, true));
    }
    // An answer that is too big for this client is cut off by the proxy.
    send(&client, proxy.1, &query(9, "example.net."));
    let (asked, from) = receive(&upstream);
    let mut long = answer(&asked, 1, 100);
    for n in 0..60 {
        long.add_answer(answer(&asked, n, 100).answers[0].clone());
    }
    send(&upstream, from, &long);
    let (answered, _) = receive(&client);
    assert!(answered.metadata.truncation && answered.answers.is_empty());
    proxy.ends();
}

#[test]
fn dns_says_what_it_does_when_told_to() {
    let (upstream, client) = (socket(), socket());
    let address = upstream.local_addr().expect("bound").to_string();
    for (retry, expected) in [
        (NEVER, ["query from", "asked", "answered", "cache hit"]),
        (SOON, ["query from", "asked", "retry", "gave up"]),
    ] {
        let mut program = Program::start("dns", &["0", &address, "--verbose", "--retry", retry]);
        let proxy = program.listening();
        send(&client, proxy, &query(7, "example.org."));
        if retry == NEVER {
            let (asked, from) = receive(&upstream);
            send(&upstream, from, &answer(&asked, 1, 100));
            receive(&client);
            send(&client, proxy, &query(8, "example.org."));
        }
        receive(&client);
        assert!(program.interrupt().success());
        let (_, said) = program.end();
        assert!(
            expected.iter().all(|word| said.contains(word)) && said.contains("dig @127.0.0.1 -p"),
            "{said}"
        );
    }
}

#[test]
fn dns_serves_dig() {
    let upstream = socket();
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
    assert_eq!(asked.queries[0].name, "example.org.".parse::<Name>().expect("a name"));
    send(&upstream, from, &answer(&asked, 42, 300));
    let said = dig.wait_with_output().expect("dig ends");
    let said = String::from_utf8_lossy(&said.stdout);
    assert!(said.contains("10.0.0.42") && said.contains("NOERROR") && !said.contains("Warning"), "{said}");
    proxy.ends();
}
