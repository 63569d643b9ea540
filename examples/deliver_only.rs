//! E's walk through a message without an answer, in three frames: Alice says `foo(carol)` to Bob,
//! who is in another vat.
//!
//! Run it: `cargo run --example deliver_only`.
//!
//! The vats are sims on a network in memory, so that one can stop between the frames and look at
//! the wire. At last Carol is in a third vat: then the message has a certificate with which Bob's
//! vat gets her from there.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Ground, Heard, Source, What};
use marketplace_captp::netlayer::memory::Network;
use marketplace_captp::netlayer::{FromLine, ToLine};
use marketplace_captp::{Peer, enliven, peer};

struct Bob;

#[object]
impl Bob {
    fn foo(&self, cx: &Cx<Self>, carol: Far<Carol>) {
        println!("  bob hears foo(carol)");
        carol.greet(cx, "bob");
    }
}

struct Carol;

#[object]
impl Carol {
    fn greet(&self, whose: Text) {
        println!("  carol hears greet({whose})");
    }
}

/// A vat, and how many messages of each of its sessions were printed.
struct Vat {
    name: &'static str,
    sim: Sim,
    peer: Far<dyn Peer>,
    printed: Vec<usize>,
}

impl Vat {
    fn new(name: &'static str, network: &Network) -> Self {
        let (spawn, peer) = peer(network.netlayer(name));
        Self { name, sim: Sim::new(|_| transition_no_state!(spawn)), peer, printed: Vec::new() }
    }

    /// The connections that it has, or had.
    fn connections(&self) -> Vec<Source> {
        let connected = |body| match Ground::<FromLine>::from_value(body)? {
            Ground(connection, FromLine::Connected(_)) => Some(connection),
            _ => None,
        };
        let heard = self.sim.trace().records().iter().filter_map(|record| match &record.what {
            What::Turn { heard: Heard::Message(_, body), .. } => connected(body),
            _ => None,
        });
        heard.collect()
    }

    /// Prints what it has said since this was called last.
    fn print(&mut self) {
        for (at, connection) in self.connections().iter().enumerate() {
            let said = self.sim.feedback(connection);
            self.printed.resize(self.printed.len().max(at + 1), 0);
            for said in &said[self.printed[at]..] {
                if let Some(ToLine::Say(message)) = ToLine::from_value(said) {
                    println!("  {} says {}", self.name, shortened(&message));
                }
            }
            self.printed[at] = said.len();
        }
    }
}

/// A message, but for its length, keys, signatures and secrets.
fn shortened(message: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(message).into_owned();
    for secret in ["<16'op:start-session", "<17'desc:sig-envelope", "32:"] {
        if let Some(at) = text.find(secret) {
            text.replace_range(at + secret.len().., " ..");
        }
    }
    text.split_once(':').map_or(text.clone(), |(_, message)| message.to_string())
}

/// Runs vats until nothing happens in any of them.
fn run(vats: &mut [&mut Vat]) {
    for _ in 0..20 {
        vats.iter_mut().for_each(|vat| vat.sim.run());
    }
}

/// The object that `there` publishes, as a far reference in `here`.
fn connect<T: Object>(here: &mut Vat, there: &mut Vat, object: &Far<T>) -> Far<T> {
    let uri = there.sim.ask(|cx| there.peer.publish(cx, object));
    run(&mut [here, there]);
    let Some(Ok(uri)) = uri.answer() else { panic!("it is published") };
    let far = here.sim.ask(|cx| enliven(cx, &here.peer, uri));
    run(&mut [here, there]);
    let Some(Ok(far)) = far.answer() else { panic!("it is reached") };
    far
}

fn main() {
    let network = Network::scripted(1);
    let [mut a, mut b, mut c] = ["alice", "bob", "carol"].map(|name| Vat::new(name, &network));
    let bob = b.sim.spawn_object(Bob);
    let bob = connect(&mut a, &mut b, &bob);
    let carol = a.sim.spawn_object(Carol);

    println!("Bob is a far reference in Alice's vat, with place 1 in the table of imports:");
    a.print();
    b.print();
    println!("1. Alice says bob.foo(carol), and does not want to know the answer:");
    a.sim.tell(|cx| bob.foo(cx, &carol));
    a.sim.run();
    println!("2. The message is on the wire. Carol has place 2 in the table of exports:");
    a.print();
    println!("3. Bob's vat makes a far reference to Carol, its import 2, and Bob hears the message:");
    run(&mut [&mut a, &mut b]);
    b.print();

    println!("Carol may be in a third vat:");
    let carol = c.sim.spawn_object(Carol);
    let carol = connect(&mut a, &mut c, &carol);
    a.print();
    c.print();
    println!("Then Alice's vat deposits her there, and tells Bob's where she is to be had:");
    a.sim.tell(|cx| bob.foo(cx, &carol));
    run(&mut [&mut a, &mut b, &mut c]);
    a.print();
    b.print();
    c.print();
}
