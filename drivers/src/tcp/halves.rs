//! The messages between the two halves of the driver, and the trait that makes a socket half.

use marketplace::{Label, Message, Source, Symbol, Text, Value};

use crate::tcp::messages::{TcpAddress, TcpMode};

/// Makes socket halves. The process half knows no more of sockets, so that tests can script them.
pub(super) trait Sockets: Send + Sync + 'static {
    /// A source of [`FromListener`].
    fn listen(&self, port: u16) -> Source;
    /// A source that gives [`FromSocket::Connected`] and goes on as the source of an accepted
    /// connection.
    fn connect(&self, host: &Text, port: u16) -> Source;
}

/// The messages of a listener's socket half.
#[derive(Message, Clone, Debug, PartialEq)]
pub(super) enum FromListener {
    /// First: it listens, here, until the source ends.
    Listening { local: TcpAddress, closed: Source },
    /// A peer has connected. The source gives packets and [`FromSocket`], and takes packets and
    /// [`ToSocket`].
    Accepted { connection: Source, remote: TcpAddress },
}

/// The messages of a connection's socket half, beside packets.
#[derive(Message, Clone, Debug, PartialEq)]
pub(super) enum FromSocket {
    /// The first message of an outgoing connection: it stands.
    Connected,
    /// The kernel has taken so many more bytes.
    Written(u64),
}

/// The messages to a connection's socket half, beside packets.
#[derive(Message, Clone, Debug, PartialEq)]
pub(super) enum ToSocket {
    /// Somebody listens: read.
    Read,
    /// A participant has the connection, and nothing is to be read for now.
    Rest,
    /// So much more may be read. Before the first credit there is no limit.
    Credit(u64),
    /// The kind of packet from now on.
    Mode(TcpMode),
}

/// The reason with which a connection ended that had more to write than may wait.
pub(super) static OVERRUN: Label = Label::new("overrun");
/// The reason with which a connection ended that nobody took in time.
pub(super) static UNTAKEN: Label = Label::new("untaken");
/// The reason with which a connection ended whose peer sent a line that is too long.
pub(super) static LINE_TOO_LONG: Label = Label::new("line-too-long");
/// The reason with which a connection ended whose peer kept it waiting.
pub(super) static IDLE: Label = Label::new("idle");

pub(super) fn symbol(label: &'static Label) -> Value {
    Symbol::from_label(label).into()
}
