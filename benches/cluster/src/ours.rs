//! Our machines: vats that have joined.

use std::net::TcpListener;
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use marketplace::prelude::*;
use marketplace::vat::{Vat, VatOptions};
use marketplace_cluster::{self as cluster, Config, Gateway, Key, Links};

use crate::Outcome;
use crate::memory::Exchange;
use crate::programs::{self, Begin, Come, Trip};
use crate::row::{ENDPOINTS, MESSAGES, Row, Samples, TRIPS, bytes};

/// How machines find each other.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Net {
    /// Over channels.
    Memory,
    /// Over TCP.
    Links,
    /// Over TLS.
    Tls,
}

/// A measurement takes no longer.
const LONG: Duration = Duration::from_secs(200);

/// Tells when something has happened.
pub(crate) type Signal = Sender<Instant>;

/// Measures a row.
pub(crate) fn measure(net: &Net, row: Row, samples: usize) -> Outcome<Option<Samples>> {
    let mut times = Vec::new();
    match row {
        Row::RoundTrip => {
            let pair = Pair::start(net, programs::asker, |_| programs::answerer())?;
            pair.done.recv_timeout(LONG)?;
            for _ in 0..samples {
                times.push(pair.time(&Trip(TRIPS, bytes(64)))? / TRIPS as u32);
            }
        }
        Row::Rate(size) => {
            let pair = Pair::start(net, programs::asker, |_| programs::answerer())?;
            pair.done.recv_timeout(LONG)?;
            for _ in 0..samples {
                times.push(pair.time(&Begin(bytes(size)))? / MESSAGES as u32);
            }
        }
        Row::Presence => {
            let pair = Pair::start(net, |_| programs::coming(), |told| programs::watching(told, 1))?;
            for n in 0..200 * samples as u64 {
                // Each comes when all is quiet.
                std::thread::sleep(Duration::from_micros(500));
                times.push(pair.time(&Come(n, 1))?);
            }
        }
        Row::Announced => {
            for _ in 0..samples {
                let watching = |told| programs::watching(told, ENDPOINTS);
                times.push(Pair::start(net, |_| programs::coming(), watching)?.time(&Come(0, ENDPOINTS))?);
            }
        }
        Row::Joiner => {
            for _ in 0..samples {
                let [a, b] = net.configs()?;
                let a = vat(a, programs::coming())?;
                // The first picture is not waited for any more.
                std::thread::sleep(Duration::from_millis(1500));
                a.send(&Come(0, ENDPOINTS))?;
                std::thread::sleep(Duration::from_millis(500));
                let (told, done) = channel();
                let start = Instant::now();
                let b = vat(b, programs::watching(told, ENDPOINTS))?;
                times.push(done.recv_timeout(LONG)? - start);
                [a, b].iter().for_each(Vat::halt);
            }
        }
        Row::Killed => {
            if *net == Net::Memory {
                return Ok(None);
            }
            for _ in 0..samples {
                times.push(killed(*net)?);
            }
        }
    }
    Ok(Some(Samples::new(times)))
}

/// Two machines that have met.
struct Pair {
    vats: [Vat; 2],
    done: Receiver<Instant>,
}

impl Pair {
    /// Each of the two programs may tell something.
    fn start(
        net: &Net,
        a: impl FnOnce(Signal) -> Spawn<Gateway>,
        b: impl FnOnce(Signal) -> Spawn<Gateway>,
    ) -> Outcome<Self> {
        let configs = net.configs()?;
        let (told, done) = channel();
        let (met, have_met) = channel();
        let programs = [a(told.clone()), b(told)];
        let mut vats = Vec::new();
        for (config, program) in configs.into_iter().zip(programs) {
            let met = met.clone();
            vats.push(Vat::spawn(VatOptions::default(), |_| {
                transition_no_state!(cluster::join(config, program), programs::meets(met))
            })?);
        }
        for _ in 0..2 {
            have_met.recv_timeout(LONG)?;
        }
        let vats = vats.try_into().unwrap_or_else(|_| unreachable!("there are two"));
        Ok(Self { vats, done })
    }

    /// How long it takes from when `a` is told this, until somebody tells that it is done.
    fn time(&self, message: &impl Message) -> Outcome<Duration> {
        let start = Instant::now();
        self.vats[0].send(message)?;
        Ok(self.done.recv_timeout(LONG)? - start)
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.vats.iter().for_each(Vat::halt);
    }
}

/// The machine that is killed.
pub(crate) fn machine(net: &str, here: &str, there: &str) -> Outcome<()> {
    let net = if net == TLS { Net::Tls } else { Net::Links };
    let config = programs::shares(net.links(["b", "a"], [here, there])?.config()?);
    ground_vm!(cluster::join(config, programs::answerer()))?;
    Ok(())
}

/// The word for [`Net::Tls`] in the arguments of the machine that is killed.
const TLS: &str = "tls";

fn killed(net: Net) -> Outcome<Duration> {
    let [here, there] = [address()?, address()?];
    let (told, done) = channel();
    let config = net.links(["a", "b"], [&here, &there])?.config()?;
    let a = vat(programs::shares(config), programs::losing(told))?;
    let word = if net == Net::Tls { TLS } else { "links" };
    let mut child = Command::new(std::env::current_exe()?).args(["machine", word, &there, &here]).spawn()?;
    // If it has not come, the child is to be killed all the same: so the error is looked at below.
    let came = done.recv_timeout(LONG);
    std::thread::sleep(Duration::from_millis(50));
    let start = Instant::now();
    child.kill()?;
    child.wait()?;
    came?;
    let gone = done.recv_timeout(LONG)?;
    a.halt();
    Ok(gone - start)
}

impl Net {
    /// The configurations of two machines.
    fn configs(&self) -> Outcome<[Config; 2]> {
        let [a, b] = match self {
            Self::Memory => {
                let exchange = Exchange::default();
                ["a", "b"].map(|name| Config::new(name, exchange.engine()))
            }
            Self::Links | Self::Tls => {
                let [here, there] = [address()?, address()?];
                let a = self.links(["a", "b"], [&here, &there])?;
                let b = self.links(["b", "a"], [&there, &here])?;
                [a.config()?, b.config()?]
            }
        };
        Ok([a, b].map(programs::shares))
    }

    /// The links of the first of two machines, at these addresses.
    fn links(self, [name, other]: [&'static str; 2], [here, there]: [&str; 2]) -> Outcome<Links> {
        let links = Links::new(name);
        if self != Self::Tls {
            return Ok(links.listen(here)?.peer(other, there));
        }
        let key = |name: &str| Key::of_seed(&[name.as_bytes()[0]; 32]);
        let links = links.key(key(name)).listen(here)?;
        Ok(links.peer(other, there).peer_key(other, key(other).designator()))
    }
}

fn address() -> Outcome<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

fn vat(config: Config, program: Spawn<Gateway>) -> Outcome<Vat> {
    Ok(Vat::spawn(VatOptions::default(), |_| transition_no_state!(cluster::join(config, program)))?)
}
