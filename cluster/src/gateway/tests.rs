//! A gateway in a sim, and a peer that says whatever it likes.

mod hostile;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{GroundVm, Opaque, Output, Source, View};

use crate::config::Config;
use crate::engine::{Engine, EngineEvent, Sending};
use crate::gateway::{LeaveCluster, Member, join};
use crate::half::{Ask, Happened, Item};
use crate::link::{Link, News};
use crate::settings::Settings;
use crate::wire::{Frame, Greeting, Numbers, PROTOCOL, Packet, encode_role};

/// An engine whose events a test makes, and whose packets a test takes.
#[derive(Clone, Default)]
struct Puppet(Arc<Mutex<Wire>>);

/// The events that come, and the packets that go, with the epochs to which they do.
type Wire = (VecDeque<EngineEvent>, Vec<(u64, Bytes)>);

impl Puppet {
    fn with<R>(&self, work: impl FnOnce(&mut Wire) -> R) -> R {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Engine for Puppet {
    fn open(&mut self, _: &Text, _: u64) {}

    fn send(&mut self, _: &Text, epoch: u64, packet: &Bytes) -> Sending {
        self.with(|(_, sent)| sent.push((epoch, packet.clone())));
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

/// A gateway that shares `x(_)`, in a sim, and its peer.
struct Stage {
    sim: Sim,
    puppet: Puppet,
    peer: Link,
    /// Another peer, `c`.
    another: Option<Link>,
}

impl Stage {
    fn new(settings: Settings) -> Self {
        Self::waiting(settings, &[])
    }

    /// Its program waits for the pictures of these.
    fn waiting(settings: Settings, peers: &[&str]) -> Self {
        let puppet = Puppet::default();
        let share = topic("x(_)");
        let config = Config::with_epoch("a".into(), 1, Box::new(puppet.clone()));
        let config = config.share(share).settings(settings).peers(peers.iter().copied());
        let mut sim = Sim::new(move |_| transition_no_state!(join(config, nothing())));
        sim.run();
        let mut stage =
            Self { sim, puppet, peer: Link::new(Settings::default(), "1".into(), 0), another: None };
        stage.peer.up(Duration::ZERO);
        stage.carry();
        assert!(stage.peer.stands());
        stage
    }

    /// Carries packets until there are none. Gives the news of the peer.
    fn carry(&mut self) -> Vec<News> {
        for _ in 0..10_000 {
            let now = self.sim.now();
            let mut moved = false;
            let peers = [("b", 7, Some(&mut self.peer)), ("c", 8, self.another.as_mut())];
            for (name, epoch, peer) in peers {
                let Some(peer) = peer else { continue };
                let heard = self.puppet.with(|(events, sent)| {
                    let said = std::iter::from_fn(|| peer.poll_packet());
                    let before = events.len();
                    events.extend(said.map(|packet| EngineEvent::From(name.into(), epoch, packet)));
                    moved |= events.len() > before;
                    sent.extract_if(.., |(to, _)| *to == epoch).collect::<Vec<_>>()
                });
                moved |= !heard.is_empty();
                heard.iter().for_each(|(_, packet)| peer.hear(now, packet));
            }
            if !moved {
                return std::iter::from_fn(|| self.peer.poll_news()).collect();
            }
            self.sim.run();
        }
        panic!("they answer each other without end");
    }

    fn pass(&mut self, time: Duration) {
        self.sim.advance(time);
        self.peer.tick(self.sim.now());
        self.carry();
    }

    /// Gives the gateway a packet that the peer's link does not know of.
    fn inject(&mut self, packet: &Packet) {
        self.say(EngineEvent::From("b".into(), 7, packet.encode()));
    }

    fn say(&mut self, event: EngineEvent) {
        self.puppet.with(|(events, _)| events.push_back(event));
        self.sim.run();
    }

    /// The numbers of what the gateway takes.
    fn numbers(&mut self) -> Numbers {
        self.peer
            .hears()
            .map(|Numbers { from, to }| Numbers { from: to, to: from })
            .unwrap_or_else(|| panic!())
    }

    fn members(&mut self) -> usize {
        let dump = self.sim.dump();
        let endpoints = dump.processes.iter().flat_map(|process| &process.endpoints);
        endpoints.filter(|endpoint| endpoint.role.topic.to_string().starts_with("Member")).count()
    }
}

/// A program that stays.
fn nothing<S>() -> Spawn<S> {
    spawn!(transition_no_state!(subscriber!(LeaveCluster(Value::UNIT))))
}

fn topic(text: &str) -> Topic {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn role(text: &str) -> Arc<[u8]> {
    encode_role(&Role::publisher(topic(text))).unwrap_or_default()
}

#[test]
fn c13_settings_that_cannot_be_heeded_are_refused_with_words() {
    let day = Duration::from_secs(24 * 3600);
    let ended = |settings: Settings| {
        let boot = move |_| {
            let config = Config::with_epoch("a".into(), 1, Box::new(Puppet::default()));
            transition_no_state!(join(config.settings(settings), nothing()))
        };
        let mut sim = Sim::new(boot);
        sim.run();
        sim.exits().iter().map(|exit| exit.reason.to_string()).collect::<Vec<_>>()
    };
    let usual = Settings::default;
    let wrong = [
        (Settings { lease: Duration::ZERO, ..usual() }, "`lease` is 0ns: it is from 10 ms to a day"),
        (Settings { lease: Duration::MAX, ..usual() }, "`lease` is 18446744073709551615.999999999s: it is"),
        (Settings { patience: day * 2, ..usual() }, "`patience` is 172800s: it is at most a day"),
        (
            Settings { message_bytes: (1 << 30) + 1, ..usual() },
            "`message_bytes` is 1073741825: it is at most 1 GiB",
        ),
    ];
    for (settings, words) in wrong {
        let exits = ended(settings);
        assert!(exits.len() == 1 && exits[0].contains(words), "{words}: {exits:?}");
    }
    for (lease, patience) in [(Duration::from_millis(10), Duration::ZERO), (day, day)] {
        assert_eq!(ended(Settings { lease, patience, message_bytes: 1 << 30, ..usual() }), [""; 0]);
    }
}

#[test]
fn c16_a_machine_that_refuses_or_leaves_is_not_waited_for() {
    let left = |numbers: Numbers| Packet::Frames {
        numbers,
        first: 1,
        taken: 0,
        frames: vec![Frame::leave(0, &Reason::Normal)].into(),
    };
    let ends: [&dyn Fn(Numbers) -> Packet; 3] = [&left, &|_| Packet::Refusal("no".into()), &|_| {
        let (version, stream, heard) = ("".into(), 9, 0);
        Packet::Greeting(Greeting { protocol: PROTOCOL + 1, version, stream, heard, stood: false })
    }];
    for end in ends {
        let mut stage = Stage::waiting(Settings::default(), &["b", "a"]);
        assert_eq!(stage.sim.dump().processes.len(), 2, "the program waits");
        let packet = end(stage.numbers());
        stage.inject(&packet);
        assert_eq!(stage.sim.dump().processes.len(), 3);
        assert_eq!(stage.sim.now(), Duration::ZERO);
    }
}

#[test]
fn c18_a_member_has_the_version_that_it_says() {
    let mut stage = Stage::new(Settings::default());
    let shown = stage.sim.dump().to_string();
    let member = Member { name: "b".into(), version: "1".into() }.to_value().to_string();
    assert!(shown.contains(&member), "{shown}");
}

/// A gateway in a VM that a test turns over: items may come while the VM is busy.
struct Busy {
    vm: GroundVm,
    source: Option<Source>,
    peer: Link,
}

impl Busy {
    fn new() -> Self {
        let config = Config::with_epoch("a".into(), 1, Box::new(Puppet::default())).share(topic("x(_)"));
        let vm = GroundVm::new(move |_| transition_no_state!(join(config, nothing())));
        let mut busy = Self { vm, source: None, peer: Link::new(Settings::default(), "1".into(), 0) };
        busy.run();
        busy.give(Happened::Opened);
        busy.run();
        busy.peer.up(Duration::ZERO);
        busy
    }

    fn run(&mut self) {
        while self.vm.run(usize::MAX) {}
        while let Some(output) = self.vm.poll() {
            match output {
                Output::Start(source, _) => self.source = Some(source),
                Output::Feedback(_, asked) => {
                    let View::Opaque(asked) = asked.view() else { panic!("{asked}") };
                    if let Some(Ask::Send(_, _, packet)) = asked.downcast_ref() {
                        self.peer.hear(Duration::ZERO, packet);
                    }
                }
                _ => {}
            }
        }
    }

    fn give(&mut self, what: Happened) {
        self.give_at(Duration::ZERO, what);
    }

    fn give_at(&mut self, now: Duration, what: Happened) {
        let source = self.source.clone().unwrap_or_else(|| panic!("the source is on"));
        self.vm.item(&source, Opaque::new(Item { now, what }).into());
    }

    /// Gives the gateway what the peer says.
    fn hear(&mut self) {
        while let Some(packet) = self.peer.poll_packet() {
            self.give(Happened::Event(EngineEvent::From("b".into(), 7, packet)));
        }
    }
}

#[test]
fn c5_a_link_that_stands_in_the_middle_of_things_tells_each_of_them_once() {
    let silent = |role: Role| AddEndpoint::new(role, |_, turn| turn.act(()));
    for steps in 0..40 {
        let mut busy = Busy::new();
        busy.hear();
        busy.run();
        // The greeting that makes the link stand comes after so many steps.
        busy.vm.spawn(spawn!(transition_no_state!(
            silent(Role::publisher(topic("x(1)"))),
            name_endpoint("it", silent(Role::publisher(topic("x(2)")))),
            name_endpoint("it", silent(Role::publisher(topic("x(3)")))),
            delete_endpoint("it"),
            silent(Role::publisher(topic("x(4)"))),
        )));
        busy.vm.run(steps);
        busy.hear();
        while busy.peer.poll_news().is_some() {}
        busy.run();
        let mut there = std::collections::BTreeMap::new();
        while let Some(news) = busy.peer.poll_news() {
            match news {
                News::Stands(_) | News::Frame(Frame::Picture, _) => {}
                News::Frame(Frame::Announce(id, role), _) => {
                    assert_eq!(there.insert(id, role), None, "after {steps} steps");
                }
                News::Frame(Frame::Change(id, role), _) => {
                    assert!(there.insert(id, role).is_some(), "after {steps} steps");
                }
                News::Frame(Frame::Withdraw(id, _), _) => {
                    assert!(there.remove(&id).is_some(), "after {steps} steps");
                }
                news => panic!("{news:?} after {steps} steps"),
            }
        }
        let there: Vec<_> = there.into_values().map(|role| role.topic.to_string()).collect();
        assert_eq!(there, ["x(1)", "x(4)"], "after {steps} steps");
    }
}

#[test]
fn c7_a_machine_is_lost_when_it_was_silent_and_not_when_nobody_has_listened() {
    let mut busy = Busy::new();
    for _ in 0..4 {
        busy.hear();
        busy.run();
    }
    let (lease, late) = (Duration::from_secs(5), Duration::from_secs(9));
    let mut tick = |heard| {
        busy.give_at(late, Happened::Tick(heard));
        busy.run();
        std::iter::from_fn(|| busy.peer.poll_news()).any(|news| matches!(news, News::Lost(_)))
    };
    assert!(!tick(None));
    assert!(!tick(Some(lease - Duration::from_millis(1))));
    assert!(tick(Some(lease)));
}

fn value(text: &str) -> Value {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}
