//! The TCP echo server. A connection to the port gets back what it sends.
//!
//! Run it: `cargo run --release --example echo` (or `-- 7000`, or `-- 0` for any free port), then
//! `nc 127.0.0.1 5999`. Ctrl-C ends it. `-- --verbose` shows what happens, `MARKETPLACE_LOG=info`
//! which processes end.

use marketplace::prelude::*;
use marketplace_drivers::spy;
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpListening};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (options, ports): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|arg| arg.starts_with("--"));
    let verbose = options.iter().any(|option| option == "--verbose");
    let port = ports.first().map_or(Ok(5999), |port| port.parse())?;
    Ok(ground_vm!(
        tcp::driver(),
        verbose.then(|| spy::spy().of(topic!(TcpChannel(_, _, _)))),
        observe_publishers!(
            TcpChannel(_, TcpAddress::Listener(port), _),
            match_conversation!(TcpChannel(from, to, _) =>
                on_presence!(spawn!(echoer(from, to)))),
        ),
        subscriber!(
            TcpListening { listener: TcpAddress::Listener(port), .. },
            match_conversation!(TcpListening { local: TcpAddress::Remote(host, port), .. } =>
                on_presence!(println!("listening on {host}:{port} - try: nc {host} {port}"))),
        ),
    )?)
}

/// A session: what comes from the client goes back to it, its end of file too.
fn echoer(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    transition_no_state!(
        publisher!(TcpChannel(to, from, _)),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_vacancy!(quit()),
            on_message!(TcpChannel(_, _, data) => send_message!(TcpChannel(to, from, data))),
        ),
    )
}
