//! The room of `chat`, on several machines: wherever people come in, they are in one room.
//!
//! Run it in two or three terminals, with a client for each:
//!
//! ```sh
//! export MARKETPLACE_CLUSTER=examples/cluster_chat/three.txt
//! MARKETPLACE_NAME=ann cargo run --example cluster_chat -- 6001     # nc 127.0.0.1 6001
//! MARKETPLACE_NAME=bob cargo run --example cluster_chat -- 6002     # nc 127.0.0.1 6002
//! MARKETPLACE_NAME=cid cargo run --example cluster_chat -- 6003     # nc 127.0.0.1 6003
//! ```
//!
//! End one of them with `kill -9`: the others say at once who has gone with it. Start it again, and
//! its people are in the room again. The programs need each other at no time. For machines that are
//! apart, the list has keys: the guide has one, in "More than one machine".

use marketplace::prelude::*;
use marketplace_cluster as cluster;
use marketplace_drivers::tcp::{self, TcpAddress, TcpListening};

use crate::chat::{Says, door};

#[path = "../chat.rs"]
#[expect(dead_code, reason = "its `main` is not run here")]
mod chat;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(6001), |port| port.parse())?;
    let config = cluster::from_env().map_err(|error| error.to_string())?.share(topic!(Says { .. }));
    Ok(ground_vm!(
        tcp::driver().write_limit(1024 * 1024),
        subscriber!(
            TcpListening { listener: TcpAddress::Listener(port), .. },
            match_conversation!(TcpListening { local: TcpAddress::Remote(host, port), .. } =>
                on_presence!(println!("listening on {host}:{port} - try: nc {host} {port}"))),
        ),
        // Sessions speak with clients one level out, which stays on this machine. Inside they speak
        // with each other: there the gateway is.
        spawn_vm!(name: "chat"; cluster::join(config, spawn!(transition_no_state!(door(port))))),
    )?)
}
