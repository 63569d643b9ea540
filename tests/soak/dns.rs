//! The DNS proxy: many ask all the time, often the same, of an upstream that loses, delays and
//! repeats answers.

use std::cell::Cell;
use std::collections::HashSet;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::net::UdpSocket;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{sleep, timeout};

use crate::memory::Memory;
use crate::program::Program;

const CLIENTS: u32 = 64;
/// So many names are asked for again and again; every fourth query is for one that nobody asked for
/// before.
const NAMES: u32 = 500;
const TOO_LONG: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Tally {
    asked: Cell<u32>,
    answered: Cell<u32>,
    upstream: Cell<u32>,
    over: Cell<bool>,
}

fn next(counter: &Cell<u32>) -> u32 {
    counter.set(counter.get() + 1);
    counter.get()
}

/// A query for the address of `n<number>.test`.
fn query(id: u16, number: u32) -> Vec<u8> {
    let label = format!("n{number}");
    let mut bytes = vec![0; 12];
    bytes[..2].copy_from_slice(&id.to_be_bytes());
    bytes[2] = 1;
    bytes[5] = 1;
    for label in [label.as_str(), "test"] {
        bytes.push(label.len() as u8);
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.extend_from_slice(&[0, 0, 1, 0, 1]);
    bytes
}

/// The number of the name that is asked for.
fn number(query: &[u8]) -> Option<u32> {
    let len = usize::from(*query.get(12)?);
    std::str::from_utf8(query.get(14..13 + len)?).ok()?.parse().ok()
}

/// Its answer: an address made of the number, good for a second.
fn answer(query: &[u8], number: u32) -> Vec<u8> {
    let mut bytes = query.to_vec();
    bytes[2] = 0x81;
    bytes[3] = 0x80;
    bytes[7] = 1;
    bytes.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4]);
    bytes.extend_from_slice(&number.to_be_bytes());
    bytes
}

/// Answers most queries, some of them late or twice: but never fails the same name twice in a row,
/// because the proxy asks twice.
async fn upstream(socket: Rc<UdpSocket>, tally: Rc<Tally>) {
    let (mut bytes, mut failed) = ([0; 512], HashSet::new());
    loop {
        let (len, from) = socket.recv_from(&mut bytes).await.expect("a socket");
        let query = bytes[..len].to_vec();
        let number = number(&query).expect("the proxy asks what it was asked");
        let answer = answer(&query, number);
        let may_fail = !failed.remove(&number);
        match next(&tally.upstream) % 20 {
            0 if may_fail => {
                failed.insert(number);
            }
            1 if may_fail => {
                failed.insert(number);
                let socket = socket.clone();
                spawn_local(async move {
                    sleep(Duration::from_millis(700)).await;
                    // The proxy may have closed the socket.
                    let _ = socket.send_to(&answer, from).await;
                });
            }
            2 => {
                let _ = socket.send_to(&answer, from).await;
                let _ = socket.send_to(&answer, from).await;
            }
            _ => {
                let _ = socket.send_to(&answer, from).await;
            }
        }
    }
}

async fn client(name: u32, proxy: SocketAddr, tally: Rc<Tally>) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    socket.connect(proxy).await.expect("an address");
    let mut dice = name;
    while !tally.over.get() {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let asked = next(&tally.asked);
        let number = if dice >> 30 == 0 { NAMES + asked } else { (dice >> 8) % NAMES };
        let query = query(dice as u16, number);
        socket.send(&query).await.expect("it fits");
        let mut back = [0; 512];
        let answered = timeout(TOO_LONG, socket.recv(&mut back)).await;
        let len = answered.expect("every query is answered").expect("a socket");
        assert_eq!(back[..2], query[..2], "the answer has the id of the query");
        assert_eq!(back[12..query.len()], query[12..], "and its question");
        assert!(back[..len].ends_with(&number.to_be_bytes()), "and the address of its name");
        next(&tally.answered);
    }
}

async fn soak(proxy: SocketAddr, socket: UdpSocket, memory: &mut Memory) {
    let tally = Rc::<Tally>::default();
    spawn_local(upstream(Rc::new(socket), tally.clone()));
    let clients: Vec<_> = (0..CLIENTS).map(|name| spawn_local(client(name, proxy, tally.clone()))).collect();
    let (began, time) = (Instant::now(), crate::time());
    while began.elapsed() < time {
        sleep(time / 20).await;
        println!(
            "dns, {:4} s: {} asked, {} answered, {} asked upstream, {} KiB",
            began.elapsed().as_secs(),
            tally.asked.get(),
            tally.answered.get(),
            tally.upstream.get(),
            memory.look(),
        );
    }
    tally.over.set(true);
    for client in clients {
        client.await.expect("every query is answered, and well");
    }
    assert_eq!(tally.asked.get(), tally.answered.get());
}

#[test]
#[ignore = "takes as long as it is told to"]
fn soak_dns() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let socket = runtime.block_on(UdpSocket::bind("127.0.0.1:0")).expect("a socket");
    let upstream = socket.local_addr().expect("it is bound").to_string();
    let mut proxy = Program::start("dns", &["0", &upstream, "--retry", "500"]);
    let address = proxy.listening();
    let mut memory = Memory::of(proxy.child.id());
    LocalSet::new().block_on(&runtime, soak(address, socket, &mut memory));
    memory.is_flat();
    assert!(proxy.interrupt().success());
}
