//! The IRC server of the examples in a sim: the test is the connections.

#[path = "../../examples/irc/main.rs"]
#[expect(dead_code, reason = "its `main` is not run here")]
mod irc;

mod channels;
mod nicks;
mod silence;

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace_drivers::tcp::{TcpAddress, TcpChannel, TcpPacket};
use marketplace_drivers::timer;

const US: TcpAddress = TcpAddress::Listener(5999);

fn address(name: &str) -> TcpAddress {
    TcpAddress::remote(name, 4000)
}

/// An order of the test to a connection: it ends, or breaks for a reason.
#[derive(Message, Clone, Debug, PartialEq)]
enum Connection {
    Ends(TcpAddress),
    Breaks(TcpAddress, Text),
}

/// Stands for the TCP driver's side of a connection.
fn connection(them: TcpAddress) -> Transition<()> {
    transition_no_state!(
        publisher!(TcpChannel(them, US, _)),
        subscriber!(TcpChannel(US, them, _), on_absence!(quit())),
        subscriber!(Connection::Ends(them), on_message!(_ => quit())),
        subscriber!(
            Connection::Breaks(them, _),
            on_message!(Connection::Breaks(_, why) => quit().because(why))
        ),
    )
}

/// A server with clients of these nicks, each from a host of that name.
struct Irc(Sim);

impl Irc {
    fn with(names: &'static [&'static str]) -> Self {
        let mut irc = Self::with_strangers(names);
        for name in names {
            irc.say(name, &format!("NICK {name}"));
            irc.say(name, &format!("USER {name} 0 * :{name} herself"));
        }
        irc
    }

    /// Its clients have not said who they are.
    fn with_strangers(names: &'static [&'static str]) -> Self {
        let mut sim = Sim::new(move |_| {
            let clients: Vec<_> = names.iter().map(|name| spawn!(connection(address(name)))).collect();
            transition_no_state!(timer::driver(), irc::server(5999), clients)
        });
        sim.run();
        Self(sim)
    }

    fn say(&mut self, who: &str, line: &str) {
        self.begin_to_say(who, line);
        self.0.run();
    }

    /// Says something that is not heard yet.
    fn begin_to_say(&mut self, who: &str, line: &str) {
        self.0.send(&TcpChannel(address(who), US, TcpPacket::from(line.to_string())));
    }

    fn all_say(&mut self, names: &[&str], line: &str) {
        for name in names {
            self.say(name, line);
        }
    }

    /// All lines that a client was told.
    fn told(&self, who: &str) -> Vec<String> {
        let said = self.0.messages_of::<TcpChannel>().into_iter().filter(|channel| channel.1 == address(who));
        let lines = said.filter_map(|TcpChannel(_, _, packet)| match packet {
            TcpPacket::Data(line) => Some(String::from_utf8_lossy(&line).into_owned()),
            TcpPacket::Eof | TcpPacket::Skipped(_) => None,
        });
        lines.map(|line| line.strip_suffix("\r\n").expect("a line").to_string()).collect()
    }

    /// The lines that a client is told while this happens.
    fn hears(&mut self, who: &str, happens: impl FnOnce(&mut Self)) -> Vec<String> {
        let before = self.told(who).len();
        happens(self);
        self.told(who).split_off(before)
    }

    /// The lines that a client is told when it says this.
    fn answers(&mut self, who: &str, line: &str) -> Vec<String> {
        self.hears(who, |irc| irc.say(who, line))
    }
}

#[test]
fn who_says_who_they_are_is_welcomed_once() {
    let mut irc = Irc::with_strangers(&["ann"]);
    irc.say("ann", "CAP LS 302");
    irc.say("ann", "USER a!n@n 0 * :Ann herself");
    let told = irc.answers("ann", "NICK Ann");
    let codes: Vec<_> = told.iter().map(|line| line.split(' ').nth(1).unwrap()).collect();
    assert_eq!(codes, ["001", "002", "004", "422"]);
    assert_eq!(told[0], ":irc.example 001 Ann :Welcome, Ann!ann@ann");
    assert_eq!(irc.answers("ann", "USER x 0 * :y"), [":irc.example 462 Ann :You may not reregister"]);
}

#[test]
fn each_mistake_has_its_reply_and_so_have_modes() {
    let mut irc = Irc::with(&["ann", "bob"]);
    irc.say("bob", "JOIN #tea");
    for (line, reply) in [
        ("NICK", "431 ann :No nickname given"),
        ("NICK 1st", "432 ann 1st :Erroneous nickname"),
        ("NICK BOB", "433 ann BOB :Nickname is already in use"),
        ("PRIVMSG cid :hi", "401 ann cid :No such nick"),
        ("PRIVMSG #tea :hi", "404 ann #tea :Cannot send to channel"),
        ("PRIVMSG bob", "412 ann :No text to send"),
        ("JOIN tea", "403 ann tea :No such channel"),
        ("JOIN :#t ea", "403 ann #t ea :No such channel"),
        ("PART #tea", "442 ann #tea :You're not on that channel"),
        ("TOPIC #tea :Coffee", "442 ann #tea :You're not on that channel"),
        ("NAMES #tea", "442 ann #tea :You're not on that channel"),
        ("JOIN", "461 ann JOIN :Not enough parameters"),
        ("MODE #tea", "324 ann #tea +"),
        ("MODE ann +i", "221 ann +"),
        ("FROB x", "421 ann FROB :Unknown command"),
    ] {
        assert_eq!(irc.answers("ann", line), [format!(":irc.example {reply}")], "{line}");
    }
    irc.0.send(&TcpChannel(address("ann"), US, TcpPacket::Skipped(1000)));
    let told = irc.hears("ann", |irc| irc.0.run());
    assert_eq!(told, [":irc.example 417 ann :Input line was too long"]);
    for (line, count) in [("", 0), (":x", 0), ("NOTICE cid :hi", 0), ("PONG x", 0)] {
        assert_eq!(irc.answers("ann", line).len(), count, "{line}");
    }
}

#[test]
fn who_has_not_said_who_they_are_does_nothing_else() {
    let mut irc = Irc::with_strangers(&["ann"]);
    assert_eq!(irc.answers("ann", "JOIN #tea"), [":irc.example 451 * :You have not registered"]);
    assert_eq!(irc.answers("ann", "PING x"), [":irc.example PONG irc.example :x"]);
}

#[test]
fn a_client_says_no_lines_of_its_own_to_others() {
    let mut irc = Irc::with(&["ann", "bob"]);
    let heard = irc.hears("bob", |irc| irc.say("ann", "PRIVMSG bob :hi\r:irc.example 001 bob :fooled"));
    assert_eq!(heard, [":ann!ann@ann PRIVMSG bob :hi"]);
}

#[test]
fn at_the_end_of_the_server_each_client_is_told() {
    let mut irc = Irc::with(&["ann", "bob"]);
    irc.all_say(&["ann", "bob"], "JOIN #tea");
    for who in ["ann", "bob"] {
        assert_eq!(irc.told(who).last().map(|line| line.starts_with("ERROR")), Some(false));
    }
    irc.0.shutdown();
    irc.0.run();
    for who in ["ann", "bob"] {
        assert!(irc.told(who).contains(&"ERROR :The server ends".to_string()), "{:?}", irc.told(who));
    }
}

#[test]
fn what_the_readme_shows_is_in_the_example() {
    let (readme, example) = (include_str!("../../README.md"), include_str!("../../examples/irc/sight.rs"));
    let (_, shown) = readme.split_once("```rust,ignore\n").expect("it shows something");
    let (shown, _) = shown.split_once("```").expect("it ends");
    let lines = |text: &str| {
        text.lines().map(|line| line.trim().trim_end_matches(',').to_string()).collect::<Vec<_>>()
    };
    let (shown, example) = (lines(shown), lines(example));
    assert!(example.windows(shown.len()).any(|lines| lines == shown), "{shown:#?}");
}
