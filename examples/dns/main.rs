//! A caching DNS proxy: it asks others, once for all who ask the same, and remembers what they say
//! for as long as it is good.
//!
//! Run it: `cargo run --release --example dns -- 5353 1.1.1.1 9.9.9.9 --verbose`, then
//! `dig @127.0.0.1 -p 5353 example.org`. Arguments: a port (0 for any), one or more upstreams
//! (address, or address:port), `--retry MS` (how long to wait at first), `--remember N` (how many
//! answers), `--verbose`.
//!
//! Each query is a process that wants an answer; each question that is wanted has one process that
//! finds it out ([`resolver`]). There is no table of who waits for what, and no cache: an answer is
//! kept because, while it is good, its resolver wants itself. When too many do, the one that was
//! wanted least recently is refused ([`memory`]).
//!
//! It is asked by UDP and, where an answer does not fit into a datagram, by TCP ([`session`]); and
//! so it asks ([`whole`]).

mod memory;
mod message;
mod resolver;
mod session;
mod whole;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use marketplace::prelude::*;
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpListening};
use marketplace_drivers::timer;
use marketplace_drivers::udp::{self, UdpAddress, UdpBound, UdpPacket};

use message::{Query, Rejected, Via};
use resolver::{Answer, Config, resolvers};
use session::session;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (port, config) = arguments(std::env::args().skip(1))?;
    let config = Arc::new(config);
    let to_resolve = config.clone();
    Ok(ground_vm!(
        udp::driver(),
        tcp::driver().max_connections(CONNECTIONS).idle(IDLE),
        timer::driver(),
        subscriber!(
            UdpBound { socket: UdpAddress::Listener(port), .. },
            on_presence!(subscriber!(
                TcpListening { listener: TcpAddress::Listener(port), .. },
                match_conversation!(TcpListening { local, .. } => on_presence!({
                    println!("listening on {local}");
                    if let TcpAddress::Remote(host, port) = local {
                        println!("try it: dig @{host} -p {port} example.org");
                    }
                })),
            )),
        ),
        spawn!(resolvers(to_resolve)),
        spawn!(proxy(port, config)),
    )?)
}

/// So many queries may wait for an answer. A further query by UDP is ignored: its sender asks
/// again.
const MOST: usize = 10_000;

/// So many may be connected by TCP; and so long one may say nothing.
const CONNECTIONS: usize = 100;
const IDLE: Duration = Duration::from_secs(30);

/// A query of this address waits for an answer.
#[derive(Message, Clone)]
struct Waiting(Value);

/// Its state is how many queries wait.
fn proxy(port: u16, config: Arc<Config>) -> Transition<usize> {
    let for_sessions = config.clone();
    transition!(
        0,
        observe_publishers!(
            Waiting(_),
            on_refusal!(),
            match_state!(waiting: &mut usize => on_presence!(*waiting += 1), on_absence!(*waiting -= 1)),
        ),
        subscriber!(
            UdpPacket(UdpAddress::Remote(_, _), UdpAddress::Listener(port), _),
            match_state!(waiting: &usize if *waiting < MOST => on_message!(
                UdpPacket(from, to, bytes) => match Query::read(&bytes, Via::Udp) {
                    Ok(query) => {
                        config.say(format_args!("query from {from}: {query}"));
                        let who = from.to_value();
                        actions![spawn!(client(who, query, move |answer| {
                            send_message(&UdpPacket(to.clone(), from.clone(), answer))
                        }))]
                    }
                    Err(Rejected::With(error)) => actions![send_message!(UdpPacket(to, from, error))],
                    Err(Rejected::Ignored) => actions![],
                },
            )),
        ),
        observe_publishers!(
            TcpChannel(_, TcpAddress::Listener(port), _),
            match_conversation!(TcpChannel(from, to, _) =>
            on_presence!({
                let config = for_sessions.clone();
                spawn!(session(from, to, config))
            })),
        ),
    )
}

/// A query: a process that wants an answer, and goes when it has it.
fn client(
    who: Value,
    query: Query,
    say: impl Fn(Bytes) -> PreAction<()> + Clone + Send + 'static,
) -> Transition<()> {
    let question = query.question.clone();
    let reply = move |answer: Bytes| (say(answer), quit());
    let (found, lost) = (reply.clone(), reply);
    let failed = query.failed();
    transition_no_state!(
        publisher!(Waiting(who)),
        subscriber!(
            Answer(question, _),
            on_message!(Answer(_, answer) => found(query.reply(&answer))),
            // Nobody finds it out any more.
            on_absence!(lost(failed.clone())),
        ),
    )
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<(u16, Config), Box<dyn std::error::Error>> {
    let retry = Duration::from_secs(1);
    let (mut port, mut config) =
        (None, Config { upstreams: Vec::new(), retry, remember: 10_000, verbose: false });
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--verbose" => config.verbose = true,
            "--retry" => {
                let ms = given.next().ok_or("--retry needs milliseconds")?;
                config.retry = Duration::from_millis(ms.parse()?);
            }
            "--remember" => config.remember = given.next().ok_or("--remember needs a number")?.parse()?,
            number if port.is_none() => port = Some(number.parse()?),
            upstream => {
                let address = upstream.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
                config.upstreams.push(address.or_else(|_| upstream.parse())?.into());
            }
        }
    }
    if config.upstreams.is_empty() {
        return Err("usage: dns PORT UPSTREAM.. [--retry MS] [--remember N] [--verbose]".into());
    }
    match port.ok_or("a port is missing")? {
        0 => Ok((free_port()?, config)),
        port => Ok((port, config)),
    }
}

/// A port that nobody has, by UDP or by TCP.
fn free_port() -> io::Result<u16> {
    loop {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = socket.local_addr()?.port();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
}
