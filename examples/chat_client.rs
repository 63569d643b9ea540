//! A client for `chat.rs`: lines from the console to the room, and back. It ends when either side
//! does.
//!
//! Run it: `cargo run --example chat_client -- 127.0.0.1 5999`, while `chat` runs. Ctrl-D says that
//! you are done.

use std::error::Error;

use marketplace::prelude::*;
use marketplace_drivers::console::{self, ConsoleInput, ConsoleOutput};
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpFeedback, TcpMode, TcpPacket, TcpSignal};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(host), Some(port)) = (args.next(), args.next()) else {
        return Err("usage: chat_client HOST PORT".into());
    };
    let (room, me) = (TcpAddress::remote(host, port.parse()?), TcpAddress::handle("chat client"));
    Ok(ground_vm!(console::driver(), tcp::driver(), listen(&room, &me), speak(&room, &me))?)
}

/// Prints the lines of the room. When the room has closed, or cannot be reached, the program ends,
/// with the reason.
fn listen(room: &TcpAddress, me: &TcpAddress) -> AddEndpoint<()> {
    subscriber!(
        TcpChannel(room, me, _),
        on_message!(
            TcpChannel(_, _, TcpPacket::Data(line)) =>
                send_message(&ConsoleOutput::line(&String::from_utf8_lossy(&line))),
            TcpChannel(_, _, TcpPacket::Eof) => at_meta_level!(quit()),
        ),
        match_reason!(why: Reason => on_absence!(at_meta_level!(quit().because(why)))),
    )
}

/// Sends each typed line to the room, once the room can hear it. At the end of the input the room
/// is told that nothing follows.
fn speak(room: &TcpAddress, me: &TcpAddress) -> AddEndpoint<()> {
    publisher!(
        TcpChannel(me, room, _),
        on_presence!(actions![
            send_feedback!(TcpFeedback(room, me, TcpSignal::Mode(TcpMode::Lines))),
            subscriber!(
                ConsoleInput(_),
                on_message!(ConsoleInput(line) =>
                    send_message!(TcpChannel(me, room, TcpPacket::from(format!("{line}\n"))))),
                on_absence!(send_message!(TcpChannel(me, room, TcpPacket::Eof))),
            ),
        ]),
    )
}
