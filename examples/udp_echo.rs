//! The UDP echo server: whoever sends a datagram to the port gets it back.
//!
//! There are no connections, so there are no sessions: one endpoint serves everybody, and its
//! interest is what opens the port.
//!
//! Run it: `cargo run --release --example udp_echo` (or `-- 7000`, or `-- 0` for any free port),
//! then `nc -u 127.0.0.1 5999`.

use marketplace::prelude::*;
use marketplace_drivers::udp::{self, UdpAddress, UdpBound, UdpPacket};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(5999), |port| port.parse())?;
    Ok(ground_vm!(
        udp::driver(),
        subscriber!(
            UdpPacket(_, UdpAddress::Listener(port), _),
            on_message!(UdpPacket(from, to, bytes) => send_message!(UdpPacket(to, from, bytes))),
        ),
        subscriber!(
            UdpBound { socket: UdpAddress::Listener(port), .. },
            match_conversation!(UdpBound { local, .. } => on_presence!(println!("listening on {local}"))),
        ),
    )?)
}
