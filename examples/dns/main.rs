//! A caching DNS proxy: it asks others, once for all who ask the same, and remembers what they say for as long as it is good.
//!
//! Run it: `cargo run --release --example dns -- 5353 1.1.1.1 9.9.9.9 --verbose`, then `dig @127.0.0.1 -p 5353 example.org`.
//! Arguments: a port (0 for any), one or more upstreams (address, or address:port), `--retry MS` (how long to wait at first), `--verbose`.
//!
//! Each query is a process that wants an answer; each question that is wanted has one process that finds it out ([`resolver`]). There is no table
//! of who waits for what, and no cache: an answer is kept because, while it is good, its resolver wants itself.

mod message;
mod resolver;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use marketplace::prelude::*;
use marketplace_drivers::timer;
use marketplace_drivers::udp::{self, UdpAddress, UdpBound, UdpPacket};

use message::{Query, Rejected};
use resolver::{Answer, Config, resolvers};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (port, config) = arguments(std::env::args().skip(1))?;
    let config = Arc::new(config);
    let to_resolve = config.clone();
    Ok(ground_vm!(
        udp::driver(),
        timer::driver(),
        subscriber!(
            UdpBound { socket: UdpAddress::Listener(port), .. },
            match_conversation!(UdpBound { local, .. } => on_presence!({
                println!("listening on {local}");
                if let UdpAddress::Remote(host, port) = local {
                    println!("try it: dig @{host} -p {port} example.org");
                }
            })),
        ),
        spawn!(resolvers(to_resolve)),
        spawn!(proxy(port, config)),
    )?)
}

/// So many queries may wait for an answer. What comes then is ignored: who asks, asks again.
const MOST: usize = 10_000;

/// A query waits for an answer.
#[derive(Message, Clone)]
struct Waiting;

/// Its state is how many queries wait.
fn proxy(port: u16, config: Arc<Config>) -> Transition<usize> {
    transition!(
        0,
        observe_publishers!(
            Waiting,
            on_refusal!(),
            match_state!(waiting: usize => on_presence!(transition!(waiting + 1)), on_absence!(transition!(waiting - 1))),
        ),
        subscriber!(
            UdpPacket(UdpAddress::Remote(_, _), UdpAddress::Listener(port), _),
            match_state!(waiting: &usize if *waiting < MOST => on_message!(
                UdpPacket(from, to, bytes) => match Query::read(&bytes) {
                    Ok(query) => {
                        config.say(format_args!("query from {from}: {query}"));
                        actions![spawn!(client(from, to, query))]
                    }
                    Err(Rejected::With(error)) => actions![send_message!(UdpPacket(to, from, error))],
                    Err(Rejected::Ignored) => actions![],
                },
            )),
        ),
    )
}

/// A query: a process that wants an answer, and goes when it has it.
fn client(client: UdpAddress, us: UdpAddress, query: Query) -> Transition<()> {
    let question = query.question.clone();
    let reply = move |bytes: Bytes| (send_message(&UdpPacket(us.clone(), client.clone(), bytes)), quit());
    let (found, lost) = (reply.clone(), reply);
    let failed = query.failed();
    transition_no_state!(
        publisher!(Waiting),
        subscriber!(
            Answer(question, _),
            on_message!(Answer(_, answer) => found(query.reply(&answer))),
            // Nobody finds it out any more.
            on_absence!(lost(failed.clone())),
        ),
    )
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<(u16, Config), Box<dyn std::error::Error>> {
    let (mut port, mut config) = (None, Config { upstreams: Vec::new(), retry: 1000, verbose: false });
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--verbose" => config.verbose = true,
            "--retry" => config.retry = given.next().ok_or("--retry needs milliseconds")?.parse()?,
            number if port.is_none() => port = Some(number.parse()?),
            upstream => {
                let address = upstream.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
                config.upstreams.push(address.or_else(|_| upstream.parse())?.into());
            }
        }
    }
    if config.upstreams.is_empty() {
        return Err("usage: dns PORT UPSTREAM.. [--retry MS] [--verbose]".into());
    }
    Ok((port.ok_or("a port is missing")?, config))
}
