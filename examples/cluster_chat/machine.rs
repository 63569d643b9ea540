//! One machine of the chat. Nothing here depends on what carries bytes between machines.

use marketplace::prelude::*;
use marketplace_cluster::{self as cluster, Config};
use marketplace_drivers::tcp::{self, TcpAddress, TcpListening};

use self::chat::{Says, door};

#[path = "../chat.rs"]
#[expect(dead_code, reason = "its `main` is not run here")]
mod chat;

/// Serves clients at the port that the command line names, in the room that `config` shares.
pub(crate) fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(6001), |port| port.parse())?;
    let config = config.share(topic!(Says { .. }));
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
