//! The TCP echo server without macros: what the forms of `echo.rs` stand for.
//!
//! Run it: `cargo run --release --example echo_raw`, then `nc 127.0.0.1 5999`.

use marketplace::{
    AddEndpoint, Event, Message, Outcome, Role, Topic, Transition, Turn, ground, quit, send_message, spawn,
};
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpPacket};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(5999), |port| port.parse())?;
    let here = TcpAddress::Listener(port);
    ground::run_program(move |_boot_pid| {
        let listening = Topic::record("TcpListening", [here.to_value().into(), Topic::any()]);
        Transition::new(
            (),
            (
                tcp::driver(),
                AddEndpoint::new(Role::observer_of_publishers(channel(None, Some(&here))), accept),
                AddEndpoint::new(Role::subscriber(listening), say_where),
            ),
        )
    })?;
    Ok(())
}

/// The topic of what goes from one address to another; `None` is a wildcard.
fn channel(from: Option<&TcpAddress>, to: Option<&TcpAddress>) -> Topic {
    let place = |address: Option<&TcpAddress>| address.map_or(Topic::any(), |known| known.to_value().into());
    Topic::record("TcpChannel", [place(from), place(to), Topic::any()])
}

/// Both addresses of a conversation, if both are known.
fn addresses(event: &Event<'_>) -> Option<(TcpAddress, TcpAddress)> {
    let conversation = event.conversation();
    Some((conversation.field(0)?.decode()?, conversation.field(1)?.decode()?))
}

fn accept(event: &Event<'_>, turn: &mut Turn<'_, ()>) -> Outcome<()> {
    match addresses(event) {
        Some((from, to)) if event.is_presence() => turn.act(spawn(move |_pid| echoer(from, to))),
        // Also a refusal, which nobody else handles: it ends this process, and so the program, with
        // the reason.
        _ => turn.skip(),
    }
}

fn say_where(event: &Event<'_>, turn: &mut Turn<'_, ()>) -> Outcome<()> {
    let local = event.conversation().field(1).and_then(|place| place.decode::<TcpAddress>());
    match local {
        Some(local) if event.is_presence() => {
            println!("listening on {local}");
            turn.act(())
        }
        _ => turn.skip(),
    }
}

/// A session: what comes from the client goes back to it, its end of file too.
fn echoer(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    let publisher =
        AddEndpoint::new(Role::publisher(channel(Some(&to), Some(&from))), |_, turn: &mut Turn<'_, ()>| {
            turn.skip()
        });
    let subscriber = AddEndpoint::new(Role::subscriber(channel(Some(&from), Some(&to))), {
        move |event, turn| {
            if event.is_absence() || event.is_vacancy() {
                return turn.act(quit());
            }
            let packet = event.conversation().field(2).and_then(|place| place.decode::<TcpPacket>());
            turn.act(packet.map(|data| send_message(&TcpChannel(to.clone(), from.clone(), data))))
        }
    });
    Transition::new((), (publisher, subscriber))
}
