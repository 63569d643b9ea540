//! TCP connections, in and out.
//!
//! A connection is a conversation in two directions. The driver publishes the packets that come in,
//! `TcpChannel(remote, local, packet)`, and subscribes to those that go out,
//! `TcpChannel(local, remote, packet)`, for as long as the connection stands. The echo server:
//!
//! ```
//! use marketplace::prelude::*;
//! use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel};
//!
//! fn serve(port: u16) -> Transition<()> {
//!     transition_no_state!(
//!         tcp::driver(),
//!         observe_publishers!(
//!             TcpChannel(_, TcpAddress::Listener(port), _),
//!             match_conversation!(TcpChannel(from, to, _) => on_presence!(spawn!(echoer(from, to)))),
//!         ),
//!     )
//! }
//!
//! fn echoer(from: TcpAddress, to: TcpAddress) -> Transition<()> {
//!     transition_no_state!(
//!         publisher!(TcpChannel(to, from, _)),
//!         subscriber!(
//!             TcpChannel(from, to, _),
//!             on_absence!(quit()),
//!             on_vacancy!(quit()),
//!             on_message!(TcpChannel(_, _, data) => send_message!(TcpChannel(to, from, data))),
//!         ),
//!     )
//! }
//! # assert_eq!(serve(5999).actions.len(), 2);
//! ```
//!
//! # The protocol
//!
//! *Remote* is a [`TcpAddress::Remote`]. *Local* is a [`TcpAddress::Listener`] for connections that
//! come in, a [`TcpAddress::Handle`] for connections that go out.
//!
//! | to | be | what happens |
//! |---|---|---|
//! | listen | a participant or observer on the side of `TcpChannel(_, Listener(port), _)` or `TcpChannel(Listener(port), _, _)` | the port is open while there is such an endpoint. `Listener(0)` opens a port that the kernel chooses. An endpoint that leaves the port open, or looks at everything, opens none |
//! | know the port is open, and its address | an observer of `TcpListening { listener, local: _ }` | its presence says so; its absence, that the port is closed (or, with reason `shutdown`, that it will be in a moment) |
//! | take a connection | a participant in `TcpChannel(remote, Listener(port), _)`, when its presence is seen | from then on the connection no longer depends on the listener |
//! | connect | a participant in `TcpChannel(Handle(x), Remote(host, port), _)`, or in the other direction, or in both | one connection for all such participants. The driver's presence says that it stands; a packet that is sent before is heard by nobody |
//! | hear | a subscriber of `TcpChannel(remote, local, _)` | bytes are read while there is such a participant: bytes that the peer sent early are not lost |
//! | speak | a publisher of `TcpChannel(local, remote, _)` | a packet is written at once, in order. In line mode the answers to lines that came together go out together: a packet waits while the session hears a line that is here already, but at most 32 packets and 16 KiB wait so |
//!
//! | message or feedback | from | means |
//! |---|---|---|
//! | [`TcpPacket::Data`] | either | bytes. Where packets begin and end means nothing |
//! | [`TcpPacket::Eof`] | the driver | the peer sends nothing more; a process may go on speaking |
//! | [`TcpPacket::Eof`] | a process | nothing more is sent (later packets are ignored); a process may go on hearing. When the last publisher leaves, this direction ends, too |
//! | [`TcpSignal::Written`], feedback | the driver | so many bytes more have gone to the kernel: for a process that sends much |
//! | [`TcpSignal::Pause`], [`TcpSignal::Resume`], feedback | a process | nothing is read, or it is again: for a process that passes on what it hears |
//! | [`TcpSignal::Credit`], feedback | a process | so much more may be read, in bytes or in lines. The first credit, even of 0, ends the time without a limit: from then on nothing is read beyond the credit. The end of file is found by reading: it needs credit, and uses up none |
//! | [`TcpSignal::Mode`], feedback | a process | from now on a packet is a line, without its terminator, or again some bytes. Bytes that are buffered stay |
//! | [`TcpPacket::Skipped`] | the driver | in mode [`TcpMode::ShortLines`]: here was a line that is longer than [`TcpDriver::line_limit`], of so many bytes. It needs and uses up as much credit as a line. If the mode changes to bytes before such a line's end, it says how many of its bytes are gone |
//!
//! Feedback about reading that a process sends before it subscribes holds from its first packet on.
//! So a session that wants lines first does
//! `send_feedback!(TcpFeedback(remote, local, TcpSignal::Mode(TcpMode::Lines)))`, and then adds its
//! subscriber. (A process that connects does so when the driver's presence says that the connection
//! stands.)
//!
//! A host may have several addresses. They are tried in turn, IPv4 and IPv6 alternating; after 250
//! ms without an answer the next one is tried beside the earlier ones ([RFC
//! 8305](https://www.rfc-editor.org/rfc/rfc8305)). The first that answers is taken.
//!
//! When both directions have ended, or no participant is left, or at a failure, the connection is
//! closed and the driver's endpoints leave. Bytes that wait to be written are written first, for at
//! most [`GRACE`](marketplace::ground::GRACE).
//!
//! | failure | how it is told |
//! |---|---|
//! | the port cannot be opened | refusal of `TcpListening` and of the conversation, with a [`TcpFailure`]. The next endpoint that wants the port makes the driver try again |
//! | connecting fails, the host's name is unknown | refusal of `TcpChannel(remote, handle, _)`, with a [`TcpFailure`]. No connection leads from a socket to itself |
//! | connecting takes longer than [`TcpDriver::connect_within`] | that refusal, of kind `TimedOut` |
//! | the connection breaks | absence, with the [`std::io::Error`] as its reason ([`Reason::Error`](marketplace::Reason::Error)) |
//! | more waits to be written than [`TcpDriver::write_limit`] | absence, with reason `overrun` (a symbol); the peer sees a reset |
//! | nobody takes a connection within [`TcpDriver::take_up`] | absence, with reason `untaken` (a symbol) |
//! | a line is longer than [`TcpDriver::line_limit`], in mode [`TcpMode::Lines`] | absence, with reason `line-too-long` (a symbol). In mode [`TcpMode::ShortLines`], [`TcpPacket::Skipped`], and the connection goes on |
//! | for [`TcpDriver::idle`] the peer sends nothing while a process listens to it, or takes none of the bytes for it | absence, with reason `idle` (a symbol). A connection on which a process has paused reading, or gives no credit, is not idle; neither is one whose peer has ended its direction |
//! | a listener has [`TcpDriver::max_connections`] | nothing: a peer that connects then waits until a connection ends |
//! | accepting fails, for want of files, say | nothing: it is tried again, more and more rarely, until it succeeds |
//!
//! # Pressure
//!
//! At most one packet of a connection is inside the VM, and nothing is read while more than 64 KiB
//! wait to be written on that connection: a peer that never reads its answers is itself not read
//! from, and memory stays flat. A process that sends much of its own accord keeps the bytes that
//! are not yet [`TcpSignal::Written`] below half of the limit (acknowledgements come for each
//! quarter, or as [`TcpDriver::acknowledge_every`] says). A process that passes on what it hears
//! sends [`TcpSignal::Pause`] where it hears when the other side is behind, or gives credit as it
//! passes on. A session that must never wait for its peer leaves something out, and says how much:
//!
//! ```
//! use marketplace::prelude::*;
//! use marketplace_drivers::tcp::{TcpAddress, TcpChannel, TcpFeedback, TcpPacket, TcpSignal};
//!
//! #[derive(Message, Clone, Debug, PartialEq)]
//! struct News(Text);
//!
//! /// So many bytes may be under way.
//! const MOST: usize = 64 * 1024;
//!
//! #[derive(Default)]
//! struct Reader { behind: usize, lost: usize }
//!
//! /// In a program with `tcp::driver().acknowledge_every(4096)`, say.
//! fn reader(them: TcpAddress, us: TcpAddress) -> Transition<Reader> {
//!     transition!(
//!         Reader::default(),
//!         publisher!(
//!             TcpChannel(us, them, _),
//!             match_state!(reader: &mut Reader => on_message!(
//!                 TcpFeedback(_, _, TcpSignal::Written(bytes)) => reader.behind -= bytes as usize,
//!             )),
//!         ),
//!         subscriber!(TcpChannel(them, us, _), on_absence!(quit()), on_vacancy!(quit()), on_message!(_ => ())),
//!         subscriber!(News(_), match_state!(reader: &mut Reader => on_message!(News(text) => {
//!             let late = reader.behind >= MOST;
//!             reader.lost += usize::from(late);
//!             (!late).then(|| {
//!                 let line = format!("{text} ({} left out)\n", std::mem::take(&mut reader.lost));
//!                 reader.behind += line.len();
//!                 send_message!(TcpChannel(us, them, TcpPacket::from(line)))
//!             })
//!         }))),
//!     )
//! }
//! # assert_eq!(reader(TcpAddress::remote("::1", 7), TcpAddress::Listener(5999)).actions.len(), 3);
//! ```
//!
//! If reading rests (paused, without credit, or congested) and unread bytes lie before a reset, the
//! reset is found only when reading or writing goes on.
//!
//! A connection keeps at most `write_limit` bytes to be written and 64 KiB that were read; in line
//! mode, one line and 64 KiB. While it waits for its peer, it keeps no room for what may come. A
//! line that is skipped gives up its bytes as they come: however long it is, only their number is
//! kept.

mod connection;
mod driver;
mod halves;
mod listener;
mod messages;
mod sockets;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use marketplace::Spawn;

use crate::action::stands_for_its_spawn;
pub use crate::tcp::messages::{
    TcpAddress, TcpChannel, TcpFailure, TcpFeedback, TcpListening, TcpMode, TcpPacket, TcpSignal,
};
use crate::tcp::sockets::Options;

/// The driver that answers the messages of this module.
const DRIVER: marketplace::Driver =
    marketplace::Driver { kind: "TCP driver", action: "tcp::driver()", relay: None };

/// The TCP driver: an action, to be performed once in a VM. [The module](self) says what it does.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::tcp;
///
/// let boot: Transition<()> = transition_no_state!(tcp::driver());
/// assert_eq!(boot.actions.len(), 1);
/// ```
#[must_use = "an action does nothing unless it is returned"]
pub const fn driver() -> TcpDriver {
    TcpDriver(Options {
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        take_up: Duration::from_secs(10),
        write_limit: 1024 * 1024,
        acknowledge_every: None,
        line_limit: 64 * 1024,
        max_connections: 10_000,
        idle: Duration::from_secs(60 * 60),
        connect_within: Duration::from_secs(30),
    })
}

/// The TCP driver, before it starts: an action that can still be changed.
///
/// ```
/// use std::net::Ipv6Addr;
/// use std::time::Duration;
///
/// use marketplace::prelude::*;
/// use marketplace_drivers::tcp;
///
/// let driver = tcp::driver().bind(Ipv6Addr::LOCALHOST).take_up(Duration::from_secs(1)).write_limit(64 * 1024);
/// let boot: Transition<()> = transition_no_state!(name_process(Symbol::new("tcp"), driver.spawn()));
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "an action does nothing unless it is returned"]
pub struct TcpDriver(Options);

impl TcpDriver {
    /// Where listeners listen: 127.0.0.1 unless this says otherwise, because opening a port to the
    /// world is the user's decision. `Ipv4Addr::UNSPECIFIED` is every IPv4 address of the machine,
    /// `Ipv6Addr::UNSPECIFIED` usually every address.
    ///
    /// ```
    /// # use std::net::Ipv4Addr;
    /// let open_to_the_world = marketplace_drivers::tcp::driver().bind(Ipv4Addr::UNSPECIFIED);
    /// ```
    pub fn bind(mut self, address: impl Into<IpAddr>) -> Self {
        self.0.bind = address.into();
        self
    }

    /// How long an accepted connection waits for a participant: 10 s unless this says otherwise.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let hasty = marketplace_drivers::tcp::driver().take_up(Duration::from_secs(1));
    /// ```
    pub const fn take_up(mut self, patience: Duration) -> Self {
        self.0.take_up = patience;
        self
    }

    /// How many bytes of one connection may wait to be written: 1 MiB unless this says otherwise.
    ///
    /// ```
    /// let for_large_answers = marketplace_drivers::tcp::driver().write_limit(16 * 1024 * 1024);
    /// ```
    pub const fn write_limit(mut self, bytes: usize) -> Self {
        self.0.write_limit = bytes;
        self
    }

    /// How many written bytes are acknowledged at once ([`TcpSignal::Written`]): a quarter of the
    /// write limit unless this says otherwise. The fewer, the more closely a process can follow its
    /// peer, and the more messages it hears. A rest smaller than this is not acknowledged until it
    /// has grown: a process that waits for acknowledgements lets at least twice as much be
    /// outstanding.
    ///
    /// ```
    /// let for_small_steps = marketplace_drivers::tcp::driver().acknowledge_every(4096);
    /// ```
    pub const fn acknowledge_every(mut self, bytes: u64) -> Self {
        self.0.acknowledge_every = Some(bytes);
        self
    }

    /// How many bytes a line may have, in line mode, without its terminator: 64 KiB unless this
    /// says otherwise. A longer one ends its connection, or is skipped: a session chooses, by
    /// [`TcpMode`].
    ///
    /// ```
    /// let for_short_commands = marketplace_drivers::tcp::driver().line_limit(512);
    /// ```
    pub const fn line_limit(mut self, bytes: usize) -> Self {
        self.0.line_limit = bytes;
        self
    }

    /// How many connections a listener may have at a time: 10,000 unless this says otherwise. When
    /// it has so many, a peer that connects waits in the kernel until there is room again.
    ///
    /// ```
    /// let small = marketplace_drivers::tcp::driver().max_connections(64);
    /// ```
    pub const fn max_connections(mut self, connections: usize) -> Self {
        self.0.max_connections = connections;
        self
    }

    /// How long a peer may keep a connection waiting: by sending nothing while a process listens to
    /// it, or by taking none of the bytes for it. One hour unless this says otherwise;
    /// `Duration::MAX` is for ever. The connection ends up to a quarter of this later.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let impatient = marketplace_drivers::tcp::driver().idle(Duration::from_secs(30));
    /// ```
    pub const fn idle(mut self, time: Duration) -> Self {
        self.0.idle = time;
        self
    }

    /// How long connecting may take, from asking for the host's addresses to the first that
    /// answers: 30 s unless this says otherwise; `Duration::MAX` is for ever. After that it is
    /// refused, with kind `TimedOut`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let for_the_next_rack = marketplace_drivers::tcp::driver().connect_within(Duration::from_secs(1));
    /// ```
    pub const fn connect_within(mut self, time: Duration) -> Self {
        self.0.connect_within = time;
        self
    }

    /// The action as a [`Spawn`], where a caller needs that type: to give the process another name,
    /// or to do something when it has started.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// let named: Spawn<()> = name_process(Symbol::new("net"), marketplace_drivers::tcp::driver().spawn());
    /// ```
    pub fn spawn<S>(self) -> Spawn<S> {
        driver::spawn(Arc::new(self.0))
    }
}

stands_for_its_spawn!(TcpDriver);
