//! The chat room without macros: what the forms of `chat.rs` stand for.
//!
//! Run it: `cargo run --release --example chat_raw`, then `nc 127.0.0.1 5999` in two terminals.

use marketplace::{
    ActionTree, AddEndpoint, Event, Message, Outcome, Reason, Role, Symbol, Text, Topic, Transition, Turn,
    at_meta_level, ground, name_process, quit, send_feedback, send_message, spawn, spawn_vm,
};
use marketplace_drivers::tcp::{
    self, TcpAddress, TcpChannel, TcpFeedback, TcpListening, TcpMode, TcpPacket, TcpSignal,
};

#[derive(Message, Clone)]
struct Says {
    who: Symbol,
    what: Text,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(5999), |port| port.parse())?;
    let here = TcpAddress::Listener(port);
    ground::run_program(move |_boot_pid| {
        let listening =
            Role::subscriber(Topic::record("TcpListening", [here.to_value().into(), Topic::any()]));
        let room = spawn_vm(move |_vm_pid, _boot_pid| {
            let connections = Role::observer_of_publishers(channel(None, Some(&here)));
            Transition::new((), at_meta_level(AddEndpoint::new(connections, accept)))
        });
        let room = name_process("chat", room);
        Transition::new((), (tcp::driver(), AddEndpoint::new(listening, say_where), room))
    })?;
    Ok(())
}

/// The topic of what goes from one address to another; `None` is a wildcard.
fn channel(from: Option<&TcpAddress>, to: Option<&TcpAddress>) -> Topic {
    let place = |address: Option<&TcpAddress>| address.map_or(Topic::any(), |known| known.to_value().into());
    Topic::record("TcpChannel", [place(from), place(to), Topic::any()])
}

fn say_where(event: &Event<'_>, turn: &mut Turn<'_, ()>) -> Outcome<()> {
    match event.conversation().decode() {
        Some(TcpListening { local, .. }) if event.is_presence() => {
            println!("listening on {local}");
            turn.act(())
        }
        _ => turn.skip(),
    }
}

fn accept(event: &Event<'_>, turn: &mut Turn<'_, ()>) -> Outcome<()> {
    let address = |place| event.conversation().field(place)?.decode::<TcpAddress>();
    match (address(0), address(1)) {
        (Some(them), Some(us)) if event.is_presence() => turn.act(spawn(move |_pid| session(them, us))),
        _ => turn.skip(),
    }
}

struct Session {
    me: Symbol,
    them: TcpAddress,
    us: TcpAddress,
}

impl Session {
    fn tell(&self, line: String) -> ActionTree<Self> {
        let line = TcpPacket::from(line + "\n");
        at_meta_level(send_message(&TcpChannel(self.us.clone(), self.them.clone(), line)))
    }
}

fn session(them: TcpAddress, us: TcpAddress) -> Transition<Session> {
    let me = Symbol::from(format!("user-{them}"));
    let lines = TcpFeedback(them.clone(), us.clone(), TcpSignal::Mode(TcpMode::Lines));
    let (from, to) = (channel(Some(&them), Some(&us)), channel(Some(&us), Some(&them)));
    let saying = Topic::record("Says", [me.to_value().into(), Topic::any()]);
    let anybody = Topic::record("Says", [Topic::any(), Topic::any()]);
    let session = Session { me, them, us };
    let ignore = |_: &Event<'_>, turn: &mut Turn<'_, Session>| turn.skip();
    let actions = (
        at_meta_level(send_feedback(&lines)),
        at_meta_level(AddEndpoint::new(Role::publisher(to), ignore)),
        session.tell(format!("You are {}.", session.me)),
        at_meta_level(AddEndpoint::new(Role::subscriber(from), on_client)),
        AddEndpoint::new(Role::publisher(saying), ignore),
        AddEndpoint::new(Role::subscriber(anybody), on_room),
    );
    Transition::new(session, actions)
}

fn on_client(event: &Event<'_>, turn: &mut Turn<'_, Session>) -> Outcome<Session> {
    match event.decode() {
        Some(TcpChannel(_, _, TcpPacket::Data(line))) => {
            let what = std::str::from_utf8(&line)?.into();
            turn.act(send_message(&Says { who: turn.state().me.clone(), what }))
        }
        Some(TcpChannel(_, _, TcpPacket::Eof)) => turn.act(quit()),
        None if event.is_absence() => {
            turn.act(quit().because(event.reason().cloned().unwrap_or(Reason::Normal)))
        }
        None if event.is_vacancy() => turn.act(quit()),
        Some(TcpChannel(_, _, TcpPacket::Skipped(_))) | None => turn.skip(),
    }
}

fn on_room(event: &Event<'_>, turn: &mut Turn<'_, Session>) -> Outcome<Session> {
    let session = turn.state();
    let who = event.conversation().field(0).and_then(|place| place.decode::<Symbol>());
    let (Some(who), false) = (who, event.is_vacancy()) else { return turn.skip() };
    if let Some(Says { what, .. }) = event.decode() {
        return turn.act(session.tell(format!("{who}: {what}")));
    }
    match event.reason() {
        None => turn.act((who != session.me).then(|| session.tell(format!("{who} arrived.")))),
        Some(Reason::Normal) => turn.act(session.tell(format!("{who} left."))),
        Some(why) => turn.act(session.tell(format!("{who} left: {why}"))),
    }
}
