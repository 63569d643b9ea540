//! Several machines in one sim.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use marketplace::sim::Sim;
use marketplace::{IntoActionTree, Spawn, Text, Transition};

use crate::config::Config;
use crate::memory::{Faults, Memory};

/// Several machines, each a [`Sim`], and the network between them, in one virtual time. The same
/// seed and the same test give the same traces.
///
/// ```
/// use std::time::Duration;
///
/// use marketplace::prelude::*;
/// use marketplace_cluster::{self as cluster, Config, Lost};
///
/// /// Under test: says what it hears of others, and why they go.
/// fn room(config: Config) -> Spawn<()> {
///     let config = config.peers(["ann", "bob"]).share(topic!(("said", _)));
///     cluster::join(config, spawn!(transition_no_state!(
///         publisher!(("said", _)),
///         subscriber!(
///             ("said", _),
///             on_presence!(send_message!("comes")),
///             match_reason!(lost: Lost => on_absence!(send_message!(lost))),
///         ),
///     )))
/// }
///
/// let mut sim = cluster::sim(7);
/// sim.start("ann", room);
/// sim.start("bob", room);
/// sim.advance(Duration::from_secs(1));
/// let comes = |sim: &mut cluster::ClusterSim| {
///     sim.at("ann").messages_of::<Text>().iter().filter(|text| **text == "comes").count()
/// };
/// assert_eq!(comes(&mut sim), 2, "its own, and that of bob");
///
/// sim.cut("ann", "bob");
/// sim.advance(Duration::from_secs(5));
/// assert_eq!(sim.at("ann").messages_of::<Lost>(), [Lost::Unreachable]);
///
/// sim.heal("ann", "bob");
/// sim.advance(Duration::from_secs(5));
/// assert_eq!(comes(&mut sim), 3);
/// ```
pub struct ClusterSim {
    memory: Memory,
    now: Duration,
    machines: BTreeMap<Text, Machine>,
    /// The epoch of the machine that started last.
    epoch: u64,
}

struct Machine {
    boot: Arc<dyn Fn(Config) -> Spawn<()> + Send + Sync>,
    running: Option<Running>,
}

struct Running {
    sim: Sim,
    started: Duration,
}

/// No machines yet, and a network whose delays, and faults if there are any, follow from this seed.
#[must_use]
pub fn sim(seed: u64) -> ClusterSim {
    ClusterSim { memory: Memory::new(seed), now: Duration::ZERO, machines: BTreeMap::new(), epoch: 0 }
}

impl ClusterSim {
    /// Starts a machine. Its ground VM performs the action that `boot` gives, which joins the
    /// cluster by the config.
    ///
    /// # Panics
    /// If there is a machine of that name already.
    pub fn start(
        &mut self,
        name: impl Into<Text>,
        boot: impl Fn(Config) -> Spawn<()> + Send + Sync + 'static,
    ) {
        let name = name.into();
        assert!(!self.machines.contains_key(&name), "there is a machine {name} already");
        self.machines.insert(name.clone(), Machine { boot: Arc::new(boot), running: None });
        self.restart(name);
    }

    /// Starts a machine that was killed, again; one that runs is killed first. It has another epoch
    /// then.
    ///
    /// # Panics
    /// If it was never started.
    pub fn restart(&mut self, name: impl Into<Text>) {
        let name = name.into();
        self.kill(name.clone());
        self.epoch += 1;
        let config = Config::with_epoch(name.clone(), self.epoch, Box::new(self.memory.port(&name)));
        let machine = self.machine(&name);
        let boot = machine.boot.clone();
        let sim = Sim::new(move |_| {
            let mut actions = marketplace::ActionTree::new();
            boot(config).append_to(&mut actions);
            Transition::new((), actions)
        });
        let started = self.now;
        self.machine(&name).running = Some(Running { sim, started });
    }

    /// Ends a machine, as `kill -9` does.
    ///
    /// # Panics
    /// If it was never started.
    pub fn kill(&mut self, name: impl Into<Text>) {
        self.machine(&name.into()).running = None;
    }

    /// From now on nothing comes from one of these machines to the other. They may be told at once
    /// or hear nothing, as the seed says.
    pub fn cut(&mut self, a: impl Into<Text>, b: impl Into<Text>) {
        self.memory.cut(&a.into(), &b.into());
    }

    /// Ends a [cut](Self::cut).
    pub fn heal(&mut self, a: impl Into<Text>, b: impl Into<Text>) {
        self.memory.heal(&a.into(), &b.into());
    }

    /// Ends all cuts.
    pub fn heal_all(&mut self) {
        for (a, b) in self.memory.cuts() {
            self.heal(a, b);
        }
    }

    /// Sets the faults of the network from now on.
    pub fn set_faults(&mut self, faults: Faults) {
        self.memory.set_faults(faults);
    }

    /// The machine, to look at it, and to send and spawn there. It acts when time passes here:
    /// [`ClusterSim::advance`].
    ///
    /// # Panics
    /// If it does not run.
    pub fn at(&mut self, name: impl Into<Text>) -> &mut Sim {
        let name = name.into();
        match &mut self.machine(&name).running {
            Some(running) => &mut running.sim,
            None => panic!("{name} does not run"),
        }
    }

    /// The names of the machines that run.
    pub fn running(&self) -> impl Iterator<Item = &Text> {
        self.machines.iter().filter(|(_, machine)| machine.running.is_some()).map(|(name, _)| name)
    }

    /// How much time has passed.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.now
    }

    /// Lets time pass. All that falls due happens at its own time, on all machines.
    pub fn advance(&mut self, by: Duration) {
        let until = self.now + by;
        let now = self.now;
        self.each(|running| running.go_to(now));
        loop {
            let now = self.now;
            // A thing that is due already waits for something else than time.
            let dues = self.machines.values().filter_map(|machine| machine.running.as_ref()?.due(now));
            let Some(next) = dues.min().filter(|next| *next <= until) else { break };
            self.now = next;
            self.memory.set_now(next);
            // The others have nothing to do at that time.
            self.each(|running| {
                if running.due(now) == Some(next) {
                    running.go_to(next);
                }
            });
        }
        self.now = until;
        self.memory.set_now(until);
        self.each(|running| running.go_to(until));
    }

    fn each(&mut self, mut act: impl FnMut(&mut Running)) {
        self.machines.values_mut().filter_map(|machine| machine.running.as_mut()).for_each(&mut act);
    }

    fn machine(&mut self, name: &Text) -> &mut Machine {
        self.machines.get_mut(name).unwrap_or_else(|| panic!("there is no machine {name}"))
    }
}

impl Running {
    fn go_to(&mut self, now: Duration) {
        self.sim.advance((now - self.started).saturating_sub(self.sim.now()));
    }

    /// When the next thing falls due, after now.
    fn due(&self, now: Duration) -> Option<Duration> {
        let due = self.sim.due(now - self.started)?;
        Some(self.started + due)
    }
}
