//! The process of a socket: datagrams in, datagrams out, one turn each.

use marketplace::prelude::*;
use marketplace::{Ground, Source};

use crate::open::say_while_open;
use crate::udp::halves::{FromSocket, ToSocket};
use crate::udp::messages::{UdpAddress, UdpBound, UdpFeedback, UdpPacket, UdpProblem};

/// A [`UdpPacket`] whose parts nobody looks at.
#[derive(Message, Clone)]
#[message(label = UdpPacket)]
struct Packet(Value, Value, Value);

pub(super) fn spawn<S>(socket: UdpAddress, source: Source) -> Spawn<S> {
    name_process(Symbol::new("udp-socket"), spawn!(transition_no_state!(open(&socket, &source))))
}

/// The endpoint, one level out, that hears the socket half.
fn open(socket: &UdpAddress, source: &Source) -> ActionTree<()> {
    let (ours, socket) = (socket.to_value(), socket.clone());
    at_meta_level!(subscriber!(
        Ground::<Value>(source, _),
        on_message!(
            Ground(_, FromSocket::Came(from, bytes)) => send_message!(Packet(from, ours, bytes)),
            Ground(_, FromSocket::Unsent(to, problem)) => send_feedback!(UdpFeedback(socket, to, problem)),
            Ground(source, FromSocket::Bound { local, closed }) => stand(&socket, local, &source, &closed),
        ),
        match_reason!(
            why: UdpProblem => on_absence!((
                refuse(topic!(UdpBound { socket, local: _ }), &why),
                refuse(topic!(UdpPacket(UdpAddress::Remote(_, _), socket, _)), &why),
                quit().because(why),
            )),
        ),
        match_reason!(reason: Reason => on_absence!(quit().because(reason))),
    ))
}

/// The endpoints that are there while the socket is bound. A refusal is ignored: it refuses others'
/// datagrams, and is not for the driver.
fn stand(socket: &UdpAddress, local: UdpAddress, source: &Source, closed: &Source) -> ActionTree<()> {
    actions![
        subscriber!(
            UdpPacket(socket, UdpAddress::Remote(_, _), _),
            on_message!(UdpPacket(_, to, bytes) =>
                at_meta_level!(send_feedback!(Ground(source, ToSocket(to, bytes))))),
            on_refusal!(),
        ),
        publisher!(UdpPacket(UdpAddress::Remote(_, _), socket, _)),
        say_while_open("udp-bound", topic!(UdpBound { socket, local }), closed),
    ]
}
