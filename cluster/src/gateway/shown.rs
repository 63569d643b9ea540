//! The gateway, for people who look on (C14).

use std::fmt;
use std::time::Duration;

use marketplace::prelude::*;
use marketplace::{Event, Outcome, Turn, one_line};

use crate::gateway::Gateway;
use crate::gateway::peers::Peer;
use crate::link::Shown;
use crate::wire::Numbers;

/// The counts of a machine's part in its cluster: the answer to [`measure`].
///
/// ```
/// use std::time::Duration;
///
/// use marketplace::prelude::*;
/// use marketplace_cluster::{self as cluster, Config, ClusterMetrics};
///
/// fn hears(config: Config) -> Spawn<()> {
///     let config = config.peers(["ann", "bob"]).share(topic!(("said", _)));
///     cluster::join(config, spawn!(transition_no_state!(subscriber!(("said", _)))))
/// }
///
/// let mut sim = cluster::sim(1);
/// sim.start("ann", hears);
/// sim.start("bob", hears);
/// sim.advance(Duration::from_secs(1));
/// sim.at("ann").spawn(spawn!(transition_no_state!(cluster::measure())));
/// sim.advance(Duration::from_secs(1));
/// let told = sim.at("ann").messages_of::<ClusterMetrics>()[0];
/// assert_eq!((told.peers, told.presences, told.announced), (1, 1, 1));
/// ```
#[derive(Message, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClusterMetrics {
    /// The machines that are up, without this one.
    pub peers: u64,
    /// The endpoints of other machines that are there.
    pub presences: u64,
    /// The endpoints of this machine that are announced.
    pub announced: u64,
    /// The endpoints of this machine that are shared and not announced, for want of room or because
    /// they are no data.
    pub kept: u64,
    /// Messages, feedback and refusals that were told, once for each machine, and that were heard.
    pub sent: u64,
    /// See [`ClusterMetrics::sent`].
    pub heard: u64,
    /// Frames that wait for machines, and their bytes.
    pub queued: u64,
    /// See [`ClusterMetrics::queued`].
    pub queued_bytes: u64,
    /// How often something was missing of what came.
    pub gaps: u64,
    /// How often a link has ended, for whatever reason.
    pub resets: u64,
    /// How often there was a cause for a [`Warning`](crate::Warning).
    pub warnings: u64,
}

/// Asks the gateway for its counts.
#[derive(Message, Clone, Debug)]
pub(super) struct MeasureCluster();

/// An action that lets the gateway send its [`ClusterMetrics`] as a message in its network.
pub fn measure<S>() -> PreAction<S> {
    send_message(&MeasureCluster())
}

/// A machine's part in its cluster: `Sim::peek` and `Debugger::peek` of the gateway's process show
/// it, `peek p2` at the shell prints it, and a log that is on keeps it.
///
/// Times are those at which the gateway had something to do last, which it has four times in a
/// lease.
///
/// ```
/// use std::time::Duration;
///
/// use marketplace::prelude::*;
/// use marketplace_cluster::{self as cluster, ClusterState, Config};
///
/// fn hears(config: Config) -> Spawn<()> {
///     let config = config.peers(["ann", "bob"]).share(topic!(("said", _)));
///     cluster::join(config, spawn!(transition_no_state!(subscriber!(("said", _)))))
/// }
///
/// let mut sim = cluster::sim(1);
/// sim.start("ann", hears);
/// sim.start("bob", hears);
/// sim.advance(Duration::from_secs(5));
/// let dump = sim.at("ann").dump();
/// let gateway = dump.processes.iter().find(|process| process.name == Some(Symbol::new("cluster").into()));
/// let seen = sim.at("ann").peek(&[], gateway.unwrap().pid).unwrap();
/// let bob = &seen.downcast_ref::<ClusterState>().unwrap().peers[0];
/// assert_eq!((&*bob.name, bob.link), ("bob", "stands"));
/// assert!(bob.up.unwrap() > Duration::from_secs(3));
/// assert!(bob.round_trip.unwrap() < Duration::from_millis(11));
/// assert_eq!(bob.announced.len(), 1);
/// ```
#[derive(Clone)]
pub struct ClusterState {
    /// The name of this machine.
    pub name: Text,
    /// Its epoch.
    pub epoch: u64,
    /// The version of its program.
    pub version: Text,
    /// The topics that are shared.
    pub shared: Vec<Topic>,
    /// The machines for whose pictures the program waits.
    pub awaited: Vec<Text>,
    /// The counts.
    pub metrics: ClusterMetrics,
    /// The other machines, by name.
    pub peers: Vec<PeerState>,
}

/// Another machine in a [`ClusterState`].
#[derive(Clone)]
pub struct PeerState {
    /// Its name.
    pub name: Text,
    /// Its epoch.
    pub epoch: u64,
    /// The version of its program, if its link stands.
    pub version: Option<Text>,
    /// How its link is: `stands`; `greets`, when no answer has come yet; `held`, when it is down
    /// for a while; `no way`; or `over`, when one of the two has left or refuses.
    pub link: &'static str,
    /// How long it has stood, if it does.
    pub up: Option<Duration>,
    /// How long a packet and its answer were under way last, without what the machines took.
    pub round_trip: Option<Duration>,
    /// Frames that wait for it.
    pub queued: usize,
    /// And their bytes.
    pub queued_bytes: usize,
    /// Frames that are on their way, or of which it has not said that it took them.
    pub under_way: usize,
    /// Frames that were told since the link stands.
    pub said: u64,
    /// Frames that were heard since the link stands.
    pub heard: u64,
    /// How often something was missing of what came.
    pub gaps: u64,
    /// How often its link has ended.
    pub resets: u64,
    /// How many endpoints it announces.
    pub announces: usize,
    /// The first of their roles, by their numbers.
    pub announced: Vec<Role>,
    /// The numbers of what is taken.
    hears: Option<Numbers>,
}

/// How many endpoints of other machines are named.
const NAMED: usize = 100;

impl ClusterState {
    /// How many frames of this stream of a machine were taken, if it is heard.
    pub(crate) fn taken(&self, machine: &(Text, u64), numbers: Numbers) -> Option<u64> {
        let peer = self.peers.iter().find(|peer| (&peer.name, peer.epoch) == (&machine.0, machine.1))?;
        (peer.hears? == numbers).then_some(peer.heard)
    }
}

impl Gateway {
    pub(super) fn hear_measure(event: &Event<'_>, turn: &mut Turn<'_, Self>) -> Outcome<Self> {
        turn.act(event.body().map(|_| send_message(&turn.state().metrics())))
    }

    pub(super) fn metrics(&self) -> ClusterMetrics {
        let mut metrics = ClusterMetrics {
            announced: self.own.len() as u64,
            kept: self.own.kept() as u64,
            warnings: self.warnings.count(),
            ..self.counts
        };
        for peer in self.peers.values() {
            let Shown { queued, queued_bytes, gaps, resets, .. } = peer.link.shown();
            metrics.peers += u64::from(peer.version.is_some());
            metrics.presences += peer.announced.len() as u64;
            metrics.queued += queued as u64;
            metrics.queued_bytes += queued_bytes as u64;
            metrics.gaps += gaps;
            metrics.resets += resets;
        }
        metrics
    }

    fn shown(&self) -> ClusterState {
        let roles = NAMED.div_ceil(self.peers.len().max(1));
        ClusterState {
            name: self.name.clone(),
            epoch: self.epoch,
            version: self.version.clone(),
            shared: self.policy.topics().to_vec(),
            awaited: self.awaited.iter().cloned().collect(),
            metrics: self.metrics(),
            peers: self.peers.iter().map(|(name, peer)| peer.shown(name, self.now, roles)).collect(),
        }
    }
}

impl Peer {
    fn shown(&self, name: &Text, now: Duration, roles: usize) -> PeerState {
        let shown = self.link.shown();
        PeerState {
            name: name.clone(),
            epoch: self.epoch,
            version: self.version.clone(),
            link: shown.phase,
            up: shown.since.map(|since| now.saturating_sub(since)),
            round_trip: shown.round_trip,
            queued: shown.queued,
            queued_bytes: shown.queued_bytes,
            under_way: shown.under_way,
            said: shown.said,
            heard: shown.heard,
            gaps: shown.gaps,
            resets: shown.resets,
            announces: self.announced.len(),
            announced: self.announced.values().take(roles).map(|announced| announced.role.clone()).collect(),
            hears: self.link.hears(),
        }
    }
}

impl From<&Gateway> for ClusterState {
    fn from(gateway: &Gateway) -> Self {
        gateway.shown()
    }
}

/// As a prompt shows it.
impl fmt::Debug for ClusterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, epoch, version, metrics, .. } = self;
        writeln!(f, "{} {}, epoch {epoch}", one_line(name), one_line(version))?;
        let shared = self.shared.iter().map(|topic| one_line(topic).to_string()).collect::<Vec<_>>();
        write!(f, "shares {}", if shared.is_empty() { "nothing".into() } else { shared.join(", ") })?;
        writeln!(f, "\nannounced: {}, kept here: {}", metrics.announced, metrics.kept)?;
        let ClusterMetrics { sent, heard, gaps, resets, warnings, .. } = metrics;
        writeln!(
            f,
            "messages: {sent} sent, {heard} heard; {gaps} gaps, {resets} resets, {warnings} warnings"
        )?;
        if !self.awaited.is_empty() {
            let names = self.awaited.iter().map(|name| one_line(name).to_string());
            writeln!(f, "waits for the pictures of {}", names.collect::<Vec<_>>().join(", "))?;
        }
        write!(f, "machines that are up: {} of {}", metrics.peers, self.peers.len())?;
        self.peers.iter().try_for_each(|peer| write!(f, "\n{peer:?}"))
    }
}

impl fmt::Debug for PeerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {}", one_line(&self.name))?;
        if let Some(version) = self.version.as_ref().filter(|version| !version.is_empty()) {
            write!(f, " {}", one_line(version))?;
        }
        write!(f, ", epoch {}: {}", self.epoch, self.link)?;
        self.up.map_or(Ok(()), |up| write!(f, " for {:.1} s", up.as_secs_f64()))?;
        self.round_trip
            .map_or(Ok(()), |time| write!(f, ", round trip {:.1} ms", time.as_secs_f64() * 1e3))?;
        let Self { queued, queued_bytes, under_way, said, heard, gaps, resets, .. } = self;
        write!(f, "\n    {said} frames said, {heard} heard; {queued} wait ({queued_bytes} bytes), ")?;
        write!(f, "{under_way} under way; {gaps} gaps, {resets} resets")?;
        write!(f, "\n    announces {}", self.announces)?;
        self.announced.iter().try_for_each(|role| write!(f, "\n      {}", one_line(role)))?;
        match self.announces - self.announced.len() {
            0 => Ok(()),
            more => write!(f, "\n      {more} more"),
        }
    }
}
