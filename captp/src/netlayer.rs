//! The ways on which bytes come from peers and go to them.

mod after;
pub mod memory;
mod seed;
mod stream;
pub mod tcp_testing_only;

use std::time::Duration;

use marketplace::{Message, Source};

use crate::wire::Location;

/// 32 random bytes, which nobody else knows.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct Seed(pub bytes::Bytes);

/// The messages of a listener's source.
#[derive(Message, Clone, Debug)]
pub enum FromListener {
    /// First: it listens until the source ends. Peers reach it with these hints: names and values
    /// in turn.
    Listening {
        /// For the location.
        hints: Vec<(String, String)>,
    },
    /// A peer has connected. The source is one of [`FromLine`].
    Accepted {
        /// The connection.
        line: Source,
    },
}

/// The messages of a connection's source. Its feedback is [`ToLine`]. Its end is that of the
/// connection.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub enum FromLine {
    /// First: it stands. The seed is for the keys of the session.
    Connected(Seed),
    /// Bytes that have come.
    Heard(bytes::Bytes),
    /// The peer says nothing more.
    Ended,
    /// More waits to be written than should; or that is over.
    Congested(bool),
}

/// What is said to a connection.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub enum ToLine {
    /// Bytes to be written, together.
    Say(bytes::Bytes),
    /// Nothing more is said. What comes is thrown away, and the source ends when the peer has ended
    /// its direction, too, or after two seconds.
    Close,
}

/// A kind of connection. The processes know no more of it, so that tests can script them.
pub trait Netlayer: Send + Sync + 'static {
    /// The name of the transport, such as `tcp-testing-only`.
    fn transport(&self) -> &str;
    /// Our name there.
    fn designator(&self) -> &str;
    /// How long a peer may be silent after it has connected: 10 seconds, unless the netlayer says
    /// otherwise.
    fn patience(&self) -> Option<Duration> {
        Some(Duration::from_secs(10))
    }
    /// A source of [`FromListener`].
    fn listen(&self) -> Source;
    /// A source of [`FromLine`], or why there can be none.
    ///
    /// # Errors
    /// If the location has no hint how to get there.
    fn dial(&self, location: &Location) -> Result<Source, String>;
    /// A source of one [`Seed`]. Unless the netlayer says otherwise, the operating system's.
    fn seed(&self) -> Source {
        seed::source()
    }
    /// A source of one item, `()`, after so long: of the clock, unless the netlayer says otherwise.
    fn after(&self, time: Duration) -> Source {
        after::source(time)
    }
}
