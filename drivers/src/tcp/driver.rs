//! The driver's process: it sees which ports and connections peers want, and keeps a process for
//! each.

use std::sync::Arc;

use marketplace::Event;
use marketplace::prelude::*;

use crate::demand::Demand;
use crate::tcp::halves::Sockets;
use crate::tcp::messages::{TcpAddress, TcpChannel};
use crate::tcp::{connection, listener};

/// A thing that peers want.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    /// To listen.
    Listener(u16),
    /// To be connected.
    Connection { host: Text, port: u16, handle: TcpAddress },
}

type Driver = Demand<Wanted>;

pub(super) fn spawn<S>(sockets: Arc<dyn Sockets>) -> Spawn<S> {
    name_process(Symbol::new("tcp-driver"), spawn!(boot(sockets))).only(super::DRIVER.kind)
}

fn boot(sockets: Arc<dyn Sockets>) -> Transition<Driver> {
    let incoming = topic!(TcpChannel(_, TcpAddress::Listener(_), _));
    let answers = topic!(TcpChannel(TcpAddress::Listener(_), _, _));
    let to_handles = topic!(TcpChannel(TcpAddress::Remote(_, _), TcpAddress::Handle(_), _));
    let from_handles = topic!(TcpChannel(TcpAddress::Handle(_), TcpAddress::Remote(_, _), _));
    // Observers open listeners too, and only an endpoint that looks at everything sees them.
    let everything = InterestType::Everything;
    transition!(
        Demand::new(move |wanted: &Wanted| start(&*sockets, wanted.clone())),
        Driver::look(Role::new(Orientation::Publisher, incoming, everything), wanted),
        Driver::look(Role::new(Orientation::Subscriber, answers, everything), wanted),
        Driver::look(Role::observer_of_subscribers(to_handles), wanted),
        Driver::look(Role::observer_of_publishers(from_handles), wanted),
    )
}

/// The thing that the peer wants, if any: its own end is named, and a listener's other end is open.
fn wanted(event: &Event<'_>) -> Option<Wanted> {
    if event.interest_type() == InterestType::Everything {
        return None;
    }
    let (source, destination) = (event.conversation().field(0)?, event.conversation().field(1)?);
    let (remote, local) = match event.orientation() {
        Orientation::Subscriber => (source, destination),
        Orientation::Publisher => (destination, source),
    };
    match local.decode()? {
        TcpAddress::Listener(port) => remote.to_value().is_none().then_some(Wanted::Listener(port)),
        handle @ TcpAddress::Handle(_) => match remote.decode()? {
            TcpAddress::Remote(host, port) => Some(Wanted::Connection { host, port, handle }),
            _ => None,
        },
        TcpAddress::Remote(..) => None,
    }
}

fn start(sockets: &dyn Sockets, wanted: Wanted) -> Spawn<Driver> {
    match wanted {
        Wanted::Listener(port) => listener::spawn(TcpAddress::Listener(port), sockets.listen(port)),
        Wanted::Connection { host, port, handle } => {
            let source = sockets.connect(&host, port);
            connection::wanted(TcpAddress::Remote(host, port), handle, source)
        }
    }
}
