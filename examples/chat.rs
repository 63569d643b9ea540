//! The chat room. Sessions live in a nested VM: inside they talk with each other, one level out
//! with their clients.
//!
//! Run it: `cargo run --release --example chat` (or `-- 7000`, or `-- 0` for any free port), then
//! `nc 127.0.0.1 5999` in two terminals. `-- --verbose` shows who is in the room, and what is said.

use marketplace::prelude::*;
use marketplace_drivers::spy;
use marketplace_drivers::tcp::{
    self, TcpAddress, TcpChannel, TcpFeedback, TcpListening, TcpMode, TcpPacket, TcpSignal,
};

/// A line that somebody says in the room. A member publishes it, and so is present.
#[derive(Message, Clone, Debug, PartialEq)]
pub(crate) struct Says {
    pub(crate) who: Symbol,
    pub(crate) what: Text,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (options, ports): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|arg| arg.starts_with("--"));
    let verbose = options.iter().any(|option| option == "--verbose");
    let port = ports.first().map_or(Ok(5999), |port| port.parse())?;
    Ok(ground_vm!(
        // A client that reads so slowly that more waits is dropped, and nobody else is held up.
        tcp::driver().write_limit(1024 * 1024),
        subscriber!(
            TcpListening { listener: TcpAddress::Listener(port), .. },
            match_conversation!(TcpListening { local: TcpAddress::Remote(host, port), .. } =>
                on_presence!(println!("listening on {host}:{port} - try: nc {host} {port}"))),
        ),
        room(port, verbose),
    )?)
}

/// The room: a VM that gets a session for each connection.
pub(crate) fn room(port: u16, verbose: bool) -> Spawn<()> {
    spawn_vm!(name: "chat"; verbose.then(spy::spy), door(port))
}

/// The door of the room: it is outside, and sessions are inside.
pub(crate) fn door<S: Send + 'static>(port: u16) -> ActionTree<S> {
    at_meta_level!(observe_publishers!(
        TcpChannel(_, TcpAddress::Listener(port), _),
        match_conversation!(TcpChannel(them, us, _) => on_presence!(spawn!(session(them, us)))),
    ))
}

struct Session {
    me: Symbol,
    them: TcpAddress,
    us: TcpAddress,
}

impl Session {
    fn tell(&self, line: String) -> ActionTree<Self> {
        let Self { them, us, .. } = self;
        at_meta_level!(send_message!(TcpChannel(us, them, TcpPacket::from(line + "\n"))))
    }
}

fn session(them: TcpAddress, us: TcpAddress) -> Transition<Session> {
    let me = Symbol::from(format!("user-{them}"));
    let session = Session { me, them, us };
    let Session { me, them, us } = &session;
    let actions = actions![
        at_meta_level!(
            send_feedback!(TcpFeedback(them, us, TcpSignal::Mode(TcpMode::Lines))),
            publisher!(TcpChannel(us, them, _)),
        ),
        session.tell(format!("You are {me}.")),
        at_meta_level!(subscriber!(
            TcpChannel(them, us, _),
            match_reason!(why: Reason => on_absence!(quit().because(why))),
            on_vacancy!(quit()),
            match_state!(session: &Session => on_message!(
                TcpChannel(_, _, TcpPacket::Data(line)) => {
                    let what = std::str::from_utf8(&line)?;
                    send_message!(Says { who: session.me, what })
                },
                TcpChannel(_, _, TcpPacket::Eof) => quit(),
            )),
        )),
        publisher!(Says { who: me, .. }),
        subscriber!(
            Says { .. },
            match_state!(session: &Session => match_conversation!(Says { who, .. } =>
                on_presence!((who != session.me).then(|| session.tell(format!("{who} arrived.")))),
                match_reason!(why: Reason => on_absence!(session.tell(if why.is_normal() {
                    format!("{who} left.")
                } else {
                    format!("{who} left: {why}")
                }))),
                on_message!(Says { what, .. } => session.tell(format!("{who}: {what}"))),
            )),
        ),
    ];
    transition!(session, actions)
}
