//! What the two halves of the driver say to each other, and how the process half gets a socket
//! half.

use marketplace::{Label, Message, Source, Symbol, Text, Value};

use crate::tcp::messages::{TcpAddress, TcpMode};

/// Makes socket halves. The process half knows no more of sockets, so that tests can script them.
pub(super) trait Sockets: Send + Sync + 'static {
    /// A source of [`FromListener`].
    fn listen(&self, port: u16) -> Source;
    /// A source that says [`FromSocket::Connected`] and goes on as that of an accepted connection.
    fn connect(&self, host: &Text, port: u16) -> Source;
}

/// What a listener's socket half says.
#[derive(Message, Clone, Debug, PartialEq)]
pub(super) enum FromListener {
    /// First: it listens, here, until the source ends.
    Listening { local: TcpAddress, closed: Source },
    /// Somebody has connected. The source gives packets and [`FromSocket`], and takes packets and
    /// [`ToSocket`].
    Accepted { connection: Source, remote: TcpAddress },
}

/// What a connection's socket half says beside packets.
#[derive(Message, Clone, Debug, PartialEq)]
pub(super) enum FromSocket {
    /// Of an outgoing connection, first: it stands.
    Connected,
    /// The kernel has taken so many more bytes.
    Written(u64),
}

/// What a connection's socket half is told beside packets.
#[derive(Message, Clone, Debug, PartialEq)]
pub(super) enum ToSocket {
    /// Somebody listens: read.
    Read,
    /// Somebody has the connection, and nothing is to be read for now.
    Rest,
    /// So much more may be read. Before the first, everything may.
    Credit(u64),
    /// What a packet is from now on.
    Mode(TcpMode),
}

/// Why a connection ended that wrote more than it may leave waiting.
pub(super) static OVERRUN: Label = Label::new("overrun");
/// Why a connection ended that nobody took in time.
pub(super) static UNTAKEN: Label = Label::new("untaken");
/// Why a connection ended whose peer said a longer line than it may.
pub(super) static LINE_TOO_LONG: Label = Label::new("line-too-long");
/// Why a connection ended whose peer kept it waiting.
pub(super) static IDLE: Label = Label::new("idle");

pub(super) fn symbol(label: &'static Label) -> Value {
    Symbol::from_label(label).into()
}
