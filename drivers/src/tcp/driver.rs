//! The driver's process: it sees who wants what, and starts a process for each thing wanted.
//!
//! That process and the driver watch each other by presence: the driver publishes the [`Service`] as long as somebody wants it, the process
//! subscribes as long as it lives.

use std::collections::BTreeMap;
use std::sync::Arc;

use marketplace::prelude::*;
use marketplace::{Event, Outcome, Turn};

use crate::tcp::halves::Sockets;
use crate::tcp::messages::TcpAddress;
use crate::tcp::topics::{channel, unsaid, wild};
use crate::tcp::{connection, listener};

/// What a process of the driver is there for, and the how manieth of its kind it is.
#[derive(Message, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[message(label = "TcpService")]
pub(super) struct Service {
    wanted: Wanted,
    serial: u64,
}

/// What somebody wants.
#[derive(Message, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[message(label = "TcpWanted")]
pub(super) enum Wanted {
    /// To listen.
    Listener(u16),
    /// To be connected.
    Connection { host: Text, port: u16, handle: TcpAddress },
}

struct Driver {
    sockets: Arc<dyn Sockets>,
    demands: BTreeMap<Wanted, Demand>,
    next_serial: u64,
}

struct Demand {
    /// By how many endpoints.
    by: usize,
    /// The process that serves it, if it has not ended.
    serial: Option<u64>,
}

pub(super) fn spawn<S>(sockets: Arc<dyn Sockets>) -> Spawn<S> {
    name_process(Symbol::new("tcp-driver"), spawn!(boot(sockets)))
}

fn boot(sockets: Arc<dyn Sockets>) -> Transition<Driver> {
    let (listener, handle) = (wild("TcpAddress.Listener", 1), wild("TcpAddress.Handle", 1));
    let remote = wild("TcpAddress.Remote", 2);
    let incoming = channel(Topic::any(), listener.clone(), Topic::any());
    let answers = channel(listener, Topic::any(), unsaid());
    // Observers open listeners too, and only an endpoint that looks at everything sees them.
    let everything = InterestType::Everything;
    transition!(
        Driver { sockets, demands: BTreeMap::new(), next_serial: 0 },
        AddEndpoint::new(Role::new(Orientation::Publisher, incoming, everything), demand),
        AddEndpoint::new(Role::new(Orientation::Subscriber, answers, everything), demand),
        AddEndpoint::new(
            Role::observer_of_subscribers(channel(remote.clone(), handle.clone(), Topic::any())),
            demand
        ),
        AddEndpoint::new(Role::observer_of_publishers(channel(handle, remote, unsaid())), demand),
    )
}

/// Somebody who may want something comes or goes.
fn demand(event: &Event<'_>, turn: &mut Turn<'_, Driver>) -> Outcome<Driver> {
    if let Some(Reason::Refused(_)) = event.reason() {
        // Not a peer that goes: somebody who is none says no to it.
        return turn.act(());
    }
    match wanted(event) {
        Some(wanted) if event.is_presence() => turn.transition(|driver| driver.demand(wanted)),
        Some(wanted) if event.is_absence() => turn.transition(|driver| driver.release(&wanted)),
        _ => turn.skip(),
    }
}

/// What the peer wants, if anything: its own end is named, and a listener's other end is open.
fn wanted(event: &Event<'_>) -> Option<Wanted> {
    if event.interest_type() == InterestType::Everything || event.body().is_some() {
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

impl Driver {
    /// One more wants this. If no process serves it, because nobody wanted it or the last one ended, there is a new one.
    fn demand(mut self, wanted: Wanted) -> Transition<Self> {
        let demand = self.demands.entry(wanted.clone()).or_insert(Demand { by: 0, serial: None });
        demand.by += 1;
        if demand.serial.is_some() {
            return transition!(self);
        }
        let serial = self.next_serial;
        demand.serial = Some(serial);
        self.next_serial += 1;
        let service = Service { wanted, serial };
        let start = self.start(service.clone());
        transition!(self, name_endpoint(&service, watch(service.clone())), start)
    }

    fn start(&self, service: Service) -> Spawn<Self> {
        match service.wanted.clone() {
            Wanted::Listener(port) => {
                listener::spawn(TcpAddress::Listener(port), service, self.sockets.listen(port))
            }
            Wanted::Connection { host, port, handle } => {
                let source = self.sockets.connect(&host, port);
                connection::wanted(TcpAddress::Remote(host, port), handle, service, source)
            }
        }
    }

    /// One less wants this.
    fn release(mut self, wanted: &Wanted) -> Transition<Self> {
        let Some(demand) = self.demands.get_mut(wanted) else { return transition!(self) };
        demand.by -= 1;
        if demand.by > 0 {
            return transition!(self);
        }
        let serial = demand.serial;
        self.demands.remove(wanted);
        let end = serial.map(|serial| delete_endpoint(&Service { wanted: wanted.clone(), serial }));
        transition!(self, end)
    }

    /// The process that served this has ended.
    fn ended(mut self, service: &Service) -> Transition<Self> {
        if let Some(demand) = self.demands.get_mut(&service.wanted)
            && demand.serial == Some(service.serial)
        {
            demand.serial = None;
        }
        transition!(self, delete_endpoint(service))
    }
}

/// Tells a process that it is wanted, and hears when it ends.
fn watch(service: Service) -> AddEndpoint<Driver> {
    publisher!(
        topic = service.to_value(),
        match_state!(driver: Driver => on_absence!(driver.ended(&service)))
    )
}
