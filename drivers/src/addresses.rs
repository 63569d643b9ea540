//! Addresses of sockets, as text.

use std::fmt;
use std::net::SocketAddr;

/// The host of an address. A link-local one means something only together with its interface.
pub(crate) fn host_of(address: SocketAddr) -> String {
    match address {
        SocketAddr::V6(v6) if v6.scope_id() != 0 => format!("{}%{}", v6.ip(), v6.scope_id()),
        other => other.ip().to_string(),
    }
}

/// Writes a host and a port; an IPv6 host in brackets.
pub(crate) fn write_remote(host: &str, port: u16, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
}
