//! The driver's process: it sees who wants which socket, and starts a process for each.
//!
//! That process and the driver watch each other by presence: the driver publishes the [`Service`] as long as somebody wants the socket, the
//! process subscribes as long as it lives.

use std::collections::BTreeMap;
use std::sync::Arc;

use marketplace::prelude::*;
use marketplace::{Event, Outcome, Turn};

use crate::udp::halves::Sockets;
use crate::udp::messages::UdpAddress;
use crate::udp::{socket, topics};

/// Which socket a process of the driver is there for, and the how manieth process it is.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(label = "UdpService")]
pub(super) struct Service {
    pub(super) socket: UdpAddress,
    serial: u64,
}

struct Driver {
    sockets: Arc<dyn Sockets>,
    demands: BTreeMap<UdpAddress, Demand>,
    next_serial: u64,
}

struct Demand {
    /// By how many endpoints.
    by: usize,
    /// The process that serves it, if it has not ended.
    serial: Option<u64>,
}

pub(super) fn spawn<S>(sockets: Arc<dyn Sockets>) -> Spawn<S> {
    name_process("udp-driver", spawn!(boot(sockets)))
}

fn boot(sockets: Arc<dyn Sockets>) -> Transition<Driver> {
    // Observers open listeners too, and only an endpoint that looks at everything sees them.
    let everything = InterestType::Everything;
    transition!(
        Driver { sockets, demands: BTreeMap::new(), next_serial: 0 },
        AddEndpoint::new(Role::new(Orientation::Publisher, topics::to_listeners(), everything), demand),
        AddEndpoint::new(
            Role::new(Orientation::Subscriber, topics::senders_from_listeners(), everything),
            demand
        ),
        AddEndpoint::new(Role::observer_of_subscribers(topics::to_handles()), demand),
        AddEndpoint::new(Role::observer_of_publishers(topics::senders_from_handles()), demand),
    )
}

/// Somebody who may want a socket comes or goes.
fn demand(event: &Event<'_>, turn: &mut Turn<'_, Driver>) -> Outcome<Driver> {
    if let Some(Reason::Refused(_)) = event.reason() {
        // Not a peer that goes: somebody who is none says no to it.
        return turn.act(());
    }
    match wanted(event) {
        Some(socket) if event.is_presence() => turn.transition(|driver| driver.demand(socket)),
        Some(socket) if event.is_absence() => turn.transition(|driver| driver.release(&socket)),
        _ => turn.skip(),
    }
}

/// The socket that the peer names, if it does. Who looks at everything wants none.
fn wanted(event: &Event<'_>) -> Option<UdpAddress> {
    if event.interest_type() == InterestType::Everything || event.body().is_some() {
        return None;
    }
    let ours = match event.orientation() {
        Orientation::Subscriber => 1,
        Orientation::Publisher => 0,
    };
    event.conversation().field(ours)?.decode()
}

impl Driver {
    /// One more wants this. If no process serves it, because nobody wanted it or the last one ended, there is a new one.
    fn demand(mut self, socket: UdpAddress) -> Transition<Self> {
        let demand = self.demands.entry(socket.clone()).or_insert(Demand { by: 0, serial: None });
        demand.by += 1;
        if demand.serial.is_some() {
            return transition!(self);
        }
        let service = Service { socket, serial: self.next_serial };
        demand.serial = Some(service.serial);
        self.next_serial += 1;
        let source = match &service.socket {
            UdpAddress::Listener(port) => self.sockets.listener(*port),
            _ => self.sockets.handle(),
        };
        let start = socket::spawn(service.clone(), source);
        transition!(self, name_endpoint(&service, watch(service.clone())), start)
    }

    /// One less wants this.
    fn release(mut self, socket: &UdpAddress) -> Transition<Self> {
        let Some(demand) = self.demands.get_mut(socket) else { return transition!(self) };
        demand.by -= 1;
        if demand.by > 0 {
            return transition!(self);
        }
        let serial = demand.serial;
        self.demands.remove(socket);
        let end = serial.map(|serial| delete_endpoint(&Service { socket: socket.clone(), serial }));
        transition!(self, end)
    }

    /// The process that served this has ended.
    fn ended(mut self, service: &Service) -> Transition<Self> {
        if let Some(demand) = self.demands.get_mut(&service.socket)
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
