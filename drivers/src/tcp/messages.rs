//! The messages between the TCP driver and its users.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use marketplace::__private::{Constructor, fields, record, take_bytes};
use marketplace::{Label, Message, Symbol, Text, Value};

use crate::addresses::{host_of, write_remote};
use crate::failure;

/// One end of a connection, as conversations name it.
///
/// ```
/// use marketplace_drivers::tcp::TcpAddress;
///
/// let socket: std::net::SocketAddr = "[::1]:80".parse().unwrap();
/// assert_eq!(TcpAddress::from(socket), TcpAddress::remote("::1", 80));
/// assert_eq!(TcpAddress::handle("my client").to_string(), r#"handle "my client""#);
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[message(shared)]
pub enum TcpAddress {
    /// The other end: a host, by name or number, and a port.
    Remote(Text, u16),
    /// This end of an outgoing connection: any value that tells it from others. The kernel chooses
    /// the port.
    Handle(Value),
    /// This end of incoming connections: the port, or 0 for one that the kernel chooses.
    Listener(u16),
}

impl TcpAddress {
    /// The other end: a host, by name or number, and a port.
    pub fn remote(host: impl Into<Text>, port: u16) -> Self {
        Self::Remote(host.into(), port)
    }

    /// This end of an outgoing connection, by a name that tells it from others. (Any value can:
    /// `TcpAddress::Handle(fresh.into())`.)
    pub fn handle(name: impl Into<Text>) -> Self {
        Self::Handle(name.into().to_value())
    }
}

impl From<SocketAddr> for TcpAddress {
    fn from(address: SocketAddr) -> Self {
        Self::Remote(host_of(address).into(), address.port())
    }
}

impl fmt::Display for TcpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remote(host, port) => write_remote(host, *port, f),
            Self::Handle(name) => write!(f, "handle {name}"),
            Self::Listener(port) => write!(f, "port {port}"),
        }
    }
}

/// A packet of a connection, from its source to its destination.
///
/// ```
/// use marketplace::{Message, Symbol};
/// use marketplace_drivers::tcp::{TcpAddress, TcpChannel, TcpPacket};
///
/// let hello = TcpChannel(TcpAddress::handle("me"), TcpAddress::remote("localhost", 7), TcpPacket::from("hello"));
/// assert_eq!(TcpChannel::from_value(&hello.to_value()), Some(hello));
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(driver = crate::tcp::DRIVER)]
pub struct TcpChannel(
    /// The end from which it comes.
    pub TcpAddress,
    /// The end to which it goes.
    pub TcpAddress,
    /// The packet.
    pub TcpPacket,
);

/// A piece of the bytes that one end sends, or their end, or word of bytes that are gone.
///
/// ```
/// use marketplace_drivers::tcp::TcpPacket;
/// assert_eq!(TcpPacket::from("hello"), TcpPacket::Data("hello".into()));
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub enum TcpPacket {
    /// Bytes. Where one packet ends and the next begins means nothing.
    Data(Bytes),
    /// End of file: nothing follows in this direction. The other direction goes on.
    Eof,
    /// In the mode [`TcpMode::ShortLines`], from the driver: here was a line of so many bytes,
    /// without its terminator, which is longer than the limit. Its bytes are gone. One that a
    /// process sends does nothing.
    Skipped(u64),
}

impl TcpPacket {
    /// The label of the first variant.
    const DATA: &'static Label = match Self::CONSTRUCTORS {
        [Constructor { label: Some(label), .. }, ..] => label,
        _ => unreachable!(),
    };

    /// The packet as a value. The bytes are not shared: that saves two atomic operations.
    pub(super) fn make_value(self) -> Value {
        match self {
            Self::Data(bytes) => record(Self::DATA, [Value::UNIT, bytes.into()]),
            other => other.to_value(),
        }
    }

    /// Whether this is a packet of bytes.
    pub(super) fn is_data(value: &Value) -> bool {
        fields::<1>(value, const { &Symbol::from_label(Self::DATA) }).is_some()
    }

    /// The bytes of a packet that nobody needs any more. If it is something else, it comes back.
    // A packet takes 60 instructions and two atomic operations less than by `from_value`.
    pub(super) fn take_data(packet: Value) -> Result<Bytes, Value> {
        take_bytes(packet, Self::DATA)
    }
}

impl<B: Into<Bytes>> From<B> for TcpPacket {
    fn from(bytes: B) -> Self {
        Self::Data(bytes.into())
    }
}

/// Feedback about a [`TcpChannel`]: on the wire between processes it is a `TcpChannel`, with a
/// signal in place of the packet.
///
/// No process has to send or hear any.
///
/// ```
/// use marketplace::Message;
/// use marketplace_drivers::tcp::{TcpAddress, TcpFeedback, TcpSignal};
///
/// let pause = TcpFeedback(TcpAddress::remote("::1", 7), TcpAddress::Listener(80), TcpSignal::Pause);
/// assert!(format!("{:?}", pause.to_value()).starts_with("TcpChannel("));
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(label = TcpChannel)]
pub struct TcpFeedback(
    /// The end from which the packets come: this end is told.
    pub TcpAddress,
    /// The end to which the packets go.
    pub TcpAddress,
    /// The signal.
    pub TcpSignal,
);

/// A signal of feedback.
///
/// ```
/// use marketplace_drivers::tcp::{TcpMode, TcpSignal};
/// assert_ne!(TcpSignal::Mode(TcpMode::Lines), TcpSignal::Mode(TcpMode::Bytes));
/// ```
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpSignal {
    /// Acknowledgement, from the driver: the kernel has taken so many more bytes. It comes for each
    /// quarter of the write limit, or as
    /// [`TcpDriver::acknowledge_every`](crate::tcp::TcpDriver::acknowledge_every) says. A process
    /// that never has more than half of the limit outstanding never overruns it.
    Written(u64),
    /// From a session: read nothing for now, whatever the credit.
    Pause,
    /// From a session: go on reading.
    Resume,
    /// From a session: so much more may be read, in bytes or in lines. Before the first credit
    /// there is no limit. Credit adds up, and does not change with the mode.
    Credit(u64),
    /// From a session: the kind of packet from now on.
    Mode(TcpMode),
}

/// The kind of packet of a connection, in the direction in.
///
/// ```
/// use marketplace_drivers::tcp::{TcpMode, TcpSignal};
/// let lines = TcpSignal::Mode(TcpMode::Lines);
/// ```
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpMode {
    /// Some bytes, as they come. Every connection begins so.
    Bytes,
    /// A line without its terminator, which is a line feed, or a carriage return and a line feed.
    /// Bytes after the last terminator are a line, too.
    Lines,
    /// Lines as well, but one that is longer than [`TcpDriver::line_limit`] is skipped, and the
    /// connection goes on: [`TcpPacket::Skipped`] comes in the line's place, when its end has come.
    ///
    /// [`TcpDriver::line_limit`]: crate::tcp::TcpDriver::line_limit
    ShortLines,
}

/// The driver listens: a publisher of this is present as long as it does.
///
/// ```
/// use marketplace_drivers::tcp::{TcpAddress, TcpListening};
/// let listening = TcpListening { listener: TcpAddress::Listener(0), local: TcpAddress::remote("127.0.0.1", 40001) };
/// assert_eq!(listening.local.to_string(), "127.0.0.1:40001");
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(driver = crate::tcp::DRIVER)]
pub struct TcpListening {
    /// The listener, by the name that a peer gave it.
    pub listener: TcpAddress,
    /// The address at which it listens, and to which others connect.
    pub local: TcpAddress,
}

/// Why the driver refuses to listen or to connect, and why it ends a connection by itself.
///
/// ```
/// use marketplace_drivers::tcp::TcpFailure;
/// let failure = TcpFailure::from(&std::io::Error::from(std::io::ErrorKind::AddrInUse));
/// assert_eq!(failure.kind.as_str(), "AddrInUse");
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct TcpFailure {
    /// The kind of failure: the name of an [`io::ErrorKind`], such as `ConnectionRefused`, or
    /// `Unresolved` for an unknown host name.
    pub kind: Symbol,
    /// The failure as a text, for people.
    pub text: Text,
}

impl TcpFailure {
    /// A failure to do `what`.
    pub(crate) fn to(what: impl fmt::Display, error: &io::Error) -> Self {
        Self { text: failure::cannot(what, error), ..Self::from(error) }
    }
}

impl From<&io::Error> for TcpFailure {
    fn from(error: &io::Error) -> Self {
        let (kind, text) = failure::kind_and_text(error);
        Self { kind, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_the_same_value_whoever_makes_it_and_gives_its_bytes_back() {
        for packet in [TcpPacket::from("hello"), TcpPacket::Eof, TcpPacket::Skipped(7)] {
            let value = packet.to_value();
            assert_eq!(packet.clone().make_value(), value);
            assert_eq!(TcpPacket::is_data(&value), matches!(packet, TcpPacket::Data(_)));
            // Somebody may have it still.
            for value in [value.clone(), value] {
                match (&packet, TcpPacket::take_data(value)) {
                    (TcpPacket::Data(bytes), taken) => assert_eq!(taken.as_ref(), Ok(bytes)),
                    (_, taken) => assert_eq!(taken, Err(packet.to_value())),
                }
            }
        }
        let other = Value::record(Symbol::from_label(TcpPacket::DATA), ["no bytes".into()]);
        assert_eq!(TcpPacket::take_data(other.clone()), Err(other));
    }
}
