//! How to test a process: the session of `chat.rs` in a sim, without sockets, clocks or threads.
//!
//! Run it: `cargo test --example chat_tests`. As a program it prints all that happens when one
//! client connects, talks and leaves.

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace_drivers::tcp::{TcpAddress, TcpChannel, TcpPacket};

#[path = "chat.rs"]
#[expect(dead_code, reason = "its `main` is not run here")]
mod chat;

const US: TcpAddress = TcpAddress::Listener(5999);

/// An order of the test to a client.
#[derive(Message, Clone, Debug, PartialEq)]
enum Client {
    Leaves(TcpAddress),
    Breaks(TcpAddress),
}

fn address(name: &str) -> TcpAddress {
    TcpAddress::remote(name, 4000)
}

/// Stands for the TCP driver's side of a connection.
fn connection(them: TcpAddress) -> Transition<()> {
    transition_no_state!(
        publisher!(TcpChannel(them, US, _)),
        subscriber!(TcpChannel(US, them, _), on_absence!(quit())),
        subscriber!(Client::Leaves(them), on_message!(_ => quit())),
        subscriber!(Client::Breaks(them), on_message!(_ => quit().because("cable cut"))),
    )
}

/// A room with these clients.
fn room_with(names: &'static [&'static str]) -> Sim {
    let mut sim = Sim::new(move |_| {
        let clients = names.iter().map(|name| spawn!(connection(address(name))));
        transition_no_state!(chat::room(5999, false), Vec::from_iter(clients))
    });
    sim.run();
    sim
}

fn say(sim: &mut Sim, who: &str, line: &str) {
    sim.send(&TcpChannel(address(who), US, TcpPacket::Data(line.to_string().into())));
    sim.run();
}

/// The lines that a client was told.
fn lines_to(sim: &Sim, who: &str) -> Vec<String> {
    let said = sim.messages_of::<TcpChannel>().into_iter().filter(|channel| channel.1 == address(who));
    let lines = said.filter_map(|TcpChannel(_, _, packet)| match packet {
        TcpPacket::Data(line) => Some(String::from_utf8_lossy(&line).trim_end().to_string()),
        TcpPacket::Eof | TcpPacket::Skipped(_) => None,
    });
    lines.collect()
}

fn main() {
    let mut sim = room_with(&["ann"]);
    say(&mut sim, "ann", "hello");
    sim.send(&Client::Leaves(address("ann")));
    sim.run();
    println!("{}\nann was told: {:?}", sim.trace(), lines_to(&sim, "ann"));
}

#[cfg(test)]
mod tests {
    use marketplace_drivers::tcp::{TcpFeedback, TcpMode, TcpSignal};

    use super::*;

    #[test]
    fn what_one_says_all_are_told() {
        let mut sim = room_with(&["ann", "bob"]);
        say(&mut sim, "ann", "hello");
        let line = "user-ann:4000: hello";
        assert_eq!(lines_to(&sim, "ann"), ["You are user-ann:4000.", "user-bob:4000 arrived.", line]);
        assert_eq!(lines_to(&sim, "bob"), ["You are user-bob:4000.", "user-ann:4000 arrived.", line]);
    }

    #[test]
    fn a_client_that_goes_is_seen_to_go_and_leaves_nothing_behind() {
        let mut sim = room_with(&["ann", "bob"]);
        sim.send(&Client::Leaves(address("ann")));
        sim.run();
        assert_eq!(lines_to(&sim, "bob").last().unwrap(), "user-ann:4000 left.");
        assert_eq!(sim.exits().len(), 2, "the connection and its session: {}", sim.trace());
    }

    #[test]
    fn why_somebody_left_is_told() {
        let mut sim = room_with(&["ann", "bob", "cid"]);
        sim.send(&Client::Breaks(address("ann")));
        sim.run();
        assert_eq!(lines_to(&sim, "bob").last().unwrap(), "user-ann:4000 left: cable cut");
        sim.send(&TcpChannel(address("cid"), US, TcpPacket::from(&b"\xff"[..])));
        sim.run();
        assert!(lines_to(&sim, "bob").last().unwrap().starts_with("user-cid:4000 left: invalid utf-8"));
    }

    #[test]
    fn a_session_asks_for_lines_before_it_listens() {
        let asked = TcpFeedback(address("ann"), US, TcpSignal::Mode(TcpMode::Lines)).to_value();
        let sim = room_with(&["ann"]);
        let trace = sim.trace().to_string();
        let at = |does: &str, what: &str| {
            trace.lines().position(|line| line.contains(does) && line.contains(what)).expect(&trace)
        };
        let listens = at(" adds ", "subscriber TcpChannel(TcpAddress.Remote(\"ann\"");
        assert!(at(" sends feedback ", &format!("{asked:?}")) < listens, "{trace}");
    }
}
