//! Binding, and the two families of addresses.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;

use crate::udp::messages::UdpProblem;

/// The place to which a socket is bound.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Here(SocketAddr),
    /// At a port that the kernel chooses, from which every address can be reached.
    Anywhere,
}

impl Place {
    pub(super) fn bind(self) -> Result<UdpSocket, UdpProblem> {
        match self {
            Self::Here(address) => {
                bind(address).map_err(|error| UdpProblem::to(format_args!("bind {address}"), &error))
            }
            Self::Anywhere => bind((Ipv6Addr::UNSPECIFIED, 0).into())
                // There may be no IPv6 here.
                .or_else(|_| bind((Ipv4Addr::UNSPECIFIED, 0).into()))
                .map_err(|error| UdpProblem::to("bind any port", &error)),
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
        // Every address is every IPv4 address too, whatever the system's habit.
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

/// The address as processes know it: an IPv4 address is one, however the socket writes it.
pub(super) fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        v4 @ IpAddr::V4(_) => SocketAddr::new(v4, address.port()),
        IpAddr::V6(_) => address,
    }
}

/// The address as a socket of this family writes it. (If it has no way to, the kernel says so.)
pub(super) fn native(address: SocketAddr, is_ipv6: bool) -> SocketAddr {
    match canonical(address) {
        SocketAddr::V4(v4) if is_ipv6 => SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_address_is_one_whatever_the_socket() {
        let [v4, mapped, v6] =
            ["127.0.0.1:7", "[::ffff:127.0.0.1]:7", "[fe80::1%3]:7"].map(|text| text.parse().unwrap());
        assert_eq!([canonical(v4), canonical(mapped), canonical(v6)], [v4, v4, v6]);
        assert_eq!([native(v4, true), native(mapped, true), native(v6, true)], [mapped, mapped, v6]);
        assert_eq!([native(v4, false), native(mapped, false)], [v4, v4]);
    }
}
