//! The ways on which bytes come from peers and go to them.

mod after;
mod known;
pub mod memory;
mod reach;
mod said;
mod seed;
mod stream;
mod tcp;
pub mod tcp_testing_only;
#[cfg(feature = "tls")]
pub mod tls;
#[cfg(unix)]
pub mod unix;

use std::time::Duration;

use marketplace::{Message, Source};

pub use self::known::{Known, Proof};
pub use self::reach::Reach;
pub use self::said::{FromLine, Seed, ToLine};
use crate::wire::Location;

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
    /// Whether a peer that has connected has proved that it is the one of its designator. Then its
    /// hello ends an older session of it that is silent. `false`, unless the netlayer says
    /// otherwise.
    fn proves(&self) -> bool {
        false
    }
    /// A source of [`FromListener`].
    fn listen(&self) -> Source;
    /// A source of [`FromLine`], or why there can be none. If a peer has given the location, it may
    /// lead to what is at most as private as `reach`.
    ///
    /// # Errors
    /// If the location has no hint how to get there.
    fn dial(&self, location: &Location, reach: Option<Reach>) -> Result<Source, String>;
    /// A source of one [`Seed`]. Unless the netlayer says otherwise, the operating system's.
    fn seed(&self) -> Source {
        seed::source()
    }
    /// A source of one item, `()`, after so long: of the clock, unless the netlayer says otherwise.
    fn after(&self, time: Duration) -> Source {
        after::source(time)
    }
}
