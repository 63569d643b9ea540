//! Machines with processes that note what they hear.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use marketplace::prelude::*;
use marketplace::{Heard, IntoActionTree};
use marketplace_cluster::{self as cluster, ClusterSim, Config, Member};

pub(crate) fn topic(text: &str) -> Topic {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(crate) fn value(text: &str) -> Value {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// The notes of endpoints, in order.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn note(&self, line: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.into());
    }

    /// The notes since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// An endpoint that notes what it hears, and then does what `answer` says to it.
    pub(crate) fn doing<S, T: IntoActionTree<S>>(
        &self,
        label: &str,
        role: Role,
        answer: impl Fn(&Heard) -> T + Send + 'static,
    ) -> AddEndpoint<S> {
        let (log, label) = (self.clone(), label.to_string());
        AddEndpoint::new(role, move |event, turn| {
            let heard = Heard::from(event);
            let edge = match (event.is_first_presence(), event.is_last_absence()) {
                (true, _) => " first",
                (_, true) => " last",
                _ => "",
            };
            log.note(format!("{label}: {}{edge}", heard.to_string().trim_start_matches("hears ")));
            turn.act(answer(&heard))
        })
    }

    /// An endpoint that notes what it hears.
    pub(crate) fn endpoint<S>(&self, label: &str, role: Role) -> AddEndpoint<S> {
        self.doing(label, role, |_| ActionTree::new())
    }
}

pub(crate) fn publisher(text: &str) -> Role {
    Role::publisher(topic(text))
}

pub(crate) fn subscriber(text: &str) -> Role {
    Role::subscriber(topic(text))
}

/// A process that starts with these actions.
pub(crate) fn process<S>(actions: impl IntoActionTree<()> + Send + 'static) -> Spawn<S> {
    spawn(move |_| Transition::new((), actions))
}

/// The config of a machine that knows all others, and shares records of `x` with one and two
/// fields.
pub(crate) fn shares_x(config: Config) -> Config {
    config.peers(["a", "b", "c"]).share(topic("x(_)")).share(topic("x(_, _)"))
}

/// A program that stays, and does nothing: tests spawn the processes of its machine.
pub(crate) fn nothing<S>() -> Spawn<S> {
    process(silent(Role::observer_of_publishers(topic!(Member { name: _, version: _ }))))
}

/// A machine that has no program of its own.
pub(crate) fn idle(config: Config) -> Spawn<()> {
    cluster::join(shares_x(config), nothing())
}

/// Machines with these names, that have met.
pub(crate) fn machines(names: &[&str]) -> ClusterSim {
    let mut sim = cluster::sim(1);
    names.iter().for_each(|name| sim.start(*name, idle));
    sim.advance(SECOND);
    sim
}

/// Sends a message in this notation on this machine, and lets it reach whom it reaches.
pub(crate) fn send(sim: &mut ClusterSim, at: &str, text: &str) {
    sim.at(at).send(&value(text));
    settle(sim);
}

/// Starts a process on this machine, and lets everybody hear of it.
pub(crate) fn spawn_at(sim: &mut ClusterSim, at: &str, actions: impl IntoActionTree<()> + Send + 'static) {
    sim.at(at).spawn(process(actions));
    settle(sim);
}

/// Less than the quarter of a lease passes.
pub(crate) fn settle(sim: &mut ClusterSim) {
    sim.advance(SECOND / 10);
}

/// An endpoint that hears everything and does nothing.
pub(crate) fn silent<S>(role: Role) -> AddEndpoint<S> {
    AddEndpoint::new(role, |_, turn| turn.act(()))
}
