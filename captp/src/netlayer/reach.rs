//! How private an address is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use marketplace::Message;

/// From where an address can be reached. An address that fewer can reach is less.
///
/// A peer that hands off an object, or gives the address of one, may lead us to what is at most as
/// private as the address at which we see the peer: else it could make us speak to what it cannot
/// reach itself.
///
/// ```
/// use marketplace_captp::netlayer::Reach;
///
/// let reach = |address: &str| Reach::of(address.parse().unwrap());
/// assert_eq!(reach("127.0.0.1"), Reach::Machine);
/// assert_eq!(reach("::ffff:10.0.0.7"), Reach::Private);
/// assert_eq!(reach("2001:db8:1::7"), Reach::Public);
/// assert!(reach("::1") < reach("fe80::1") && reach("fe80::1") < reach("9.9.9.9"));
/// ```
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// On this machine.
    Machine,
    /// In a network that is not a part of the Internet.
    Private,
    /// From anywhere.
    Public,
}

impl Reach {
    /// The reach of an address. One that has an IPv4 address in it is as that.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }

    /// The words for it.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Machine => "on one machine",
            Self::Private => "in a private network",
            Self::Public => "public",
        }
    }
}

const fn of_v4(address: Ipv4Addr) -> Reach {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        // A connection to 0.0.0.0 is one to this machine.
        (0 | 127, _, _) => Reach::Machine,
        (10, _, _) | (172, 16..=31, _) | (192, 168, _) | (169, 254, _) => Reach::Private,
        // Shared by the customers of a provider, for protocols, for benchmarks, for groups.
        (100, 64..=127, _) | (192, 0, 0) | (198, 18 | 19, _) | (224.., _, _) => Reach::Private,
        _ => Reach::Public,
    }
}

const fn of_v6(address: Ipv6Addr) -> Reach {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Reach::Machine,
        // IPv4 in it: mapped, compatible, translated, NAT64, 6to4.
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => of_v4(within(high, low)),
        // Local to a link, to a site, to an organization; groups; NAT64 of an organization.
        [0xfe80..=0xfeff | 0xfc00..=0xfdff | 0xff00.., ..] | [0x64, 0xff9b, 1, ..] => Reach::Private,
        _ => Reach::Public,
    }
}

const fn within(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(address: &str) -> Reach {
        Reach::of(address.parse().unwrap())
    }

    #[test]
    fn k10_addresses_are_of_one_machine_of_a_network_or_of_all() {
        let machine = ["127.0.0.1", "127.255.0.9", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "::7f00:1"];
        let private = [
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "fe80::1",
            "fd00::1",
            "fec0::1",
            "ff02::1",
            "::ffff:192.168.1.1",
            "64:ff9b::10.0.0.1",
            "2002:a00:1::1",
            "64:ff9b:1::1",
        ];
        let public = [
            "9.9.9.9",
            "172.15.0.1",
            "172.32.0.1",
            "192.169.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2620:fe::9",
            "::ffff:9.9.9.9",
            "64:ff9b::9.9.9.9",
            "2002:909:909::1",
        ];
        machine.iter().for_each(|address| assert_eq!(reach(address), Reach::Machine, "{address}"));
        private.iter().for_each(|address| assert_eq!(reach(address), Reach::Private, "{address}"));
        public.iter().for_each(|address| assert_eq!(reach(address), Reach::Public, "{address}"));
    }
}
