//! The netlayer `tls`: TCP with TLS 1.3, on which each peer is the one whose key it has.
//!
//! Both sides show a raw ed25519 public key (RFC 7250): there are no certificates and no names. A
//! peer's designator is its key, as 52 letters and digits. So an address says whose key is wanted,
//! and a connection stands only if the other side has it.
//!
//! It is a feature of this crate, `tls`, since it needs a C compiler.

mod listener;

use std::net::{SocketAddr, ToSocketAddrs};

use marketplace::Source;

use crate::netlayer::tcp::{self, Goal};
use crate::netlayer::{Netlayer, Proof, Reach, stream};
use crate::transport::tls::handshake;
pub use crate::transport::tls::{Key, KeyError, key_file};
use crate::wire::Location;

/// The name of the transport.
const TRANSPORT: &str = "tls";

/// The one protocol that is spoken inside.
const PROTOCOL: &str = "marketplace-captp/1";

/// A netlayer on which peers are known by their keys. [`netlayer`] makes one.
#[derive(Clone, Debug)]
pub struct Tls {
    key: Key,
    designator: String,
    at: Result<Vec<SocketAddr>, String>,
    host: Option<String>,
}

/// A netlayer for the peer that has this key. It dials; if it is to listen, too,
/// [`listen`](Tls::listen) says where.
///
/// ```no_run
/// use marketplace::prelude::*;
/// use marketplace_captp::netlayer::tls;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bank = tls::netlayer(tls::key_file("bank.key")?).listen("0.0.0.0:4433");
/// let (spawn, peer): (Spawn<()>, _) = marketplace_captp::peer(bank);
/// # let _ = (spawn, peer);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn netlayer(key: Key) -> Tls {
    let nowhere = "it was not said where: `listen` of the netlayer does";
    Tls { designator: key.designator(), key, at: Err(nowhere.to_string()), host: None }
}

impl Tls {
    /// Where to listen, while something is published: an address of this machine and a port, such
    /// as `0.0.0.0:4433`; at port 0, one that is free. A name is resolved now. If there is no such
    /// address, whoever publishes is told.
    #[must_use]
    pub fn listen(mut self, at: impl ToSocketAddrs) -> Self {
        self.at = at.to_socket_addrs().map(Iterator::collect).map_err(|error| error.to_string());
        self
    }

    /// The host at which others reach us, a name or an address: our addresses say it. Unless this
    /// says otherwise, it is the address at which we listen; where that is `0.0.0.0` or `::`, the
    /// one from which this machine speaks to others.
    #[must_use]
    pub fn reached_at(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }
}

impl Netlayer for Tls {
    fn transport(&self) -> &str {
        TRANSPORT
    }

    fn designator(&self) -> &str {
        &self.designator
    }

    fn proves(&self) -> bool {
        true
    }

    fn listen(&self) -> Source {
        listener::source(self.at.clone(), self.host.clone(), &self.key)
    }

    fn dial(&self, location: &Location, reach: Option<Reach>) -> Result<Source, String> {
        let goal = Goal::of(location, TRANSPORT, reach)?;
        let designator = location.designator.clone();
        let config = handshake::dialling(&self.key, &designator, PROTOCOL)?;
        Ok(stream::connecting(async move {
            let connects = async {
                let (stream, peer) = tcp::dial(&goal).await?;
                Ok((handshake::dial(config, stream).await?, peer))
            };
            let (stream, peer) = tcp::in_time(&goal, connects).await?;
            Ok((stream, tcp::known(peer, Proof::Designator(designator))))
        }))
    }
}
