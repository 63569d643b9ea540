//! The gateway: a process in the network that is shared, which stands there for other machines.

mod arities;
mod own;
mod peers;
mod pending;
mod rivals;
mod shown;
mod stand_ins;
#[cfg(test)]
mod tests;
mod unshared;
mod warnings;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use marketplace::objects::{Broken, promise, when};
use marketplace::prelude::*;
use marketplace::{Event, Ground, IntoActionTree, Outcome, Source, Turn, peekable_as};

use self::own::Own;
use self::peers::Peer;
use self::pending::{Pending, Said};
use self::rivals::Rivals;
use self::shown::MeasureCluster;
pub use self::shown::{ClusterMetrics, ClusterState, PeerState, measure};
use self::stand_ins::Ears;
pub(crate) use self::stand_ins::machine_of;
use self::unshared::Looks;
pub use self::warnings::Warning;
use self::warnings::Warnings;
use crate::config::{self, Config, ConfigError};
use crate::engine::EngineEvent;
use crate::half::{self, Ask, Happened, Item};
use crate::policy::Policy;
use crate::settings::Settings;
use crate::wire::{FrameWriter, label_of};

/// A machine of the cluster that is up: each is a publisher of this in the network of each, one's
/// own included. Its absence has the reason for which the machine is gone.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_cluster::Member;
///
/// let watcher: Spawn<()> = spawn!(transition_no_state!(observe_publishers!(
///     Member { name: _, version: _ },
///     match_conversation!(Member { name, version: _ } => on_presence!(send_message!(("up", name)))),
/// )));
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: Text,
    /// The version of its program.
    pub version: Text,
}

/// Asks the gateway to leave, with this reason.
#[derive(Message, Clone, Debug)]
pub(crate) struct LeaveCluster(pub(crate) Value);

/// The state of a gateway. Programs see it only as the type of the process that starts them:
/// [`join`].
pub struct Gateway {
    name: Text,
    version: Text,
    epoch: u64,
    policy: Policy,
    settings: Settings,
    source: Source,
    /// How much time had passed at the last item.
    now: Duration,
    /// When a tick was asked for.
    wake: Option<Duration>,
    peers: BTreeMap<Text, Peer>,
    rivals: Rivals,
    /// How many streams there may have been on links to earlier machines.
    streams: u64,
    own: Own,
    ears: Ears,
    pending: Pending,
    frames: FrameWriter,
    warnings: Warnings,
    looks: Looks,
    /// The counts that are not those of links that are known still.
    counts: ClusterMetrics,
    /// The machines whose pictures are awaited, until when, and what starts then.
    awaited: BTreeSet<Text>,
    patience: Option<Duration>,
    program: Option<Spawn<Self>>,
    /// Why the program has ended, if it has.
    ended: Option<Reason>,
    /// Some machine's link has stood.
    stood: bool,
    /// All machines have been told that this one leaves.
    left: bool,
}

/// An action that joins a cluster: it starts a gateway in the network in which it is performed, and
/// then the program `what`, when the first picture of the other machines is there.
///
/// The gateway ends, for the reason of the program, when that has ended and no other process of
/// this machine has an endpoint that is shared. It also ends when it is told to [`leave`], and when
/// another machine has its name. When it ends, other machines hear the reason.
pub fn join<S>(config: Config, what: Spawn<Gateway>) -> Spawn<S> {
    name_process(Symbol::new("cluster"), spawn!(Gateway::boot(config, what))).only("cluster gateway").apart()
}

/// An action that lets the machine leave its cluster. The other machines are told first: there its
/// endpoints go with the reason normal.
pub fn leave<S>() -> PreAction<S> {
    send_message(&LeaveCluster(Value::UNIT))
}

impl Gateway {
    fn boot(config: Config, program: Spawn<Self>) -> Result<Transition<Self>, ConfigError> {
        let Config { name, epoch, mut engine, version, mut peers, policy, overlap, settings } = config;
        if let Some(error) = overlap {
            return Err(error);
        }
        config::check(&settings)?;
        engine.heed(&settings);
        let source = half::source(engine, name.clone(), epoch);
        peers.remove(&name);
        let mut actions = ActionTree::new();
        for topic in policy.topics() {
            for side in [Orientation::Subscriber, Orientation::Publisher] {
                let role = Role::new(side, topic.clone(), InterestType::Everything);
                AddEndpoint::new(role, Self::see).without_messages().append_to(&mut actions);
            }
        }
        let member = Member { name: name.clone(), version: version.clone() };
        let items = Role::subscriber(topic!(Ground::<Value>(source, _)));
        actions![
            AddEndpoint::new(Role::publisher(member.to_value()), |_, turn| turn.act(())),
            AddEndpoint::new(Role::subscriber(topic!(LeaveCluster(_))), Self::hear_leave).heeding_shutdown(),
            AddEndpoint::new(Role::subscriber(topic!(MeasureCluster())), Self::hear_measure),
            at_meta_level!(AddEndpoint::new(items, Self::hear_engine)),
            peekable_as::<Self, ClusterState>(),
        ]
        .append_to(&mut actions);
        let gateway = Self {
            name,
            version,
            epoch,
            policy,
            settings,
            source,
            now: Duration::ZERO,
            wake: None,
            peers: BTreeMap::new(),
            rivals: Rivals::default(),
            streams: 0,
            own: Own::default(),
            ears: Ears::default(),
            pending: Pending::default(),
            frames: FrameWriter::default(),
            warnings: Warnings::default(),
            looks: Looks::default(),
            counts: ClusterMetrics::default(),
            awaited: peers,
            patience: None,
            program: Some(program),
            ended: None,
            stood: false,
            left: false,
        };
        Ok(Transition::new(gateway, actions))
    }

    /// An endpoint of this machine comes or goes, or a conversation is refused.
    fn see(event: &Event<'_>, turn: &mut Turn<'_, Self>) -> Outcome<Self> {
        let cause = turn.cause();
        let gateway = turn.state_mut();
        let actions = match event.reason() {
            Some(Reason::Refused(why)) if event.is_refusal() => {
                let topic = event.conversation().to_topic();
                gateway.pending.say(cause, Said::Refusal(topic, why.clone()));
                gateway.flush_later()
            }
            Some(reason) if event.is_absence() => {
                gateway.own_goes(&event.role(), reason, cause);
                let mut actions = gateway.flush_later();
                gateway.look_whether_over().append_to(&mut actions);
                actions
            }
            None if event.is_presence() => {
                let mut actions = gateway.own_comes(event.role(), cause);
                gateway.flush_later().append_to(&mut actions);
                actions
            }
            _ => ActionTree::new(),
        };
        turn.act(actions)
    }

    fn own_comes(&mut self, role: Role, cause: u64) -> ActionTree<Self> {
        let Settings { announcements, message_bytes, queued_bytes, .. } = self.settings;
        let (written, why) = match self.frames.role(&role) {
            Ok(written) if written.len() > message_bytes => (None, format!("it has {} bytes", written.len())),
            // A picture is to find room in a queue.
            Ok(written)
                if self.own.len() >= announcements || self.own.bytes() + written.len() > queued_bytes / 2 =>
            {
                (None, "there are too many".to_string())
            }
            Ok(written) => (Some(written), String::new()),
            Err(why) => (None, why.to_string()),
        };
        let Some(written) = written else {
            self.own.keep(role);
            return self.warnings.warn("endpoints", || format!("an endpoint is not announced: {why}"));
        };
        let label = label_of(&role.topic);
        match self.pending.came_back(&written, cause) {
            Some(id) => self.own.change(id, role, written),
            None => {
                let id = self.own.add(role, written.clone());
                self.pending.announce(id, written, cause);
            }
        }
        let mut actions = ActionTree::new();
        if let Some((label, arity)) = label {
            self.own.arities.add(&label, arity);
            self.compare(&label).append_to(&mut actions);
        }
        actions
    }

    fn own_goes(&mut self, role: &Role, reason: &Reason, cause: u64) {
        let Some(id) = self.own.remove(role) else { return };
        match (reason, self.pending.has_come(cause)) {
            // The endpoint that came by the same action is this one, in another role.
            (Reason::Changed, Some(new)) => {
                self.own.rename(new, id);
                self.pending.change(new, id);
            }
            _ => self.pending.withdraw(id, reason.clone(), cause),
        }
    }

    fn hear_leave(event: &Event<'_>, turn: &mut Turn<'_, Self>) -> Outcome<Self> {
        let reason = match event.body() {
            Some(_) => Reason::Normal,
            None if event.is_shutdown() => Reason::Shutdown,
            None => return turn.act(()),
        };
        let cause = turn.cause();
        let actions = turn.state_mut().leave(cause, &reason);
        let quit = (!event.is_shutdown()).then(quit);
        turn.act((actions, quit))
    }

    /// Tells all machines that this one leaves.
    fn leave(&mut self, cause: u64, reason: &Reason) -> ActionTree<Self> {
        let mut actions = self.flush();
        self.write_fitting(reason, |frames, reason| frames.leave(cause, reason));
        self.push_to_all();
        self.left = true;
        self.settle().append_to(&mut actions);
        actions
    }

    fn hear_engine(event: &Event<'_>, turn: &mut Turn<'_, Self>) -> Outcome<Self> {
        if let Some(reason) = event.reason() {
            return turn.act(quit().because(reason.clone()));
        }
        let item = event.decode::<Ground<Value>>().and_then(|Ground(_, item)| Item::read(&item));
        let Some(Item { now, what }) = item else { return turn.act(()) };
        let cause = turn.cause();
        let gateway = turn.state_mut();
        // Things that have happened here came before.
        let mut actions = gateway.flush();
        gateway.now = now;
        match what {
            Happened::Opened => gateway.patience = Some(now + gateway.settings.patience),
            Happened::Tick(heard) => {
                gateway.wake = None;
                heard.into_iter().for_each(|heard| gateway.links().for_each(|link| link.judge(now, heard)));
                gateway.links().for_each(|link| link.tick(now));
                gateway.go_on_looking().append_to(&mut actions);
            }
            Happened::Event(EngineEvent::Up(vm, epoch)) => gateway.way_to(&vm, epoch),
            Happened::Event(EngineEvent::Down(vm, epoch)) => gateway.no_way_to(&vm, epoch),
            Happened::Event(EngineEvent::From(vm, epoch, packet)) => {
                gateway.hear(&vm, epoch, &packet).append_to(&mut actions);
            }
            Happened::Event(EngineEvent::Ready(..)) => {}
        }
        gateway.settle().append_to(&mut actions);
        gateway.start().append_to(&mut actions);
        if let Some(reason) = gateway.reason_to_end() {
            gateway.tell_if_nothing_was_shared(&reason).append_to(&mut actions);
            gateway.leave(cause, &reason).append_to(&mut actions);
            quit().because(reason).append_to(&mut actions);
        }
        turn.act(actions)
    }

    /// Starts the program, if all pictures are there, or have been awaited long enough.
    fn start(&mut self) -> ActionTree<Self> {
        let Some(patience) = self.patience else { return ActionTree::new() };
        if !self.awaited.is_empty() && self.now < patience {
            return self.wake_at(patience);
        }
        self.patience = None;
        if self.program.is_none() {
            return ActionTree::new();
        }
        let look = self.look_around();
        actions![look, yield_now(Self::begin)]
    }

    fn begin(mut self) -> Transition<Self> {
        self.neighbours_are_known();
        let (life, holds) = promise::<()>();
        let program = self.program.take().map(|program| program.holding(holds));
        let actions = actions![program, when(life, Self::program_ends), self.wake()];
        Transition::new(self, actions)
    }

    fn program_ends(mut self, end: Result<(), Reason>) -> Transition<Self> {
        let reason = end.err().unwrap_or(Reason::Normal);
        self.ended = Some(match Broken::of(&reason) {
            Some(Broken::Gone(why)) => why.clone(),
            _ => reason,
        });
        let look = self.look_whether_over();
        Transition::new(self, look)
    }

    /// Asks for a tick, if the gateway may be at its end: by then, the processes that the program
    /// has left behind have begun.
    fn look_whether_over(&mut self) -> ActionTree<Self> {
        if self.ended.is_none() || !self.own.is_empty() {
            return ActionTree::new();
        }
        self.wake_at(self.now)
    }

    /// The reason for which the gateway is to end: the program has, and nothing is shared.
    fn reason_to_end(&self) -> Option<Reason> {
        self.ended.clone().filter(|_| self.own.is_empty() && !self.left)
    }

    /// Asks for a tick when a link is due.
    fn wake(&mut self) -> ActionTree<Self> {
        let others = self.patience.into_iter().chain(self.looks.due(self.now));
        let due = self.links().filter_map(|link| link.due()).chain(others).min();
        due.map(|due| self.wake_at(due)).unwrap_or_default()
    }

    fn wake_at(&mut self, at: Duration) -> ActionTree<Self> {
        if self.wake.is_some_and(|wake| wake <= at) {
            return ActionTree::new();
        }
        self.wake = Some(at);
        self.ask(Ask::Wake(at))
    }

    fn ask(&self, ask: Ask) -> ActionTree<Self> {
        let source = &self.source;
        at_meta_level!(send_feedback!(Ground(source, Value::from(ask))))
    }
}
