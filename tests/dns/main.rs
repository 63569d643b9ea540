//! The resolvers of the DNS proxy in a sim: the test is the network and the clients.

#[path = "../../examples/dns/memory.rs"]
mod memory;
#[path = "../../examples/dns/message.rs"]
#[allow(dead_code, reason = "the proxy's own part is not tested here")]
mod message;
#[path = "../../examples/dns/resolver.rs"]
mod resolver;
#[path = "../../examples/dns/whole.rs"]
mod whole;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hickory_proto::op as dns;
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace_drivers::timer;
use marketplace_drivers::udp::{UdpAddress, UdpFeedback, UdpPacket, UdpProblem};

use message::{Known, Query, Via};
use resolver::{Answer, Config, resolvers};

/// An upstream was asked; one client got its answer with this TTL, or a failure.
#[derive(Message, Clone, Debug, PartialEq)]
enum Log {
    Asked(u16),
    Got(Text),
}

fn upstream(port: u16) -> UdpAddress {
    UdpAddress::remote("10.0.0.1", port)
}

/// Stands for the UDP driver and the upstream of this port.
fn network(port: u16, ttl: Option<u32>) -> Spawn<()> {
    let there = upstream(port);
    spawn!(transition_no_state!(
        subscriber!(
            UdpPacket(_, there, _),
            on_message!(UdpPacket(us, there, bytes) => {
                let reply = ttl.map(|ttl| send_message(&UdpPacket(there, us, answer(&bytes, ttl))));
                (send_message(&Log::Asked(port)), reply)
            }),
        ),
        publisher!(UdpPacket(there, UdpAddress::Handle(_), _)),
    ))
}

fn answer(query: &[u8], ttl: u32) -> Bytes {
    let mut message = dns::Message::from_vec(query).unwrap().into_response();
    let name = message.queries[0].name.clone();
    message.add_answer(Record::from_rdata(name, ttl, RData::A(A::new(10, 0, 0, 1))));
    message.to_vec().unwrap().into()
}

fn question(name: &str) -> Bytes {
    let mut message = dns::Message::new(7, dns::MessageType::Query, dns::OpCode::Query);
    message.add_query(dns::Query::query(Name::from_ascii(name).unwrap(), RecordType::A));
    Query::read(&message.to_vec().unwrap(), Via::Udp).unwrap().question
}

fn client(name: &str) -> Spawn<()> {
    let question = question(name);
    spawn!(transition_no_state!(subscriber!(
        Answer(question, _),
        on_message!(Answer(_, bytes) => {
            let message = dns::Message::from_vec(&bytes)?;
            let got = message.answers.first().map_or(message.metadata.response_code.to_string(), |record| record.ttl.to_string());
            (send_message(&Log::Got(got.into())), quit())
        }),
    )))
}

fn sim(upstreams: &[u16], network: Vec<Spawn<()>>) -> Sim {
    let upstreams = upstreams.iter().map(|port| upstream(*port)).collect();
    let config =
        Arc::new(Config { upstreams, retry: Duration::from_millis(100), remember: 2, verbose: false });
    let mut sim =
        Sim::new(move |_| transition_no_state!(timer::driver(), network, spawn!(resolvers(config))));
    sim.run();
    sim
}

fn ask(sim: &mut Sim) {
    ask_for(sim, "example.org.");
}

fn ask_for(sim: &mut Sim, name: &str) {
    sim.spawn(client(name));
    sim.run();
}

fn tick(sim: &mut Sim, by: u64) {
    sim.advance(Duration::from_millis(by));
}

fn got(text: &str) -> Log {
    Log::Got(text.into())
}

#[test]
fn an_answer_is_good_for_its_ttl_counted_down_and_then_asked_for_again() {
    let mut sim = sim(&[1], vec![network(1, Some(60))]);
    let idle = sim.stats().processes;
    ask(&mut sim);
    for _ in 0..2 {
        tick(&mut sim, 29_500);
        ask(&mut sim);
    }
    assert_eq!(sim.messages_of::<Log>(), [Log::Asked(1), got("60"), got("31"), got("1")]);
    tick(&mut sim, 1000);
    assert_eq!(sim.stats().processes, idle, "it is forgotten");
    ask(&mut sim);
    assert_eq!(sim.messages_of::<Log>()[4..], [Log::Asked(1), got("60")]);
}

#[test]
fn each_upstream_is_asked_twice_after_longer_and_longer_waits() {
    let mut sim = sim(&[1, 2], vec![network(1, None), network(2, None)]);
    let idle = sim.stats().processes;
    ask(&mut sim);
    ask(&mut sim);
    for (n, wait) in [100, 200, 400, 800].into_iter().enumerate() {
        assert_eq!(sim.messages_of::<Log>().len(), n + 1);
        tick(&mut sim, wait - 1);
        assert_eq!(sim.messages_of::<Log>().len(), n + 1);
        tick(&mut sim, 1);
    }
    let log = sim.messages_of::<Log>();
    assert_eq!(log[..4], [Log::Asked(1), Log::Asked(2), Log::Asked(1), Log::Asked(2)]);
    assert_eq!(log[4..], [got("Server Failure"), got("Server Failure")]);
    assert_eq!(sim.stats().processes, idle);
}

#[test]
fn an_upstream_that_cannot_be_reached_costs_no_time() {
    let mut sim = sim(&[1, 2], vec![network(1, None), network(2, Some(60))]);
    ask(&mut sim);
    let asked = sim.messages_of::<UdpPacket>().remove(0);
    let problem = UdpProblem { kind: "NetworkUnreachable".into(), text: "no way".into() };
    sim.send_feedback(&UdpFeedback(asked.0, asked.1, problem));
    sim.run();
    assert_eq!(sim.messages_of::<Log>(), [Log::Asked(1), Log::Asked(2), got("60")]);
}

#[test]
fn a_question_that_nobody_wants_answered_any_more_is_given_up() {
    let mut sim = sim(&[1], vec![network(1, None)]);
    let (idle, question) = (sim.stats().processes, question("example.org."));
    sim.spawn(spawn!(transition_no_state!(
        subscriber!(Answer(question, _)),
        subscriber!("leave", on_message!(_ => quit())),
    )));
    sim.run();
    assert_eq!(sim.stats().processes, idle + 2);
    sim.send(&Text::from("leave"));
    sim.run();
    assert_eq!(sim.stats().processes, idle);
    tick(&mut sim, 1000);
    assert_eq!(sim.messages_of::<Log>(), [Log::Asked(1)]);
}

/// Two are remembered: what was wanted least recently makes room, and is asked for again.
#[test]
fn remembered_names_make_room_for_new_ones() {
    let mut sim = sim(&[1], vec![network(1, Some(60))]);
    let idle = sim.stats().processes;
    let mut asked = |name: &str| {
        let before = sim.messages_of::<Log>().len();
        ask_for(&mut sim, name);
        let new = sim.messages_of::<Log>().split_off(before);
        assert_eq!(new.last(), Some(&got("60")), "{name}");
        assert!(sim.stats().processes <= idle + 2);
        new.len() == 2
    };
    let names = ["a.", "b.", "a.", "c.", "a.", "c.", "b.", "a."];
    assert_eq!(names.map(&mut asked), [true, true, false, true, false, false, true, true]);
    for n in 0..100 {
        assert!(asked(&format!("{n}.")));
    }
}

/// RFC 2181: none, if the highest bit is set. RFC 8767: a week at most.
#[test]
fn how_long_an_answer_may_be_good_is_bounded() {
    for (ttl, told) in [
        (0, "0"),
        (604_799, "604799"),
        (604_801, "604800"),
        (i32::MAX as u32, "604800"),
        (1 << 31, "0"),
        (u32::MAX, "0"),
    ] {
        let mut sim = sim(&[1], vec![network(1, Some(ttl))]);
        let idle = sim.stats().processes;
        ask(&mut sim);
        assert_eq!(sim.messages_of::<Log>(), [Log::Asked(1), got(told)], "{ttl}");
        let seconds: u64 = told.parse().unwrap();
        assert_eq!(sim.stats().processes, idle + usize::from(seconds > 0), "{ttl}");
        if seconds > 0 {
            tick(&mut sim, (seconds - 1) * 1000);
            ask(&mut sim);
            assert_eq!(sim.messages_of::<Log>()[2..], [got("1")], "{ttl}");
            tick(&mut sim, 1000);
            assert_eq!(sim.stats().processes, idle, "{ttl}");
        }
    }
}

/// A remembered answer takes no more than 4 KiB.
#[test]
fn a_long_answer_is_not_remembered() {
    let question = question("example.org.");
    let ttl = |records: u8| {
        let mut message = dns::Message::from_vec(&answer(&question, 60)).unwrap();
        for _ in 1..records {
            message.add_answer(message.answers[0].clone());
        }
        let bytes = message.to_vec().unwrap();
        (bytes.len() > 4096, Known::read(&bytes, 0, &question).unwrap().ttl)
    };
    assert_eq!(ttl(100), (false, 60));
    assert_eq!(ttl(255), (true, 0));
}
