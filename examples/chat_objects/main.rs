//! The chat room by references: who has been given a seat may speak, and nobody else can.
//!
//! In `chat`, whoever publishes in the room is in it. Here a connection is at the door first, which
//! is presence: it shows its name, and a reference by which it can be invited. To be invited is to
//! be given a [`Seat`]. A seat speaks under one name, and can invite others. Nobody can make one
//! but the room, and of the processes outside only the porter has the room. When a session is gone,
//! its reference is broken: so the room knows who has left, and why.
//!
//! Run it: `cargo run --release --example chat_objects` (or `-- 0` for any free port), then
//! `nc 127.0.0.1 5999` in two terminals. The first who comes is let in; it may `/invite` others.

mod room;

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace_drivers::tcp::{
    self, TcpAddress, TcpChannel, TcpFeedback, TcpListening, TcpMode, TcpPacket, TcpSignal,
};

use crate::room::{AtTheDoor, Guest, Room, Seat};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(5999), |port| port.parse())?;
    let (spawn, room) = spawn_object(Room::default());
    Ok(ground_vm!(
        // A client that reads so slowly that more waits is dropped.
        tcp::driver().write_limit(1024 * 1024),
        subscriber!(
            TcpListening { listener: TcpAddress::Listener(port), .. },
            match_conversation!(TcpListening { local: TcpAddress::Remote(host, port), .. } =>
                on_presence!(println!("listening on {host}:{port} - try: nc {host} {port}"))),
        ),
        observe_publishers!(
            TcpChannel(_, TcpAddress::Listener(port), _),
            match_conversation!(TcpChannel(them, us, _) => on_presence!(spawn!(session(them, us)))),
        ),
        spawn,
        spawn!(porter(room.clone())),
    )?)
}

/// Tells the room who is at the door; when the room is empty, it looks anew.
fn porter(room: Far<Room>) -> Transition<()> {
    let looks = move || {
        let room = room.clone();
        let door = observe_publishers!(
            AtTheDoor { .. },
            match_conversation!(AtTheDoor { who, guest } => on_presence!(tell(|cx| room.knocks(cx, who, guest)))),
        );
        name_endpoint("door", door)
    };
    let first = looks();
    let empty =
        subscriber!("the room is empty", on_message!(_ => actions![delete_endpoint("door"), looks()]));
    transition_no_state!(first, empty)
}

struct Session {
    them: TcpAddress,
    us: TcpAddress,
    seat: Option<Far<Seat>>,
}

impl Session {
    fn tell(&self, line: &str) -> ActionTree<Self> {
        send_message!(TcpChannel(self.us, self.them, TcpPacket::from(format!("{line}\n")))).into()
    }

    fn says(&self, line: &str) -> ActionTree<Self> {
        match (&self.seat, line.strip_prefix("/invite ")) {
            (None, _) => self.tell("You are at the door: somebody must invite you."),
            (Some(seat), None) => tell(|cx| seat.says(cx, line)),
            (Some(seat), Some(name)) => invites(seat.clone(), name),
        }
    }
}

/// Looks who of that name is at the door, and looks away.
fn invites(seat: Far<Seat>, name: &str) -> ActionTree<Session> {
    let looks = observe_publishers!(
        AtTheDoor { who: Symbol::new(name), .. },
        match_conversation!(AtTheDoor { who, guest } => on_presence!(tell(|cx| seat.invites(cx, who, guest)))),
        match_state!(session: &Session => on_vacancy!(session.tell("Nobody of that name is there."))),
    );
    actions![name_endpoint("looks", looks), delete_endpoint("looks")]
}

fn session(them: TcpAddress, us: TcpAddress) -> Transition<Session> {
    let me = Symbol::from(format!("user-{them}"));
    let session = Session { them, us, seat: None };
    let (guest, here) = reference::<dyn Guest>();
    let Session { them, us, .. } = &session;
    let actions = actions![
        send_feedback!(TcpFeedback(them, us, TcpSignal::Mode(TcpMode::Lines))),
        publisher!(TcpChannel(us, them, _)),
        session.tell(&format!("You are {me}.")),
        name_endpoint("door", publisher!(AtTheDoor { who: me, guest })),
        object_of!(
            here,
            match_state!(session: &mut Session => on_message!(
                ("hears", line): (Symbol, Text) => session.tell(&line),
                ("invited", seat): (Symbol, Far<Seat>) => {
                    session.seat = Some(seat);
                    actions![delete_endpoint("door"), session.tell("You are in the room.")]
                },
            ))
        ),
        subscriber!(
            TcpChannel(them, us, _),
            match_reason!(why: Reason => on_absence!(quit().because(why))),
            on_vacancy!(quit()),
            match_state!(session: &Session => on_message!(
                TcpChannel(_, _, TcpPacket::Data(line)) => session.says(std::str::from_utf8(&line)?),
                TcpChannel(_, _, TcpPacket::Eof) => quit(),
            )),
        ),
    ];
    transition!(session, actions)
}
