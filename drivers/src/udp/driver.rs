//! The driver's process: it sees who wants which socket, and keeps a process for each.

use std::sync::Arc;

use marketplace::prelude::*;
use marketplace::{Event, Outcome, Turn};

use crate::demand::Demand;
use crate::udp::halves::Sockets;
use crate::udp::messages::{UdpAddress, UdpPacket};
use crate::udp::socket;

type Driver = Demand<UdpAddress>;

pub(super) fn spawn<S>(sockets: Arc<dyn Sockets>) -> Spawn<S> {
    name_process("udp-driver", spawn!(boot(sockets))).only("UDP driver")
}

fn boot(sockets: Arc<dyn Sockets>) -> Transition<Driver> {
    // Observers open listeners too, and only an endpoint that looks at everything sees them.
    let everything = InterestType::Everything;
    transition!(
        Demand::new(move |socket: &UdpAddress| {
            let source = match socket {
                UdpAddress::Listener(port) => sockets.listener(*port),
                _ => sockets.handle(),
            };
            socket::spawn(socket.clone(), source)
        }),
        look(Role::new(
            Orientation::Publisher,
            topic!(UdpPacket(UdpAddress::Remote(_, _), UdpAddress::Listener(_), _)),
            everything
        )),
        look(Role::new(
            Orientation::Subscriber,
            topic!(UdpPacket(UdpAddress::Listener(_), UdpAddress::Remote(_, _), _)),
            everything
        )),
        look(Role::observer_of_subscribers(topic!(UdpPacket(
            UdpAddress::Remote(_, _),
            UdpAddress::Handle(_),
            _
        )))),
        look(Role::observer_of_publishers(topic!(UdpPacket(
            UdpAddress::Handle(_),
            UdpAddress::Remote(_, _),
            _
        )))),
    )
}

fn look(role: Role) -> AddEndpoint<Driver> {
    AddEndpoint::new(role, demand).without_messages()
}

/// Somebody who may want a socket comes or goes.
fn demand(event: &Event<'_>, turn: &mut Turn<'_, Driver>) -> Outcome<Driver> {
    if event.is_refusal() {
        // Not a peer that goes: somebody who is none says no to it.
        return turn.act(());
    }
    match wanted(event) {
        Some(socket) if event.is_presence() => turn.transition(|driver| driver.wanted(socket)),
        Some(socket) if event.is_absence() => turn.transition(|driver| driver.unwanted(&socket)),
        _ => turn.skip(),
    }
}

/// The socket that the peer names, if it does. Who looks at everything wants none.
fn wanted(event: &Event<'_>) -> Option<UdpAddress> {
    if event.interest_type() == InterestType::Everything {
        return None;
    }
    let ours = match event.orientation() {
        Orientation::Subscriber => 1,
        Orientation::Publisher => 0,
    };
    event.conversation().field(ours)?.decode()
}
