//! The listener.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;

use marketplace::{Failure, Reason, Source};
use rustls::ServerConfig;
use tokio::net::TcpStream;

use crate::netlayer::tls::{Key, PROTOCOL};
use crate::netlayer::{Proof, stream, tcp};
use crate::transport::tls::handshake;

/// A source that listens at one of these addresses. Its hints have this host, if there is one.
pub(super) fn source(at: Result<Vec<SocketAddr>, String>, host: Option<String>, key: &Key) -> Source {
    tcp::source(Listener { at, host, config: Arc::new(handshake::accepting(key, PROTOCOL)) })
}

struct Listener {
    at: Result<Vec<SocketAddr>, String>,
    host: Option<String>,
    config: Arc<ServerConfig>,
}

impl tcp::Listener for Listener {
    fn addresses(&self) -> Result<Vec<SocketAddr>, String> {
        self.at.clone()
    }

    fn listens(&self, local: SocketAddr) -> Vec<(String, String)> {
        let host = self.host.clone().unwrap_or_else(|| seen_from_outside(local.ip()).to_string());
        tcp::hints(&host, local.port())
    }

    /// The hub waits so long for the handshake as for the hello.
    fn line(&self, stream: TcpStream, peer: SocketAddr) -> Source {
        let config = self.config.clone();
        stream::connecting(async move {
            let (stream, designator) = handshake::accept(config, stream)
                .await
                .map_err(|why| Failure(Reason::from(format!("the handshake with {peer} failed: {why}"))))?;
            Ok((stream, tcp::known(peer, Proof::Designator(designator))))
        })
    }
}

/// The address under which others see this machine, if it listens at all of its own.
fn seen_from_outside(local: IpAddr) -> IpAddr {
    // Reserved for examples. Nothing is sent there: only the way to it is looked up.
    let (any, elsewhere) = match local {
        IpAddr::V4(_) => (IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))),
        IpAddr::V6(_) => {
            (IpAddr::V6(Ipv6Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)))
        }
    };
    if local != any {
        return local;
    }
    let way = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect((elsewhere, 9))?;
        socket.local_addr()
    });
    way.map(|way| way.ip()).unwrap_or_else(|error| {
        let host = if local.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { Ipv6Addr::LOCALHOST.into() };
        tracing::warn!(%error, %host, "there is no way to other machines; `reached_at` says how they reach us");
        host
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_announced_as_it_is_and_none_as_one_that_is_there() {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        assert_eq!(seen_from_outside(loopback), loopback);
        assert!(!seen_from_outside(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).is_unspecified());
        assert!(!seen_from_outside(IpAddr::V6(Ipv6Addr::UNSPECIFIED)).is_unspecified());
    }
}
