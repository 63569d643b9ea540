//! How long an echo takes while others look inside: printed, not tested, since machines differ.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use marketplace::prelude::*;
use marketplace::vat::VatEvent;
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpListening};

use crate::Inspected;

/// Where the server listens.
#[derive(Message, Clone, Debug, PartialEq)]
struct At(Text);

fn server() -> Transition<()> {
    transition_no_state!(
        tcp::driver().max_connections(10_000),
        observe_publishers!(
            TcpChannel(_, TcpAddress::Listener(0), _),
            match_conversation!(TcpChannel(from, to, _) => on_presence!(spawn!(echoer(from, to)))),
        ),
        observe_publishers!(
            TcpListening { .. },
            match_conversation!(TcpListening { local, .. } => on_presence!(spawn!(says(local)))),
        ),
    )
}

fn says(local: TcpAddress) -> Transition<()> {
    let at = At(local.to_string().into());
    transition_no_state!(publisher!(At(_), on_presence!(send_message!(at))))
}

fn echoer(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    transition_no_state!(
        publisher!(TcpChannel(to, from, _)),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_vacancy!(quit()),
            on_message!(TcpChannel(_, _, data) => send_message!(TcpChannel(to, from, data))),
        ),
    )
}

fn echo(stream: &mut TcpStream) -> Duration {
    let began = Instant::now();
    stream.write_all(b"x").unwrap();
    stream.read_exact(&mut [0]).unwrap();
    began.elapsed()
}

fn worst(stream: &mut TcpStream, time: Duration) -> (Duration, usize) {
    let (began, mut worst, mut count) = (Instant::now(), Duration::ZERO, 0);
    while began.elapsed() < time {
        worst = worst.max(echo(stream));
        count += 1;
        thread::sleep(Duration::from_millis(1));
    }
    (worst, count)
}

#[test]
#[ignore = "prints how long it takes"]
fn an_echo_while_others_look_inside() {
    let inspected = Inspected::new(|_| server());
    let mut at = inspected.vat.subscribe::<At>(topic!(At(_))).unwrap();
    let address: SocketAddr = loop {
        let event = at.wait().unwrap().unwrap();
        if let VatEvent::Message(At(text)) = event {
            break text.parse().unwrap();
        }
    };
    let mut streams: Vec<_> = (0..2_000).map(|_| TcpStream::connect(address).unwrap()).collect();
    for stream in &mut streams {
        stream.set_nodelay(true).unwrap();
        echo(stream);
    }
    let mut stream = streams.pop().unwrap();
    println!("alone: {:?}", worst(&mut stream, Duration::from_secs(2)));
    for (path, askers) in [("/api/dump", 1), ("/api/dump", 32), ("/api/tree?turn=", 8)] {
        let path = if path.contains("tree") {
            let turn =
                inspected.vat.inspect(|debugger| debugger.log().turns().next_back().unwrap().id).unwrap();
            format!("{path}{turn}")
        } else {
            path.into()
        };
        let over = Arc::new(AtomicBool::new(false));
        let answers = Arc::new(AtomicUsize::new(0));
        let asking: Vec<_> = (0..askers)
            .map(|_| {
                let (site, over, answers, path) =
                    (inspected.site.clone(), over.clone(), answers.clone(), path.clone());
                thread::spawn(move || {
                    while !over.load(Ordering::SeqCst) {
                        let answer = site.get(&path);
                        if answer.status == 200 {
                            answers.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                })
            })
            .collect();
        let (worst, count) = worst(&mut stream, Duration::from_secs(6));
        over.store(true, Ordering::SeqCst);
        for asking in asking {
            asking.join().unwrap();
        }
        println!(
            "{path} by {askers}: {worst:?} at worst of {count} echoes, {} answers",
            answers.load(Ordering::SeqCst)
        );
    }
    let began = Instant::now();
    let dump = inspected
        .vat
        .inspect(|debugger| {
            let began = Instant::now();
            let dump = debugger.dump();
            (dump, began.elapsed())
        })
        .unwrap();
    println!(
        "dump takes {:?} in the vat, {:?} in all, {} bytes as text",
        dump.1,
        began.elapsed(),
        dump.0.to_string().len()
    );
}
