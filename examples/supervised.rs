//! A worker that fails on some input, and a supervisor that starts it again: at once, then after a
//! wait, until it has failed three times.
//!
//! Run it: `cargo run --example supervised` (or `-- 0` for any free port), then
//! `nc 127.0.0.1 5999`. Lines come back in upper case; `crash` makes the worker fail.
//! `MARKETPLACE_LOG=info` shows what the supervisor does.
//!
//! The door is a child of the same supervisor, so when that gives up, the door is closed, the
//! sessions see it and the program ends.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace_drivers::supervisor::{Child, GaveUp, Supervised, Supervision};
use marketplace_drivers::tcp::{
    self, TcpAddress, TcpChannel, TcpFeedback, TcpListening, TcpMode, TcpPacket, TcpSignal,
};
use marketplace_drivers::timer;

/// A line from a client, to be worked on. While no worker is there, nobody hears it.
#[derive(Message, Clone, Debug, PartialEq)]
struct Job(TcpAddress, Text);

#[derive(Message, Clone, Debug, PartialEq)]
struct Done(TcpAddress, Text);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(5999), |port| port.parse())?;
    let plan = Supervision::new("shop")
        .waits(Duration::from_millis(200), Duration::from_secs(30))
        .give_up(3, Duration::from_secs(3600))
        .child(Child::new("worker", || spawn!(worker())))
        .child(Child::new("door", move || spawn!(door(port))));
    Ok(ground_vm!(
        tcp::driver(),
        timer::driver(),
        subscriber!(
            TcpListening { listener: TcpAddress::Listener(port), .. },
            match_conversation!(TcpListening { local, .. } => on_presence!(println!("listening on {local}"))),
        ),
        plan.spawn(),
    )?)
}

fn worker() -> Transition<()> {
    transition_no_state!(subscriber!(
        Job(_, _),
        on_message!(Job(client, line) => {
            if &*line == "crash" {
                Err(Failure::value(&"I cannot do that".to_string()))?;
            }
            send_message!(Done(client, Text::from(line.to_uppercase())))
        }),
    ))
}

fn door(port: u16) -> Transition<()> {
    transition_no_state!(observe_publishers!(
        TcpChannel(_, TcpAddress::Listener(port), _),
        match_conversation!(TcpChannel(them, us, _) => on_presence!(spawn!(session(them, us)))),
    ))
}

/// Passes on what the client says and what the worker answers, and tells what becomes of the
/// worker.
fn session(them: TcpAddress, us: TcpAddress) -> Transition<()> {
    transition_no_state!(
        send_feedback!(TcpFeedback(them, us, TcpSignal::Mode(TcpMode::Lines))),
        publisher!(TcpChannel(us, them, _)),
        subscriber!(
            TcpChannel(them, us, _),
            on_absence!(quit()),
            on_vacancy!(quit()),
            on_message!(
                TcpChannel(_, _, TcpPacket::Data(line)) => {
                    let line = Text::from(std::str::from_utf8(&line)?);
                    send_message!(Job(them, line))
                },
                TcpChannel(_, _, TcpPacket::Eof) => quit(),
            ),
        ),
        subscriber!(
            Done(them, _),
            on_message!(Done(_, line) => send_message!(TcpChannel(us, them, TcpPacket::from(format!("{line}\n"))))),
        ),
        observe_publishers!(
            Supervised { child: Text::from("worker"), .. },
            match_conversation!(Supervised { incarnation, .. } =>
                on_presence!({
                    let news = format!("worker {incarnation} is there\n");
                    send_message!(TcpChannel(us, them, TcpPacket::from(news)))
                }),
                match_reason!(why: Reason => on_absence!({
                    let news = format!("worker {incarnation} failed: {why}\n");
                    send_message!(TcpChannel(us, them, TcpPacket::from(news)))
                })),
            ),
        ),
        observe_publishers!(
            Supervised { child: Text::from("door"), .. },
            match_reason!(GaveUp { failures, .. } =>
            on_absence!({
                let news = format!("closed after {failures} failures\n");
                actions![send_message!(TcpChannel(us, them, TcpPacket::from(news))), quit()]
            })),
            on_absence!(quit()),
        ),
    )
}
