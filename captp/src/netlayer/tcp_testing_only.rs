//! The netlayer `tcp-testing-only`: TCP on this machine, without any protection.
//!
//! Nobody proves who they are, and anybody can read and change what is said. So it listens on
//! 127.0.0.1 only, and it is for tests.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use marketplace::Source;
use tokio::net::TcpStream;

use crate::netlayer::tcp::{self, Goal};
use crate::netlayer::{Netlayer, Proof, Reach, seed, stream};
use crate::wire::Location;

/// The name of the transport.
const TRANSPORT: &str = "tcp-testing-only";

/// A netlayer on which peers have no keys. [`named`] and [`netlayer`] make one.
#[derive(Clone, Debug)]
pub struct TcpTestingOnly {
    designator: String,
    port: u16,
}

/// A netlayer under a name that nobody else has.
///
/// # Errors
/// If the operating system has no random numbers.
pub fn netlayer() -> io::Result<TcpTestingOnly> {
    let seed = seed::fresh().map_err(|why| io::Error::other(why.0.to_string()))?;
    let digits = seed.0.iter().take(16).map(|byte| format!("{byte:02x}"));
    Ok(named(digits.collect::<String>()))
}

/// A netlayer under this name. Two peers with one name are taken for one peer.
///
/// ```
/// use marketplace_captp::netlayer::tcp_testing_only;
///
/// let bank = tcp_testing_only::named("bank").port(4433);
/// # let _ = bank;
/// ```
#[must_use]
pub fn named(designator: impl Into<String>) -> TcpTestingOnly {
    TcpTestingOnly { designator: designator.into(), port: 0 }
}

impl TcpTestingOnly {
    /// The port to listen at: one that is free, unless this says otherwise.
    #[must_use]
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }
}

impl Netlayer for TcpTestingOnly {
    fn transport(&self) -> &str {
        TRANSPORT
    }

    fn designator(&self) -> &str {
        &self.designator
    }

    /// Some clients for tests connect and say nothing.
    fn patience(&self) -> Option<Duration> {
        None
    }

    fn listen(&self) -> Source {
        tcp::source(Listener { port: self.port })
    }

    fn dial(&self, location: &Location, reach: Option<Reach>) -> Result<Source, String> {
        let goal = Goal::of(location, TRANSPORT, reach)?;
        Ok(stream::connecting(async move {
            let (stream, peer) = tcp::in_time(&goal, tcp::dial(&goal)).await?;
            Ok((stream, tcp::known(peer, Proof::Nothing)))
        }))
    }
}

struct Listener {
    port: u16,
}

impl tcp::Listener for Listener {
    fn addresses(&self) -> Result<Vec<SocketAddr>, String> {
        Ok(vec![SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))])
    }

    fn listens(&self, local: SocketAddr) -> Vec<(String, String)> {
        tracing::warn!(%local, "tcp-testing-only listens: no peer proves who it is, it is for tests");
        tcp::hints(&local.ip().to_string(), local.port())
    }

    fn line(&self, stream: TcpStream, peer: SocketAddr) -> Source {
        stream::connected(stream, tcp::known(peer, Proof::Nothing))
    }
}
