//! UDP: datagrams, in and out.
//!
//! The driver publishes the datagrams that come, `UdpPacket(remote, socket, bytes)`, and subscribes
//! to those that go, `UdpPacket(socket, remote, bytes)`, for as long as the socket is bound. An
//! echo server, whole:
//!
//! ```
//! use marketplace::prelude::*;
//! use marketplace_drivers::udp::{self, UdpAddress, UdpPacket};
//!
//! fn serve(port: u16) -> Transition<()> {
//!     transition_no_state!(
//!         udp::driver(),
//!         subscriber!(
//!             UdpPacket(_, UdpAddress::Listener(port), _),
//!             on_message!(UdpPacket(from, to, bytes) => send_message!(UdpPacket(to, from, bytes))),
//!         ),
//!     )
//! }
//! # assert_eq!(serve(5999).actions.len(), 2);
//! ```
//!
//! # The protocol
//!
//! *Remote* is a [`UdpAddress::Remote`]. *Socket* is a [`UdpAddress::Listener`], which others find,
//! or a [`UdpAddress::Handle`], which talks to others first.
//!
//! | to | be | what happens |
//! |---|---|---|
//! | open a listener | a participant or observer on the side of `UdpPacket(_, Listener(port), _)` or `UdpPacket(Listener(port), _, _)` | the socket is bound while there is such an endpoint, at [`UdpDriver::bind`]. `Listener(0)` is one socket, at a port that the kernel chooses. It does not matter whether an endpoint names the remote. An endpoint that leaves the port open, or looks at everything, opens none |
//! | open a handle | a participant in `UdpPacket(_, Handle(x), _)`, or in `UdpPacket(Handle(x), _, _)`, or in both | one socket for all such participants, while there is one. The kernel chooses the port; one socket reaches IPv4 and IPv6 (or only IPv4, where there is no IPv6). Anybody may send to it |
//! | know that it is bound, and its address | an observer of `UdpBound { socket, local: _ }` | its presence says so; its absence, that it is closed, and every datagram for it is sent (or, with reason `shutdown`, that this will be so in a moment) |
//! | hear | a subscriber of `UdpPacket(remote, socket, _)` | the datagrams from that remote, or from any. A datagram that comes before is heard by nobody |
//! | speak | a publisher of `UdpPacket(socket, remote, _)`, the bytes left open | the driver's presence says that the socket is bound. A datagram that is sent before is heard by nobody; a later one is sent at once, in order. (A process that hears and speaks with any remote writes `Remote(_, _)` for it: left open altogether, its own two endpoints would meet, and be seen) |
//!
//! Hosts are numeric, in both directions: nothing here looks up names. A host is written as
//! [`UdpAddress::from`] a [`SocketAddr`](std::net::SocketAddr) writes it. A process can send to a
//! host that is written otherwise, but datagrams from it name it in the usual form.
//!
//! | message or feedback | from | means |
//! |---|---|---|
//! | [`UdpPacket`] | the driver | a datagram came, whole, be it empty |
//! | [`UdpPacket`] | a process | to be sent, be it empty |
//! | [`UdpFeedback`], feedback | the driver | a datagram was not sent, and why |
//!
//! That a datagram was sent does not say that it arrives. Datagrams get lost, come twice, and
//! overtake each other.
//!
//! | failure | how it is told |
//! |---|---|
//! | a socket cannot be bound | refusal of `UdpBound { socket, .. }` and of `UdpPacket(remote, socket, _)`, with a [`UdpProblem`]: a process that only sends and wants to know observes the former. The next endpoint that wants the socket makes the driver try again |
//! | a socket fails | absence, with the [`std::io::Error`] as its reason ([`Reason::Error`](marketplace::Reason::Error)). The next endpoint that wants the socket makes the driver try again |
//! | a datagram is too big for the network's protocol | feedback `TooBig` |
//! | its destination is no numeric address | feedback `NotNumeric` |
//! | its destination cannot be reached from here | feedback with the name of an [`io::ErrorKind`](std::io::ErrorKind), such as `NetworkUnreachable` |
//! | more waits to be sent than [`UdpDriver::send_limit`] | feedback `Overflow`, for each datagram that found no room |
//! | nobody listens where a datagram went | nothing: the socket goes on |
//!
//! # Pressure
//!
//! At most one datagram of a socket is inside the VM at a time; datagrams that come faster than
//! they are heard wait in the kernel, which drops those for which it has no room. Datagrams to be
//! sent wait up to the limit; problems to be told wait up to 1024, further ones are only logged. So
//! memory is bounded, whoever sends.

mod driver;
mod halves;
mod messages;
mod socket;
mod sockets;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use marketplace::Spawn;

use crate::action::stands_for_its_spawn;
pub use crate::udp::messages::{UdpAddress, UdpBound, UdpFeedback, UdpPacket, UdpProblem};
use crate::udp::sockets::Options;

/// The driver that answers the messages of this module.
const DRIVER: marketplace::Driver =
    marketplace::Driver { kind: "UDP driver", action: "udp::driver()", relay: None };

/// The UDP driver: an action, to be performed once in a VM. [The module](self) says what it does.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::udp;
///
/// let boot: Transition<()> = transition_no_state!(udp::driver());
/// assert_eq!(boot.actions.len(), 1);
/// ```
#[must_use = "an action does nothing unless it is returned"]
pub const fn driver() -> UdpDriver {
    UdpDriver(Options { bind: IpAddr::V4(Ipv4Addr::LOCALHOST), send_limit: 1024 * 1024 })
}

/// The UDP driver, before it starts: an action that can still be changed.
///
/// ```
/// use std::net::Ipv6Addr;
///
/// use marketplace::prelude::*;
/// use marketplace_drivers::udp;
///
/// let driver = udp::driver().bind(Ipv6Addr::LOCALHOST).send_limit(64 * 1024);
/// let boot: Transition<()> = transition_no_state!(name_process("udp", driver.spawn()));
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "an action does nothing unless it is returned"]
pub struct UdpDriver(Options);

impl UdpDriver {
    /// Where listeners are bound: 127.0.0.1 unless this says otherwise, because opening a port to
    /// the world is the user's decision. `Ipv4Addr::UNSPECIFIED` is every IPv4 address of the
    /// machine, `Ipv6Addr::UNSPECIFIED` every address.
    ///
    /// ```
    /// # use std::net::Ipv4Addr;
    /// let open_to_the_world = marketplace_drivers::udp::driver().bind(Ipv4Addr::UNSPECIFIED);
    /// ```
    pub fn bind(mut self, address: impl Into<IpAddr>) -> Self {
        self.0.bind = address.into();
        self
    }

    /// How many bytes of one socket may wait to be sent, when the kernel takes no more: 1 MiB
    /// unless this says otherwise. A datagram counts 256 bytes more than it has. With 0, a datagram
    /// that the kernel does not take at once is not sent.
    ///
    /// ```
    /// let for_bursts = marketplace_drivers::udp::driver().send_limit(16 * 1024 * 1024);
    /// ```
    pub const fn send_limit(mut self, bytes: usize) -> Self {
        self.0.send_limit = bytes;
        self
    }

    /// The action as a [`Spawn`], where a caller needs that type: to give the process another name,
    /// or to do something when it has started.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// let named: Spawn<()> = name_process("net", marketplace_drivers::udp::driver().spawn());
    /// ```
    pub fn spawn<S>(self) -> Spawn<S> {
        driver::spawn(Arc::new(self.0))
    }
}

stands_for_its_spawn!(UdpDriver);
