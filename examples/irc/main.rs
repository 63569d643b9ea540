//! An IRC server: nicks, channels, topics, private messages, and why somebody left.
//!
//! Run it: `cargo run --release --example irc` (or `-- 7000`, or `-- 0` for any free port), then
//! `irssi -c 127.0.0.1 -p 5999 -n ann` in one terminal, the same with another nick in a second one,
//! and `/join #tea` in both.
//!
//! A connection is a process, the [`session`]. There is no list of users, and none of who is on a
//! channel: to publish [`Here`] is to be there, and whoever leaves, by whatever way, is not there
//! any more. Each session tells its client what it sees of that ([`sight`]). Questions such as
//! LIST are processes that look around, answer and end ([`ask`]). Two things have an owner, since
//! only one may decide: a nick ([`nick`]) and the topic of a [`channel`].

mod ask;
mod channel;
mod client;
mod commands;
mod line;
mod nick;
mod session;
mod sight;
mod silence;

use std::fmt;

use marketplace::prelude::*;
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpListening};
use marketplace_drivers::timer;

/// A user. The nick may change, the id does not.
#[derive(Message, Clone, Debug, PartialEq)]
struct User {
    id: Fresh,
    nick: Text,
    name: Text,
    host: Text,
    real: Text,
}

/// A user is at a place. A place is a channel, or a nick, at which there is one user. Names of
/// places have no capitals.
#[derive(Message, Clone, Debug, PartialEq)]
struct Here {
    place: Text,
    who: User,
}

/// A line for all who are at a place.
#[derive(Message, Clone, Debug, PartialEq)]
struct Talk {
    place: Text,
    from: Fresh,
    line: Text,
}

/// Why somebody is not there any more.
#[derive(Message, Clone, Debug, PartialEq)]
enum Left {
    Part(Text),
    Quit(Text),
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(5999), |port| port.parse())?;
    Ok(ground_vm!(
        tcp::driver().line_limit(510),
        timer::driver(),
        subscriber!(
            TcpListening { listener: TcpAddress::Listener(port), .. },
            match_conversation!(TcpListening { local: TcpAddress::Remote(host, port), .. } =>
                on_presence!(println!("listening on {host}:{port} - try: irssi -c {host} -p {port}"))),
        ),
        server(port),
    )?)
}

/// The server: a VM that gets a session for each connection.
pub(crate) fn server(port: u16) -> Spawn<()> {
    spawn_vm!(
        name: "irc";
        name_process("nicks", spawn!(nick::nicks())),
        channel::channels(),
        at_meta_level!(observe_publishers!(
            TcpChannel(_, TcpAddress::Listener(port), _),
            match_conversation!(TcpChannel(them, us, _) =>
                on_presence!(spawn!(session::session(them, us)))),
        )),
    )
}

/// The place of this name.
fn place(name: &str) -> Text {
    name.to_ascii_lowercase().into()
}

fn is_channel(place: &str) -> bool {
    place.starts_with('#')
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}!{}@{}", self.nick, self.name, self.host)
    }
}
