//! TCP: what the netlayers on it share.

mod dial;
mod listener;

use std::net::SocketAddr;

pub(super) use self::dial::{Goal, dial, in_time};
pub(super) use self::listener::{Listener, source};
use crate::netlayer::{Known, Proof, Reach};

/// The hints for an address.
pub(super) fn hints(host: &str, port: u16) -> Vec<(String, String)> {
    [("host", host.to_string()), ("port", port.to_string())]
        .map(|(name, hint)| (name.to_string(), hint))
        .into()
}

/// The things that are known of a peer at this address that has proved so much.
pub(super) const fn known(address: SocketAddr, proof: Proof) -> Known {
    Known { proof, reach: Reach::of(address.ip()) }
}
