//! A gateway, and machines that say whatever they like, in whatever order: it does not end but for
//! its name, no peer has more stand-ins than it may announce, nothing is said here that is not
//! shared, and when all have gone, all that was theirs is gone. The bytes decide what happens.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace_cluster::{
    self as cluster, ClusterMetrics, ClusterState, Config, Engine, EngineEvent, Lost, Sending, Settings,
    Warning,
};

/// Does what the bytes say.
///
/// # Panics
/// If the gateway does what it should never do.
pub(crate) fn check(data: &[u8]) {
    if let Some(mut here) = run(data) {
        here.is_left_alone();
    }
}

/// The machine after the script, unless its gateway has ended.
pub(crate) fn run(mut script: &[u8]) -> Option<Machine> {
    let mut here = Machine::new("a");
    while let Some((&tag, rest)) = script.split_first() {
        script = rest;
        let vm = PEERS[usize::from(tag >> 3) % PEERS.len()];
        match tag % 8 {
            0 => here.hear(EngineEvent::Up(vm.0.into(), vm.1)),
            1 => here.hear(EngineEvent::Down(vm.0.into(), vm.1)),
            2 => here.sim.advance(Duration::from_millis(u64::from(tag >> 3) * 50)),
            3 => here.act(tag >> 3),
            _ => {
                let [low, high, rest @ ..] = script else { break };
                let len = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
                let (packet, rest) = rest.split_at(len);
                script = rest;
                here.hear(EngineEvent::From(vm.0.into(), vm.1, Bytes::copy_from_slice(packet)));
            }
        }
        if here.look() {
            return None;
        }
    }
    Some(here)
}

/// The machines that speak: two, one of which has two epochs, and two with our name. The epoch of
/// `a` is random: none of these is.
const PEERS: [(&str, u64); 5] = [("b", 1), ("c", 1), ("b", 2), ("a", 0), ("a", u64::MAX)];
const ANNOUNCEMENTS: usize = 4;

/// The words of two machines to each other, as a script for the first of them.
pub(crate) fn recorded() -> Vec<u8> {
    let (mut here, mut there) = (Machine::new("a"), Machine::new("b"));
    let mut script = vec![0];
    here.hear(EngineEvent::Up("b".into(), 1));
    there.hear(EngineEvent::Up("a".into(), 1));
    for act in 0..40 {
        loop {
            let (to_b, to_a) = (here.wire.take(), there.wire.take());
            if to_a.is_empty() && to_b.is_empty() {
                break;
            }
            to_b.into_iter().for_each(|packet| there.hear(EngineEvent::From("a".into(), 1, packet)));
            for packet in to_a {
                script.push(4);
                script.extend(u16::try_from(packet.len()).expect("short packets").to_le_bytes());
                script.extend(&packet[..]);
                here.hear(EngineEvent::From("b".into(), 1, packet));
            }
        }
        there.act(act % 8);
        if act % 3 == 0 {
            here.act(act % 8);
            script.push(3 | (act % 8) << 3);
        }
        if act % 7 == 0 {
            there.sim.advance(Duration::from_millis(500));
            here.sim.advance(Duration::from_millis(500));
            script.push(2 | 10 << 3);
        }
    }
    script
}

/// The events that come, and the packets that go.
#[derive(Clone, Default)]
struct Wire(Arc<Mutex<(VecDeque<EngineEvent>, Vec<Bytes>)>>);

impl Wire {
    fn with<R>(&self, work: impl FnOnce(&mut (VecDeque<EngineEvent>, Vec<Bytes>)) -> R) -> R {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take(&self) -> Vec<Bytes> {
        self.with(|(_, sent)| std::mem::take(sent))
    }
}

impl Engine for Wire {
    fn open(&mut self, _: &Text, _: u64) {}

    fn send(&mut self, _: &Text, _: u64, packet: &Bytes) -> Sending {
        self.with(|(_, sent)| sent.push(packet.clone()));
        Sending::Taken
    }

    fn poll_event(&mut self, _: &mut Context<'_>) -> Poll<EngineEvent> {
        self.with(|(events, _)| events.pop_front().map_or(Poll::Pending, Poll::Ready))
    }

    fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    fn stand_in(&self) -> Option<Box<dyn Engine>> {
        Some(Box::new(self.clone()))
    }

    fn due(&self) -> Option<Duration> {
        self.with(|(events, _)| (!events.is_empty()).then_some(Duration::ZERO))
    }
}

/// A machine, and what is on its wire.
pub(crate) struct Machine {
    sim: Sim,
    wire: Wire,
    /// How many endpoints there are when nobody else is up.
    alone: usize,
    /// How many messages have been looked at.
    seen: usize,
}

impl Machine {
    fn new(name: &str) -> Self {
        let wire = Wire::default();
        let settings = Settings {
            message_bytes: 500,
            announcements: ANNOUNCEMENTS,
            queued: 50,
            queued_bytes: 5000,
            ..Settings::default()
        };
        let config = Config::new(name, wire.clone()).settings(settings);
        let config = config.share(topic!(("x", _))).share(topic!(("x", _, _)));
        let stays = || transition_no_state!(observe_publishers!(cluster::Member { .. }));
        let mut sim = Sim::new(move |_| transition_no_state!(cluster::join(config, spawn!(stays()))));
        sim.run();
        let alone = sim.stats().endpoints;
        Self { sim, wire, alone, seen: 0 }
    }

    fn hear(&mut self, event: EngineEvent) {
        self.wire.with(|(events, _)| events.push_back(event));
        self.sim.run();
    }

    /// Something happens here.
    fn act(&mut self, what: u8) {
        let say = |what: &Value| {
            spawn({
                let what = what.clone();
                move |_| Transition::new((), send_message(&what))
            })
        };
        let brief = |role: Role, by: Option<&'static str>| {
            spawn(move |_| {
                let endpoint = AddEndpoint::new(role, |_, turn: &mut marketplace::Turn<'_, ()>| turn.act(()));
                Transition::new((), (endpoint, by.map(|why| quit().because(why))))
            })
        };
        let spawned = match what {
            0 => say(&(Text::from("x"), 1u8).to_value()),
            1 => say(&(Text::from("x"), 1u8, Text::from("two")).to_value()),
            2 => brief(Role::subscriber(topic!(("x", _))), None),
            3 => brief(Role::publisher(topic!(("x", _, 2u8))), Some("enough")),
            4 => brief(Role::observer_of_publishers(Topic::any()), Some("enough")),
            5 => spawn(|_| Transition::new((), refuse(topic!(("x", _)), "no"))),
            6 => say(&(Text::from("x"), Text::from("y".repeat(600))).to_value()),
            _ => spawn(|_| Transition::new((), cluster::measure())),
        };
        self.sim.spawn(spawned);
        self.sim.run();
        self.alone += usize::from(what == 2);
    }

    /// Says whether the gateway has ended, because of its name.
    fn look(&mut self) -> bool {
        self.sim.run();
        let sent = self.wire.take().iter().map(Bytes::len).sum::<usize>();
        assert!(sent < 100_000, "{sent} bytes at once");
        if let Some(exit) = self.sim.exits().iter().find(|exit| exit.pid.number() == 2) {
            assert_eq!(
                exit.reason.to_string(),
                Reason::from(Lost::NameTaken).to_string(),
                "{}",
                self.sim.trace()
            );
            return true;
        }
        let stats = self.sim.stats();
        // Two parts of each topic, and a member.
        let most = self.alone + 2 * (2 * ANNOUNCEMENTS + 1) + 2;
        assert!(stats.endpoints <= most, "{}", self.sim.dump());
        let messages = self.sim.messages();
        for message in &messages[self.seen..] {
            let shared = topic!(("x", _)).matches(message) || topic!(("x", _, _)).matches(message);
            let own = Warning::from_value(message).is_some() || ClusterMetrics::from_value(message).is_some();
            assert!(shared || own || message.to_string().starts_with("MeasureCluster"), "{message}");
        }
        self.seen = messages.len();
        let state = self.state();
        assert!(state.peers.len() <= 2);
        assert!(state.peers.iter().all(|peer| peer.queued <= 50 && peer.queued_bytes <= 5000));
        false
    }

    pub(crate) fn state(&mut self) -> ClusterState {
        let gateway = Symbol::new("cluster").into();
        let dump = self.sim.dump();
        let pid = dump.processes.iter().find(|process| process.name.as_ref() == Some(&gateway));
        let seen = self.sim.peek(&[], pid.expect("the gateway is there").pid).expect("it is peekable");
        seen.downcast_ref::<ClusterState>().expect("it shows its state").clone()
    }

    /// All others go.
    fn is_left_alone(&mut self) {
        for (name, epoch) in PEERS {
            self.hear(EngineEvent::Down(name.into(), epoch));
        }
        self.sim.advance(Duration::from_secs(400));
        if !self.look() {
            assert_eq!(self.sim.stats().endpoints, self.alone, "{}", self.sim.dump());
            let ClusterMetrics { peers, presences, .. } = self.state().metrics;
            assert_eq!((peers, presences), (0, 0));
        }
    }
}
