//! The netlayer `tcp-testing-only`: TCP on this machine, without any protection.
//!
//! Nobody proves who they are, and anybody can read and change what is said. So it listens on
//! 127.0.0.1 only, and it is for tests.

mod dial;
mod listener;

use std::io;
use std::time::Duration;

use marketplace::Source;

use crate::netlayer::{Netlayer, seed, stream};
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
        listener::source(self.port)
    }

    fn dial(&self, location: &Location) -> Result<Source, String> {
        if location.transport != TRANSPORT {
            return Err(format!("there is no way from `{TRANSPORT}` to `{}`", location.transport));
        }
        let (Some(host), Some(port)) = (location.hint("host"), location.hint("port")) else {
            return Err("the address does not say at which host and port it is".to_string());
        };
        let port = port.parse().map_err(|_| format!("`{port}` is no port"))?;
        Ok(stream::connecting(dial::dial(host.to_string(), port)))
    }
}
