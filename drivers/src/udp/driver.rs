//! The driver's process: it sees which sockets peers want, and keeps a process for each.

use std::sync::Arc;

use marketplace::Event;
use marketplace::prelude::*;

use crate::demand::Demand;
use crate::udp::halves::Sockets;
use crate::udp::messages::{UdpAddress, UdpPacket};
use crate::udp::socket;

type Driver = Demand<UdpAddress>;

pub(super) fn spawn<S>(sockets: Arc<dyn Sockets>) -> Spawn<S> {
    name_process(Symbol::new("udp-driver"), spawn!(boot(sockets))).only(super::DRIVER.kind)
}

fn boot(sockets: Arc<dyn Sockets>) -> Transition<Driver> {
    let to_listeners = topic!(UdpPacket(UdpAddress::Remote(_, _), UdpAddress::Listener(_), _));
    let from_listeners = topic!(UdpPacket(UdpAddress::Listener(_), UdpAddress::Remote(_, _), _));
    let to_handles = topic!(UdpPacket(UdpAddress::Remote(_, _), UdpAddress::Handle(_), _));
    let from_handles = topic!(UdpPacket(UdpAddress::Handle(_), UdpAddress::Remote(_, _), _));
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
        Driver::look(Role::new(Orientation::Publisher, to_listeners, everything), wanted),
        Driver::look(Role::new(Orientation::Subscriber, from_listeners, everything), wanted),
        Driver::look(Role::observer_of_subscribers(to_handles), wanted),
        Driver::look(Role::observer_of_publishers(from_handles), wanted),
    )
}

/// The socket that the peer names, if it does. A peer that looks at everything wants none.
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
