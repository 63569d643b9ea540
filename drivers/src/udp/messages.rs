//! The messages between the UDP driver and its users.

use std::fmt;
use std::io;
use std::net::{AddrParseError, SocketAddr};

use bytes::Bytes;
use marketplace::{Message, Symbol, Text, Value};

use crate::addresses::{host_of, write_remote};
use crate::failure;

/// One end of the way of a datagram, as conversations name it.
///
/// ```
/// use marketplace_drivers::udp::UdpAddress;
///
/// let socket: std::net::SocketAddr = "[::1]:53".parse().unwrap();
/// assert_eq!(UdpAddress::from(socket), UdpAddress::remote("::1", 53));
/// assert_eq!(UdpAddress::remote("::1", 53).to_socket_addr(), Some(Ok(socket)));
/// assert_eq!(UdpAddress::handle("my client").to_string(), r#"handle "my client""#);
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UdpAddress {
    /// The other end: a host, by number, and a port. For a datagram that came, the host is as
    /// [`SocketAddr`]'s text form has it, and IPv4 as IPv4.
    Remote(Text, u16),
    /// A socket of ours that talks to others first: any value that tells it from others. The kernel
    /// chooses the port.
    Handle(Value),
    /// A socket of ours that others find: the port, or 0 for one that the kernel chooses.
    Listener(u16),
}

impl UdpAddress {
    /// The other end: a host, by number, and a port.
    pub fn remote(host: impl Into<Text>, port: u16) -> Self {
        Self::Remote(host.into(), port)
    }

    /// A socket of ours, by a name that tells it from others. (Any value can:
    /// `UdpAddress::Handle(fresh.into())`.)
    pub fn handle(name: impl Into<Text>) -> Self {
        Self::Handle(name.into().to_value())
    }

    /// The address of the other end; `None` for an end of ours.
    ///
    /// # Errors
    /// If the host is not a number.
    ///
    /// ```
    /// use marketplace_drivers::udp::UdpAddress;
    /// assert!(UdpAddress::remote("example.org", 53).to_socket_addr().unwrap().is_err());
    /// assert!(UdpAddress::Listener(53).to_socket_addr().is_none());
    /// ```
    #[must_use]
    pub fn to_socket_addr(&self) -> Option<Result<SocketAddr, AddrParseError>> {
        let Self::Remote(host, port) = self else { return None };
        Some(match host.parse() {
            Ok(ip) => Ok(SocketAddr::new(ip, *port)),
            // With an interface.
            Err(_) if host.contains(':') => format!("[{host}]:{port}").parse(),
            Err(error) => Err(error),
        })
    }
}

impl From<SocketAddr> for UdpAddress {
    fn from(address: SocketAddr) -> Self {
        Self::Remote(host_of(address).into(), address.port())
    }
}

impl fmt::Display for UdpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remote(host, port) => write_remote(host, *port, f),
            Self::Handle(name) => write!(f, "handle {name}"),
            Self::Listener(port) => write!(f, "port {port}"),
        }
    }
}

/// A datagram.
///
/// ```
/// use marketplace::Message;
/// use marketplace_drivers::udp::{UdpAddress, UdpPacket};
///
/// let hello = UdpPacket(UdpAddress::handle("me"), UdpAddress::remote("127.0.0.1", 7), "hello".into());
/// assert_eq!(UdpPacket::from_value(&hello.to_value()), Some(hello));
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(driver = crate::udp::DRIVER)]
pub struct UdpPacket(
    /// The end from which it comes.
    pub UdpAddress,
    /// The end to which it goes.
    pub UdpAddress,
    /// Its bytes: up to 65,507 over IPv4, 65,527 over IPv6. A datagram may be empty.
    pub Bytes,
);

/// Feedback about a [`UdpPacket`], to its sender: it was not sent. On the wire between processes it
/// is a `UdpPacket`, with a problem in place of the bytes.
///
/// ```
/// use marketplace::Message;
/// use marketplace_drivers::udp::{UdpAddress, UdpFeedback, UdpProblem};
///
/// let problem = UdpProblem { kind: "TooBig".into(), text: "70000 bytes are too many".into() };
/// let feedback = UdpFeedback(UdpAddress::handle("me"), UdpAddress::remote("::1", 7), problem);
/// assert!(format!("{:?}", feedback.to_value()).starts_with("UdpPacket("));
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(label = UdpPacket)]
pub struct UdpFeedback(
    /// The end from which it would have come: this end is told.
    pub UdpAddress,
    /// The end to which it would have gone.
    pub UdpAddress,
    /// Why it was not sent.
    pub UdpProblem,
);

/// A socket is bound: a publisher of this is present as long as it is.
///
/// ```
/// use marketplace_drivers::udp::{UdpAddress, UdpBound};
/// let bound = UdpBound { socket: UdpAddress::Listener(0), local: UdpAddress::remote("127.0.0.1", 40001) };
/// assert_eq!(bound.local.to_string(), "127.0.0.1:40001");
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(driver = crate::udp::DRIVER)]
pub struct UdpBound {
    /// The socket, by the name that a peer gave it.
    pub socket: UdpAddress,
    /// The address at which it is bound, and to which others send. (A handle's address has no host,
    /// but a port: `[::]:port`, or `0.0.0.0:port` without IPv6.)
    pub local: UdpAddress,
}

/// Why the driver refuses to bind a socket, or did not send a datagram.
///
/// ```
/// use marketplace_drivers::udp::UdpProblem;
/// let problem = UdpProblem::from(&std::io::Error::from(std::io::ErrorKind::AddrInUse));
/// assert_eq!(problem.kind.as_str(), "AddrInUse");
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct UdpProblem {
    /// The kind: the name of an [`io::ErrorKind`], such as `NetworkUnreachable`, or `TooBig`,
    /// `NotNumeric` for a host, `Overflow` of the bytes that wait to be sent.
    pub kind: Symbol,
    /// The problem as a text, for people.
    pub text: Text,
}

impl UdpProblem {
    pub(super) fn new(kind: &str, text: impl fmt::Display) -> Self {
        Self { kind: kind.into(), text: text.to_string().into() }
    }

    /// A failure to do `what`.
    pub(super) fn to(what: impl fmt::Display, error: &io::Error) -> Self {
        Self { text: failure::cannot(what, error), ..Self::from(error) }
    }
}

impl From<&io::Error> for UdpProblem {
    fn from(error: &io::Error) -> Self {
        let (kind, text) = failure::kind_and_text(error);
        let is_too_big = error.raw_os_error() == Some(MESSAGE_TOO_LONG);
        Self { kind: if is_too_big { "TooBig".into() } else { kind }, text }
    }
}

/// The system's word for a datagram that is too big, for which [`io::ErrorKind`] has none.
const MESSAGE_TOO_LONG: i32 = if cfg!(windows) {
    10040
} else if cfg!(any(target_os = "linux", target_os = "android")) {
    90
} else {
    40
};
