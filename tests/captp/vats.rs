//! Vats in sims, on one network in memory, which are run in turn.

use std::time::Duration;

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::{Asked, Sim};
use marketplace_captp::netlayer::memory::Network;
use marketplace_captp::{Options, Peer, enliven};

/// Several vats.
pub(crate) struct Vats {
    vats: Vec<Vat>,
    network: Network,
}

/// A vat with a peer.
pub(crate) struct Vat {
    pub(crate) sim: Sim,
    pub(crate) peer: Far<dyn Peer>,
}

impl Vats {
    pub(crate) fn new<const N: usize>(names: [&str; N]) -> Self {
        Self::scripted(7, names)
    }

    /// With keys that are made of this number.
    pub(crate) fn scripted<const N: usize>(number: u64, names: [&str; N]) -> Self {
        let mut vats = Self { vats: Vec::new(), network: Network::scripted(number) };
        names.iter().for_each(|name| {
            vats.another(name);
        });
        vats
    }

    /// One more vat: its number, and its peer.
    pub(crate) fn another(&mut self, name: &str) -> (usize, Far<dyn Peer>) {
        self.another_with(name, Options::default())
    }

    /// One more vat, whose peer has these options.
    pub(crate) fn another_with(&mut self, name: &str, options: Options) -> (usize, Far<dyn Peer>) {
        let (spawn, peer) = options.peer(self.network.netlayer(name));
        let mut sim = Sim::new(|_| transition_no_state!());
        sim.spawn(spawn);
        self.vats.push(Vat { sim, peer: peer.clone() });
        self.run();
        (self.vats.len() - 1, peer)
    }

    /// Whether one can connect to a vat.
    pub(crate) fn is_listening(&mut self, at: usize) -> bool {
        let dump = self.sim(at).dump();
        let mut outer = dump.processes.iter().flat_map(|process| &process.outer);
        outer.any(|endpoint| endpoint.name == Symbol::new("listener").into())
    }

    pub(crate) fn len(&self) -> usize {
        self.vats.len()
    }

    /// How many sessions a vat has.
    pub(crate) fn sessions(&mut self, at: usize) -> usize {
        self.pids(at, "captp-session").len()
    }

    /// Ends the sessions of a vat.
    pub(crate) fn cut(&mut self, at: usize) {
        for pid in self.pids(at, "captp-session") {
            self.sim(at).kill(pid, "cut");
        }
        self.run();
    }

    /// Ends one session of a vat, if there is one, and says whether there was.
    pub(crate) fn cut_one(&mut self, at: usize, which: usize) -> bool {
        let sessions = self.pids(at, "captp-session");
        let Some(pid) = sessions.get(which % sessions.len().max(1)) else { return false };
        self.sim(at).kill(*pid, "cut");
        true
    }

    pub(crate) fn pids(&mut self, at: usize, name: &str) -> Vec<Pid> {
        let name = Some(Symbol::new(name).into());
        let processes = self.sim(at).dump().processes;
        processes.into_iter().filter(|process| process.name == name).map(|process| process.pid).collect()
    }

    /// How many processes a vat has.
    pub(crate) fn processes(&mut self, at: usize) -> usize {
        self.sim(at).stats().processes
    }

    /// Lets time pass in one vat, while the others stand still.
    pub(crate) fn advance(&mut self, at: usize, by: Duration) {
        self.sim(at).advance(by);
    }

    /// Runs all of them until nothing more can happen.
    pub(crate) fn run(&mut self) {
        loop {
            let before: Vec<_> = self.vats.iter().map(|vat| vat.sim.trace().records().len()).collect();
            self.vats.iter_mut().for_each(|vat| vat.sim.run());
            let after: Vec<_> = self.vats.iter().map(|vat| vat.sim.trace().records().len()).collect();
            if before == after {
                return;
            }
        }
    }

    pub(crate) fn sim(&mut self, at: usize) -> &mut Sim {
        &mut self.vats[at].sim
    }

    pub(crate) fn log(&self, at: usize) -> &marketplace::log::Log {
        self.vats[at].sim.log()
    }

    pub(crate) fn peer(&self, at: usize) -> Far<dyn Peer> {
        self.vats[at].peer.clone()
    }

    /// Publishes an object in one vat.
    pub(crate) fn publish<T: ?Sized>(&mut self, at: usize, object: &Far<T>) -> Text {
        let peer = self.peer(at);
        self.answer(at, |cx| peer.publish(cx, object)).expect("it is published")
    }

    /// Asks in one vat, and runs all.
    pub(crate) fn ask<T: Message>(&mut self, at: usize, send: impl FnOnce(&Asker) -> Promise<T>) -> Asked<T> {
        let asked = self.sim(at).ask(send);
        self.run();
        asked
    }

    /// The answer, which has to be there when all have run.
    pub(crate) fn answer<T: Message>(
        &mut self,
        at: usize,
        send: impl FnOnce(&Asker) -> Promise<T>,
    ) -> Result<T, Reason> {
        self.ask(at, send).answer().expect("there is an answer")
    }

    /// The object at an address, in one vat.
    pub(crate) fn enliven<T: ?Sized + 'static>(&mut self, at: usize, uri: &Text) -> Far<T> {
        let peer = self.peer(at);
        self.answer(at, |cx| enliven::<T>(cx, &peer, uri)).expect("it is found")
    }
}
